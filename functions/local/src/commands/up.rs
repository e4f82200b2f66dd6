//! `linernotes up`: the whole system in one process, until it is asked to stop.
//! Its parts are in `system` and `serving`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::bail;
use shared::platform::config::Config;

use super::serving::Served;
use super::signals::Signals;
use crate::database::{Database, Purpose};
use crate::output;
use crate::system::{System, SystemOptions};
use shared::upstreams::Clients;

/// A message that was left behind waits ten seconds anyhow before sweep takes it up.
pub(super) const SWEEP_EVERY: Duration = Duration::from_secs(10);

pub(super) async fn run(
    config: &Config,
    data_dir: Option<PathBuf>,
    listen: SocketAddr,
) -> anyhow::Result<ExitCode> {
    if !config.queue_urls.is_empty() {
        bail!(
            "the queues are on SQS, whose messages go to Lambda functions: unset CATALOG_QUEUE_URL and the other \
             queue settings to have the work done here"
        );
    }
    let clients = Clients::new(config)?;
    let database = Database::open(config, data_dir, Purpose::Serve).await?;
    let options = SystemOptions {
        sweep_every: SWEEP_EVERY,
        is_alone: database.is_ours_alone(),
    };
    let mut signals = Signals::listen()?;
    let system = System::start(config, &database.pool, &clients, options).await?;
    let served = Served::start(listen, &database.pool, system.queues(), config).await?;
    output::print(greeting(served.address, config))?;

    signals.next().await;
    output::say("stopping: what is under way may end (once more to break it off)");
    let stop = async {
        tokio::join!(served.stop(), system.stop());
    };
    tokio::select! {
        () = stop => {}
        () = signals.next() => output::say("broken off; what was under way goes on at the next start"),
    }
    database.close().await?;
    output::say("stopped");
    Ok(ExitCode::SUCCESS)
}

fn greeting(address: SocketAddr, config: &Config) -> String {
    let mut lines = vec![format!("linernotes listens on http://{address}; Ctrl-C stops it")];
    lines.push(format!("  for example: curl 'http://{address}/v1/health'"));
    lines.extend(config.disabled_sources().into_iter().map(|off| off.reason));
    lines.join("\n")
}
