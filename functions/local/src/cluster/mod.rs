//! Postgres on one machine: finds the server that is installed and runs a private cluster in the data directory.
//! Which tables are in it, and a database that somebody else runs, are no matter of this room.
//!
//! A data directory holds `cluster/` (Postgres's own), `password`, `lock` (held by the process whose cluster it is),
//! `postgres.lock` (held until Postgres has stopped, even where that process was killed) and, while it runs, `url`.
//! The server listens on 127.0.0.1 alone and asks everybody for the password, which only the directory's owner can
//! read (and, where that is root, the account `postgres`, which the server then runs as).

mod account;
mod installation;
mod scratch;
mod server;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};

use self::account::Account;
pub use self::scratch::{Scratch, shared_for_tests};
use self::server::{Kind, Server, Site};

/// The role that owns everything, and the database it works in.
const NAME: &str = "linernotes";
/// The extensions the migrations create; on some systems they are a package of their own.
const EXTENSIONS: [&str; 3] = ["fuzzystrmatch", "pg_trgm", "unaccent"];
/// How long another process may take to get its cluster ready, or what is left of a killed one to stop.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(50);

/// What the environment says about where things are.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// `PATH`.
    pub path: OsString,
    /// `HOME`.
    pub home: Option<PathBuf>,
    /// `XDG_DATA_HOME`.
    pub data_home: Option<PathBuf>,
}

impl Places {
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

    fn default_data_dir(&self, root: bool) -> anyhow::Result<PathBuf> {
        if root {
            return Ok(PathBuf::from("/var/lib/linernotes"));
        }
        let home = || self.home.as_ref().map(|home| home.join(".local/share"));
        let data_home = self.data_home.clone().or_else(home);
        Ok(data_home
            .context("no home directory to keep the database in: name a data directory")?
            .join("linernotes"))
    }
}

/// A running Postgres cluster: our own, or that of another Linernotes process on the same data directory.
#[derive(Debug)]
pub struct Cluster {
    /// Where to connect, with the password: `postgres://linernotes:…@127.0.0.1:PORT/linernotes`.
    pub url: String,
    ours: Option<Ours>,
}

/// The fields are dropped in this order: Postgres has stopped before another process may have the directory.
#[derive(Debug)]
struct Ours {
    server: Server,
    url_file: PathBuf,
    _lock: File,
}

impl Drop for Ours {
    fn drop(&mut self) {
        // What cannot be removed is removed by the next start.
        let _ = fs::remove_file(&self.url_file);
    }
}

impl Cluster {
    /// Whether this process started Postgres, which then stops with it.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.ours.is_some()
    }

    /// Stops Postgres and waits until it has; another process's is left alone. Dropping does the same without a word,
    /// and a process that is killed has its Postgres stopped by the one that watches over it.
    ///
    /// # Errors
    /// When Postgres did not stop within a minute, even when told to drop everything.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let Some(mut ours) = self.ours.take() else {
            return Ok(());
        };
        tokio::task::spawn_blocking(move || ours.server.stop())
            .await
            .context("stop Postgres")?
    }
}

/// Starts Postgres in `data_dir` (by default `/var/lib/linernotes` for root, `$XDG_DATA_HOME/linernotes` or
/// `~/.local/share/linernotes` for others), for a process that must be the only one there.
///
/// # Errors
/// In one line each: no PostgreSQL 15 or later or none of its extensions, a directory that cannot be made, written
/// or reached by the account Postgres runs as, another process on it, or Postgres's own reason not to start.
pub async fn start(data_dir: Option<PathBuf>) -> anyhow::Result<Cluster> {
    let dir = DataDir::open(data_dir)?;
    match dir.lock()? {
        Some(lock) => run(dir, lock).await,
        None => bail!(
            "linernotes already runs on {} (process {}): stop it first, or name another data directory",
            dir.path.display(),
            dir.holder()
        ),
    }
}

/// As [`start`], but where another Linernotes process has its Postgres running on `data_dir`, connects to that one.
///
/// # Errors
/// As [`start`], save that another process on the directory is one only when its Postgres is not ready in a minute.
pub async fn find_or_start(data_dir: Option<PathBuf>) -> anyhow::Result<Cluster> {
    let dir = DataDir::open(data_dir)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(lock) = dir.lock()? {
            return run(dir, lock).await;
        }
        if let Ok(url) = fs::read_to_string(dir.url_file()) {
            return Ok(Cluster { url, ours: None });
        }
        if Instant::now() > deadline {
            bail!(
                "process {} holds {}, but its Postgres is not ready",
                dir.holder(),
                dir.path.display()
            );
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Starts Postgres on a directory we hold, and tells others where.
async fn run(dir: DataDir, lock: File) -> anyhow::Result<Cluster> {
    let (dir, server) =
        tokio::task::spawn_blocking(move || dir.start().map(|server| (dir, server)))
            .await
            .context("start Postgres")??;
    let url = server.url(NAME);
    let ours = Ours {
        server,
        url_file: dir.url_file(),
        _lock: lock,
    };
    make_ready(&ours.server).await?;
    write_private(&ours.url_file, &url)?;
    Ok(Cluster {
        url,
        ours: Some(ours),
    })
}

/// Sees that the extensions can be had and that our database is there.
async fn make_ready(server: &Server) -> anyhow::Result<()> {
    let client = connect(&server.url("postgres")).await?;
    let rows = client
        .query("SELECT name::text FROM pg_available_extensions", &[])
        .await?;
    let available: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let missing: Vec<&str> = EXTENSIONS
        .into_iter()
        .filter(|name| !available.iter().any(|has| has == name))
        .collect();
    if !missing.is_empty() {
        bail!(
            "PostgreSQL {} in {} has no {}: install its contrib package (Fedora: dnf install postgresql-contrib)",
            server.installation.major,
            server.installation.bin.display(),
            missing.join(", ")
        );
    }
    let ours = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
    if !client.query_one(ours, &[&NAME]).await?.get::<_, bool>(0) {
        client
            .batch_execute(&format!("CREATE DATABASE {NAME}"))
            .await
            .context("create our database")?;
    }
    Ok(())
}

/// A connection that closes when the client is dropped.
async fn connect(url: &str) -> anyhow::Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .context("connect to the Postgres just started")?;
    // How a connection ended is told to whoever used the client.
    tokio::spawn(connection);
    Ok(client)
}

/// A directory that exists and that the account Postgres runs as can reach.
#[derive(Debug)]
struct DataDir {
    path: PathBuf,
    account: Option<Account>,
    places: Places,
}

impl DataDir {
    fn open(named: Option<PathBuf>) -> anyhow::Result<Self> {
        let places = Places::from_env();
        let account = Account::for_postgres()?;
        let path = match named {
            Some(path) => {
                std::path::absolute(&path).with_context(|| format!("resolve {}", path.display()))?
            }
            None => places.default_data_dir(account.is_some())?,
        };
        make_dir(&path, account.is_some())?;
        if account.is_some_and(|account| !account.reaches(&path)) {
            bail!(
                "{} is out of reach for the user postgres, whom root has to run Postgres as: name another data \
                 directory, for example /var/lib/linernotes",
                path.display()
            );
        }
        Ok(Self {
            path,
            account,
            places,
        })
    }

    fn url_file(&self) -> PathBuf {
        self.path.join("url")
    }

    /// None where another process holds the directory.
    fn lock(&self) -> anyhow::Result<Option<File>> {
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
    fn holder(&self) -> String {
        let id = fs::read_to_string(self.path.join("lock")).unwrap_or_default();
        if id.is_empty() {
            "unknown".to_owned()
        } else {
            id
        }
    }

    fn start(&self) -> anyhow::Result<Server> {
        let postgres_lock = self.wait_for_postgres_to_be_gone()?;
        let made_by = server::version_of(&self.path);
        let site = Site {
            installation: installation::find(&self.places, made_by)?,
            account: self.account,
            dir: self.path.clone(),
            kind: Kind::Lasting,
        };
        let password = if made_by.is_some() {
            let path = self.path.join("password");
            fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?
        } else {
            server::make_cluster(&site)?
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
                bail!(
                    "an earlier Postgres on {} does not stop",
                    self.path.display()
                );
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// The open file, locked, or None where another process has it locked.
fn try_lock(path: &Path) -> anyhow::Result<Option<File>> {
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
        Err(TryLockError::Error(cause)) => {
            Err(anyhow!(cause).context(format!("lock {}", path.display())))
        }
    }
}

/// Makes a directory for us alone; one of root's can be passed through by the account Postgres runs as, not listed.
fn make_dir(path: &Path, root: bool) -> anyhow::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mode = if root { 0o711 } else { 0o700 };
    let made = fs::create_dir_all(path.parent().unwrap_or(path)).and_then(|()| {
        DirBuilder::new().mode(mode).create(path)?;
        // Whatever the umask took away.
        fs::set_permissions(path, Permissions::from_mode(mode))
    });
    made.with_context(|| format!("make the data directory {}", path.display()))
}

/// Writes a file that nobody else may read, in one piece: a reader sees all of it or none.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
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

fn remove_if_there(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            Err(anyhow!(cause).context(format!("remove {}", path.display())))
        }
        _ => Ok(()),
    }
}
