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
mod dumped;
mod lines;
mod single;
mod writing;

use std::collections::{HashMap, HashSet};

use anyhow::Context as _;
use xxhash_rust::xxh3::xxh3_64;

pub use artists::load_artists;

use self::dumped::{Dumped, Line};
use self::lines::{Chunk, Chunks, Error};
use super::counts::{Counts, Skipped};
use super::input::Input;
use super::{Control, Loaded, Stage, alone, bulk, is_conflict};
use crate::credits::Source;
use crate::db::Pool;
use crate::ids::AlbumId;
use crate::store::loaded_releases::{self, Loaded as Here};
use crate::store::loads::{self, Mode, Started, State};

const SOURCE: Source = Source::MusicBrainz;
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

/// A release to be written that is first here.
struct Chosen {
    release: Dumped,
    /// The release of its group that is here and takes its leave.
    rival: Option<Here>,
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
        self.counts.read += chunk.lines.len() as u64 + chunk.too_long;
        for _ in 0..chunk.too_long {
            self.counts.skip(Skipped::Malformed, None);
        }
        let mut here = self.here(&chunk.lines).await?;
        let (chosen, mut others) = self.choose(chunk.lines, &here);
        if !chosen.is_empty() {
            others.extend(self.write_chosen(chosen, &mut here).await?);
        }
        let mut left = others.len() as u64;
        for release in others {
            if self.control.is_stopping() {
                self.counts.read -= left;
                return Ok(false);
            }
            self.release(&release, &mut here).await?;
            left -= 1;
        }
        self.keep(State::Running, None).await?;
        self.control.tell(&self.counts);
        Ok(true)
    }

    /// The releases to be written: of each group the best, where it is first here and better than what is here of the
    /// group, and those that have to be decided one after another, because one of their group is here and changed.
    fn choose(
        &mut self,
        lines: Vec<Line>,
        here: &HashMap<String, Here>,
    ) -> (Vec<Chosen>, Vec<Dumped>) {
        let of_groups: HashMap<&str, &Here> = here
            .values()
            .map(|one| (one.group_mbid.as_str(), one))
            .collect();
        let (mut chosen, mut others): (Vec<Chosen>, Vec<Dumped>) = (Vec::new(), Vec::new());
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut unsettled: HashSet<String> = HashSet::new();
        for line in lines {
            let release = match line {
                Line::Release(release) => *release,
                Line::Malformed(id) => {
                    self.counts.skip_named(Skipped::Malformed, id);
                    continue;
                }
            };
            if !self.is_wanted(&release, here) {
                continue;
            }
            let group = release.group();
            if let Some(before) = here.get(release.id()) {
                unsettled.extend([before.group_mbid.clone(), group.to_owned()]);
                others.push(release);
            } else if unsettled.contains(group) {
                others.push(release);
            } else if let Some(&at) = places.get(group) {
                self.counts.skip(Skipped::OtherOfGroup, None);
                if release.is_before(&chosen[at].release) {
                    chosen[at].release = release;
                }
            } else {
                let rival = of_groups.get(group).copied();
                if rival.is_some_and(|rival| !release.is_before_one_here(rival)) {
                    self.pass_over(group);
                    continue;
                }
                places.insert(group.to_owned(), chosen.len());
                chosen.push(Chosen {
                    release,
                    rival: rival.cloned(),
                });
            }
        }
        (chosen, others)
    }

    fn pass_over(&mut self, group: &str) {
        self.passed_over.insert(xxh3_64(group.as_bytes()));
        self.counts.skip(Skipped::OtherOfGroup, None);
    }

    /// Whether anything of a release may have to be written.
    fn is_wanted(&mut self, release: &Dumped, here: &HashMap<String, Here>) -> bool {
        let id = release.id();
        if !self.seen.insert(xxh3_64(id.as_bytes())) {
            let id = Some(id.to_owned());
            self.counts.skip_named(Skipped::Repeated, id);
            return false;
        }
        let before = here.get(id);
        if before.is_some_and(|before| {
            before.content_hash == release.content_hash && before.candidate.is_some()
        }) {
            self.counts.unchanged += 1;
            return false;
        }
        // What was loaded once stays loaded.
        if before.is_none() && !self.everything && !release.has_production() {
            self.counts.skip(Skipped::NoProduction, None);
            return false;
        }
        if !release.is_album() {
            let id = Some(id.to_owned());
            self.counts.skip_named(Skipped::NotHeard, id);
            return false;
        }
        true
    }

    /// What is here of these releases and of their groups.
    async fn here(&self, lines: &[Line]) -> anyhow::Result<HashMap<String, Here>> {
        let (mut ids, mut groups) = (Vec::new(), Vec::new());
        for line in lines {
            let Line::Release(release) = line else {
                continue;
            };
            ids.push(release.id().to_owned());
            groups.push(release.group().to_owned());
        }
        let client = self.pool.client().await?;
        loaded_releases::list(&client, &ids, &groups)
            .await
            .context("look at what is here already")
    }

    /// Writes releases that are first here; gives those that may be albums of ours.
    async fn write_chosen(
        &mut self,
        mut chosen: Vec<Chosen>,
        here: &mut HashMap<String, Here>,
    ) -> anyhow::Result<Vec<Dumped>> {
        let (mut aside, mut tries) = (Vec::new(), 0);
        let written = loop {
            tries += 1;
            match writing::write_chosen(self.pool, &chosen, self.load_id).await {
                Ok(Some(written)) => break written,
                Ok(None) => {
                    let with_rivals = chosen.extract_if(.., |one| one.rival.is_some());
                    aside.extend(with_rivals.map(|one| one.release));
                }
                // Workers write beside us.
                Err(error) if tries < TRIES && is_conflict(&error) => {}
                Err(error) => return Err(error.context("write releases")),
            }
        };
        self.rows += written.rows;
        self.counts.credits += written.credits;
        for (one, loaded) in chosen.into_iter().zip(written.releases) {
            let Some(loaded) = loaded else {
                aside.push(one.release);
                continue;
            };
            self.count(one.rival.as_ref(), false);
            if let Some(rival) = &one.rival {
                here.remove(&rival.release_mbid);
            }
            here.insert(loaded.release_mbid.clone(), loaded);
        }
        Ok(aside)
    }

    /// Counts a release that was written, and took the place of a rival of its group.
    fn count(&mut self, rival: Option<&Here>, is_changed: bool) {
        match rival {
            // It was counted when it was loaded.
            Some(rival) if rival.load_id == self.load_id => {
                self.counts.skip(Skipped::OtherOfGroup, None);
            }
            Some(_) => self.counts.changed += 1,
            None if is_changed => self.counts.changed += 1,
            None => self.counts.loaded += 1,
        }
    }

    /// Compares a release with what is here, and writes it where it is the better one.
    async fn release(
        &mut self,
        release: &Dumped,
        here: &mut HashMap<String, Here>,
    ) -> anyhow::Result<()> {
        let (id, group) = (release.id(), release.group());
        let before = here.get(id);
        let mut others = here.values();
        let rival = others.find(|one| one.group_mbid == group && one.release_mbid != id);
        if rival.is_some_and(|rival| !release.is_before_one_here(rival)) {
            self.pass_over(group);
            if let Some(album) = before.map(|before| before.album_id) {
                // It is of that group since the last load.
                self.remove(id, album).await?;
                here.remove(id);
            }
            return Ok(());
        }
        let (rival, is_changed) = (rival.cloned(), before.is_some());
        let written = self.write(release, rival.as_ref()).await?;
        self.count(rival.as_ref(), is_changed);
        here.retain(|id, _| rival.as_ref().is_none_or(|rival| rival.release_mbid != *id));
        here.insert(id.to_owned(), written);
        Ok(())
    }

    async fn write(&mut self, release: &Dumped, rival: Option<&Here>) -> anyhow::Result<Here> {
        let id = release.id();
        for _ in 0..TRIES {
            match single::write(self.pool, release, rival, self.load_id).await {
                Ok(Some((credits, written))) => {
                    self.rows += 1;
                    self.counts.credits += credits;
                    return Ok(written);
                }
                Ok(None) => {}
                // Workers write beside us.
                Err(error) if is_conflict(&error) => {}
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
