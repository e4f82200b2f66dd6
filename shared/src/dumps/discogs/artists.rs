//! Discogs' dump of artists: what the pages of those who are here by their releases say of them. Their names hold, other ways
//! of writing them are found by search, relatives who are producers here are linked, links are kept as contacts; who is on no
//! release that was loaded stays out.

use std::collections::HashSet;

use anyhow::Context as _;
use chrono::NaiveDate;
use tokio::sync::mpsc::{Receiver, channel};

use crate::credits::Source;
use crate::db::Pool;
use crate::dumps::control::{LoadControl, LoadStage};
use crate::dumps::counts::SkipReason;
use crate::dumps::elements::{DumpKind, XmlDumpError, XmlElements};
use crate::dumps::exclusive::run_exclusively;
use crate::dumps::input::DumpInput;
use crate::dumps::progress::{LoadOutcome, LoadProgress};
use crate::dumps::seen::NumberSet;
use crate::names;
use crate::store::artist_pages::{self, ArtistPages};
use crate::store::loads::{self, LoadMode, LoadStart};
use crate::upstreams::discogs::{Artist, artist_from_xml};

/// Pages that were read together, and how many could not be read.
type Read = (Vec<Artist>, u64, u64);

/// Loads a dump of artists, after that of releases.
///
/// # Errors
/// As [`super::load_releases`].
pub async fn load_artists(
    pool: &Pool,
    input: DumpInput,
    control: &LoadControl,
) -> anyhow::Result<LoadOutcome> {
    let name = input.name;
    let (sender, mut receiver) = channel::<Result<Read, XmlDumpError>>(1);
    let (reader, position) = (input.reader, input.read);
    std::thread::spawn(move || {
        let mut elements = XmlElements::new(reader, DumpKind::Artists);
        while let Some(read) = next(&mut elements, &position) {
            let is_last = read.is_err();
            if sender.blocking_send(read).is_err() || is_last {
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
    first: Read,
    mut receiver: Receiver<Result<Read, XmlDumpError>>,
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
    let mut load = Load {
        pool,
        seen: NumberSet::default(),
        done: LoadProgress::default(),
    };
    let came_to = loop {
        match next {
            None => break Ok(true),
            Some(_) if control.is_stopping() => break Ok(false),
            Some(Err(error)) => break Err(anyhow::Error::from(error)),
            Some(Ok(read)) => {
                if let Err(error) = load.keep(read).await {
                    break Err(error);
                }
                control.report(&load.done.counts);
            }
        }
        next = receiver.recv().await;
    };
    load.done.finish(pool, load_id, came_to).await
}

fn next(
    elements: &mut XmlElements<Box<dyn std::io::Read + Send>>,
    position: &std::sync::atomic::AtomicU64,
) -> Option<Result<Read, XmlDumpError>> {
    let chunk = match elements.next() {
        Ok(chunk) => chunk?,
        Err(error) => return Some(Err(error)),
    };
    let (mut artists, mut broken) = (Vec::new(), chunk.broken);
    for element in chunk.elements() {
        match artist_from_xml(element) {
            Ok(artist) => artists.push(artist),
            Err(_) => broken += 1,
        }
    }
    let position = position.load(std::sync::atomic::Ordering::Relaxed);
    Some(Ok((artists, broken, position)))
}

struct Load<'a> {
    pool: &'a Pool,
    seen: NumberSet,
    done: LoadProgress,
}

impl Load<'_> {
    async fn keep(&mut self, (artists, broken, position): Read) -> anyhow::Result<()> {
        self.done.position_bytes = position;
        self.done.counts.read += artists.len() as u64 + broken;
        for _ in 0..broken {
            self.done.counts.skip(SkipReason::Malformed, None);
        }
        let mut once = Vec::with_capacity(artists.len());
        for artist in artists {
            if self.seen.insert(artist.id.0) {
                once.push(artist);
            } else {
                self.done.counts.skip(SkipReason::Repeated, Some(artist.id.0));
            }
        }
        let mut client = self.pool.client().await?;
        let transaction = client.transaction().await?;
        let ids: Vec<String> = once.iter().map(|artist| artist.id.to_string()).collect();
        let here = artist_pages::list_known(&transaction, Source::Discogs, &ids).await?;
        let here: HashSet<String> = here.into_iter().collect();
        let mut pages = ArtistPages::default();
        for (artist, id) in once.iter().zip(&ids) {
            if here.contains(id) {
                self.done.counts.loaded += 1;
                add(&mut pages, id, artist);
            } else {
                self.done.counts.skip(SkipReason::NotHere, None);
            }
        }
        self.done.rows += artist_pages::upsert(&transaction, Source::Discogs, &pages)
            .await
            .context("keep what the pages say")?;
        transaction.commit().await?;
        Ok(())
    }
}

fn add(pages: &mut ArtistPages, id: &str, artist: &Artist) {
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
