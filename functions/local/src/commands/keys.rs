//! `linernotes keys`: the keys that others use the HTTP API with.
//! A key is printed when it is made and kept only as its hash.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use shared::platform::api_keys::{self, Scope};
use shared::platform::config::Config;
use shared::platform::db::Client;
use shared::store::work::api_keys as store;

use crate::cli::Keys;
use crate::database::{Database, Purpose};
use crate::output::{self, Table};

const LONGEST_NAME: usize = 200;

pub(super) async fn run(config: &Config, data_dir: Option<PathBuf>, keys: Keys) -> anyhow::Result<ExitCode> {
    let database = Database::open(config, data_dir, Purpose::Read).await?;
    let client = database.pool.client().await?;
    match keys {
        Keys::Create { name, scopes } => create(&client, name.trim(), scopes).await?,
        Keys::List { json } => list(&client, json).await?,
        Keys::Revoke { id } => revoke(&client, id).await?,
    }
    drop(client);
    database.close().await?;
    Ok(ExitCode::SUCCESS)
}

async fn create(client: &Client<'_>, name: &str, mut scopes: Vec<Scope>) -> anyhow::Result<()> {
    if name.is_empty() {
        bail!("the name is empty: name who gets the key");
    }
    if name.chars().count() > LONGEST_NAME {
        bail!("the name is too long: it has at most {LONGEST_NAME} characters");
    }
    scopes.sort_unstable();
    scopes.dedup();
    let key = api_keys::generate();
    let id = store::insert(client, name, &api_keys::hash(&key), &scopes).await?;
    output::print(&key)?;
    output::say(format!(
        "This is key {id} for {}, {}. It is not shown again. Use it as: curl -H 'Authorization: Bearer {}…' …",
        output::one_line_of(name),
        may(&scopes),
        &key[..6],
    ));
    Ok(())
}

fn may(scopes: &[Scope]) -> String {
    if scopes.is_empty() {
        return "which may only read, and no contacts".to_owned();
    }
    let may: Vec<_> = scopes
        .iter()
        .map(|scope| match scope {
            Scope::Write => "ask for ingestions and decide who made what",
            Scope::Contacts => "read contacts",
        })
        .collect();
    format!("which may {}", may.join(" and "))
}

async fn list(client: &Client<'_>, json: bool) -> anyhow::Result<()> {
    let keys = store::list(client).await?;
    if json {
        return output::print_json(&serde_json::json!({ "items": keys }));
    }
    if keys.is_empty() {
        output::print("there are no keys; `linernotes keys create NAME` makes one")?;
        return Ok(());
    }
    let mut table = Table::new(&["#ID", "Name", "Scopes", "Made", "Last used", "Revoked"]);
    let day = |time: Option<chrono::DateTime<chrono::Utc>>| {
        time.map_or("-".to_owned(), |time| time.date_naive().to_string())
    };
    for key in keys {
        let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        table.row([
            key.id.to_string(),
            key.name,
            if scopes.is_empty() {
                "-".to_owned()
            } else {
                scopes.join(", ")
            },
            day(Some(key.created_at)),
            day(key.last_used_at),
            day(key.revoked_at),
        ]);
    }
    output::print(table)?;
    Ok(())
}

async fn revoke(client: &Client<'_>, id: i64) -> anyhow::Result<()> {
    if !store::mark_revoked(client, id).await? {
        bail!("there is no key {id}, or it was revoked before: `linernotes keys list` shows them");
    }
    output::print(format!("key {id} is revoked"))?;
    Ok(())
}
