//! A load under way: of each group the release is chosen, what may be written together is, and the rest one by one. How
//! releases are written stays out.

use std::collections::{HashMap, HashSet};

use anyhow::Context as _;
use xxhash_rust::xxh3::xxh3_64;

use super::dumped::{Dumped, Line};
use super::lines::{Chunk, Chunks};
use super::{single, writing};
use crate::db::Pool;
use crate::dumps::control::{LoadControl, LoadStage};
use crate::dumps::counts::SkipReason;
use crate::dumps::progress::{LoadOutcome, LoadProgress};
use crate::dumps::retries::{TRIES, is_conflict};
use crate::ids::AlbumId;
use crate::store::loaded_releases::{self, LoadedRelease};

/// Releases that are looked at together for those that are gone.
const AT_ONCE: i64 = 5_000;

/// A release to be written that is first here.
pub(super) struct Chosen {
    pub(super) release: Dumped,
    /// The release of its group that is here and takes its leave.
    pub(super) rival: Option<LoadedRelease>,
}

/// A load.
pub(super) struct Load<'a> {
    pool: &'a Pool,
    control: &'a LoadControl,
    load_id: i64,
    everything: bool,
    /// The hashes of the releases that the dump has: 75 MB for six million.
    seen: HashSet<u64>,
    /// The hashes of the groups of which it has others than those that are here.
    passed_over: HashSet<u64>,
    done: LoadProgress,
}

impl<'a> Load<'a> {
    /// One that begins.
    pub(super) fn new(pool: &'a Pool, control: &'a LoadControl, load_id: i64, everything: bool) -> Self {
        Self {
            pool,
            control,
            load_id,
            everything,
            seen: HashSet::new(),
            passed_over: HashSet::new(),
            done: LoadProgress::default(),
        }
    }

    /// Reads and writes as far as that goes, and keeps how it went.
    ///
    /// # Errors
    /// What stopped it.
    pub(super) async fn run_to_end(
        mut self,
        first: Chunk<Line>,
        chunks: Chunks<Line>,
    ) -> anyhow::Result<LoadOutcome> {
        let came_to = self.run(first, chunks).await;
        self.done.finish(self.pool, self.load_id, came_to).await
    }

    /// Reads and writes to the end; false where it was asked to stop before.
    async fn run(&mut self, first: Chunk<Line>, mut chunks: Chunks<Line>) -> anyhow::Result<bool> {
        let mut next = Some(Ok(first));
        while let Some(chunk) = next {
            if self.control.is_stopping() || !self.chunk(chunk?).await? {
                return Ok(false);
            }
            next = chunks.recv().await;
        }
        self.control.enter(LoadStage::Vanished);
        self.remove_vanished().await
    }

    async fn chunk(&mut self, chunk: Chunk<Line>) -> anyhow::Result<bool> {
        let before = self.done.clone();
        self.done.position_bytes = chunk.position_bytes;
        self.done.counts.read += chunk.lines.len() as u64 + chunk.too_long;
        for _ in 0..chunk.too_long {
            self.done.counts.skip(SkipReason::Malformed, None);
        }
        let mut here = self.here(&chunk.lines).await?;
        let (chosen, mut others) = self.choose(chunk.lines, &here);
        if !chosen.is_empty() {
            match self.write_chosen(chosen, &mut here).await {
                Ok(aside) => others.extend(aside),
                Err(error) => {
                    self.done = before;
                    return Err(error);
                }
            }
        }
        let mut left = others.len() as u64;
        for release in others {
            if self.control.is_stopping() {
                self.done.counts.read -= left;
                return Ok(false);
            }
            if let Err(error) = self.release(&release, &mut here).await {
                self.done.counts.read -= left;
                return Err(error);
            }
            left -= 1;
        }
        self.done.save(&self.pool.client().await?, self.load_id).await?;
        self.control.report(&self.done.counts);
        Ok(true)
    }

    /// The releases to be written: of each group the best, where it is first here and better than what is here of the
    /// group, and those that have to be decided one after another, because one of their group is here and changed.
    fn choose(
        &mut self,
        lines: Vec<Line>,
        here: &HashMap<String, LoadedRelease>,
    ) -> (Vec<Chosen>, Vec<Dumped>) {
        let of_groups: HashMap<&str, &LoadedRelease> =
            here.values().map(|one| (one.group_mbid.as_str(), one)).collect();
        let (mut chosen, mut others): (Vec<Chosen>, Vec<Dumped>) = (Vec::new(), Vec::new());
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut unsettled: HashSet<String> = HashSet::new();
        for line in lines {
            let release = match line {
                Line::Release(release) => *release,
                Line::Malformed(id) => {
                    self.done.counts.skip_text_id(SkipReason::Malformed, id);
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
                self.done.counts.skip(SkipReason::OtherOfGroup, None);
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
        self.done.counts.skip(SkipReason::OtherOfGroup, None);
    }

    /// Whether anything of a release may have to be written.
    fn is_wanted(&mut self, release: &Dumped, here: &HashMap<String, LoadedRelease>) -> bool {
        let id = release.id();
        if !self.seen.insert(xxh3_64(id.as_bytes())) {
            let id = Some(id.to_owned());
            self.done.counts.skip_text_id(SkipReason::Repeated, id);
            return false;
        }
        let before = here.get(id);
        if before
            .is_some_and(|before| before.content_hash == release.content_hash && before.candidate.is_some())
        {
            self.done.counts.unchanged += 1;
            return false;
        }
        // What was loaded once stays loaded.
        if before.is_none() && !self.everything && !release.has_production() {
            self.done.counts.skip(SkipReason::NoProduction, None);
            return false;
        }
        if !release.is_album() {
            let id = Some(id.to_owned());
            self.done.counts.skip_text_id(SkipReason::NotHeard, id);
            return false;
        }
        true
    }

    /// What is here of these releases and of their groups.
    async fn here(&self, lines: &[Line]) -> anyhow::Result<HashMap<String, LoadedRelease>> {
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
        here: &mut HashMap<String, LoadedRelease>,
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
        self.done.rows += written.rows;
        self.done.counts.credits += written.credits;
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

    /// LoadCounts a release that was written, and took the place of a rival of its group.
    fn count(&mut self, rival: Option<&LoadedRelease>, is_changed: bool) {
        match rival {
            // It was counted when it was loaded.
            Some(rival) if rival.load_id == self.load_id => {
                self.done.counts.skip(SkipReason::OtherOfGroup, None);
            }
            Some(_) => self.done.counts.changed += 1,
            None if is_changed => self.done.counts.changed += 1,
            None => self.done.counts.loaded += 1,
        }
    }

    /// Compares a release with what is here, and writes it where it is the better one.
    async fn release(
        &mut self,
        release: &Dumped,
        here: &mut HashMap<String, LoadedRelease>,
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

    async fn write(
        &mut self,
        release: &Dumped,
        rival: Option<&LoadedRelease>,
    ) -> anyhow::Result<LoadedRelease> {
        let id = release.id();
        for _ in 0..TRIES {
            match single::write(self.pool, release, rival, self.load_id).await {
                Ok(Some((credits, written))) => {
                    self.done.rows += 1;
                    self.done.counts.credits += credits;
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
            let is_gone = |one: &LoadedRelease| !self.seen.contains(&xxh3_64(one.release_mbid.as_bytes()));
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
                self.done.rows += loaded_releases::clear_candidate(&client, &one.release_mbid).await?;
                continue;
            }
            self.remove(&one.release_mbid, one.album_id).await?;
            self.done.counts.vanished += 1;
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
        self.done.rows += 1;
        Ok(())
    }
}
