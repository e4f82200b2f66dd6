//! Arguments and help texts of `linernotes keys`.

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use shared::platform::api_keys::Scope;

/// Commands on API keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Create a key and print it; it is shown only once
    #[command(after_help = "\
Example:
  linernotes keys create website --scope read,write --days 90

read      everything but contact details
write     request ingestions, and decide who produced what
contacts  read contact details, and with write erase them
operate   the ingestions of others, and what is internal: the texts of errors,
          who decided what, and notes")]
    Create {
        /// Name of the key, for example who uses it
        #[arg(value_name = "NAME")]
        name: String,
        /// What the key may do
        #[arg(long = "scope", value_name = "SCOPE", value_parser = scope(), value_delimiter = ',',
              default_value = "read")]
        scopes: Vec<Scope>,
        /// Days until the key expires
        #[arg(long, value_name = "N", default_value_t = 365,
              value_parser = clap::value_parser!(i32).range(1..=3650))]
        days: i32,
        /// Create a key that does not expire
        #[arg(long, conflicts_with = "days")]
        no_expiry: bool,
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
