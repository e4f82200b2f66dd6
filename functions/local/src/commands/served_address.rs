//! The address of the API that a process serves, in the file `api_url` of its data directory. The process
//! holds a lock on the file, so that nobody sends a key to a port that another program has by now.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};

use crate::cluster::open_private;

/// The file while this process serves.
pub(super) struct ServedAddress(File);

impl ServedAddress {
    /// Writes the address; `None` if another process serves with this data directory.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(super) fn write(data_dir: &Path, address: SocketAddr) -> anyhow::Result<Option<Self>> {
        let path = file(data_dir);
        let mut file = open_private(&path)?;
        if is_served(&file, &path)? {
            return Ok(None);
        }
        file.lock().with_context(|| format!("lock {}", path.display()))?;
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| write!(file, "http://{}", reachable(address)));
        written.with_context(|| format!("write {}", path.display()))?;
        Ok(Some(Self(file)))
    }
}

impl Drop for ServedAddress {
    fn drop(&mut self) {
        // What is left is no address without the lock.
        let _ = self.0.set_len(0);
    }
}

/// The address of the process that serves with this data directory: `http://127.0.0.1:8080`.
///
/// # Errors
/// If no process does.
pub(super) fn read(data_dir: &Path) -> anyhow::Result<String> {
    let path = file(data_dir);
    let open = File::open(&path).ok();
    let mut address = String::new();
    if let Some(mut file) = open
        && is_served(&file, &path)?
    {
        file.read_to_string(&mut address)
            .with_context(|| format!("read {}", path.display()))?;
    }
    if address.is_empty() {
        bail!(
            "no server runs with the data directory {}: start `linernotes up`, or name another one with \
             --data-dir",
            data_dir.display()
        );
    }
    Ok(address)
}

fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("api_url")
}

/// Whether a process holds the lock.
fn is_served(file: &File, path: &Path) -> anyhow::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => {
            file.unlock()
                .with_context(|| format!("unlock {}", path.display()))?;
            Ok(false)
        }
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(anyhow!(error).context(format!("lock {}", path.display()))),
    }
}

/// An address of this machine at which a server that listens on all addresses is reached.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_only_while_it_is_served() {
        let dir = std::env::temp_dir().join(format!("linernotes-test-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&dir).unwrap();
        assert!(read(&dir).is_err());
        let served = ServedAddress::write(&dir, "0.0.0.0:8080".parse().unwrap()).unwrap();
        assert!(served.is_some());
        assert_eq!(read(&dir).unwrap(), "http://127.0.0.1:8080");
        let second = ServedAddress::write(&dir, "[::1]:9".parse().unwrap()).unwrap();
        assert!(second.is_none());
        drop(served);
        assert!(read(&dir).is_err());
        // What a process leaves that was killed.
        std::fs::write(file(&dir), "http://127.0.0.1:8080").unwrap();
        assert!(read(&dir).is_err());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
