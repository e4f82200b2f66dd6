//! MusicBrainz's dump of artists: what it says of those who are here by their releases. Their names hold, aliases are found by
//! search, links are kept as contacts; who is on no release that was loaded stays out.

use std::collections::HashSet;

use anyhow::Context as _;
use xxhash_rust::xxh3::xxh3_64;

use super::lines::{self, Chunk, Chunks, Error};
use crate::credits::Source;
use crate::db::Pool;
use crate::dumps::control::{LoadControl, LoadStage};
use crate::dumps::counts::SkipReason;
use crate::dumps::exclusive::run_exclusively;
use crate::dumps::input::DumpInput;
use crate::dumps::progress::{LoadOutcome, LoadProgress};
use crate::names;
use crate::store::artist_pages::{self, ArtistPages};
use crate::store::loads::{self, LoadMode, LoadStart};
use crate::upstreams::musicbrainz::{Artist, artist_from_json, is_special_artist};

const SOURCE: Source = Source::MusicBrainz;

type Line = Option<Artist>;

/// Loads a dump of artists, after that of releases.
///
/// # Errors
/// As [`super::load_releases`].
pub async fn load_artists(
    pool: &Pool,
    input: DumpInput,
    control: &LoadControl,
) -> anyhow::Result<LoadOutcome> {
    let name = input.name.clone();
    let mut chunks = lines::read(input.reader, input.read, "artist", |line| {
        artist_from_json(line).ok()
    });
    let Some(first) = chunks.recv().await else {
        return Err(Error::CutOff).context(name);
    };
    let first = first.with_context(|| name.clone())?;
    let load = async {
        let started = LoadStart {
            source: SOURCE,
            file_name: &name,
            dump_date: first.dump_date.or(input.dump_date),
            everything: false,
            mode: LoadMode::Filled,
        };
        let load_id = {
            let client = pool.client().await?;
            loads::insert(&client, &started).await?
        };
        control.enter(LoadStage::Records);
        let mut load = Load {
            pool,
            seen: HashSet::new(),
            done: LoadProgress::default(),
        };
        let came_to = load.run(first, chunks, control).await;
        load.done.finish(pool, load_id, came_to).await
    };
    run_exclusively(pool, load).await.with_context(|| name.clone())
}

struct Load<'a> {
    pool: &'a Pool,
    /// The hashes of the artists who are here and came.
    seen: HashSet<u64>,
    done: LoadProgress,
}

impl Load<'_> {
    async fn run(
        &mut self,
        first: Chunk<Line>,
        mut chunks: Chunks<Line>,
        control: &LoadControl,
    ) -> anyhow::Result<bool> {
        let mut next = Some(Ok(first));
        while let Some(chunk) = next {
            if control.is_stopping() {
                return Ok(false);
            }
            self.keep(chunk?).await?;
            control.report(&self.done.counts);
            next = chunks.recv().await;
        }
        Ok(true)
    }

    async fn keep(&mut self, chunk: Chunk<Line>) -> anyhow::Result<()> {
        self.done.position_bytes = chunk.position_bytes;
        self.done.counts.read += chunk.lines.len() as u64 + chunk.too_long;
        let broken = chunk.lines.iter().filter(|line| line.is_none()).count() as u64;
        for _ in 0..broken + chunk.too_long {
            self.done.counts.skip(SkipReason::Malformed, None);
        }
        let artists: Vec<Artist> = chunk.lines.into_iter().flatten().collect();
        if artists.is_empty() {
            return Ok(());
        }
        let mut client = self.pool.client().await?;
        let transaction = client.transaction().await?;
        let ids: Vec<String> = artists.iter().map(|artist| artist.id.to_string()).collect();
        let here = artist_pages::list_known(&transaction, SOURCE, &ids).await?;
        let here: HashSet<String> = here.into_iter().collect();
        let mut pages = ArtistPages::default();
        for (artist, id) in artists.iter().zip(&ids) {
            if !here.contains(id) || is_special_artist(id) || artist.name.is_empty() {
                self.done.counts.skip(SkipReason::NotHere, None);
            } else if self.seen.insert(xxh3_64(id.as_bytes())) {
                self.done.counts.loaded += 1;
                add(&mut pages, id, artist);
            } else {
                self.done
                    .counts
                    .skip_text_id(SkipReason::Repeated, Some(id.clone()));
            }
        }
        self.done.rows += artist_pages::upsert(&transaction, SOURCE, &pages)
            .await
            .context("keep what is said of artists")?;
        transaction.commit().await?;
        Ok(())
    }
}

fn add(pages: &mut ArtistPages, id: &str, artist: &Artist) {
    let name = &artist.name;
    pages.names.push(id, name, names::fold(name));
    for alias in &artist.aliases {
        pages.aliases.push(id, alias, names::fold(alias));
    }
    for link in &artist.links {
        pages.links.push(id, link.kind.as_str(), &link.value);
    }
}
