//! Values of variables as settings: addresses, tokens, numbers, each with what is wrong with one that cannot be used. What
//! they are settings of stays out.

use std::fmt;
use std::ops::RangeInclusive;

use super::InvalidSetting;
use super::variables::Variable;

/// What the variables are set to, by their names.
pub(super) struct Values<'a>(pub(super) &'a dyn Fn(&str) -> Option<String>);

impl Values<'_> {
    /// What a variable is set to; an empty value counts as not set.
    pub(super) fn find(&self, variable: Variable) -> Option<String> {
        (self.0)(variable.name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    /// What a variable is set to, or its default.
    pub(super) fn text(&self, variable: Variable) -> String {
        self.find(variable).unwrap_or_else(|| variable.default.to_owned())
    }

    /// Two settings that go together: both or none.
    pub(super) fn both(
        &self,
        first: Variable,
        second: Variable,
    ) -> Result<Option<(String, String)>, InvalidSetting> {
        let alone = |missing: Variable, set: Variable| {
            let cause = format!("is not set, but {} is: set both or none", set.name);
            Err(invalid(missing, cause))
        };
        match (self.find(first), self.find(second)) {
            (Some(first), Some(second)) => Ok(Some((first, second))),
            (None, None) => Ok(None),
            (Some(_), None) => alone(second, first),
            (None, Some(_)) => alone(first, second),
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
            .ok_or_else(|| invalid(variable, format!("'{value}' is no number from 0.01 to 1000")))
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
            invalid(variable, format!("'{value}' is no number from {least} to {most}"))
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
            format!("'{value}' is no URL that begins with http:// or https://"),
        )),
    }
}

/// What can stand in a header; the text itself is in no error.
pub(super) fn token(variable: Variable, value: String) -> Result<String, InvalidSetting> {
    if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(value)
    } else {
        Err(invalid(
            variable,
            "has characters that no token has: spaces or other than ASCII",
        ))
    }
}
