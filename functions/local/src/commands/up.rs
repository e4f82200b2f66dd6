//! `linernotes up`: runs the HTTP API, the workers and the schedules in one process until it is stopped.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use shared::platform::config::Config;
use shared::upstreams::Clients;

use super::served_address::ServedAddress;
use super::signals::StopSignals;
use crate::commands::api_server::ApiServer;
use crate::database::{CommandDatabase, Purpose};
use crate::output;
use crate::owner_key;
use crate::system::{System, SystemOptions};

/// Sweep does not pick up an unsent message before it is ten seconds old, so a shorter interval gains
/// nothing.
pub(super) const SWEEP_EVERY: Duration = Duration::from_secs(10);

const WITHOUT_TLS: &str = "warning: other machines can reach this server, and it has no TLS: whoever is on \
     the way can read API keys and answers. Listen on 127.0.0.1 behind a proxy that adds TLS";

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    listen: SocketAddr,
) -> anyhow::Result<ExitCode> {
    if !config.queue_urls.is_empty() {
        bail!(
            "the queues are on SQS, where Lambda functions receive the messages: unset CATALOG_QUEUE_URL \
             and the other queue settings to run the workers here"
        );
    }
    let clients = Clients::new(config)?;
    let database = CommandDatabase::open(config, data_dir.clone(), Purpose::Serve).await?;
    let options = SystemOptions {
        sweep_every: SWEEP_EVERY,
        is_alone: database.is_ours_alone(),
    };
    let mut signals = StopSignals::listen()?;
    let mut system = System::start(config, &database.pool, &clients, options).await?;
    let bootstrap = system.bootstrap().with_pool(database.api_pool(config).await?);
    let server = ApiServer::start(listen, &bootstrap).await?;
    let served = match serve_owner(&database, server.address).await {
        Ok(served) => served,
        Err(error) => {
            let cause = output::error_line(&error);
            output::say(format!("warning: the owner of this machine has no key: {cause}"));
            None
        }
    };
    output::print(greeting(server.address, data_dir.as_deref(), config))?;
    if !server.address.ip().is_loopback() {
        output::say(WITHOUT_TLS);
    }

    let failure = tokio::select! {
        () = signals.next() => None,
        error = system.failure() => Some(error),
        error = server.failure() => Some(error),
        // Without its database, nothing can finish.
        error = database.failure() => {
            drop(system);
            database.close().await?;
            return Err(error);
        }
    };
    output::say(match failure {
        None => "stopping: waiting for running work (press Ctrl-C again to stop at once)",
        Some(_) => "a part of linernotes failed: waiting for running work (press Ctrl-C to stop at once)",
    });
    drop(served);
    let stop = async {
        tokio::join!(server.stop(), system.stop());
    };
    tokio::select! {
        () = stop => {}
        () = signals.next() => output::say("stopped at once; unfinished work resumes at the next start"),
    }
    database.close().await?;
    if let Some(error) = failure {
        return Err(error);
    }
    output::say("stopped");
    Ok(ExitCode::SUCCESS)
}

/// Makes the owner's key where it is missing, and tells `linernotes api` where the server listens.
async fn serve_owner(
    database: &CommandDatabase,
    address: SocketAddr,
) -> anyhow::Result<Option<ServedAddress>> {
    let data_dir = database.data_dir()?;
    owner_key::ensure(&database.pool.client().await?, &data_dir).await?;
    ServedAddress::write(&data_dir, address)
}

fn greeting(address: SocketAddr, data_dir: Option<&Path>, config: &Config) -> String {
    let named = data_dir.map_or_else(String::new, |dir| format!("--data-dir {} ", dir.display()));
    let mut lines = vec![
        format!("linernotes is listening on http://{address}; press Ctrl-C to stop"),
        format!("  try: curl 'http://{address}/v1/health'"),
        format!(r#"  try: linernotes {named}api POST /v1/ingestions '{{"what": ["AC/DC"]}}'"#),
    ];
    lines.extend(config.disabled_sources().into_iter().map(|off| off.reason));
    lines.join("\n")
}
