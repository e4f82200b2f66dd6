//! Locks, private files and directories.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use anyhow::{Context, anyhow};

/// Opens and locks a file; `None` if another process has it locked.
pub(super) fn try_lock(path: &Path) -> anyhow::Result<Option<File>> {
    let file = open_private(path)?;
    Ok(lock_if_free(&file, path)?.then_some(file))
}

/// Locks an open file; false if another process has it locked.
pub(super) fn lock_if_free(file: &File, path: &Path) -> anyhow::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(cause)) => Err(anyhow!(cause).context(format!("lock {}", path.display()))),
    }
}

/// Opens a file for reading and writing. If it is missing, it is created for this user only.
pub(crate) fn open_private(path: &Path) -> anyhow::Result<File> {
    let open = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path);
    open.with_context(|| format!("open {}", path.display()))
}

/// Creates a directory for this user only. The account that Postgres runs as may pass through one of root,
/// but not list it.
pub(super) fn make_dir(path: &Path, is_root: bool) -> anyhow::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mode = if is_root { 0o711 } else { 0o700 };
    let made = fs::create_dir_all(path.parent().unwrap_or(path)).and_then(|()| {
        match DirBuilder::new().mode(mode).create(path) {
            // Another process made it meanwhile.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => return Ok(()),
            made => made?,
        }
        // The umask may have removed bits.
        fs::set_permissions(path, Permissions::from_mode(mode))
    });
    made.with_context(|| {
        format!(
            "create the data directory {} (choose another one with --data-dir)",
            path.display()
        )
    })
}

/// Writes a file that only this user can read. The write is atomic: a reader sees all of it or nothing.
pub(crate) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let unfinished = path.with_extension("unfinished");
    remove_if_exists(&unfinished)?;
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

pub(super) fn remove_if_exists(path: &Path) -> anyhow::Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => {
            Err(anyhow!(cause).context(format!("remove {}", path.display())))
        }
        _ => Ok(()),
    }
}
