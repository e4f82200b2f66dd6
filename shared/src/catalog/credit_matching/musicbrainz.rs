//! What MusicBrainz's releases and recordings say of an album and its tracks, in the shape of every source. Asking it stays
//! out.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    ALBUM, CreditScope, MatchedCredit, MatchedRecord, SourceFindings, TRACK, lookup_of_record, matching,
};
use crate::domain::credits::{Credit, MatchMethod, Source};
use crate::domain::ids::{AlbumId, TrackId};
use crate::domain::names;
use crate::platform::db::Client;
use crate::store::catalog::albums::{self, Album};
use crate::store::catalog::tracks::{self, Track};
use crate::upstreams::musicbrainz::{Recording, Release, is_special_artist};

/// The release that an album is.
pub struct MatchedRelease {
    /// The release.
    pub release: Release,
    /// How it was recognised.
    pub matched_by: MatchMethod,
    /// How well it fits, 0 to 1.
    pub score: f32,
}

/// What the release tells that an album was brought in from.
pub struct OwnReleaseFindings {
    /// The album.
    pub album: Album,
    /// Its tracks.
    pub tracks: Vec<Track>,
    /// What the release says of them.
    pub findings: SourceFindings,
}

/// What a release tells of the album that was brought in from it; none where the album is gone, or another release leads.
///
/// # Errors
/// The database's.
pub async fn findings_from_own_release(
    client: &Client<'_>,
    album_id: AlbumId,
    release: &Release,
    looked_up_at: DateTime<Utc>,
) -> Result<Option<OwnReleaseFindings>, tokio_postgres::Error> {
    let Some(album) = albums::find(client, album_id).await? else {
        return Ok(None);
    };
    let own = albums::find_own(client, album_id, Source::MusicBrainz).await?;
    if own.as_deref() != Some(release.id.as_str()) {
        return Ok(None);
    }
    let tracks = tracks::list_by_album(client, album_id).await?;
    // Not from before the album was written: it would not hold for it.
    let looked_up_at = looked_up_at.max(album.updated_at);
    let records = Records::of_release(Some(own_release(release)), &tracks);
    let mut found = SourceFindings::new(Source::MusicBrainz);
    records.settle(&album, looked_up_at, &mut found);
    records.tell(&album, &mut found);
    Ok(Some(OwnReleaseFindings {
        album,
        tracks,
        findings: found,
    }))
}

/// What a release tells of the album that it is by itself, whose tracks these are.
pub fn findings_from_release(release: &Release, tracks: &[Track]) -> SourceFindings {
    let records = Records::of_release(Some(own_release(release)), tracks);
    let mut found = SourceFindings::new(Source::MusicBrainz);
    records.claim(&mut found);
    found
}

fn own_release(release: &Release) -> MatchedRelease {
    MatchedRelease {
        release: release.clone(),
        matched_by: MatchMethod::Own,
        score: 1.0,
    }
}

/// The recording that a track is.
pub struct MatchedRecording {
    /// The recording.
    pub recording: Recording,
    /// How it was recognised.
    pub matched_by: MatchMethod,
    /// How well it fits, 0 to 1.
    pub score: f32,
}

/// The release that an album is, and the recordings that its tracks are, as far as they are found.
#[derive(Default)]
pub struct Records {
    release: Option<MatchedRelease>,
    /// By the track.
    pub recordings: BTreeMap<TrackId, MatchedRecording>,
}

impl Records {
    /// Takes the release that came of asking about the album, with the recordings on it that are tracks of ours. One that
    /// none of them is on has our barcode and is another.
    #[must_use]
    pub fn of_release(release: Option<MatchedRelease>, tracks: &[Track]) -> Self {
        let recordings = release
            .as_ref()
            .map(|release| recordings_on(release, tracks))
            .unwrap_or_default();
        Self {
            release: release.filter(|_| !recordings.is_empty()),
            recordings,
        }
    }

    /// That the album was asked about at a time, and that its release told of tracks.
    pub fn settle(&self, album: &Album, at: DateTime<Utc>, found: &mut SourceFindings) {
        let record = self.release.as_ref().map(MatchedRelease::record);
        let of_album = lookup_of_record(Source::MusicBrainz, ALBUM, album.id, record.as_ref(), at);
        found.lookups.push(of_album);
        for (id, recording) in &self.recordings {
            let record = recording.record();
            let of_track = lookup_of_record(Source::MusicBrainz, TRACK, id, Some(&record), at);
            found.lookups.push(of_track);
        }
    }

    /// Adds all that they say of an album.
    pub fn tell(&self, album: &Album, found: &mut SourceFindings) {
        let release = self.release.as_ref();
        found.artist = release.and_then(|of_album| album_artist(album, &of_album.release));
        self.claim(found);
    }

    fn claim(&self, found: &mut SourceFindings) {
        if let Some(of_album) = &self.release {
            let (release, record) = (&of_album.release, Arc::new(of_album.record()));
            let claims = release
                .credits
                .iter()
                .map(|credit| stated(CreditScope::Album, &record, credit));
            found.credits.extend(claims);
            found.album = Some(Arc::unwrap_or_clone(record));
        }
        for (track_id, of_track) in &self.recordings {
            let record = Arc::new(of_track.record());
            let (recording, about) = (&of_track.recording, CreditScope::Track(*track_id));
            let claims = recording
                .credits
                .iter()
                .map(|credit| stated(about.clone(), &record, credit));
            found.credits.extend(claims);
            // Of several ISRCs of a recording the smallest.
            let facts = found.facts.entry(*track_id).or_default();
            facts.0 = facts.0.take().or(recording.isrcs.iter().min().cloned());
            facts.1 = recording.duration_ms;
            let record = Arc::unwrap_or_clone(record);
            found.tracks.insert(*track_id, record);
        }
    }
}

impl MatchedRelease {
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
    /// Which record it is.
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

fn stated(about: CreditScope, record: &Arc<MatchedRecord>, credit: &Credit) -> MatchedCredit {
    let is_producer = credit.role.is_music_production() && names::is_visible(&credit.name);
    let producer = credit
        .source_artist_id
        .clone()
        .filter(|id| is_producer && !is_special_artist(id));
    MatchedCredit {
        scope: about,
        record: Arc::clone(record),
        credit: credit.clone(),
        producer,
    }
}

/// The artist of ours and the one MusicBrainz names share an album and a name: they are one.
fn album_artist(album: &Album, release: &Release) -> Option<String> {
    let [artist] = &release.artists[..] else {
        return None;
    };
    let is_same = names::is_same_name(&artist.name, &album.artist_name)
        || names::is_same_name(&artist.credited_as, &album.artist_name);
    (is_same && !album.is_various && !is_special_artist(artist.mbid.as_str()))
        .then(|| artist.mbid.to_string())
}

/// The recordings of a release that are tracks of ours.
fn recordings_on(of: &MatchedRelease, tracks: &[Track]) -> BTreeMap<TrackId, MatchedRecording> {
    let candidates: Vec<_> = of
        .release
        .tracks
        .iter()
        .filter(|track| track.position > 0 && !track.recording.video)
        .collect();
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
        .map(|(track_id, (at, score))| {
            let recording = MatchedRecording {
                recording: candidates[at].recording.clone(),
                matched_by: of.matched_by,
                score: score * of.score,
            };
            (track_id, recording)
        })
        .collect()
}
