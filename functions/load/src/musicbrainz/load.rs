//! A running load of MusicBrainz releases: chooses the best release of each group and writes it, with others
//! if possible and singly otherwise, then removes vanished releases.

mod vanished;
mod writer;

use std::collections::{HashMap, HashSet};

use anyhow::Context as _;
use shared::platform::db::Pool;
use shared::store::loads::loaded_releases::{self, LoadedRelease};
use xxhash_rust::xxh3::xxh3_64;

use crate::control::{LoadControl, LoadStage};
use crate::counts::SkipReason;
use crate::musicbrainz::dump_release::{ChosenRelease, MusicBrainzRelease, ReleaseLine};
use crate::musicbrainz::lines::LineChunks;
use crate::progress::{LoadProgress, RecordChunk};
use crate::removal::ReleaseOptions;

/// A running load.
pub(crate) struct MusicBrainzReleaseLoad<'a> {
    pool: &'a Pool,
    control: &'a LoadControl,
    load_id: i64,
    options: ReleaseOptions,
    /// Hashes of the ids of the dump's releases: 75 MB for six million.
    seen: HashSet<u64>,
    /// Hashes of the ids of groups of which the dump has other releases than the stored one.
    passed_over: HashSet<u64>,
    pub(crate) done: LoadProgress,
}

impl<'a> MusicBrainzReleaseLoad<'a> {
    pub(crate) fn new(
        pool: &'a Pool,
        control: &'a LoadControl,
        load_id: i64,
        options: ReleaseOptions,
    ) -> Self {
        Self {
            pool,
            control,
            load_id,
            options,
            seen: HashSet::new(),
            passed_over: HashSet::new(),
            done: LoadProgress::default(),
        }
    }

    /// Reads and writes to the end; false if it was asked to stop.
    pub(crate) async fn run(
        &mut self,
        first: RecordChunk<Box<MusicBrainzRelease>>,
        mut chunks: LineChunks<Box<MusicBrainzRelease>>,
    ) -> anyhow::Result<bool> {
        let mut next = Some(Ok(first));
        while let Some(chunk) = next {
            if self.control.is_stopping() || !self.write_chunk(chunk?).await? {
                return Ok(false);
            }
            next = chunks.recv().await;
        }
        self.control.enter(LoadStage::Vanished);
        self.remove_vanished().await
    }

    /// Writes the releases of a chunk; false if it was asked to stop.
    async fn write_chunk(&mut self, chunk: RecordChunk<Box<MusicBrainzRelease>>) -> anyhow::Result<bool> {
        let before = self.done.clone();
        self.done.position_bytes = chunk.position_bytes;
        self.done.counts.read += chunk.records.len() as u64;
        let mut stored = self.list_stored(&chunk.records).await?;
        let (chosen, mut singles) = self.choose(chunk.records, &stored);
        if !chosen.is_empty() {
            match self.write_chosen(chosen, &mut stored).await {
                Ok(undecided) => singles.extend(undecided),
                Err(error) => {
                    self.done = before;
                    return Err(error);
                }
            }
        }
        let mut left = singles.len() as u64;
        for release in singles {
            if self.control.is_stopping() {
                self.done.counts.read -= left;
                return Ok(false);
            }
            if let Err(error) = self.write_singly(&release, &mut stored).await {
                self.done.counts.read -= left;
                return Err(error);
            }
            left -= 1;
        }
        self.done.save(&self.pool.client().await?, self.load_id).await?;
        self.control.report(&self.done.counts);
        Ok(true)
    }

    /// Divides the releases to write: the best new release of each group, if it is better than the stored
    /// one; and releases that have to be written singly and in order, because one of their group is stored
    /// and changed.
    fn choose(
        &mut self,
        lines: Vec<ReleaseLine>,
        stored: &HashMap<String, LoadedRelease>,
    ) -> (Vec<ChosenRelease>, Vec<MusicBrainzRelease>) {
        let stored_by_group: HashMap<&str, &LoadedRelease> = stored
            .values()
            .map(|release| (release.group_mbid.as_str(), release))
            .collect();
        let (mut chosen, mut singles): (Vec<ChosenRelease>, Vec<MusicBrainzRelease>) =
            (Vec::new(), Vec::new());
        let mut chosen_by_group: HashMap<String, usize> = HashMap::new();
        let mut changed_groups: HashSet<String> = HashSet::new();
        for line in lines {
            let release = match line {
                Ok(release) => *release,
                Err(malformed) => {
                    self.done.counts.skip_malformed(malformed);
                    continue;
                }
            };
            if !self.is_wanted(&release, stored) {
                continue;
            }
            let group = release.group();
            if let Some(before) = stored.get(release.id()) {
                changed_groups.extend([before.group_mbid.clone(), group.to_owned()]);
                singles.push(release);
            } else if changed_groups.contains(group) {
                singles.push(release);
            } else if let Some(&index) = chosen_by_group.get(group) {
                self.done.counts.skip(SkipReason::OtherOfGroup, None);
                if release.is_better_than(&chosen[index].release) {
                    chosen[index].release = release;
                }
            } else {
                let replaced = stored_by_group.get(group).copied();
                if replaced.is_some_and(|replaced| !release.is_better_than_stored(replaced)) {
                    self.pass_over(group);
                    continue;
                }
                chosen_by_group.insert(group.to_owned(), chosen.len());
                chosen.push(ChosenRelease {
                    release,
                    replaced: replaced.cloned(),
                });
            }
        }
        (chosen, singles)
    }

    /// Counts a release that is worse than the stored one of its group.
    fn pass_over(&mut self, group: &str) {
        self.passed_over.insert(xxh3_64(group.as_bytes()));
        self.done.counts.skip(SkipReason::OtherOfGroup, None);
    }

    /// Whether a release may have to be written; counts it otherwise.
    fn is_wanted(&mut self, release: &MusicBrainzRelease, stored: &HashMap<String, LoadedRelease>) -> bool {
        let id = release.id();
        if !self.seen.insert(xxh3_64(id.as_bytes())) {
            let id = Some(id.to_owned());
            self.done.counts.skip_text_id(SkipReason::Repeated, id);
            return false;
        }
        let before = stored.get(id);
        if before
            .is_some_and(|before| before.content_hash == release.content_hash && before.candidate.is_some())
        {
            self.done.counts.unchanged += 1;
            return false;
        }
        // A stored release stays, even if it has no production credit any more.
        if before.is_none() && !self.options.everything && !release.has_production() {
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

    /// The stored releases, by id, among these releases and the others of their groups.
    async fn list_stored(&self, lines: &[ReleaseLine]) -> anyhow::Result<HashMap<String, LoadedRelease>> {
        let (mut ids, mut groups) = (Vec::new(), Vec::new());
        for release in lines.iter().flatten() {
            ids.push(release.id().to_owned());
            groups.push(release.group().to_owned());
        }
        let client = self.pool.client().await?;
        loaded_releases::list(&client, &ids, &groups)
            .await
            .context("look up the stored releases")
    }
}
