//! Findings from MusicBrainz releases and recordings, in the shape shared by all sources.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::findings::{
    ALBUM, CreditScope, MatchedCredit, MatchedRecord, SourceFindings, TRACK, lookup_of_record,
};
use super::matching;
use crate::domain::credits::{Credit, MatchMethod, Source};
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::TrackId;
use crate::domain::names;
use crate::store::catalog::albums::Album;
use crate::store::catalog::tracks::Track;
use crate::upstreams::musicbrainz::{Recording, Release, is_special_artist};

/// The release that an album is.
pub struct MatchedRelease {
    /// The release.
    pub release: Release,
    /// How it was recognised.
    pub matched_by: MatchMethod,
    /// How well it fits, from 0 to 1.
    pub score: f32,
}

/// The findings from the release that an album was imported from.
pub(crate) fn findings_from_own_release(
    release: &Release,
    album: &Album,
    tracks: &[Track],
    looked_up_at: DateTime<Utc>,
) -> SourceFindings {
    let matched = MatchedRelease::own(release.clone());
    let records = MatchedRecords::from_release(Some(matched), tracks);
    let mut findings = SourceFindings::new(Source::MusicBrainz);
    records.add_lookups(album, looked_up_at, &mut findings);
    records.add_to(album, &mut findings);
    findings
}

/// The credits and records that a release gives the album that is imported from it, with the tracks of that
/// album.
pub fn findings_from_release(release: &Release, tracks: &[Track]) -> SourceFindings {
    let records = MatchedRecords::from_release(Some(MatchedRelease::own(release.clone())), tracks);
    let mut findings = SourceFindings::new(Source::MusicBrainz);
    records.add_records_and_credits(&mut findings);
    findings
}

/// The recording that a track is.
pub struct MatchedRecording {
    /// The recording.
    pub recording: Recording,
    /// How it was recognised.
    pub matched_by: MatchMethod,
    /// How well it fits, from 0 to 1.
    pub score: f32,
}

/// The release that an album is and the recordings that its tracks are, as far as they are found.
#[derive(Default)]
pub struct MatchedRecords {
    release: Option<MatchedRelease>,
    /// Recordings by track.
    pub recordings: BTreeMap<TrackId, MatchedRecording>,
}

impl MatchedRecords {
    /// Matches the recordings of a release with the album's tracks. A release without any of the tracks is
    /// dropped: it has the album's barcode but is another album.
    #[must_use]
    pub fn from_release(release: Option<MatchedRelease>, tracks: &[Track]) -> Self {
        let recordings = release
            .as_ref()
            .map(|release| recordings_on(release, tracks))
            .unwrap_or_default();
        Self {
            release: release.filter(|_| !recordings.is_empty()),
            recordings,
        }
    }

    /// Adds the lookups of the album and of the tracks that were found on its release. If the release leaves
    /// out the credits of its recordings, its tracks are found but not answered, so they stay open.
    pub fn add_lookups(&self, album: &Album, looked_up_at: DateTime<Utc>, findings: &mut SourceFindings) {
        let lookup = |kind, subject: i64, record: Option<&MatchedRecord>| {
            lookup_of_record(Source::MusicBrainz, kind, subject, record, looked_up_at)
        };
        let record = self.release.as_ref().map(MatchedRelease::record);
        findings.lookups.push(lookup(ALBUM, album.id.0, record.as_ref()));
        let release = self.release.as_ref();
        if release.is_some_and(|matched| matched.release.leaves_out_credits()) {
            return;
        }
        for (id, recording) in &self.recordings {
            let record = recording.record();
            findings.lookups.push(lookup(TRACK, id.0, Some(&record)));
        }
    }

    /// Adds everything that the records state: the album's artist, records, credits, ISRCs and durations.
    pub fn add_to(&self, album: &Album, findings: &mut SourceFindings) {
        let release = self.release.as_ref();
        findings.artist = release.and_then(|matched| album_artist(album, &matched.release));
        self.add_records_and_credits(findings);
    }

    fn add_records_and_credits(&self, findings: &mut SourceFindings) {
        if let Some(matched) = &self.release {
            let record = Arc::new(matched.record());
            let credits = matched.release.credits.iter();
            findings
                .credits
                .extend(credits.map(|credit| matched_credit(CreditScope::Album, &record, credit)));
            findings.album = Some(Arc::unwrap_or_clone(record));
            findings.is_early = matched.release.earliest_date().map(ReleaseDate::is_early);
        }
        for (track_id, matched) in &self.recordings {
            let record = Arc::new(matched.record());
            let recording = &matched.recording;
            let credits = recording.credits.iter();
            findings
                .credits
                .extend(credits.map(|credit| matched_credit(CreditScope::Track(*track_id), &record, credit)));
            // Of several ISRCs of a recording the smallest is taken.
            let facts = findings.facts.entry(*track_id).or_default();
            facts.0 = facts.0.take().or(recording.isrcs.iter().min().cloned());
            facts.1 = recording.duration_ms;
            findings.tracks.insert(*track_id, Arc::unwrap_or_clone(record));
        }
    }
}

impl MatchedRelease {
    /// The release that an album was imported from.
    #[must_use]
    pub fn own(release: Release) -> Self {
        Self {
            release,
            matched_by: MatchMethod::Own,
            score: 1.0,
        }
    }

    fn record(&self) -> MatchedRecord {
        MatchedRecord {
            kind: "release".to_owned(),
            id: self.release.id.to_string(),
            matched_by: self.matched_by,
            score: self.score,
        }
    }
}

impl MatchedRecording {
    /// The recording as a matched record.
    #[must_use]
    pub fn record(&self) -> MatchedRecord {
        MatchedRecord {
            kind: "recording".to_owned(),
            id: self.recording.id.to_string(),
            matched_by: self.matched_by,
            score: self.score,
        }
    }
}

fn matched_credit(scope: CreditScope, record: &Arc<MatchedRecord>, credit: &Credit) -> MatchedCredit {
    let is_producer = credit.role.is_music_production() && names::is_visible(&credit.name);
    let producer = credit
        .source_artist_id
        .clone()
        .filter(|id| is_producer && !is_special_artist(id));
    MatchedCredit {
        scope,
        record: Arc::clone(record),
        credit: credit.clone(),
        producer,
    }
}

/// The MBID of the album's artist. Our artist and the release's only artist are the same if they share a
/// name, because they share the album.
fn album_artist(album: &Album, release: &Release) -> Option<String> {
    let [artist] = &release.artists[..] else {
        return None;
    };
    let is_same = names::is_same_name(&artist.name, &album.artist_name)
        || names::is_same_name(&artist.credited_as, &album.artist_name);
    (is_same && !album.is_various && !is_special_artist(artist.mbid.as_str()))
        .then(|| artist.mbid.to_string())
}

/// The recordings of a release that are tracks of the album.
fn recordings_on(matched: &MatchedRelease, tracks: &[Track]) -> BTreeMap<TrackId, MatchedRecording> {
    let candidates: Vec<_> = matched.release.audio_tracks().collect();
    let entries: Vec<matching::ListedTrack<'_>> = candidates
        .iter()
        .map(|candidate| matching::ListedTrack {
            track_in_place: tracks
                .iter()
                .find(|track| {
                    (i32::from(track.disc_number), track.track_number)
                        == (candidate.disc_number, candidate.position)
                })
                .map(|track| track.id),
            title: &candidate.title,
            duration_ms: candidate.duration_ms.or(candidate.recording.duration_ms),
        })
        .collect();
    matching::match_tracks(tracks, &entries)
        .into_iter()
        .map(|(track_id, (index, score))| {
            let recording = MatchedRecording {
                recording: candidates[index].recording.clone(),
                matched_by: matched.matched_by,
                score: score * matched.score,
            };
            (track_id, recording)
        })
        .collect()
}
