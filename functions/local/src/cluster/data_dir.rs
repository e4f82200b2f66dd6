//! The data directory: where it is, who holds it, and the files in it that are ours.
//! What is in `cluster/` is Postgres's own and the server's matter.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, anyhow, bail};

use super::account::Account;
use super::installation::{self, Installation};
use super::server::Server;
use super::site::{self, Kind, Site};
use super::{PATIENCE, PAUSE};

/// What the environment says about where things are.
#[derive(Debug, Clone, Default)]
pub struct MachinePaths {
    /// `PATH`.
    pub path: OsString,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `XDG_DATA_HOME`.
    pub data_home: Option<PathBuf>,
}

impl MachinePaths {
    /// Those of this process.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "these are facts about the machine, not settings of ours"
    )]
    pub fn from_env() -> Self {
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

    pub(super) fn default_data_dir(&self, root: bool) -> anyhow::Result<PathBuf> {
        if root {
            return Ok(PathBuf::from("/var/lib/linernotes"));
        }
        let home = || self.home.as_ref().map(|home| home.join(".local/share"));
        let data_home = self.data_home.clone().or_else(home);
        Ok(data_home
            .context("no home directory to keep the database in: name a data directory with --data-dir")?
            .join("linernotes"))
    }
}

/// A directory that exists and that the account Postgres runs as can reach.
#[derive(Debug)]
pub(super) struct DataDir {
    pub(super) path: PathBuf,
    account: Option<Account>,
    installed: Vec<Installation>,
}

impl DataDir {
    pub(super) fn open(named: Option<PathBuf>) -> anyhow::Result<Self> {
        let places = MachinePaths::from_env();
        let installed = installation::list(&places);
        // Said before anything else: the user postgres, for one, comes with the installation.
        installation::choose(&installed)?;
        let account = Account::for_postgres()?;
        let path = match named {
            Some(path) => path,
            None => places.default_data_dir(account.is_some())?,
        };
        make_dir(&path, account.is_some())?;
        // A running server is known by the path it was started with.
        let path = path
            .canonicalize()
            .with_context(|| format!("resolve {}", path.display()))?;
        if account.is_some_and(|account| !account.reaches(&path)) {
            bail!(
                "{} is out of reach for the user postgres, whom root has to run Postgres as: name another one, for example \
                 --data-dir /var/lib/linernotes",
                path.display()
            );
        }
        Ok(Self {
            path,
            account,
            installed,
        })
    }

    pub(super) fn url_file(&self) -> PathBuf {
        self.path.join("url")
    }

    /// None where another process holds the directory.
    pub(super) fn lock(&self) -> anyhow::Result<Option<File>> {
        let path = self.path.join("lock");
        let Some(mut lock) = try_lock(&path)? else {
            return Ok(None);
        };
        let noted = lock
            .set_len(0)
            .and_then(|()| write!(lock, "{}", std::process::id()));
        noted.with_context(|| format!("write {}", path.display()))?;
        remove_if_there(&self.url_file())?;
        Ok(Some(lock))
    }

    /// The id of the process that holds the directory, for people.
    pub(super) fn holder(&self) -> String {
        let id = fs::read_to_string(self.path.join("lock")).unwrap_or_default();
        if id.is_empty() { "unknown".to_owned() } else { id }
    }

    pub(super) fn start(&self) -> anyhow::Result<Server> {
        let postgres_lock = self.wait_for_postgres_to_be_gone()?;
        let made_by = site::version_of(&self.path);
        let installation = match made_by {
            Some(major) => installation::choose_version(&self.installed, major)?,
            None => installation::choose(&self.installed)?,
        };
        let site = Site {
            installation: installation.clone(),
            account: self.account,
            dir: self.path.clone(),
            kind: Kind::Lasting,
        };
        let password = if made_by.is_some() {
            let path = self.path.join("password");
            fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?
        } else {
            site.make_cluster(&postgres_lock)?
        };
        Server::start(site, postgres_lock, password)
    }

    /// After a kill, the Postgres of the killed process is still stopping for a moment.
    fn wait_for_postgres_to_be_gone(&self) -> anyhow::Result<File> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(lock) = try_lock(&self.path.join("postgres.lock"))? {
                return Ok(lock);
            }
            if Instant::now() > deadline {
                bail!("an earlier Postgres on {} does not stop", self.path.display());
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// The open file, locked, or None where another process has it locked.
pub(super) fn try_lock(path: &Path) -> anyhow::Result<Option<File>> {
    let open = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path);
    let file = open.with_context(|| format!("open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(cause)) => Err(anyhow!(cause).context(format!("lock {}", path.display()))),
    }
}

/// Makes a directory for us alone; one of root's can be passed through by the account Postgres runs as, not listed.
pub(super) fn make_dir(path: &Path, root: bool) -> anyhow::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mode = if root { 0o711 } else { 0o700 };
    let made = fs::create_dir_all(path.parent().unwrap_or(path)).and_then(|()| {
        DirBuilder::new().mode(mode).create(path)?;
        // Whatever the umask took away.
        fs::set_permissions(path, Permissions::from_mode(mode))
    });
    made.with_context(|| {
        format!(
            "make the data directory {} (--data-dir names another)",
            path.display()
        )
    })
}

/// Writes a file that nobody else may read, in one piece: a reader sees all of it or none.
pub(super) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let unfinished = path.with_extension("unfinished");
    remove_if_there(&unfinished)?;
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished);
    let written = file
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&unfinished, path));
    written.with_context(|| format!("write {}", path.display()))
}

pub(super) fn remove_if_there(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            Err(anyhow!(cause).context(format!("remove {}", path.display())))
        }
        _ => Ok(()),
    }
}
