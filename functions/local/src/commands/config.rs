//! `linernotes config`: lists all settings with their values and what each missing one disables.
//! Of a secret it shows only whether it is set, or its place in AWS, from where it fetches nothing.

use std::process::ExitCode;

use serde::Serialize;
use shared::platform::config::{self, Config, VARIABLES, Variable};

use crate::output;

/// Before the description of a setting.
const INDENT: &str = "    ";

pub(super) fn run(json: bool) -> anyhow::Result<ExitCode> {
    let settings: Vec<_> = VARIABLES
        .iter()
        .map(|variable| SettingRow::new(variable, variable.value()))
        .collect();
    if json {
        output::print_json(&settings)?;
    } else {
        output::print(text(&settings))?;
    }
    // Invalid settings are listed as they are; the error follows.
    Config::check()?;
    Ok(ExitCode::SUCCESS)
}

/// A setting as it is printed.
#[derive(Debug, Serialize)]
struct SettingRow {
    name: &'static str,
    about: &'static str,
    is_set: bool,
    /// Null if the setting has no value and no default, and for a secret that is set directly.
    value: Option<String>,
    is_secret: bool,
    /// What is disabled while this is not set.
    switched_off: Option<&'static str>,
}

impl SettingRow {
    fn new(variable: &Variable, value: Option<String>) -> Self {
        let default = Some(variable.default).filter(|default| !default.is_empty());
        Self {
            name: variable.name,
            about: variable.about,
            is_set: value.is_some(),
            switched_off: Some(variable.without).filter(|without| value.is_none() && !without.is_empty()),
            value: value
                .or(default.map(str::to_owned))
                .filter(|value| !variable.secret || config::is_reference(value))
                .map(|value| config::without_user_info(&value)),
            is_secret: variable.secret,
        }
    }

    fn value_text(&self) -> String {
        match (&self.value, self.is_set) {
            (None, true) => "set (hidden)".to_owned(),
            (None, false) => "-".to_owned(),
            (Some(value), true) => value.clone(),
            (Some(value), false) => format!("{value} (default)"),
        }
    }
}

fn text(settings: &[SettingRow]) -> String {
    let mut listed = Vec::new();
    // Several settings can enable the same thing together; it is listed once.
    let mut disabled: Vec<(&str, Vec<&str>)> = Vec::new();
    for setting in settings {
        // A table would cut long values off, such as addresses.
        listed.push(format!("{}  {}", setting.name, setting.value_text()));
        listed.push(format!("{INDENT}{}", output::wrapped(setting.about, INDENT)));
        let Some(without) = setting.switched_off else {
            continue;
        };
        match disabled.iter_mut().find(|(text, _)| *text == without) {
            Some((_, names)) => names.push(setting.name),
            None => disabled.push((without, vec![setting.name])),
        }
    }
    let lines = disabled
        .iter()
        .map(|(without, names)| format!("  {without} ({})", names.join(", ")));
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        return listed.join("\n");
    }
    format!(
        "{}\n\nDisabled by missing settings:\n{}",
        listed.join("\n"),
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
            let setting = SettingRow::new(secret, Some("hunter2".to_owned()));
            assert_eq!(setting.value_text(), "set (hidden)");
            let json = serde_json::to_string(&setting).unwrap();
            assert!(
                !json.contains("hunter2") && json.contains(r#""is_set":true"#),
                "{json}"
            );
        }
        assert!(variable("SPOTIFY_CLIENT_SECRET").secret && variable("DATABASE_URL").secret);
    }

    #[test]
    fn the_reference_to_a_secret_is_shown() {
        let reference = "secretsmanager:linernotes#DATABASE_URL";
        let setting = SettingRow::new(variable("DATABASE_URL"), Some(reference.to_owned()));
        assert_eq!(setting.value_text(), reference);
    }

    #[test]
    fn a_missing_setting_says_what_it_disables() {
        let contact = SettingRow::new(variable("CONTACT"), None);
        assert_eq!(
            (contact.value_text().as_str(), contact.switched_off),
            ("-", Some(variable("CONTACT").without))
        );
        let market = SettingRow::new(variable("SPOTIFY_MARKET"), None);
        assert_eq!(
            (market.value_text().as_str(), market.switched_off),
            ("US (default)", None)
        );
        let market = SettingRow::new(variable("SPOTIFY_MARKET"), Some("SE".to_owned()));
        assert_eq!((market.value_text().as_str(), market.switched_off), ("SE", None));
    }

    #[test]
    fn settings_that_belong_together_are_on_one_line() {
        let settings: Vec<_> = VARIABLES
            .iter()
            .map(|variable| SettingRow::new(variable, None))
            .collect();
        let text = text(&settings);
        let line = "  nothing can be imported from Spotify (SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET)";
        assert!(text.lines().any(|printed| printed == line), "{text}");
    }
}
