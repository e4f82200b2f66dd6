//! Measures how fast the API function starts and answers on Lambda, with the deployed binaries under AWS's
//! emulator. The baseline is a minimal function built with the same profile.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use emulator::{EmulatedFunction, Emulator, InvocationResult, Programs, http_event};
use linernotes::cluster::ScratchCluster;
use linernotes::output;
use serde::Serialize;
use serde_json::Value;
use shared::platform::db::{self, DatabaseSettings, Statements};

/// Starts of each function, in turn.
const STARTS: usize = 30;
/// Measured requests to the running API.
const REQUESTS: usize = 300;
/// Requests before the measured ones.
const WARM_UP_REQUESTS: usize = 20;
const FUNCTIONS: &[&str] = &[
    "hello", "api", "ingest", "identify", "enrich", "sweep", "rollup", "migrate",
];
/// Port 1 needs root to listen on, and no database does.
const NO_DATABASE: &str = "postgres://nobody:nothing@127.0.0.1:1/nothing";
const TIME_OUT: Duration = Duration::from_secs(15);

/// Median times in milliseconds, and sizes.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ColdStartFigures {
    /// From the start of the minimal function to its first request.
    pub(crate) hello_init_ms: f64,
    /// The same for the API if no database answers.
    pub(crate) api_init_ms: f64,
    /// The same for the API with a database.
    pub(crate) api_init_with_database_ms: f64,
    /// A request for a producer by id, through the emulator.
    pub(crate) warm_p50_ms: f64,
    /// Sizes of the binaries in megabytes (10^6 bytes).
    pub(crate) sizes_mb: BTreeMap<&'static str, f64>,
}

/// Measures the binaries that `cargo lambda build --release` built in `target`, with a Postgres of its own.
///
/// # Errors
/// If a binary or the emulator is missing, or a function fails.
pub(crate) async fn measure_cold_starts(target: &Path) -> anyhow::Result<ColdStartFigures> {
    let programs = Programs::find(target)?;
    let sizes_mb = sizes(&programs)?;
    let scratch = ScratchCluster::start().await?;
    let producer_id = fill(&scratch.url()).await?;
    let request = http_event(
        "GET",
        &format!("/v1/producers/{producer_id}"),
        &BTreeMap::new(),
        None,
    );
    let (without, with) = (api(NO_DATABASE), api(&scratch.url()));
    let hello = EmulatedFunction {
        name: "hello".to_owned(),
        environment: Vec::new(),
        time_out: TIME_OUT,
    };
    let mut inits = [Vec::new(), Vec::new(), Vec::new()];
    for start in 1..=STARTS {
        output::say(format!("start {start} of {STARTS}"));
        for (function, inits) in [&hello, &without, &with].into_iter().zip(&mut inits) {
            inits.push(init_ms(&programs, function, &request).await?);
        }
    }
    let warm_p50_ms = warm_p50_ms(&programs, &with, &request).await?;
    let [hello_init_ms, api_init_ms, api_init_with_database_ms] = inits.map(median);
    Ok(ColdStartFigures {
        hello_init_ms,
        api_init_ms,
        api_init_with_database_ms,
        warm_p50_ms,
        sizes_mb,
    })
}

fn sizes(programs: &Programs) -> anyhow::Result<BTreeMap<&'static str, f64>> {
    FUNCTIONS
        .iter()
        .map(|name| {
            let bytes = programs.bootstrap(name)?.metadata()?.len();
            Ok((*name, (bytes as f64 / 1e4).round() / 100.0))
        })
        .collect()
}

/// Migrates the database and gives it one producer.
async fn fill(url: &str) -> anyhow::Result<i64> {
    let settings = DatabaseSettings::parse(url, Statements::Prepared)?;
    db::migrate(&settings).await?;
    let client = settings.connect().await?;
    let sql = "INSERT INTO producers (name, normalized_name) VALUES ('Somebody', 'somebody') RETURNING id";
    Ok(client.query_one(sql, &[]).await?.get("id"))
}

fn api(database_url: &str) -> EmulatedFunction {
    // Nothing is sent; the queue URLs only select SQS, as on Lambda.
    let environment = [
        ("DATABASE_URL", database_url),
        ("CATALOG_QUEUE_URL", "http://127.0.0.1:1/catalog"),
        ("CATALOG_DEAD_LETTER_QUEUE_URL", "http://127.0.0.1:1/dead"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("LOG_FORMAT", "json"),
    ];
    EmulatedFunction {
        name: "api".to_owned(),
        environment: environment
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        time_out: TIME_OUT,
    }
}

async fn init_ms(programs: &Programs, function: &EmulatedFunction, request: &Value) -> anyhow::Result<f64> {
    let emulator = Emulator::start(programs, function).await?;
    let answer = emulator.invoke(request).await?;
    if let InvocationResult::Failed(cause) = answer {
        bail!("{} failed: {cause}", function.name);
    }
    emulator.init_ms().await.with_context(|| {
        let said = emulator.output().join("; ");
        format!(
            "the emulator does not say how long {} took: {said}",
            function.name
        )
    })
}

async fn warm_p50_ms(
    programs: &Programs,
    function: &EmulatedFunction,
    request: &Value,
) -> anyhow::Result<f64> {
    let emulator = Emulator::start(programs, function).await?;
    let mut times = Vec::new();
    for number in 0..WARM_UP_REQUESTS + REQUESTS {
        let begun = Instant::now();
        let answer = emulator.invoke(request).await?;
        let time = begun.elapsed();
        match answer {
            InvocationResult::Value(answer) if answer["statusCode"] == 200 => {}
            other => bail!("the API does not answer by id: {other:?}"),
        }
        if number >= WARM_UP_REQUESTS {
            times.push(time.as_secs_f64() * 1e3);
        }
    }
    Ok(median(times))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    let median = if times.len().is_multiple_of(2) {
        f64::midpoint(times[middle - 1], times[middle])
    } else {
        times[middle]
    };
    (median * 100.0).round() / 100.0
}
