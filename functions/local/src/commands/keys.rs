//! `linernotes keys`: creates, lists and revokes API keys. Only the hash of a key is stored.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use shared::platform::api_keys::{self, Scope};
use shared::platform::config::Config;
use shared::platform::db::Client;
use shared::store::work::api_keys as store;

use crate::cli::KeysCommand;
use crate::database::{CommandDatabase, Purpose};
use crate::output::{self, TextTable, format_time};

const MAX_NAME_CHARACTERS: usize = 200;

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    command: KeysCommand,
) -> anyhow::Result<ExitCode> {
    let database = CommandDatabase::open(config, data_dir, Purpose::Read).await?;
    let client = database.pool.client().await?;
    match command {
        KeysCommand::Create {
            name,
            scopes,
            days,
            no_expiry,
        } => create(&client, name.trim(), scopes, (!no_expiry).then_some(days)).await?,
        KeysCommand::List { json } => list(&client, json).await?,
        KeysCommand::Revoke { id } => revoke(&client, id).await?,
    }
    drop(client);
    database.close().await?;
    Ok(ExitCode::SUCCESS)
}

async fn create(
    client: &Client<'_>,
    name: &str,
    mut scopes: Vec<Scope>,
    days: Option<i32>,
) -> anyhow::Result<()> {
    if name.is_empty() {
        bail!("the name is empty: name who will use the key");
    }
    if name.chars().count() > MAX_NAME_CHARACTERS {
        bail!("the name is too long: the maximum is {MAX_NAME_CHARACTERS} characters");
    }
    scopes.sort_unstable();
    scopes.dedup();
    let key = api_keys::generate();
    let stored = store::insert(client, name, &api_keys::hash(&key), &scopes, days).await?;
    output::print(&key)?;
    let expiry = match stored.expires_at {
        Some(time) => format!("It expires at {}", format_time(time)),
        None => "It does not expire".to_owned(),
    };
    output::say(format!(
        "Created key {} for {}, with the scopes: {}. {expiry}, and is not shown again.\n\
         Use it as: curl -H 'Authorization: Bearer {}…' …",
        stored.id,
        output::single_line(name),
        words(&scopes),
        &key[..6],
    ));
    Ok(())
}

fn words(scopes: &[Scope]) -> String {
    let words: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    if words.is_empty() {
        "-".to_owned()
    } else {
        words.join(", ")
    }
}

async fn list(client: &Client<'_>, json: bool) -> anyhow::Result<()> {
    let keys = store::list(client).await?;
    if json {
        return output::print_json(&serde_json::json!({ "items": keys }));
    }
    if keys.is_empty() {
        output::print("there are no keys; create one with: linernotes keys create NAME")?;
        return Ok(());
    }
    let mut table = TextTable::new(&[
        "#ID",
        "Name",
        "Scopes",
        "State",
        "Created",
        "Last used",
        "Expires",
    ]);
    let day = |time: Option<chrono::DateTime<chrono::Utc>>| {
        time.map_or("-".to_owned(), |time| time.date_naive().to_string())
    };
    for key in keys {
        table.row([
            key.id.to_string(),
            key.name,
            words(&key.scopes),
            key.state.to_string(),
            day(Some(key.created_at)),
            day(key.last_used_at),
            day(key.expires_at),
        ]);
    }
    output::print(table)?;
    Ok(())
}

async fn revoke(client: &Client<'_>, id: i64) -> anyhow::Result<()> {
    if !store::mark_revoked(client, id).await? {
        bail!("there is no active key {id}: list the keys with `linernotes keys list`");
    }
    output::print(format!("revoked key {id}"))?;
    Ok(())
}
