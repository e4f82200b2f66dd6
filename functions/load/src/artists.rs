//! Loads dumps of artists for the artists and producers that loaded releases name. An artist's page provides
//! the name, further names for searching, links between producers, and contact links.

use std::collections::HashSet;
use std::error::Error;

use anyhow::Context as _;
use shared::domain::credits::Source;
use shared::domain::names;
use shared::platform::db::Pool;
use shared::store::catalog::artist_pages::{self, ArtistPages};
use shared::store::loads::LoadKind;
use tokio::sync::mpsc::Receiver;
use xxhash_rust::xxh3::xxh3_64;

use crate::control::LoadControl;
use crate::counts::SkipReason;
use crate::progress::{LoadOutcome, LoadProgress, RecordChunk, RunningLoad};

/// An artist of a dump.
pub(crate) struct ArtistPage {
    /// The id in the source.
    pub(crate) id: String,
    pub(crate) name: String,
    /// Further names.
    pub(crate) aliases: Vec<String>,
    /// The ids of related artists, each with the kind of relation.
    pub(crate) relatives: Vec<(String, &'static str)>,
    /// Pages elsewhere, each with the kind of link.
    pub(crate) links: Vec<(&'static str, String)>,
}

/// A chunk of a dump of artists.
pub(crate) type ArtistChunk = RecordChunk<ArtistPage>;

/// Loads the pages of a dump. Only artists of stored releases are loaded.
pub(crate) async fn load_pages<E: Error + Send + Sync + 'static>(
    load: &RunningLoad<'_>,
    source: Source,
    first: ArtistChunk,
    mut chunks: Receiver<Result<ArtistChunk, E>>,
) -> anyhow::Result<LoadOutcome> {
    let (pool, control) = (load.pool, load.control);
    let started = load.of(source, LoadKind::Artists, first.dump_date);
    let load_id = load.start(started).await?;
    let mut pages = PageLoad {
        pool,
        source,
        seen: HashSet::new(),
        done: LoadProgress::default(),
    };
    let ended = pages.run(first, &mut chunks, control).await;
    pages.done.finish(pool, load_id, ended).await
}

struct PageLoad<'a> {
    pool: &'a Pool,
    source: Source,
    /// Hashes of the ids of the artists that were written.
    seen: HashSet<u64>,
    done: LoadProgress,
}

impl PageLoad<'_> {
    async fn run<E: Error + Send + Sync + 'static>(
        &mut self,
        first: ArtistChunk,
        chunks: &mut Receiver<Result<ArtistChunk, E>>,
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

    async fn write(&mut self, chunk: ArtistChunk) -> anyhow::Result<()> {
        let counts = &mut self.done.counts;
        self.done.position_bytes = chunk.position_bytes;
        counts.read += chunk.records.len() as u64;
        counts.notes.extend(chunk.note);
        let artists: Vec<ArtistPage> = chunk
            .records
            .into_iter()
            .filter_map(|record| record.map_err(|malformed| counts.skip_malformed(malformed)).ok())
            .collect();
        if artists.is_empty() {
            return Ok(());
        }
        let mut client = self.pool.client().await?;
        let transaction = client.transaction().await?;
        let ids: Vec<String> = artists.iter().map(|artist| artist.id.clone()).collect();
        let stored = artist_pages::list_known(&transaction, self.source, &ids).await?;
        let stored: HashSet<String> = stored.into_iter().collect();
        let mut pages = ArtistPages::default();
        for artist in &artists {
            if !stored.contains(&artist.id) || artist.name.is_empty() {
                counts.skip(SkipReason::NotHere, None);
            } else if self.seen.insert(xxh3_64(artist.id.as_bytes())) {
                counts.loaded += 1;
                artist.add_to(&mut pages);
            } else {
                counts.skip_text_id(SkipReason::Repeated, Some(artist.id.clone()));
            }
        }
        self.done.rows += artist_pages::upsert(&transaction, self.source, &pages)
            .await
            .context("write the pages of artists")?;
        transaction.commit().await?;
        Ok(())
    }
}

impl ArtistPage {
    fn add_to(&self, pages: &mut ArtistPages) {
        pages.names.push(&self.id, &self.name, names::fold(&self.name));
        for alias in &self.aliases {
            pages.aliases.push(&self.id, alias, names::fold(alias));
        }
        for (relative, kind) in &self.relatives {
            pages.relatives.push(&self.id, relative, *kind);
        }
        for (kind, value) in &self.links {
            pages.links.push(&self.id, *kind, value);
        }
    }
}
