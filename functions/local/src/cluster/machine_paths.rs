//! The directories that the environment names: for programs and for user data.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Context;

/// Directories from environment variables.
#[derive(Debug, Clone, Default)]
pub(super) struct MachinePaths {
    /// `PATH`.
    pub path: OsString,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `XDG_DATA_HOME`.
    pub data_home: Option<PathBuf>,
}

impl MachinePaths {
    /// Reads the environment of this process.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "these are facts about the machine, not settings of ours"
    )]
    pub(super) fn from_env() -> Self {
        let dir = |name| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        Self {
            path: std::env::var_os("PATH").unwrap_or_default(),
            home: dir("HOME"),
            data_home: dir("XDG_DATA_HOME"),
        }
    }

    pub(super) fn default_data_dir(&self, is_root: bool) -> anyhow::Result<PathBuf> {
        if is_root {
            return Ok(PathBuf::from("/var/lib/linernotes"));
        }
        let home = || self.home.as_ref().map(|home| home.join(".local/share"));
        let data_home = self.data_home.clone().or_else(home);
        Ok(data_home
            .context("there is no home directory for the database: name a data directory with --data-dir")?
            .join("linernotes"))
    }
}
