//! `linernotes config`: every setting, what it is set to, and what a missing one switches off.
//! A secret is never shown, only whether it is set, or where in AWS it is kept: nothing is fetched from there.

use std::process::ExitCode;

use serde::Serialize;
use shared::platform::config::{self, Config, VARIABLES, Variable};

use crate::output::{self, Table};

pub(super) fn run(json: bool) -> anyhow::Result<ExitCode> {
    let settings: Vec<_> = VARIABLES
        .iter()
        .map(|variable| Setting::of(variable, variable.value()))
        .collect();
    if json {
        output::print_json(&settings)?;
    } else {
        output::print(text(&settings))?;
    }
    // Settings that cannot be used are shown as they are; then comes what is wrong with them.
    Config::check()?;
    Ok(ExitCode::SUCCESS)
}

/// A setting as it is shown.
#[derive(Debug, Serialize)]
struct Setting {
    name: &'static str,
    about: &'static str,
    is_set: bool,
    /// Null where nothing is set and there is no default, and for a secret that is not kept elsewhere.
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
            switched_off: Some(variable.without).filter(|without| value.is_none() && !without.is_empty()),
            value: value
                .or(default.map(str::to_owned))
                .filter(|value| !variable.secret || config::is_reference(value)),
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

fn text(settings: &[Setting]) -> String {
    let mut table = Table::new(&["Setting", "Value", "What it is"]);
    // What several settings switch on together is said once.
    let mut off: Vec<(&str, Vec<&str>)> = Vec::new();
    for setting in settings {
        table.row([setting.name.to_owned(), setting.shown(), setting.about.to_owned()]);
        let Some(without) = setting.switched_off else {
            continue;
        };
        match off.iter_mut().find(|(said, _)| *said == without) {
            Some((_, names)) => names.push(setting.name),
            None => off.push((without, vec![setting.name])),
        }
    }
    let lines = off
        .iter()
        .map(|(without, names)| format!("  {without} ({})", names.join(", ")));
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        return table.to_string();
    }
    format!(
        "{table}\n\nWhat follows from settings that are missing:\n{}",
        lines.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variable(name: &str) -> &'static Variable {
        VARIABLES.iter().find(|variable| variable.name == name).unwrap()
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
    fn where_a_secret_is_kept_is_shown() {
        let reference = "secretsmanager:linernotes#DATABASE_URL";
        let setting = Setting::of(variable("DATABASE_URL"), Some(reference.to_owned()));
        assert_eq!(setting.shown(), reference);
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

    #[test]
    fn settings_that_belong_together_are_named_together() {
        let settings: Vec<_> = VARIABLES
            .iter()
            .map(|variable| Setting::of(variable, None))
            .collect();
        let text = text(&settings);
        let line = "  nothing can be imported from Spotify (SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET)";
        assert!(text.lines().any(|said| said == line), "{text}");
    }
}
