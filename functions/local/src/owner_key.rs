//! The key of this machine's owner, with all scopes, in the data directory: `owner.key`, and `owner.header`
//! with the header line for `curl -H @FILE`. The database has only its hash.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, anyhow};
use shared::platform::api_keys::{self, KeyState, Scope};
use shared::platform::db::Client;
use shared::store::work::api_keys as store;

use crate::cluster::{open_private, write_private};

/// The owner's key of a data directory.
///
/// # Errors
/// If none was made yet, or its file cannot be read.
pub(crate) fn read(data_dir: &Path) -> anyhow::Result<String> {
    find(data_dir)?.ok_or_else(|| {
        anyhow!(
            "there is no owner's key in {}: `linernotes up` makes one",
            data_dir.display()
        )
    })
}

/// Makes sure that the data directory has a valid owner's key for this database: makes one if there is none
/// or it is not valid any more, and stores the hash in a database that does not know it. The files are for
/// this user only.
///
/// # Errors
/// If the data directory cannot be written, or the database fails.
pub(crate) async fn ensure(client: &Client<'_>, data_dir: &Path) -> anyhow::Result<()> {
    let path = data_dir.join("owner.lock");
    let lock = open_private(&path)?;
    let locked = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await?;
    let _lock = locked.with_context(|| format!("lock {}", path.display()))?;
    let (key, state) = match find(data_dir)? {
        Some(key) => {
            let state = store::find_state(client, &api_keys::hash(&key)).await?;
            match state {
                Some(KeyState::Expired | KeyState::Revoked) => (api_keys::generate(), None),
                state => (key, state),
            }
        }
        None => (api_keys::generate(), None),
    };
    // The files come first: a key that is only in the database would be of use to nobody.
    write_private(&data_dir.join("owner.key"), &format!("{key}\n"))?;
    write_private(
        &data_dir.join("owner.header"),
        &format!("Authorization: Bearer {key}\n"),
    )?;
    if state.is_none() {
        let name = format!("owner on {}", machine_name());
        store::insert(client, &name, &api_keys::hash(&key), Scope::ALL, None).await?;
    }
    Ok(())
}

/// The key in the file; `None` if there is no key in it.
fn find(data_dir: &Path) -> anyhow::Result<Option<String>> {
    let path = data_dir.join("owner.key");
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|key| api_keys::is_key(key))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(anyhow!(error).context(format!("read {}", path.display()))),
    }
}

fn machine_name() -> String {
    let output = Command::new("uname").arg("-n").output();
    let name = output
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok());
    name.map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "a machine without a name".to_owned())
}
