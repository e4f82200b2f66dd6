//! Finds the installed Postgres servers, the preferred one first.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use super::machine_paths::MachinePaths;

/// The first version with all features we use, such as `NULLS NOT DISTINCT`.
const OLDEST: u32 = 15;
const PROGRAMS: [&str; 3] = ["postgres", "initdb", "pg_ctl"];
/// Where packages install a server that is not on the PATH: folder, prefix of its entries, and subfolder.
const USUAL_PATHS: [(&str, &str, &str); 8] = [
    ("/usr/lib/postgresql", "", "bin"),                      // Debian, Ubuntu
    ("/usr", "pgsql-", "bin"),                               // Fedora and Red Hat, from postgresql.org
    ("/usr/lib", "postgresql", "bin"),                       // openSUSE, Gentoo
    ("/usr/libexec", "postgresql", ""),                      // Alpine
    ("/opt/homebrew/opt", "postgresql", "bin"),              // Homebrew on Apple silicon
    ("/usr/local/opt", "postgresql", "bin"),                 // Homebrew on Intel
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"), // Homebrew on Linux
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"), // Postgres.app
];

/// The server programs of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installation {
    /// Folder of `postgres`, `initdb` and `pg_ctl`.
    pub(super) bin: PathBuf,
    /// The major version.
    pub(super) major: u32,
}

/// All installations in order of preference: the server on the PATH, the one that `pg_config` names, then
/// those in the usual folders, newest first.
pub(super) fn list(machine_paths: &MachinePaths) -> Vec<Installation> {
    let mut installed: Vec<_> = on_path(machine_paths)
        .iter()
        .filter_map(|bin| read_installation(bin))
        .collect();
    let mut elsewhere: Vec<_> = usual_paths()
        .iter()
        .filter_map(|bin| read_installation(bin))
        .collect();
    elsewhere.sort_by_key(|installation| std::cmp::Reverse(installation.major));
    installed.extend(elsewhere);
    installed
}

/// The first installation that is new enough, or an error that says what to install.
pub(super) fn choose(installed: &[Installation]) -> anyhow::Result<&Installation> {
    if let Some(installation) = installed.iter().find(|installation| installation.major >= OLDEST) {
        return Ok(installation);
    }
    let too_old = match installed.first() {
        Some(old) => format!(" (only {} in {})", old.major, old.bin.display()),
        None => String::new(),
    };
    bail!(
        "no PostgreSQL {OLDEST} or later found{too_old}: install it (Debian, Ubuntu: apt-get install \
         postgresql; Fedora: dnf install postgresql-server postgresql-contrib; macOS: brew install \
         postgresql@17) or set DATABASE_URL"
    )
}

/// The installation of the version that created the existing data; no other version can read it.
pub(super) fn choose_version(installed: &[Installation], major: u32) -> anyhow::Result<&Installation> {
    installed
        .iter()
        .find(|installation| installation.major == major)
        .with_context(|| {
            format!(
                "the data directory was created by PostgreSQL {major}, which is not installed: install it \
             (Debian, Ubuntu: apt-get install postgresql-{major}), or name another data directory with \
             --data-dir"
            )
        })
}

/// The folders on the PATH, then those that a `pg_config` on the PATH names.
fn on_path(machine_paths: &MachinePaths) -> Vec<PathBuf> {
    let dirs: Vec<PathBuf> = std::env::split_paths(&machine_paths.path)
        .filter(|dir| dir.is_absolute())
        .collect();
    let named_by_pg_config = dirs.iter().filter_map(|dir| {
        let output = Command::new(dir.join("pg_config"))
            .arg("--bindir")
            .output()
            .ok()?;
        Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
    });
    let named_by_pg_config: Vec<PathBuf> = named_by_pg_config.collect();
    dirs.into_iter().chain(named_by_pg_config).collect()
}

fn usual_paths() -> Vec<PathBuf> {
    let mut bins = Vec::new();
    for (folder, prefix, subfolder) in USUAL_PATHS {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let matching = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
        bins.extend(matching.map(|entry| entry.path().join(subfolder)));
    }
    bins
}

/// The installation in a folder. Links are resolved so that Postgres finds its other files.
fn read_installation(bin: &Path) -> Option<Installation> {
    let bin = bin.join("postgres").canonicalize().ok()?.parent()?.to_owned();
    if !PROGRAMS.iter().all(|program| bin.join(program).is_file()) {
        return None;
    }
    let output = Command::new(bin.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
    let major = major_version(&String::from_utf8(output.stdout).ok()?)?;
    Some(Installation { bin, major })
}

/// Parses `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `… 18beta1` and similar.
fn major_version(line: &str) -> Option<u32> {
    let (_, version) = line.split_once("(PostgreSQL) ")?;
    let digits = version
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(version.len());
    version[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(majors: &[u32]) -> Vec<Installation> {
        majors
            .iter()
            .map(|&major| Installation {
                bin: format!("/pg/{major}").into(),
                major,
            })
            .collect()
    }

    #[test]
    fn the_major_version_of_every_kind_of_build_is_parsed() {
        let cases = [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", Some(15)),
            ("postgres (PostgreSQL) 17.2\n", Some(17)),
            ("postgres (PostgreSQL) 18beta1", Some(18)),
            ("postgres (PostgreSQL) 19devel", Some(19)),
            ("postgres (PostgreSQL) 9.6.24", Some(9)),
            ("postgres (EnterpriseDB) 15.1", None),
            ("postgres (PostgreSQL) next", None),
            ("", None),
        ];
        for (line, expected) in cases {
            assert_eq!(major_version(line), expected, "{line}");
        }
    }

    #[test]
    fn the_first_installation_that_is_new_enough_is_chosen() {
        for (majors, expected) in [(vec![15], 15), (vec![16, 18, 15], 16), (vec![14, 18, 17], 18)] {
            assert_eq!(choose(&installed(&majors)).unwrap().major, expected, "{majors:?}");
        }
    }

    #[test]
    fn the_version_that_created_the_data_is_chosen() {
        assert_eq!(choose_version(&installed(&[18, 16]), 16).unwrap().major, 16);
        let refusal = choose_version(&installed(&[18]), 16).unwrap_err().to_string();
        assert!(
            refusal.contains("created by PostgreSQL 16") && refusal.contains("postgresql-16"),
            "{refusal}"
        );
    }

    #[test]
    fn the_error_says_in_one_line_what_to_install() {
        let nothing = choose(&[]).unwrap_err().to_string();
        assert!(
            nothing.starts_with("no PostgreSQL 15 or later found: install it (Debian, Ubuntu: "),
            "{nothing}"
        );
        assert!(
            nothing.ends_with("or set DATABASE_URL") && !nothing.contains('\n'),
            "{nothing}"
        );
        let old = choose(&installed(&[13])).unwrap_err().to_string();
        assert!(
            old.starts_with("no PostgreSQL 15 or later found (only 13 in /pg/13): install"),
            "{old}"
        );
    }

    #[test]
    fn a_folder_without_a_server_is_no_installation() {
        assert_eq!(read_installation(Path::new("/nonexistent")), None);
        assert_eq!(read_installation(Path::new("/")), None);
    }
}
