//! Why a step failed, in words for the people who wait for it. The text of the error is for operators: it can
//! have what a source answered.

use crate::domain::credits::Source;

/// The class of an error, in plain words. `cause` is the text of the last failure.
pub(super) fn failure_words(cause: &str) -> String {
    let failed_source = Source::ALL.iter().find_map(|source| {
        let error = cause.strip_prefix(source.as_str())?.strip_prefix(": ")?;
        Some((source.name(), error))
    });
    let Some((source, error)) = failed_source else {
        return "the server could not finish this step; whoever operates it can see why".to_owned();
    };
    let class = [
        ("rate limited", "asks to wait"),
        ("blocked", "does not answer this server"),
        ("unavailable", "was not available"),
        ("refused", "does not accept the server's credentials"),
        ("unreadable", "gave an answer that cannot be read"),
    ];
    let class = class.iter().find(|(prefix, _)| error.starts_with(prefix));
    let words = class.map_or("failed", |(_, words)| words);
    format!("{source} {words}; whoever operates the server can see more")
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::domain::messages::Outcome;
    use crate::platform::http::Error;
    use crate::work::budgets::BudgetError;

    #[test]
    fn a_failure_is_told_without_the_text_of_the_source() {
        let text = || "secret token=abc".to_owned();
        for (error, expected) in [
            (
                Error::RateLimited {
                    until: Utc::now(),
                    quota: false,
                },
                "MusicBrainz asks to wait",
            ),
            (Error::Blocked(text()), "MusicBrainz does not answer this server"),
            (
                Error::Unavailable {
                    cause: text(),
                    retry_after_seconds: None,
                },
                "MusicBrainz was not available",
            ),
            (
                Error::Refused(text()),
                "MusicBrainz does not accept the server's credentials",
            ),
            (
                Error::Decode(text()),
                "MusicBrainz gave an answer that cannot be read",
            ),
        ] {
            let outcome = BudgetError::Upstream(Source::MusicBrainz, error)
                .into_outcome()
                .unwrap();
            let Outcome::Retry { cause, .. } = outcome else {
                panic!("{outcome:?}");
            };
            assert_eq!(
                failure_words(&cause),
                format!("{expected}; whoever operates the server can see more")
            );
        }
        for cause in ["the database failed; see the log", "secret: refused", ""] {
            assert!(
                failure_words(cause).starts_with("the server could not finish"),
                "{cause}"
            );
        }
    }
}
