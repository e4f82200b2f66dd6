//! MusicBrainz's dump of releases: read, compared with what is here, and written by the rules of online work. Its dump of
//! artists is in `artists`.
//!
//! Of a release group one release is the album, the one that would be chosen online, among those of the group that are
//! loaded at all: by default, those with a credit for production. The dump is read once, from a pipe too, so the choice is
//! made as it goes: a better one takes the place of the one before. That leaves artists and producers here whom only the
//! other one named. Where the release that an album is has become the worse one in a newer dump, or is gone from it while
//! others of its group are there, one that stood before it in the file takes its place with the next load. One that is gone
//! with its whole group is taken away. A dump in which less than half of what is here is found is a part, such as those of
//! the changes of an hour, and takes nothing away.
//!
//! Releases are written one by one, by the code that keeps them online: albums share recordings, songs and credits across
//! groups, and what a better release replaces has to be found and taken off. That costs speed. Measured on two cores that six
//! programs shared, from a debug build: 3,000 releases of 27 kB were read and 2,400 albums written in 108 s, 22 albums a second
//! with 52 MB of memory; the same file again took 10 s. At that rate a million albums take half a day, and the 301 GB of a whole
//! dump, most of which states nobody's production, two and a half hours of one core to read. Memory grows by the hashes of the
//! ids alone, 75 MB for six million. It runs beside everything else, always into tables in use with all their indexes, from any
//! machine near the database; a function's time is too short for it.

mod artists;
mod lines;
mod single;

use std::collections::{HashMap, HashSet};

use anyhow::Context as _;
use serde::Deserialize;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

pub use artists::load_artists;

use self::lines::{Chunk, Chunks, Error};
use super::counts::{Counts, Skipped};
use super::discogs::is_conflict;
use super::input::Input;
use super::{Control, Loaded, Stage, alone, bulk};
use crate::arriving::Arriving;
use crate::choosing::Candidate;
use crate::credits::Source;
use crate::db::Pool;
use crate::ids::AlbumId;
use crate::store::loaded_releases::{self, Loaded as Here};
use crate::store::loads::{self, Mode, Started, State};
use crate::upstreams::musicbrainz::{Release, is_special_artist, release_from_dump};

const SOURCE: Source = Source::MusicBrainz;
/// Raised whenever what is written for a release becomes another: then all are written again.
const RULES_VERSION: u64 = 1;
/// How often a release is tried that others stood in the way of.
const TRIES: usize = 4;
/// Releases that are looked at together for those that are gone.
const AT_ONCE: i64 = 5_000;

/// Loads a dump of releases; `everything`: also those that nobody is credited with producing. What it comes to is kept in
/// `loads`, and whatever stops it, the next load goes on.
///
/// # Errors
/// Where the file is no such dump, is cut off or cannot be read, where another load is at work, and the database's. What was
/// read before is kept.
pub async fn load_releases(
    pool: &Pool,
    input: Input,
    everything: bool,
    control: &Control,
) -> anyhow::Result<Loaded> {
    let name = input.name.clone();
    let mut chunks = lines::read(input.reader, input.read, "release", Line::of);
    // A file of the wrong kind is told before anything is touched.
    let Some(first) = chunks.recv().await else {
        return Err(Error::CutOff).context(name);
    };
    let first = first.with_context(|| name.clone())?;
    let load = async {
        control.enter(Stage::Indexes);
        bulk::restore(pool, bulk::Extent::All)
            .await
            .context("make the indexes that a load left to be made")?;
        let client = pool.client().await?;
        let started = Started {
            source: SOURCE,
            file_name: &name,
            dump_date: first.dump_date.or(input.dump_date),
            everything,
            mode: Mode::Filled,
        };
        let load_id = loads::insert(&client, &started).await?;
        drop(client);
        control.enter(Stage::Records);
        let mut load = Load {
            pool,
            control,
            load_id,
            everything,
            seen: HashSet::new(),
            passed_over: HashSet::new(),
            counts: Counts::default(),
            rows: 0,
            position_bytes: 0,
        };
        let came_to = load.run(first, chunks).await;
        load.end(came_to).await
    };
    alone(pool, load).await.with_context(|| name.clone())
}

/// A line of the dump.
enum Line {
    Release(Box<Prepared>),
    /// None it can be; with its id where it has one.
    Malformed(Option<String>),
}

struct Prepared {
    release: Release,
    /// None where nothing is to be heard.
    candidate: Option<Candidate>,
    content_hash: i64,
}

impl Line {
    fn of(line: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        match release_from_dump(line) {
            Ok((listed, release)) => Self::Release(Box::new(Prepared {
                release,
                candidate: Candidate::new(listed),
                content_hash: xxh3_64_with_seed(line, RULES_VERSION).cast_signed(),
            })),
            Err(_) => {
                let named = serde_json::from_slice::<Named>(line).ok();
                Self::Malformed(named.map(|named| named.id))
            }
        }
    }
}

impl Prepared {
    /// Whether anybody is said to have produced anything.
    fn has_production(&self) -> bool {
        let tracks = self.release.tracks.iter();
        let heard = tracks.filter(|track| track.position > 0 && !track.recording.video);
        let mut credits = heard
            .flat_map(|track| &track.recording.credits)
            .chain(&self.release.credits);
        credits.any(|credit| {
            let artist = credit.source_artist_id.as_deref();
            credit.role.is_music_production() && artist.is_some_and(|id| !is_special_artist(id))
        })
    }

    /// What the choice goes by; None where it is no album.
    fn heard(&self) -> Option<&Candidate> {
        let album = Arriving::from_musicbrainz(&self.release);
        let is_album = !album.has_no_tracks() && !album.has_no_artist();
        self.candidate.as_ref().filter(|_| is_album)
    }
}

struct Load<'a> {
    pool: &'a Pool,
    control: &'a Control,
    load_id: i64,
    everything: bool,
    /// The hashes of the releases that the dump has: 75 MB for six million.
    seen: HashSet<u64>,
    /// The hashes of the groups of which it has others than those that are here.
    passed_over: HashSet<u64>,
    counts: Counts,
    rows: u64,
    position_bytes: u64,
}

impl Load<'_> {
    /// Reads and writes to the end; false where it was asked to stop before.
    async fn run(&mut self, first: Chunk<Line>, mut chunks: Chunks<Line>) -> anyhow::Result<bool> {
        let mut next = Some(Ok(first));
        while let Some(chunk) = next {
            if self.control.is_stopping() || !self.chunk(chunk?).await? {
                return Ok(false);
            }
            next = chunks.recv().await;
        }
        self.control.enter(Stage::Vanished);
        self.remove_vanished().await
    }

    async fn chunk(&mut self, chunk: Chunk<Line>) -> anyhow::Result<bool> {
        self.position_bytes = chunk.position_bytes;
        self.counts.read += chunk.too_long;
        for _ in 0..chunk.too_long {
            self.counts.skip(Skipped::Malformed, None);
        }
        let mut here = self.here(&chunk.lines).await?;
        for line in chunk.lines {
            if self.control.is_stopping() {
                return Ok(false);
            }
            self.counts.read += 1;
            match line {
                Line::Malformed(id) => self.counts.skip_named(Skipped::Malformed, id),
                Line::Release(release) => self.release(&release, &mut here).await?,
            }
        }
        self.keep(State::Running, None).await?;
        self.control.tell(&self.counts);
        Ok(true)
    }

    /// What is here of these releases and of their groups.
    async fn here(&self, lines: &[Line]) -> anyhow::Result<HashMap<String, Here>> {
        let (mut ids, mut groups) = (Vec::new(), Vec::new());
        for line in lines {
            let Line::Release(release) = line else {
                continue;
            };
            ids.push(release.release.id.to_string());
            groups.extend(release.candidate.iter().map(|one| one.group().to_owned()));
        }
        let client = self.pool.client().await?;
        loaded_releases::list(&client, &ids, &groups)
            .await
            .context("look at what is here already")
    }

    async fn release(
        &mut self,
        release: &Prepared,
        here: &mut HashMap<String, Here>,
    ) -> anyhow::Result<()> {
        let id = release.release.id.as_str();
        if !self.seen.insert(xxh3_64(id.as_bytes())) {
            let id = Some(id.to_owned());
            self.counts.skip_named(Skipped::Repeated, id);
            return Ok(());
        }
        let before = here.get(id);
        if before.is_some_and(|before| {
            before.content_hash == release.content_hash && before.candidate.is_some()
        }) {
            self.counts.unchanged += 1;
            return Ok(());
        }
        // What was loaded once stays loaded.
        if before.is_none() && !self.everything && !release.has_production() {
            self.counts.skip(Skipped::NoProduction, None);
            return Ok(());
        }
        let Some(candidate) = release.heard() else {
            let id = Some(id.to_owned());
            self.counts.skip_named(Skipped::NotHeard, id);
            return Ok(());
        };
        let mut others = here.values();
        let rival =
            others.find(|one| one.group_mbid == candidate.group() && one.release_mbid != id);
        if rival.is_some_and(|rival| !is_better(candidate, rival)) {
            let group = xxh3_64(candidate.group().as_bytes());
            self.passed_over.insert(group);
            self.counts.skip(Skipped::OtherOfGroup, None);
            if let Some(album) = before.map(|before| before.album_id) {
                // It is of that group since the last load.
                self.remove(id, album).await?;
                here.remove(id);
            }
            return Ok(());
        }
        let (rival, is_changed) = (rival.cloned(), before.is_some());
        let written = self.write(release, candidate, rival.as_ref()).await?;
        match &rival {
            // It was counted when it was loaded.
            Some(rival) if rival.load_id == self.load_id => {
                self.counts.skip(Skipped::OtherOfGroup, None);
            }
            Some(_) => self.counts.changed += 1,
            None if is_changed => self.counts.changed += 1,
            None => self.counts.loaded += 1,
        }
        here.retain(|id, _| rival.as_ref().is_none_or(|rival| rival.release_mbid != *id));
        here.insert(id.to_owned(), written);
        Ok(())
    }

    async fn write(
        &mut self,
        release: &Prepared,
        candidate: &Candidate,
        rival: Option<&Here>,
    ) -> anyhow::Result<Here> {
        let id = release.release.id.as_str();
        let loaded = Here {
            release_mbid: id.to_owned(),
            group_mbid: candidate.group().to_owned(),
            content_hash: release.content_hash,
            candidate: Some(serde_json::to_value(candidate)?),
            album_id: AlbumId(0),
            load_id: self.load_id,
        };
        for _ in 0..TRIES {
            let written = single::write(self.pool, &release.release, rival, loaded.clone()).await;
            match written {
                Ok(Some((credits, written))) => {
                    self.rows += 1;
                    self.counts.credits += credits;
                    return Ok(written);
                }
                Ok(None) => {}
                // Workers write beside us.
                Err(error)
                    if error
                        .chain()
                        .any(|cause| cause.downcast_ref().is_some_and(is_conflict)) => {}
                Err(error) => return Err(error.context(format!("write release {id}"))),
            }
        }
        anyhow::bail!("release {id} cannot be written: others change its album all the time")
    }

    /// Takes away what is here, and gone from the dump with its whole group.
    async fn remove_vanished(&mut self) -> anyhow::Result<bool> {
        let (mut gone, mut total, mut after) = (Vec::new(), 0, String::new());
        loop {
            let client = self.pool.client().await?;
            let page = loaded_releases::list_after(&client, &after, AT_ONCE).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.release_mbid);
            total += page.len();
            let is_gone = |one: &Here| !self.seen.contains(&xxh3_64(one.release_mbid.as_bytes()));
            gone.extend(page.into_iter().filter(is_gone));
        }
        if gone.len() * 2 > total {
            return Ok(true);
        }
        for one in gone {
            if self.control.is_stopping() {
                return Ok(false);
            }
            let group = xxh3_64(one.group_mbid.as_bytes());
            if self.passed_over.contains(&group) {
                let client = self.pool.client().await?;
                self.rows += loaded_releases::clear_candidate(&client, &one.release_mbid).await?;
                continue;
            }
            self.remove(&one.release_mbid, one.album_id).await?;
            self.counts.vanished += 1;
        }
        Ok(true)
    }

    async fn remove(&mut self, id: &str, album: AlbumId) -> anyhow::Result<()> {
        let mut client = self.pool.client().await?;
        let transaction = client.transaction().await?;
        single::detach(&transaction, id, album)
            .await
            .with_context(|| format!("remove release {id}"))?;
        transaction.commit().await?;
        self.rows += 1;
        Ok(())
    }

    async fn keep(&self, state: State, reason: Option<&str>) -> anyhow::Result<()> {
        let client = self.pool.client().await?;
        let position = i64::try_from(self.position_bytes).unwrap_or(i64::MAX);
        let counts = serde_json::to_value(&self.counts)?;
        loads::update(&client, self.load_id, position, &counts, state, reason).await?;
        Ok(())
    }

    /// Keeps how it went.
    async fn end(self, came_to: anyhow::Result<bool>) -> anyhow::Result<Loaded> {
        let (state, reason) = match &came_to {
            Ok(true) => (State::Done, None),
            Ok(false) => (State::Stopped, Some("asked to stop".to_owned())),
            Err(error) => (State::Stopped, Some(format!("{error:#}"))),
        };
        // Why it stopped says more than that this could not be kept.
        let kept = self.keep(state, reason.as_deref()).await;
        let is_complete = came_to?;
        kept?;
        Ok(Loaded {
            counts: self.counts,
            rows: self.rows,
            is_complete,
        })
    }
}

/// Whether a release takes the place of one that is here.
fn is_better(candidate: &Candidate, here: &Here) -> bool {
    let known = here.candidate.as_ref();
    let known = known.and_then(|known| Candidate::deserialize(known).ok());
    known.is_none_or(|known| candidate.is_before(&known))
}
