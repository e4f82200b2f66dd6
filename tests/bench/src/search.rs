//! Measures the search in a filled database: how long it takes, and how often the right answer is among the
//! first ten. The baseline is a trigram index (pg_trgm, GIN, similarity 0.4) on the same names.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use linernotes::output;
use serde::Serialize;
use shared::domain::names;
use shared::platform::db::{Client, DatabaseSettings, Pool, Statements};
use shared::store::producers::producer_search;
use shared::store::search::{self, SearchKind};

/// Queries of each kind at most.
const QUERIES: usize = 1000;
/// Queries of the baseline, which takes long.
const BASELINE_QUERIES: usize = 200;
/// How long two clients search to count their searches.
const THROUGHPUT_TIME: Duration = Duration::from_secs(5);

/// The speed and quality of the search.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SearchFigures {
    p50_ms: f64,
    p99_ms: f64,
    recall_at_10: f64,
    /// Of queries with one to three characters.
    short_p99_ms: f64,
    /// Of last words that at most ten names share.
    word_recall_at_10: f64,
    /// Of songs by title and artist.
    songs_p50_ms: f64,
    songs_p99_ms: f64,
    songs_recall_at_10: f64,
    /// Searches for producers of two clients together.
    queries_per_second: u64,
    /// Size of the search tables and of the search indexes on songs and albums.
    index_mb: i64,
    trgm_p50_ms: f64,
    trgm_p99_ms: f64,
}

/// A query, and the producer that it should find.
type NameQuery = (String, i64);

/// Times in milliseconds, and the share of right answers.
struct Measured {
    times: Vec<f64>,
    recall: f64,
}

impl Measured {
    fn percentile(&self, share: f64) -> f64 {
        let mut times = self.times.clone();
        times.sort_by(f64::total_cmp);
        let place = (times.len() as f64 * share) as usize;
        times
            .get(place.min(times.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    }
}

/// Measures in the database that `scripts/bench fill` filled from the files of `dir`.
///
/// # Errors
/// If a file is missing or a query fails.
pub(crate) async fn measure_search(database_url: &str, dir: &Path) -> anyhow::Result<SearchFigures> {
    let settings = DatabaseSettings::parse(database_url, Statements::Prepared)?;
    let pool = Pool::new(&settings, 4)?;
    let client = pool.client().await?;
    let mixed: Vec<NameQuery> = cells(dir, "queries.tsv")?
        .into_iter()
        .filter_map(|cells| Some((cells.get(1)?.clone(), cells.first()?.parse().ok()?)))
        .collect();
    let names: Vec<NameQuery> = cells(dir, "names.tsv")?
        .into_iter()
        .filter_map(|cells| Some((names::fold(cells.get(1)?), cells.first()?.parse().ok()?)))
        .collect();
    let short: Vec<NameQuery> = (0..QUERIES)
        .map(|n| {
            (
                names[n * 7919 % names.len()].0.chars().take(1 + n % 3).collect(),
                0,
            )
        })
        .collect();
    output::say("search for producers");
    producers(&client, &mixed[..mixed.len().min(200)]).await?; // plans and caches
    let mix = producers(&client, &mixed).await?;
    let short = producers(&client, &short).await?;
    let word = producers(&client, &rare_last_words(&names)).await?;
    output::say("search for songs");
    let songs = songs(&client, dir).await?;
    output::say("search with two clients");
    let (one, other) = tokio::try_join!(searches(&pool, &mixed), searches(&pool, &mixed))?;
    output::say("search by trigrams");
    let trigrams = trigrams(&client, &mixed).await?;
    Ok(SearchFigures {
        p50_ms: mix.percentile(0.5),
        p99_ms: mix.percentile(0.99),
        recall_at_10: mix.recall,
        short_p99_ms: short.percentile(0.99),
        word_recall_at_10: word.recall,
        songs_p50_ms: songs.percentile(0.5),
        songs_p99_ms: songs.percentile(0.99),
        songs_recall_at_10: songs.recall,
        queries_per_second: (one + other) / THROUGHPUT_TIME.as_secs(),
        index_mb: index_mb(&client).await?,
        trgm_p50_ms: trigrams.percentile(0.5),
        trgm_p99_ms: trigrams.percentile(0.99),
    })
}

/// The cells of each line of a file.
fn cells(dir: &Path, file: &str) -> anyhow::Result<Vec<Vec<String>>> {
    let path = dir.join(file);
    let text = std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
    Ok(text
        .lines()
        .map(|line| line.split('\t').map(str::to_owned).collect())
        .collect())
}

/// Names of several words whose last word at most ten names have, each with that word as its query.
fn rare_last_words(names: &[NameQuery]) -> Vec<NameQuery> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for (name, _) in names {
        let mut words: Vec<&str> = name.split(' ').collect();
        words.sort_unstable();
        words.dedup();
        for word in words {
            *counts.entry(word).or_default() += 1;
        }
    }
    let rare = names.iter().filter_map(|(name, id)| {
        let (_, last) = name.rsplit_once(' ')?;
        (counts.get(last)? <= &10).then(|| (last.to_owned(), *id))
    });
    rare.step_by(20).take(QUERIES).collect()
}

async fn producers(client: &Client<'_>, queries: &[NameQuery]) -> anyhow::Result<Measured> {
    let (mut times, mut right) = (Vec::new(), 0_u32);
    for (query, id) in queries {
        let start = Instant::now();
        let found = producer_search::search(client, query, 10).await?;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
        right += u32::from(found.iter().any(|found| found.id.0 == *id));
    }
    let recall = f64::from(right) / queries.len().max(1) as f64;
    Ok(Measured { times, recall })
}

/// Songs by title and artist, as people type them.
async fn songs(client: &Client<'_>, dir: &Path) -> anyhow::Result<Measured> {
    let queries = cells(dir, "song_queries.tsv")?;
    let (mut times, mut right) = (Vec::new(), 0_u32);
    let measured = &queries[..queries.len().min(QUERIES)];
    for query in measured {
        let [_, text, title, artist] = &query[..] else {
            anyhow::bail!("a line of song_queries.tsv has four cells");
        };
        let start = Instant::now();
        let found = search::find(client, text, &[SearchKind::Song], 10).await?;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
        let is_right = found.items.iter().any(|song| {
            names::is_same_name(&song.name, title)
                && song.artists.iter().any(|by| names::is_same_name(by, artist))
        });
        right += u32::from(is_right);
    }
    let recall = f64::from(right) / measured.len().max(1) as f64;
    Ok(Measured { times, recall })
}

/// How many searches one client makes in [`THROUGHPUT_TIME`].
async fn searches(pool: &Pool, queries: &[NameQuery]) -> anyhow::Result<u64> {
    let client = pool.client().await?;
    let mut count = 0;
    let start = Instant::now();
    for (query, _) in queries.iter().cycle() {
        if start.elapsed() > THROUGHPUT_TIME {
            break;
        }
        producer_search::search(&client, query, 10).await?;
        count += 1;
    }
    Ok(count)
}

async fn trigrams(client: &Client<'_>, queries: &[NameQuery]) -> anyhow::Result<Measured> {
    const SETUP: &[&str] = &[
        "CREATE TEMP TABLE trigram_names AS SELECT key, owner_id FROM search_names WHERE NOT of_artist",
        "CREATE INDEX ON trigram_names USING gin (key gin_trgm_ops)",
        "ANALYZE trigram_names",
        "SET pg_trgm.similarity_threshold = 0.4",
    ];
    const SEARCH: &str = "
        SELECT owner_id FROM trigram_names WHERE key % $1 ORDER BY similarity(key, $1) DESC LIMIT 10";
    for statement in SETUP {
        client.run(statement).await?;
    }
    let (mut times, mut right) = (Vec::new(), 0_u32);
    let measured = &queries[..queries.len().min(BASELINE_QUERIES)];
    for (query, id) in measured {
        let key = names::fold(query).replace(' ', "");
        let start = Instant::now();
        let rows = client.query(SEARCH, &[&key]).await?;
        times.push(start.elapsed().as_secs_f64() * 1_000.0);
        right += u32::from(rows.iter().any(|row| row.get::<_, i64>("owner_id") == *id));
    }
    client.run("DROP TABLE trigram_names").await?;
    let recall = f64::from(right) / measured.len().max(1) as f64;
    Ok(Measured { times, recall })
}

async fn index_mb(client: &Client<'_>) -> anyhow::Result<i64> {
    const SIZE: &str = "
        SELECT (sum(CASE relkind WHEN 'r' THEN pg_total_relation_size(oid) ELSE pg_relation_size(oid) END)
                / 1000000)::bigint AS mb
        FROM pg_class
        WHERE relkind = 'r' AND relname LIKE 'search\\_%'
           OR relkind = 'i' AND relname ~ '^(albums|normalized_tracks|credits)_search'";
    Ok(client.query_one(SIZE, &[]).await?.get("mb"))
}
