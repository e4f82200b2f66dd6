//! The text of an error for logs and for stored causes. It has no row values: the details of a database error
//! can contain an e-mail address.

use std::error::Error;

use tokio_postgres::error::{DbError, SqlState};

/// The class of errors whose messages quote the value that does not fit
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const DATA_EXCEPTIONS: &str = "22";

/// The error and its causes on one line. Of a database error it has the message and the SQLSTATE, without the
/// detail, the context and any quoted value.
#[must_use]
pub fn error_text(error: &(dyn Error + 'static)) -> String {
    let texts: Vec<String> = anyhow::Chain::new(error)
        .map(|cause| match cause.downcast_ref::<DbError>() {
            Some(error) => database_text(error.code(), error.message()),
            None => cause.to_string(),
        })
        .collect();
    texts.join(": ")
}

/// As [`error_text`], as an error of its own. Lambda's runtime logs what a function returns.
#[must_use]
pub fn without_row_values(error: anyhow::Error) -> anyhow::Error {
    anyhow::Error::msg(error_text(&*error))
}

fn database_text(state: &SqlState, message: &str) -> String {
    let code = state.code();
    if code.starts_with(DATA_EXCEPTIONS) {
        format!("a value does not fit its type (SQLSTATE {code})")
    } else {
        format!("{message} (SQLSTATE {code})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_named_once_in_order() {
        let error = anyhow::anyhow!("it is gone")
            .context("read the file")
            .context("start");
        assert_eq!(error_text(&*error), "start: read the file: it is gone");
        assert_eq!(
            without_row_values(error).to_string(),
            "start: read the file: it is gone"
        );
    }

    #[test]
    fn a_message_that_quotes_a_value_is_left_out() {
        for (code, message, text) in [
            (
                "22P02",
                "invalid input syntax for type uuid: \"ann@example.com\"",
                "a value does not fit its type (SQLSTATE 22P02)",
            ),
            (
                "42P01",
                "relation \"tracks\" does not exist",
                "relation \"tracks\" does not exist (SQLSTATE 42P01)",
            ),
        ] {
            assert_eq!(database_text(&SqlState::from_code(code), message), text);
        }
    }
}
