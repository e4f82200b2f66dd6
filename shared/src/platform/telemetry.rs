//! Logging to standard error, one line per event, as JSON on Lambda. Secrets and contact details are never
//! logged.

use tracing_subscriber::EnvFilter;

use crate::platform::config::LogSettings;

/// Starts logging. Only the first call in a process has an effect.
pub fn start(settings: &LogSettings) {
    let filter = EnvFilter::try_new(&settings.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false);
    let _ = if settings.json {
        lines.json().flatten_event(true).with_ansi(false).try_init()
    } else {
        lines.with_ansi(settings.colour).try_init()
    };
}
