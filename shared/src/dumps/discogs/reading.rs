//! From a dump to releases that are new or changed: reading and cutting on one thread, parsing on another, and between them a
//! look at what is here already. The channels between them are short, so that no more is held than a few megabytes.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::Context as _;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::dumped::Dumped;
use crate::credits::Source;
use crate::db::Client;
use crate::dumps::counts::{LoadCounts, SkipReason};
use crate::dumps::elements::{DumpKind, ElementChunk, XmlDumpError, XmlElements};
use crate::dumps::seen::NumberSet;
use crate::store::loaded_records::{self, LoadedRecord};
use crate::upstreams::discogs::release_from_xml;

/// Raised whenever what is written for a release becomes another: then all are written again.
const RULES_VERSION: u64 = 2;
/// Threads that parse.
const PARSERS: usize = 2;
/// Chunks that wait between two steps.
const WAITING: usize = 1;

/// Releases that were read together, and what became of those that need no writing.
#[derive(Default)]
pub(super) struct Releases {
    /// Each with what it was when it was last loaded.
    pub(super) wanted: Vec<(Dumped, Option<LoadedRecord>)>,
    pub(super) counts: LoadCounts,
    /// How much of the file has been read.
    pub(super) position_bytes: u64,
}

impl Releases {
    /// Adds those that were read after these.
    pub(super) fn add(&mut self, later: Self) {
        self.wanted.extend(later.wanted);
        self.counts.add(&later.counts);
        self.position_bytes = later.position_bytes;
    }

    /// In the order of their numbers: of the pressings of an album the smallest leads.
    pub(super) fn sort(&mut self) {
        self.wanted.sort_by_key(|(release, _)| release.release.id.0);
    }
}

/// What the reading thread gives.
pub(super) struct Cut {
    chunk: ElementChunk,
    /// Of each element its number and the hash of what it says.
    elements: Vec<(Option<i64>, i64)>,
    position_bytes: u64,
}

/// What the reading thread gives, one after another.
pub(super) type Cuts = Receiver<Result<Cut, XmlDumpError>>;

/// Cuts a dump into elements on a thread of its own.
pub(super) fn cut(reader: Box<dyn Read + Send>, read: Arc<AtomicU64>) -> Cuts {
    let (sender, receiver) = channel(WAITING);
    thread::spawn(move || {
        let mut elements = XmlElements::new(reader, DumpKind::Releases);
        loop {
            let next = match elements.next() {
                Ok(Some(chunk)) => Ok(Cut {
                    elements: chunk
                        .elements()
                        .map(|bytes| {
                            let hash = xxh3_64_with_seed(bytes, RULES_VERSION).cast_signed();
                            (number(bytes), hash)
                        })
                        .collect(),
                    chunk,
                    position_bytes: read.load(Ordering::Relaxed),
                }),
                Ok(None) => return,
                Err(error) => Err(error),
            };
            let is_last = next.is_err();
            if sender.blocking_send(next).is_err() || is_last {
                return;
            }
        }
    });
    receiver
}

/// The number of a release, from its first tag.
fn number(element: &[u8]) -> Option<i64> {
    let tag = element.split(|byte| *byte == b'>').next()?;
    let tag = std::str::from_utf8(tag).ok()?;
    let value = tag
        .match_indices("id")
        .filter(|(at, _)| tag[..*at].ends_with(|c: char| c.is_ascii_whitespace()))
        .find_map(|(at, _)| {
            let rest = tag[at + 2..].trim_start().strip_prefix('=')?.trim_start();
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            rest[1..].split(quote).next()
        })?;
    value.trim().parse().ok().filter(|id| *id > 0)
}

/// Leaves out what is here already, on a connection of its own.
pub(super) struct Sieve {
    pub(super) client: Client<'static>,
    /// Whether nothing can be here.
    pub(super) is_first: bool,
    pub(super) everything: bool,
}

/// What the sieve lets through.
struct Sifted {
    cut: Cut,
    /// The elements to be read: their places, and what they were before.
    wanted: Vec<(usize, Option<LoadedRecord>)>,
    counts: LoadCounts,
}

/// Gives the releases of what is cut that are new or changed; and at the end, all numbers that there were.
pub(super) fn sift(sieve: Sieve, first: Cut, cuts: Cuts) -> (InTurn, tokio::task::JoinHandle<NumberSet>) {
    let everything = sieve.everything;
    let (mut to_parse, mut parsed) = (Vec::new(), Vec::new());
    for _ in 0..PARSERS {
        let (sender, parsing) = channel(WAITING);
        let (to_write, writing) = channel(WAITING);
        thread::spawn(move || parse(parsing, &to_write, everything));
        to_parse.push(sender);
        parsed.push(writing);
    }
    let seen = tokio::spawn(sieve.run(first, cuts, to_parse));
    (InTurn { parsed, next: 0 }, seen)
}

/// What several threads give in turn, so that it comes in the dump's order.
pub(super) struct InTurn {
    parsed: Vec<Receiver<anyhow::Result<Releases>>>,
    next: usize,
}

impl InTurn {
    /// The next releases; None at the end.
    pub(super) async fn recv(&mut self) -> Option<anyhow::Result<Releases>> {
        let releases = self.parsed[self.next].recv().await;
        self.next = (self.next + 1) % PARSERS;
        releases
    }
}

impl Sieve {
    async fn run(
        self,
        first: Cut,
        mut cuts: Cuts,
        to_parse: Vec<Sender<anyhow::Result<Sifted>>>,
    ) -> NumberSet {
        let mut seen = NumberSet::default();
        let mut next: Option<Result<Cut, XmlDumpError>> = Some(Ok(first));
        for to_parse in to_parse.iter().cycle() {
            let Some(cut) = next else { break };
            let sifted = match cut {
                Ok(cut) => self.sift(cut, &mut seen).await,
                Err(error) => Err(error.into()),
            };
            let is_last = sifted.is_err();
            if to_parse.send(sifted).await.is_err() || is_last {
                break;
            }
            next = cuts.recv().await;
        }
        seen
    }

    async fn sift(&self, cut: Cut, seen: &mut NumberSet) -> anyhow::Result<Sifted> {
        let mut counts = LoadCounts {
            read: cut.elements.len() as u64 + cut.chunk.broken,
            ..LoadCounts::default()
        };
        for _ in 0..cut.chunk.broken {
            counts.skip(SkipReason::Malformed, None);
        }
        let ids: Vec<String> = cut
            .elements
            .iter()
            .filter_map(|(id, _)| Some(id.as_ref()?.to_string()))
            .collect();
        let here = if self.is_first {
            HashMap::new()
        } else {
            loaded_records::list(&self.client, Source::Discogs, &ids)
                .await
                .context("look at what is here already")?
        };
        let mut wanted = Vec::new();
        for (place, (id, hash)) in cut.elements.iter().enumerate() {
            let Some(id) = *id else {
                counts.skip(SkipReason::Malformed, None);
                continue;
            };
            if !seen.insert(id) {
                counts.skip(SkipReason::Repeated, Some(id));
                continue;
            }
            match here.get(&id.to_string()) {
                Some(loaded) if loaded.content_hash == *hash => counts.unchanged += 1,
                before => wanted.push((place, before.copied())),
            }
        }
        Ok(Sifted { cut, wanted, counts })
    }
}

fn parse(
    mut parsing: Receiver<anyhow::Result<Sifted>>,
    to_write: &Sender<anyhow::Result<Releases>>,
    everything: bool,
) {
    while let Some(sifted) = parsing.blocking_recv() {
        let releases = sifted.map(|sifted| parsed(&sifted, everything));
        if to_write.blocking_send(releases).is_err() {
            return;
        }
    }
}

fn parsed(sifted: &Sifted, everything: bool) -> Releases {
    let mut releases = Releases {
        counts: sifted.counts.clone(),
        position_bytes: sifted.cut.position_bytes,
        wanted: Vec::with_capacity(sifted.wanted.len()),
    };
    let elements: Vec<&[u8]> = sifted.cut.chunk.elements().collect();
    for (place, before) in &sifted.wanted {
        let (id, hash) = sifted.cut.elements[*place];
        let Ok(release) = release_from_xml(elements[*place]) else {
            releases.counts.skip(SkipReason::Malformed, id);
            continue;
        };
        let release = Dumped::of(release, hash);
        // What was loaded once stays loaded.
        if everything || before.is_some() || release.album.has_production() {
            releases.wanted.push((release, *before));
        } else {
            releases.counts.skip(SkipReason::NoProduction, None);
        }
    }
    releases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_known_by_the_id_of_its_first_tag() {
        for (element, id) in [
            ("<release id=\"7\" status=\"Accepted\">", Some(7)),
            ("<release status='x' id = '7'>", Some(7)),
            ("<release\nid=\"7\"\n>", Some(7)),
            ("<release uid=\"3\" id=\"7\"><a id=\"9\">", Some(7)),
            ("<release><a id=\"9\">", None),
            ("<release id=\"0\">", None),
            ("<release id=\"seven\">", None),
            ("<release id=7>", None),
        ] {
            assert_eq!(number(element.as_bytes()), id, "{element}");
        }
    }
}
