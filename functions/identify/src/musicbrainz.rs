//! Looks up an album at MusicBrainz: the release that it was imported from, otherwise the release with its
//! barcode, then the remaining tracks one by one, by ISRC and by search.

use chrono::Utc;
use shared::catalog::credit_matching::musicbrainz::{MatchedRecording, MatchedRecords, MatchedRelease};
use shared::catalog::credit_matching::{
    ALBUM, SourceFindings, TRACK, lookup_of_record, lookup_outcome, matching,
};
use shared::catalog::identification::AlbumSnapshot;
use shared::domain::buckets::Bucket;
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::{Isrc, ReleaseMbid};
use shared::domain::titles;
use shared::platform::http;
use shared::store::catalog::tracks::Track;
use shared::store::work::lookups::{Lookup, LookupOutcome};
use shared::upstreams::musicbrainz::{MusicBrainz, Release};
use shared::work::budgets::BudgetError;

use crate::context::AlbumQuery;

const SOURCE: Source = Source::MusicBrainz;

/// Looks up what has no fresh lookup. Returns the findings, and the error that left a lookup open.
pub(crate) async fn look_up(
    query: AlbumQuery<'_>,
    musicbrainz: &MusicBrainz,
) -> (SourceFindings, Option<BudgetError>) {
    let mut session = LookupSession {
        query,
        musicbrainz,
        findings: SourceFindings::new(SOURCE),
        records: MatchedRecords::default(),
        release_error: None,
        musicbrainz_error: None,
        spotify_error: None,
    };
    let mut open = query.state.open_tracks(SOURCE);
    open.retain(|track| query.wanted.contains(&track.id));
    if open.is_empty() {
        return (session.findings, None);
    }
    let mut copied = None;
    if !query.state.is_album_known(SOURCE) {
        copied = query.stored.copy_album(SOURCE, &mut session.findings);
        if copied.is_none()
            && let Err(error) = session.look_up_release().await
        {
            session.record_release_error(error);
        }
    }
    let copied = copied.unwrap_or_default();
    for track in open {
        if copied.contains(&track.id) || session.records.recordings.contains_key(&track.id) {
            continue;
        }
        if !query.stored.copy_track(SOURCE, track.id, &mut session.findings) {
            let lookup = session.look_up_track(track).await;
            session.findings.lookups.push(lookup);
        }
    }
    session
        .records
        .add_to(&query.state.snapshot.album, &mut session.findings);
    let error = session.musicbrainz_error.or(session.release_error);
    (session.findings, error.or(session.spotify_error))
}

struct LookupSession<'a> {
    query: AlbumQuery<'a>,
    musicbrainz: &'a MusicBrainz,
    findings: SourceFindings,
    /// The matched release and recordings so far.
    records: MatchedRecords,
    /// Why the release is still to be looked up.
    release_error: Option<BudgetError>,
    /// Why no further request is made to MusicBrainz.
    musicbrainz_error: Option<BudgetError>,
    /// Why no further request is made to Spotify.
    spotify_error: Option<BudgetError>,
}

impl LookupSession<'_> {
    /// Looks up the release that the album is, with the recordings on it that are tracks of the album. This
    /// takes one request if the album was imported from the release, otherwise two.
    async fn look_up_release(&mut self) -> Result<(), BudgetError> {
        let AlbumSnapshot { album, tracks, .. } = &self.query.state.snapshot;
        let now = Utc::now();
        let mut release = None;
        if let Some(id) = &self.query.state.snapshot.own_release {
            release = self.fetch_release(id).await?.map(MatchedRelease::own);
        }
        if release.is_none() {
            release = self.find_release_by_barcode().await?;
        }
        self.records = MatchedRecords::from_release(release, tracks);
        self.records.add_lookups(album, now, &mut self.findings);
        Ok(())
    }

    /// Records why the release was not found. If MusicBrainz is unavailable, that may be due to the size of
    /// the release. Then its recordings are looked up one by one, and the release again later. If MusicBrainz
    /// is down, the first recording fails, too.
    fn record_release_error(&mut self, error: BudgetError) {
        let is_unavailable = matches!(error, BudgetError::Upstream(_, http::Error::Unavailable { .. }));
        if !is_unavailable {
            self.musicbrainz_error = Some(error);
            return;
        }
        let (album_id, outcome) = (self.query.state.snapshot.album.id, lookup_outcome(&error));
        let lookup = Lookup::new(SOURCE, ALBUM, album_id, outcome, Utc::now());
        self.findings.lookups.push(lookup);
        self.release_error = Some(error);
    }

    async fn find_release_by_barcode(&self) -> Result<Option<MatchedRelease>, BudgetError> {
        let AlbumSnapshot { album, tracks, .. } = &self.query.state.snapshot;
        let Some(upc) = &album.upc else {
            return Ok(None);
        };
        let hits = self
            .query
            .budgets
            .spend(Bucket::MusicBrainz, || {
                self.musicbrainz.search_releases_by_barcode(upc)
            })
            .await?;
        let best = hits
            .iter()
            .map(|hit| (matching::score_musicbrainz_release(album, tracks.len(), hit), hit))
            .filter(|(score, _)| *score > 0.0)
            .max_by(|(a, left), (b, right)| a.total_cmp(b).then_with(|| right.id.cmp(&left.id)));
        let Some((score, hit)) = best else {
            return Ok(None);
        };
        let release = self.fetch_release(&hit.id).await?;
        Ok(release.map(|release| MatchedRelease {
            release,
            matched_by: MatchMethod::Barcode,
            score,
        }))
    }

    async fn fetch_release(&self, id: &ReleaseMbid) -> Result<Option<Release>, BudgetError> {
        self.query
            .budgets
            .spend(Bucket::MusicBrainz, || self.musicbrainz.fetch_release(id))
            .await
    }

    /// Looks up a track that the release left open.
    async fn look_up_track(&mut self, track: &Track) -> Lookup {
        let now = Utc::now();
        let lookup = |outcome| Lookup::new(SOURCE, TRACK, track.id, outcome, now);
        if self.musicbrainz_error.is_some() {
            return lookup(LookupOutcome::Blocked);
        }
        let isrc = match &track.isrc {
            Some(isrc) => Some(isrc.clone()),
            None => self.fetch_isrc_from_spotify(track).await,
        };
        match self.find_recording(track, isrc.as_ref()).await {
            Ok(Some(matched)) => {
                let record = matched.record();
                self.records.recordings.insert(track.id, matched);
                lookup_of_record(SOURCE, TRACK, track.id, Some(&record), now)
            }
            // With its ISRC the recording might have been found.
            Ok(None) if isrc.is_none() && self.spotify_error.is_some() => lookup(LookupOutcome::Blocked),
            Ok(None) => lookup(LookupOutcome::NotFound),
            Err(error) => {
                let outcome = lookup_outcome(&error);
                self.musicbrainz_error = Some(error);
                lookup(outcome)
            }
        }
    }

    /// Fetches the track from Spotify for its ISRC, because Spotify states ISRCs only there.
    async fn fetch_isrc_from_spotify(&mut self, track: &Track) -> Option<Isrc> {
        let spotify = self.query.spotify?;
        let id = track.spotify_track_id.as_ref()?;
        let lookups = &self.query.state.spotify_lookups;
        let is_known = lookups.iter().any(|lookup| lookup.subject == id.as_str());
        if is_known || self.spotify_error.is_some() {
            return None;
        }
        let now = Utc::now();
        let response = self
            .query
            .budgets
            .spend(Bucket::SpotifyTracks, || spotify.fetch_track(id))
            .await;
        match response {
            Ok(found) => {
                let outcome = match found {
                    Some(_) => LookupOutcome::Found,
                    None => LookupOutcome::NotFound,
                };
                let lookup = Lookup::new(Source::Spotify, TRACK, id, outcome, now);
                self.findings.lookups.push(lookup);
                let isrc = found?.isrc?;
                self.findings.facts.insert(track.id, (Some(isrc.clone()), None));
                Some(isrc)
            }
            Err(error) => {
                self.spotify_error = Some(error);
                None
            }
        }
    }

    async fn find_recording(
        &self,
        track: &Track,
        isrc: Option<&Isrc>,
    ) -> Result<Option<MatchedRecording>, BudgetError> {
        if let Some(isrc) = isrc
            && let Some(matched) = self.find_recording_by_isrc(track, isrc).await?
        {
            return Ok(Some(matched));
        }
        self.search_recording(track).await
    }

    async fn find_recording_by_isrc(
        &self,
        track: &Track,
        isrc: &Isrc,
    ) -> Result<Option<MatchedRecording>, BudgetError> {
        let recordings = self
            .query
            .budgets
            .spend(Bucket::MusicBrainz, || {
                self.musicbrainz.fetch_recordings_by_isrc(isrc)
            })
            .await?;
        // Of equal scores a recording with credits is taken, then the one with the smallest id.
        let best = recordings
            .into_iter()
            .map(|recording| (matching::score_recording_with_isrc(track, &recording), recording))
            .filter(|(score, _)| *score > 0.0)
            .max_by(|(a, left), (b, right)| {
                a.total_cmp(b)
                    .then_with(|| left.credits.is_empty().cmp(&right.credits.is_empty()).reverse())
                    .then_with(|| right.id.cmp(&left.id))
            });
        Ok(best.map(|(score, recording)| MatchedRecording {
            recording,
            matched_by: MatchMethod::Isrc,
            score,
        }))
    }

    async fn search_recording(&self, track: &Track) -> Result<Option<MatchedRecording>, BudgetError> {
        let Some(artist) = track.artist_names.first() else {
            return Ok(None);
        };
        let title = searched_title(&track.name);
        let hits = self
            .query
            .budgets
            .spend(Bucket::MusicBrainz, || {
                self.musicbrainz.search_recordings(artist, title, None)
            })
            .await?;
        let best = hits
            .iter()
            .map(|hit| (matching::score_searched_recording(track, hit), hit))
            .filter(|(score, hit)| *score >= matching::SEARCH_THRESHOLD && !hit.video)
            .max_by(|(a, left), (b, right)| {
                a.total_cmp(b)
                    .then_with(|| left.score.cmp(&right.score))
                    .then_with(|| right.id.cmp(&left.id))
            });
        let Some((score, hit)) = best else {
            return Ok(None);
        };
        let recording = self
            .query
            .budgets
            .spend(Bucket::MusicBrainz, || self.musicbrainz.fetch_recording(&hit.id))
            .await?;
        Ok(recording.map(|recording| MatchedRecording {
            recording,
            matched_by: MatchMethod::Search,
            score,
        }))
    }
}

/// The title as MusicBrainz has it: without Spotify's suffix for the edition, as in "Song - Remaster",
/// because MusicBrainz recordings have none.
fn searched_title(title: &str) -> &str {
    match title.split_once(" - ") {
        Some((song, _)) if titles::read(title).key == titles::read(song).key => song,
        _ => title,
    }
}
