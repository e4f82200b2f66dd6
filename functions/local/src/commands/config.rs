//! `linernotes config`: every setting, what it is set to, and what a missing one switches off.
//! A secret is never shown, only whether it is set.

use std::process::ExitCode;

use serde::Serialize;
use shared::config::{Config, VARIABLES, Variable};

use crate::output::{self, Table};

pub(super) fn run(json: bool) -> anyhow::Result<ExitCode> {
    let settings: Vec<_> = VARIABLES
        .iter()
        .map(|variable| Setting::of(variable, variable.value()))
        .collect();
    if json {
        output::print_json(&settings)?;
    } else {
        output::print(table(&settings))?;
    }
    // Settings that cannot be used are shown as they are; then comes what is wrong with them.
    Config::from_env()?;
    Ok(ExitCode::SUCCESS)
}

/// A setting as it is shown.
#[derive(Debug, Serialize)]
struct Setting {
    name: &'static str,
    about: &'static str,
    is_set: bool,
    /// Null where nothing is set and there is no default, and for a secret.
    value: Option<String>,
    is_secret: bool,
    /// What does not work as long as it is not set; null where all does.
    switched_off: Option<&'static str>,
}

impl Setting {
    fn of(variable: &Variable, value: Option<String>) -> Self {
        let default = Some(variable.default).filter(|default| !default.is_empty());
        Self {
            name: variable.name,
            about: variable.about,
            is_set: value.is_some(),
            switched_off: Some(variable.without)
                .filter(|without| value.is_none() && !without.is_empty()),
            value: value
                .or(default.map(str::to_owned))
                .filter(|_| !variable.secret),
            is_secret: variable.secret,
        }
    }

    fn shown(&self) -> String {
        match (&self.value, self.is_set) {
            (None, true) => "set (hidden)".to_owned(),
            (None, false) => "-".to_owned(),
            (Some(value), true) => value.clone(),
            (Some(value), false) => format!("{value} (default)"),
        }
    }
}

fn table(settings: &[Setting]) -> Table {
    let mut table = Table::new(&["Setting", "Value", "About"]);
    for setting in settings {
        let about = match setting.switched_off {
            Some(without) => format!("{}; not set: {without}", setting.about),
            None => setting.about.to_owned(),
        };
        table.row([setting.name.to_owned(), setting.shown(), about]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> &'static Variable {
        VARIABLES
            .iter()
            .find(|variable| variable.name == name)
            .unwrap()
    }

    #[test]
    fn a_secret_is_never_shown() {
        for secret in VARIABLES.iter().filter(|variable| variable.secret) {
            let setting = Setting::of(secret, Some("hunter2".to_owned()));
            assert_eq!(setting.shown(), "set (hidden)");
            let json = serde_json::to_string(&setting).unwrap();
            assert!(
                !json.contains("hunter2") && json.contains(r#""is_set":true"#),
                "{json}"
            );
        }
        assert!(variable("SPOTIFY_CLIENT_SECRET").secret && variable("DATABASE_URL").secret);
    }

    #[test]
    fn what_is_not_set_says_what_it_switches_off() {
        let contact = Setting::of(variable("CONTACT"), None);
        assert_eq!(
            (contact.shown().as_str(), contact.switched_off),
            ("-", Some(variable("CONTACT").without))
        );
        let market = Setting::of(variable("SPOTIFY_MARKET"), None);
        assert_eq!(
            (market.shown().as_str(), market.switched_off),
            ("US (default)", None)
        );
        let market = Setting::of(variable("SPOTIFY_MARKET"), Some("SE".to_owned()));
        assert_eq!((market.shown().as_str(), market.switched_off), ("SE", None));
    }
}
