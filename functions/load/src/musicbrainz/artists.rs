//! Loads the MusicBrainz dump of artists for the artists and producers that loaded releases name. An artist
//! provides the name, aliases for searching, and contact links.

use std::collections::HashSet;

use anyhow::Context as _;
use shared::domain::credits::Source;
use shared::domain::names;
use shared::platform::db::Pool;
use shared::store::catalog::artist_pages::{self, ArtistPages};
use shared::store::loads::{self, LoadMode, LoadStart};
use shared::upstreams::musicbrainz::{Artist, artist_from_json, is_special_artist};
use xxhash_rust::xxh3::xxh3_64;

use crate::control::{LoadControl, LoadStage};
use crate::counts::SkipReason;
use crate::input::DumpInput;
use crate::load_lock::run_exclusively;
use crate::musicbrainz::archive::{JsonDumpError, LineChunk};
use crate::musicbrainz::lines::{self, LineChunks};
use crate::progress::{LoadOutcome, LoadProgress};

/// A parsed line; `None` if it is malformed.
type ArtistLine = Option<Artist>;

/// Loads a dump of artists. Load the dump of releases first, as only artists of stored releases are loaded.
///
/// # Errors
/// As [`super::load_releases`].
pub async fn load_artists(
    pool: &Pool,
    input: DumpInput,
    control: &LoadControl,
) -> anyhow::Result<LoadOutcome> {
    let name = input.name.clone();
    let mut chunks = lines::read_lines(input.reader, input.read, "artist", |line| {
        artist_from_json(line).ok()
    });
    let Some(first) = chunks.recv().await else {
        return Err(JsonDumpError::CutOff).context(name);
    };
    let first = first.with_context(|| name.clone())?;
    let load = async {
        let start = LoadStart {
            source: Source::MusicBrainz,
            file_name: &name,
            dump_date: first.dump_date.or(input.dump_date),
            everything: false,
            mode: LoadMode::Filled,
        };
        let load_id = {
            let client = pool.client().await?;
            loads::insert(&client, &start).await?
        };
        control.enter(LoadStage::Records);
        let mut load = MusicBrainzArtistLoad {
            pool,
            seen: HashSet::new(),
            done: LoadProgress::default(),
        };
        let ended = load.run(first, chunks, control).await;
        load.done.finish(pool, load_id, ended).await
    };
    run_exclusively(pool, load).await.with_context(|| name.clone())
}

struct MusicBrainzArtistLoad<'a> {
    pool: &'a Pool,
    /// Hashes of the ids of the artists that were written.
    seen: HashSet<u64>,
    done: LoadProgress,
}

impl MusicBrainzArtistLoad<'_> {
    async fn run(
        &mut self,
        first: LineChunk<ArtistLine>,
        mut chunks: LineChunks<ArtistLine>,
        control: &LoadControl,
    ) -> anyhow::Result<bool> {
        let mut next = Some(Ok(first));
        while let Some(chunk) = next {
            if control.is_stopping() {
                return Ok(false);
            }
            self.write(chunk?).await?;
            control.report(&self.done.counts);
            next = chunks.recv().await;
        }
        Ok(true)
    }

    async fn write(&mut self, chunk: LineChunk<ArtistLine>) -> anyhow::Result<()> {
        self.done.position_bytes = chunk.position_bytes;
        self.done.counts.read += chunk.lines.len() as u64 + chunk.too_long;
        let malformed = chunk.lines.iter().filter(|line| line.is_none()).count() as u64;
        for _ in 0..malformed + chunk.too_long {
            self.done.counts.skip(SkipReason::Malformed, None);
        }
        let artists: Vec<Artist> = chunk.lines.into_iter().flatten().collect();
        if artists.is_empty() {
            return Ok(());
        }
        let mut client = self.pool.client().await?;
        let transaction = client.transaction().await?;
        let ids: Vec<String> = artists.iter().map(|artist| artist.id.to_string()).collect();
        let stored = artist_pages::list_known(&transaction, Source::MusicBrainz, &ids).await?;
        let stored: HashSet<String> = stored.into_iter().collect();
        let mut pages = ArtistPages::default();
        for (artist, id) in artists.iter().zip(&ids) {
            if !stored.contains(id) || is_special_artist(id) || artist.name.is_empty() {
                self.done.counts.skip(SkipReason::NotHere, None);
            } else if self.seen.insert(xxh3_64(id.as_bytes())) {
                self.done.counts.loaded += 1;
                add_page(&mut pages, id, artist);
            } else {
                self.done
                    .counts
                    .skip_text_id(SkipReason::Repeated, Some(id.clone()));
            }
        }
        self.done.rows += artist_pages::upsert(&transaction, Source::MusicBrainz, &pages)
            .await
            .context("write artists")?;
        transaction.commit().await?;
        Ok(())
    }
}

fn add_page(pages: &mut ArtistPages, id: &str, artist: &Artist) {
    let name = &artist.name;
    pages.names.push(id, name, names::fold(name));
    for alias in &artist.aliases {
        pages.aliases.push(id, alias, names::fold(alias));
    }
    for link in &artist.links {
        pages.links.push(id, link.kind.as_str(), &link.value);
    }
}
