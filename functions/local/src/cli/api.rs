//! Arguments and help texts of `linernotes api`.

use clap::Args;
use clap::builder::PossibleValuesParser;

pub(super) const EXAMPLES: &str = "\
Examples:
  linernotes api POST /v1/ingestions '{\"what\": [\"AC/DC\"]}'
  linernotes api GET /v1/producers/12
  linernotes api DELETE /v1/tracks/311/verdicts/12

It reaches the `linernotes up` or `linernotes demo` that runs with the data
directory, and prints the body of the answer. The exit status is 0 if the answer
is a success.";

/// Arguments of `linernotes api`.
#[derive(Debug, Args)]
pub struct ApiArguments {
    /// The method
    #[arg(value_name = "METHOD", ignore_case = true,
          value_parser = PossibleValuesParser::new(["GET", "POST", "DELETE"]))]
    pub method: String,
    /// The path with its query
    #[arg(value_name = "PATH")]
    pub path: String,
    /// The body of the request
    #[arg(value_name = "JSON")]
    pub json: Option<String>,
}
