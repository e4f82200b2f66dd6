//! Reads the new and changed releases of a dump: one thread reads and splits the file, then unchanged
//! releases are skipped, and further threads parse the rest. The channels between these steps are short, so
//! that only a few megabytes are held.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use anyhow::Context as _;
use shared::domain::credits::Source;
use shared::platform::db::Client;
use shared::store::loads::loaded_records;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::xml::{NO_ID, release_from_xml};
use crate::counts::{LoadCounts, MalformedRecord, SkipReason, problem};
use crate::discogs::dump_release::DiscogsRelease;
use crate::record_set::NumberSet;
use crate::xml_elements::{DumpKind, ElementChunk, ElementFault, XmlDumpError, XmlElements};

/// Part of the content hash. Raise it whenever the rows written for a release change: then all releases are
/// written again.
const RULES_VERSION: u64 = 4;
/// Tracks and credits that a parser sends together, at least, if a chunk has more.
const MAX_ROWS: usize = 50_000;
/// Threads that parse.
const PARSERS: usize = 2;
/// Chunks that may wait between two steps.
const CHANNEL_CAPACITY: usize = 1;

/// Releases that were read together.
#[derive(Default)]
pub(crate) struct ReadReleases {
    /// The releases to write, each with whether an earlier load stored it.
    pub(crate) wanted: Vec<(DiscogsRelease, bool)>,
    /// Counts of all records read, among them those that need no writing.
    pub(crate) counts: LoadCounts,
    /// Tracks and credits of the releases to write.
    pub(crate) wanted_rows: usize,
    /// Bytes of the file read so far.
    pub(crate) position_bytes: u64,
    /// Whether they are the last ones of their chunk.
    ends_chunk: bool,
}

impl ReadReleases {
    /// Appends releases that were read later.
    pub(crate) fn append(&mut self, later: Self) {
        self.wanted.extend(later.wanted);
        self.counts.add(&later.counts);
        self.wanted_rows += later.wanted_rows;
        self.position_bytes = later.position_bytes;
    }

    /// Sorts by release number: the pressing with the smallest number provides the facts of its album.
    pub(crate) fn sort(&mut self) {
        self.wanted.sort_by_key(|(release, _)| release.release.id.0);
    }
}

/// A part of the dump, split into elements.
pub(crate) struct SplitChunk {
    chunk: ElementChunk,
    /// One for each element.
    elements: Vec<SplitRelease>,
    position_bytes: u64,
}

/// What is known of a release before it is parsed.
#[derive(Clone, Copy)]
struct SplitRelease {
    /// Its number, if there is one.
    id: Option<i64>,
    fault: Option<ElementFault>,
    content_hash: i64,
}

impl SplitChunk {
    /// Parses the release at an index.
    fn parse(&self, index: usize, xml: &[u8]) -> Result<DiscogsRelease, MalformedRecord> {
        let element = self.elements[index];
        let release = match (element.id, element.fault) {
            (_, Some(fault)) => Err(fault.problem()),
            (None, None) => Err(NO_ID.to_owned()),
            (Some(_), None) => release_from_xml(xml).map_err(problem),
        };
        match release {
            Ok(release) => Ok(DiscogsRelease::new(release, element.content_hash)),
            Err(problem) => {
                let id = element.id.map(|id| id.to_string());
                let number = self.chunk.first_number + index as u64;
                Err(MalformedRecord::new(number, id, &problem))
            }
        }
    }
}

/// The parts of the dump in order.
pub(crate) type SplitChunks = Receiver<Result<SplitChunk, XmlDumpError>>;

/// Splits a dump into elements on a thread of its own. `read` counts the bytes read from the file.
pub(crate) fn split_dump(reader: Box<dyn Read + Send>, read: Arc<AtomicU64>) -> SplitChunks {
    let (sender, receiver) = channel(CHANNEL_CAPACITY);
    thread::spawn(move || {
        let mut elements = XmlElements::new(reader, DumpKind::Releases);
        loop {
            let next = match elements.next() {
                Ok(Some(chunk)) => Ok(SplitChunk {
                    elements: chunk
                        .elements()
                        .map(|(bytes, fault)| SplitRelease {
                            id: release_number(bytes),
                            fault,
                            content_hash: xxh3_64_with_seed(bytes, RULES_VERSION).cast_signed(),
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

/// The number of a release, from the `id` attribute of its start tag.
fn release_number(element: &[u8]) -> Option<i64> {
    let tag = element.split(|byte| *byte == b'>').next()?;
    let tag = String::from_utf8_lossy(tag);
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

/// Skips releases that are stored unchanged. It uses a connection of its own.
pub(crate) struct UnchangedFilter {
    pub(crate) client: Client<'static>,
    /// Whether the catalog was empty, so that no release can be stored.
    pub(crate) is_first: bool,
    /// Whether releases without a production credit are loaded too.
    pub(crate) everything: bool,
}

/// A chunk with the elements that have to be parsed or reported.
struct FilteredChunk {
    chunk: SplitChunk,
    /// Index of each such element, with whether an earlier load stored the release.
    wanted: Vec<(usize, bool)>,
    counts: LoadCounts,
}

/// Starts reading the new and changed releases. The task returns the numbers of all releases of the dump.
pub(crate) fn filter_and_parse(
    filter: UnchangedFilter,
    first: SplitChunk,
    chunks: SplitChunks,
) -> (OrderedReceiver, JoinHandle<NumberSet>) {
    let everything = filter.everything;
    let (mut to_parsers, mut from_parsers) = (Vec::new(), Vec::new());
    for _ in 0..PARSERS {
        let (to_parser, filtered) = channel(CHANNEL_CAPACITY);
        let (parsed, from_parser) = channel(CHANNEL_CAPACITY);
        thread::spawn(move || parse_chunks(filtered, &parsed, everything));
        to_parsers.push(to_parser);
        from_parsers.push(from_parser);
    }
    let seen = tokio::spawn(filter.run(first, chunks, to_parsers));
    let receiver = OrderedReceiver {
        from_parsers,
        next: 0,
    };
    (receiver, seen)
}

/// Parsed releases, or why there are no more.
type ParsedReleases = anyhow::Result<ReadReleases>;

/// Receives from the parsers in turn, so that releases come in the dump's order.
pub(crate) struct OrderedReceiver {
    from_parsers: Vec<Receiver<ParsedReleases>>,
    next: usize,
}

impl OrderedReceiver {
    /// The next releases; `None` at the end.
    pub(crate) async fn recv(&mut self) -> Option<ParsedReleases> {
        let releases = self.from_parsers[self.next].recv().await;
        if !matches!(&releases, Some(Ok(releases)) if !releases.ends_chunk) {
            self.next = (self.next + 1) % PARSERS;
        }
        releases
    }
}

impl UnchangedFilter {
    async fn run(
        self,
        first: SplitChunk,
        mut chunks: SplitChunks,
        to_parsers: Vec<Sender<anyhow::Result<FilteredChunk>>>,
    ) -> NumberSet {
        let mut seen = NumberSet::default();
        let mut next: Option<Result<SplitChunk, XmlDumpError>> = Some(Ok(first));
        for to_parser in to_parsers.iter().cycle() {
            let Some(chunk) = next else { break };
            let filtered = match chunk {
                Ok(chunk) => self.filter(chunk, &mut seen).await,
                Err(error) => Err(error.into()),
            };
            let is_last = filtered.is_err();
            if to_parser.send(filtered).await.is_err() || is_last {
                break;
            }
            next = chunks.recv().await;
        }
        seen
    }

    async fn filter(&self, chunk: SplitChunk, seen: &mut NumberSet) -> anyhow::Result<FilteredChunk> {
        let mut counts = LoadCounts {
            read: chunk.elements.len() as u64,
            notes: chunk.chunk.note.iter().cloned().collect(),
            ..LoadCounts::default()
        };
        let ids = chunk.elements.iter().filter_map(|element| element.id);
        let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
        let stored = if self.is_first {
            HashMap::new()
        } else {
            loaded_records::list(&self.client, Source::Discogs, &ids)
                .await
                .context("look up the stored releases")?
        };
        let mut wanted = Vec::new();
        for (index, element) in chunk.elements.iter().enumerate() {
            let is_first = element.id.is_some_and(|id| seen.insert(id));
            let (Some(id), None) = (element.id, element.fault) else {
                wanted.push((index, false));
                continue;
            };
            if !is_first {
                counts.skip(SkipReason::Repeated, Some(id));
                continue;
            }
            match stored.get(&id.to_string()) {
                Some(loaded) if loaded.content_hash == element.content_hash => counts.unchanged += 1,
                before => wanted.push((index, before.is_some())),
            }
        }
        Ok(FilteredChunk {
            chunk,
            wanted,
            counts,
        })
    }
}

fn parse_chunks(
    mut filtered: Receiver<anyhow::Result<FilteredChunk>>,
    parsed: &Sender<ParsedReleases>,
    everything: bool,
) {
    while let Some(chunk) = filtered.blocking_recv() {
        let is_sent = match chunk {
            Ok(chunk) => parse_chunk(&chunk, everything, parsed),
            Err(error) => parsed.blocking_send(Err(error)).is_ok(),
        };
        if !is_sent {
            return;
        }
    }
}

/// Parses the releases of a chunk, and sends them in parts if they are many rows. False if the receiver is
/// gone.
fn parse_chunk(filtered: &FilteredChunk, everything: bool, parsed: &Sender<ParsedReleases>) -> bool {
    let empty = || ReadReleases {
        position_bytes: filtered.chunk.position_bytes,
        ..ReadReleases::default()
    };
    let mut releases = ReadReleases {
        counts: filtered.counts.clone(),
        wanted: Vec::with_capacity(filtered.wanted.len()),
        ..empty()
    };
    let elements: Vec<&[u8]> = filtered.chunk.chunk.elements().map(|(bytes, _)| bytes).collect();
    for (index, is_stored) in &filtered.wanted {
        if releases.wanted_rows >= MAX_ROWS {
            let part = std::mem::replace(&mut releases, empty());
            if parsed.blocking_send(Ok(part)).is_err() {
                return false;
            }
        }
        match filtered.chunk.parse(*index, elements[*index]) {
            // A stored release stays, even if it has no production credit any more.
            Ok(release) if everything || *is_stored || release.dumped.has_production() => {
                releases.wanted_rows += release.row_count();
                releases.wanted.push((release, *is_stored));
            }
            Ok(_) => releases.counts.skip(SkipReason::NoProduction, None),
            Err(malformed) => releases.counts.skip_malformed(malformed),
        }
    }
    releases.ends_chunk = true;
    parsed.blocking_send(Ok(releases)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_number_is_the_id_attribute_of_the_first_tag() {
        for (element, number) in [
            ("<release id=\"7\" status=\"Accepted\">", Some(7)),
            ("<release status='x' id = '7'>", Some(7)),
            ("<release\nid=\"7\"\n>", Some(7)),
            ("<release uid=\"3\" id=\"7\"><a id=\"9\">", Some(7)),
            ("<release><a id=\"9\">", None),
            ("<release id=\"0\">", None),
            ("<release id=\"seven\">", None),
            ("<release id=7>", None),
        ] {
            assert_eq!(release_number(element.as_bytes()), number, "{element}");
        }
    }
}
