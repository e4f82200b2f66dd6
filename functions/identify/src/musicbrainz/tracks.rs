//! Looks up single tracks at MusicBrainz: by the recording that a release names for them, by ISRC,
//! and by search.

use shared::catalog::credit_matching::musicbrainz::MatchedRecording;
use shared::catalog::credit_matching::{TRACK, lookup_of_record, lookup_outcome, matching};
use shared::domain::buckets::Bucket;
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::{Isrc, RecordingMbid};
use shared::domain::titles;
use shared::store::catalog::tracks::Track;
use shared::store::work::lookups::{Lookup, LookupOutcome};
use shared::work::budgets::{BudgetError, MessageBudgets};

use super::{LookupSession, SOURCE};

impl LookupSession<'_> {
    /// Looks up a track that the release left open.
    pub(super) async fn look_up_track(&mut self, track: &Track) -> Lookup {
        let now = self.query.budgets.now();
        let lookup = |outcome| Lookup::new(SOURCE, TRACK, track.id, outcome, now);
        if self.musicbrainz_error.is_some() {
            return lookup(LookupOutcome::Blocked);
        }
        let mut isrc = track.isrc.clone();
        let mut found = self.fetch_named_recording(track).await;
        if matches!(found, Ok(None)) {
            if isrc.is_none() {
                isrc = self.fetch_isrc_from_spotify(track).await;
            }
            found = self.find_recording(track, isrc.as_ref()).await;
        }
        match found {
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
        let now = self.query.budgets.now();
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

    /// The budgets for single tracks.
    fn track_budgets(&self) -> MessageBudgets<'_> {
        if self.is_too_large {
            self.query.budgets.of_half()
        } else {
            self.query.budgets
        }
    }

    /// The recording that the release names for an open track without its credits, now or in an earlier
    /// answer, with the method and the score of the match. If the release was answered in full, the link of a
    /// track that it leaves open is outdated.
    pub(super) fn recording_named_for(&self, track: &Track) -> Option<(RecordingMbid, MatchMethod, f32)> {
        if let Some(found) = self.records.recordings.get(&track.id) {
            return Some((found.recording.id.clone(), found.matched_by, found.score));
        }
        let state = self.query.state;
        let mut links = state.recording_links.iter();
        let link = links.find(|link| link.track_id == track.id)?;
        let may_be_used = self.release_error.is_some() || state.is_album_known(SOURCE);
        let id = link.source_id.parse().ok().filter(|_| may_be_used)?;
        Some((id, link.matched_by, link.match_score))
    }

    async fn fetch_named_recording(&self, track: &Track) -> Result<Option<MatchedRecording>, BudgetError> {
        let Some((id, matched_by, score)) = self.recording_named_for(track) else {
            return Ok(None);
        };
        let recording = self
            .track_budgets()
            .spend(Bucket::MusicBrainz, || self.musicbrainz.fetch_recording(&id))
            .await?;
        Ok(recording.map(|recording| MatchedRecording {
            recording,
            matched_by,
            score,
        }))
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
            .track_budgets()
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
            .track_budgets()
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
            .track_budgets()
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
