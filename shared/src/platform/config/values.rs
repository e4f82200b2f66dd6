//! Checks the values of variables: addresses, tokens and numbers.

use std::fmt;
use std::ops::RangeInclusive;

use super::variables::Variable;

/// The error for a setting that cannot be used. It never contains a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {cause}")]
pub struct InvalidSetting {
    pub(super) variable: &'static str,
    pub(super) cause: String,
}

/// The values of the listed variables.
pub(super) struct Values<'a> {
    /// The variables that may be read. Every other one counts as not set.
    pub(super) listed: &'a [Variable],
    /// A function from the name of a variable to its value.
    pub(super) get: &'a dyn Fn(&str) -> Option<String>,
}

impl Values<'_> {
    /// The value of a variable; an empty value counts as not set.
    pub(super) fn find(&self, variable: Variable) -> Option<String> {
        let is_listed = self.listed.contains(&variable);
        is_listed
            .then(|| (self.get)(variable.name))?
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// The value of a variable, or its default.
    pub(super) fn text(&self, variable: Variable) -> String {
        self.find(variable).unwrap_or_else(|| variable.default.to_owned())
    }

    /// The values of two variables that must be set together.
    pub(super) fn both(
        &self,
        first: Variable,
        second: Variable,
    ) -> Result<Option<(String, String)>, InvalidSetting> {
        let incomplete = |missing: Variable, set: Variable| {
            let cause = format!("is not set, but {} is: set both or none", set.name);
            Err(invalid(missing, cause))
        };
        match (self.find(first), self.find(second)) {
            (Some(first), Some(second)) => Ok(Some((first, second))),
            (None, None) => Ok(None),
            (Some(_), None) => incomplete(second, first),
            (None, Some(_)) => incomplete(first, second),
        }
    }

    pub(super) fn url(&self, variable: Variable) -> Result<String, InvalidSetting> {
        url(variable, &self.text(variable))
    }

    pub(super) fn per_second(&self, variable: Variable) -> Result<f64, InvalidSetting> {
        let value = self.text(variable);
        value
            .parse()
            .ok()
            .filter(|rate: &f64| (0.01..=1000.0).contains(rate))
            .ok_or_else(|| invalid(variable, format!("'{value}' is not a number from 0.01 to 1000")))
    }

    pub(super) fn count(
        &self,
        variable: Variable,
        allowed: RangeInclusive<i32>,
    ) -> Result<i32, InvalidSetting> {
        let value = self.text(variable);
        let count = value.parse().ok().filter(|count| allowed.contains(count));
        count.ok_or_else(|| {
            let (least, most) = (allowed.start(), allowed.end());
            invalid(
                variable,
                format!("'{value}' is not a number from {least} to {most}"),
            )
        })
    }
}

pub(super) fn invalid(variable: Variable, cause: impl fmt::Display) -> InvalidSetting {
    InvalidSetting {
        variable: variable.name,
        cause: cause.to_string(),
    }
}

pub(super) fn url(variable: Variable, value: &str) -> Result<String, InvalidSetting> {
    match url::Url::parse(value) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => {
            Ok(value.trim_end_matches('/').to_owned())
        }
        _ => Err(invalid(
            variable,
            format!(
                "'{}' is not a URL that begins with http:// or https://",
                without_user_info(value)
            ),
        )),
    }
}

/// The URL with its user name and password hidden, for people and logs. Text that is not a URL is hidden up
/// to its last `@`.
#[must_use]
pub fn without_user_info(text: &str) -> String {
    const HIDDEN: &str = "(hidden)";
    let authority = text.find("://").map_or(0, |at| at + 3);
    let end = match url::Url::parse(text) {
        Ok(_) => text[authority..]
            .find(['/', '?', '#'])
            .map_or(text.len(), |length| authority + length),
        Err(_) => text.len(),
    };
    match text[authority..end].rfind('@') {
        Some(at) => format!("{}{HIDDEN}{}", &text[..authority], &text[authority + at..]),
        None => text.to_owned(),
    }
}

/// A token that can be sent in a header. Errors do not contain it.
pub(super) fn token(variable: Variable, value: String) -> Result<String, InvalidSetting> {
    if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(value)
    } else {
        Err(invalid(
            variable,
            "has characters that a token cannot have: spaces or non-ASCII",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::without_user_info;

    #[test]
    fn the_user_info_of_a_url_is_hidden() {
        for (text, shown) in [
            ("https://mirror.example/ws/2", "https://mirror.example/ws/2"),
            (
                "https://ann:hunter2@mirror.example/ws/2",
                "https://(hidden)@mirror.example/ws/2",
            ),
            (
                "https://ann:hunt@er2@mirror.example:8080",
                "https://(hidden)@mirror.example:8080",
            ),
            ("https://ann@mirror.example", "https://(hidden)@mirror.example"),
            ("https://mirror.example/@ann", "https://mirror.example/@ann"),
            ("ann:hunter2@mirror.example/ws/2", "(hidden)@mirror.example/ws/2"),
            ("https:/ann:hunt/er2@mirror.example", "(hidden)@mirror.example"),
            (
                "ftp://ann:hunter2@mirror.example",
                "ftp://(hidden)@mirror.example",
            ),
            ("", ""),
        ] {
            assert_eq!(without_user_info(text), shown, "{text}");
        }
    }
}
