//! Arguments and help texts of `linernotes keys`.

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use shared::platform::api_keys::Scope;

/// Commands on API keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Create a key and print it; it is shown only once
    #[command(after_help = "Example:\n  linernotes keys create website --scope write")]
    Create {
        /// Name of the key, for example who uses it
        #[arg(value_name = "NAME")]
        name: String,
        /// What the key may do; without a scope it reads everything except contacts
        #[arg(long = "scope", value_name = "SCOPE", value_parser = scope())]
        scopes: Vec<Scope>,
    },
    /// List all keys; the keys themselves are not stored
    #[command(after_help = "Example:\n  linernotes keys list")]
    List {
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key
    #[command(after_help = "Example:\n  linernotes keys revoke 3")]
    Revoke {
        /// Id of the key, from `linernotes keys list`
        #[arg(value_name = "ID", value_parser = clap::value_parser!(i64).range(1..))]
        id: i64,
    },
}

fn scope() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.iter().map(|scope| scope.as_str()))
        .try_map(|word| word.parse::<Scope>())
}
