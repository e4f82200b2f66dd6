//! Loads the Discogs dump of artists for the artists and producers that loaded releases name. An artist's
//! page provides the name, name variations for searching, links between producers, and contact links.

use std::collections::HashSet;
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use chrono::NaiveDate;
use shared::domain::credits::Source;
use shared::domain::names;
use shared::platform::db::Pool;
use shared::store::catalog::artist_pages::{self, ArtistPages};
use shared::store::loads::{self, LoadMode, LoadStart};
use shared::upstreams::discogs::Artist;
use tokio::sync::mpsc::{Receiver, channel};

use super::xml::artist_from_xml;
use crate::control::{LoadControl, LoadStage};
use crate::counts::SkipReason;
use crate::input::DumpInput;
use crate::load_lock::run_exclusively;
use crate::progress::{LoadOutcome, LoadProgress};
use crate::record_set::NumberSet;
use crate::xml_elements::{DumpKind, XmlDumpError, XmlElements};

/// Artist pages that were read together.
struct ReadPages {
    artists: Vec<Artist>,
    /// Number of pages that cannot be parsed.
    malformed: u64,
    /// Bytes of the file read so far.
    position_bytes: u64,
}

/// Loads a dump of artists. Load the dump of releases first, as only artists of stored releases are loaded.
///
/// # Errors
/// As [`super::load_releases`].
pub async fn load_artists(
    pool: &Pool,
    input: DumpInput,
    control: &LoadControl,
) -> anyhow::Result<LoadOutcome> {
    let name = input.name;
    let (sender, mut receiver) = channel::<Result<ReadPages, XmlDumpError>>(1);
    let (reader, position) = (input.reader, input.read);
    std::thread::spawn(move || {
        let mut elements = XmlElements::new(reader, DumpKind::Artists);
        while let Some(pages) = read_pages(&mut elements, &position) {
            let is_last = pages.is_err();
            if sender.blocking_send(pages).is_err() || is_last {
                return;
            }
        }
    });
    let Some(first) = receiver.recv().await else {
        return Err(XmlDumpError::CutOff).context(name);
    };
    let first = first.with_context(|| name.clone())?;
    let load = load_pages(pool, &name, input.dump_date, control, first, receiver);
    run_exclusively(pool, load).await.with_context(|| name.clone())
}

async fn load_pages(
    pool: &Pool,
    name: &str,
    dump_date: Option<NaiveDate>,
    control: &LoadControl,
    first: ReadPages,
    mut receiver: Receiver<Result<ReadPages, XmlDumpError>>,
) -> anyhow::Result<LoadOutcome> {
    let mut next = Some(Ok(first));
    let client = pool.client().await?;
    let started = LoadStart {
        source: Source::Discogs,
        file_name: name,
        dump_date,
        everything: false,
        mode: LoadMode::Filled,
    };
    let load_id = loads::insert(&client, &started).await?;
    control.enter(LoadStage::Records);
    let mut load = DiscogsArtistLoad {
        pool,
        seen: NumberSet::default(),
        done: LoadProgress::default(),
    };
    let ended = loop {
        match next {
            None => break Ok(true),
            Some(_) if control.is_stopping() => break Ok(false),
            Some(Err(error)) => break Err(anyhow::Error::from(error)),
            Some(Ok(pages)) => {
                if let Err(error) = load.write(pages).await {
                    break Err(error);
                }
                control.report(&load.done.counts);
            }
        }
        next = receiver.recv().await;
    };
    load.done.finish(pool, load_id, ended).await
}

fn read_pages(
    elements: &mut XmlElements<Box<dyn Read + Send>>,
    position: &AtomicU64,
) -> Option<Result<ReadPages, XmlDumpError>> {
    let chunk = match elements.next() {
        Ok(chunk) => chunk?,
        Err(error) => return Some(Err(error)),
    };
    let (mut artists, mut malformed) = (Vec::new(), chunk.broken);
    for element in chunk.elements() {
        match artist_from_xml(element) {
            Ok(artist) => artists.push(artist),
            Err(_) => malformed += 1,
        }
    }
    Some(Ok(ReadPages {
        artists,
        malformed,
        position_bytes: position.load(Ordering::Relaxed),
    }))
}

struct DiscogsArtistLoad<'a> {
    pool: &'a Pool,
    seen: NumberSet,
    done: LoadProgress,
}

impl DiscogsArtistLoad<'_> {
    async fn write(&mut self, pages: ReadPages) -> anyhow::Result<()> {
        self.done.position_bytes = pages.position_bytes;
        self.done.counts.read += pages.artists.len() as u64 + pages.malformed;
        for _ in 0..pages.malformed {
            self.done.counts.skip(SkipReason::Malformed, None);
        }
        let mut artists = Vec::with_capacity(pages.artists.len());
        for artist in pages.artists {
            if self.seen.insert(artist.id.0) {
                artists.push(artist);
            } else {
                self.done.counts.skip(SkipReason::Repeated, Some(artist.id.0));
            }
        }
        let mut client = self.pool.client().await?;
        let transaction = client.transaction().await?;
        let ids: Vec<String> = artists.iter().map(|artist| artist.id.to_string()).collect();
        let stored = artist_pages::list_known(&transaction, Source::Discogs, &ids).await?;
        let stored: HashSet<String> = stored.into_iter().collect();
        let mut pages = ArtistPages::default();
        for (artist, id) in artists.iter().zip(&ids) {
            if stored.contains(id) {
                self.done.counts.loaded += 1;
                add_page(&mut pages, id, artist);
            } else {
                self.done.counts.skip(SkipReason::NotHere, None);
            }
        }
        self.done.rows += artist_pages::upsert(&transaction, Source::Discogs, &pages)
            .await
            .context("write the pages of artists")?;
        transaction.commit().await?;
        Ok(())
    }
}

fn add_page(pages: &mut ArtistPages, id: &str, artist: &Artist) {
    pages.names.push(id, &artist.name, names::fold(&artist.name));
    for variation in &artist.name_variations {
        pages.aliases.push(id, variation, names::fold(variation));
    }
    for (related, kind) in [(&artist.aliases, "alias"), (&artist.groups, "member_of")] {
        for relative in related {
            pages.relatives.push(id, relative.id.to_string(), kind);
        }
    }
    for link in &artist.links {
        pages.links.push(id, link.kind.as_str(), &link.value);
    }
}
