//! Asks MusicBrainz about an album: the release that it was brought in from, else the one that has its barcode, then what is
//! left track by track, by ISRC and by search. What its credits add up to stays out.

use chrono::Utc;
use shared::catalog::credit_matching::musicbrainz::{MatchedRecording, MatchedRecords, MatchedRelease};
use shared::catalog::credit_matching::{
    ALBUM, SourceFindings, TRACK, lookup_of_record, matching, outcome_of_error,
};
use shared::domain::buckets::Bucket;
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::{Isrc, ReleaseMbid};
use shared::domain::titles;
use shared::store::catalog::tracks::Track;
use shared::store::work::lookups::{Lookup, LookupOutcome};
use shared::upstreams::musicbrainz::MusicBrainz;
use shared::work::budgets;

use crate::{Asking, State};

const SOURCE: Source = Source::MusicBrainz;

/// Asks what has to be asked; with the first refusal or failure.
pub(crate) async fn ask(
    asking: Asking<'_>,
    musicbrainz: &MusicBrainz,
) -> (SourceFindings, Option<budgets::BudgetError>) {
    let mut room = Room {
        asking,
        musicbrainz,
        found: SourceFindings::new(SOURCE),
        records: MatchedRecords::default(),
        release_stopped: None,
        musicbrainz_stopped: None,
        spotify_stopped: None,
    };
    let open = room.open();
    if open.is_empty() {
        return (room.found, None);
    }
    let mut told = None;
    if !asking.state.is_album_known(SOURCE) {
        told = asking.own.give_album(SOURCE, &mut room.found);
        if told.is_none()
            && let Err(error) = room.release().await
        {
            room.left_by_release(error);
        }
    }
    let told = told.unwrap_or_default();
    for track in open {
        if told.contains(&track.id) {
            continue;
        }
        if !room.records.recordings.contains_key(&track.id) && !room.take_own(track) {
            let lookup = room.track(track).await;
            room.found.lookups.push(lookup);
        }
    }
    let stopped = room.musicbrainz_stopped.take();
    let stopped = stopped.or(room.release_stopped.take());
    let stopped = stopped.or(room.spotify_stopped.take());
    room.records.add_to(&asking.state.album, &mut room.found);
    (room.found, stopped)
}

struct Room<'a> {
    asking: Asking<'a>,
    musicbrainz: &'a MusicBrainz,
    found: SourceFindings,
    /// What the album and its tracks are at MusicBrainz.
    records: MatchedRecords,
    /// Why its release is still to be asked for.
    release_stopped: Option<budgets::BudgetError>,
    /// Why MusicBrainz is not asked any more.
    musicbrainz_stopped: Option<budgets::BudgetError>,
    /// Why Spotify is not asked any more.
    spotify_stopped: Option<budgets::BudgetError>,
}

impl<'a> Room<'a> {
    /// The tracks that have to be asked about.
    fn open(&self) -> Vec<&'a Track> {
        let mut open = self.asking.state.open_tracks(SOURCE);
        open.retain(|track| self.asking.wanted.contains(&track.id));
        open
    }

    /// The release that the album is, and the recordings on it that are ours. One call where the album was brought in from
    /// it, else two.
    async fn release(&mut self) -> Result<(), budgets::BudgetError> {
        let State { album, tracks, .. } = self.asking.state;
        let now = Utc::now();
        let mut release = None;
        if let Some(id) = &self.asking.state.own_release {
            release = self.fetch(id, MatchMethod::Own, 1.0).await?;
        }
        if release.is_none() {
            release = self.release_by_barcode().await?;
        }
        self.records = MatchedRecords::from_release(release, tracks);
        self.records.add_lookups(album, now, &mut self.found);
        Ok(())
    }

    /// A huge release can be too much for MusicBrainz while its recordings are not: they are asked for one by one, and the
    /// release again later. Where MusicBrainz is down, the first of them says so.
    fn left_by_release(&mut self, error: budgets::BudgetError) {
        let is_too_much = matches!(
            error,
            budgets::BudgetError::Upstream(_, shared::platform::http::Error::Unavailable { .. })
        );
        if !is_too_much {
            self.musicbrainz_stopped = Some(error);
            return;
        }
        let (album_id, outcome) = (self.asking.state.album.id, outcome_of_error(&error));
        let of_album = Lookup::new(SOURCE, ALBUM, album_id, outcome, Utc::now());
        self.found.lookups.push(of_album);
        self.release_stopped = Some(error);
    }

    async fn release_by_barcode(&self) -> Result<Option<MatchedRelease>, budgets::BudgetError> {
        let State { album, tracks, .. } = self.asking.state;
        let Some(upc) = &album.upc else {
            return Ok(None);
        };
        let (budgets, deadline) = (&self.asking.context.budgets, self.asking.deadline);
        let hits = budgets
            .spend(Bucket::MusicBrainz, deadline, || {
                self.musicbrainz.search_releases_by_barcode(upc)
            })
            .await?;
        let best = hits
            .iter()
            .map(|hit| (matching::score_musicbrainz_release(album, tracks.len(), hit), hit))
            .filter(|(score, _)| *score > 0.0)
            .max_by(|(a, left), (b, right)| a.total_cmp(b).then_with(|| right.id.cmp(&left.id)));
        match best {
            Some((score, hit)) => self.fetch(&hit.id, MatchMethod::Barcode, score).await,
            None => Ok(None),
        }
    }

    async fn fetch(
        &self,
        id: &ReleaseMbid,
        matched_by: MatchMethod,
        score: f32,
    ) -> Result<Option<MatchedRelease>, budgets::BudgetError> {
        let (budgets, deadline) = (&self.asking.context.budgets, self.asking.deadline);
        let release = budgets
            .spend(Bucket::MusicBrainz, deadline, || {
                self.musicbrainz.fetch_release(id)
            })
            .await?;
        Ok(release.map(|release| MatchedRelease {
            release,
            matched_by,
            score,
        }))
    }

    /// Whether another track of ours tells all that MusicBrainz knows of this one.
    fn take_own(&mut self, track: &Track) -> bool {
        self.asking.own.give(SOURCE, track.id, &mut self.found)
    }

    /// One track that the release left open.
    async fn track(&mut self, track: &Track) -> Lookup {
        let now = Utc::now();
        let unknown = |outcome| Lookup::new(SOURCE, TRACK, track.id, outcome, now);
        if self.musicbrainz_stopped.is_some() {
            return unknown(LookupOutcome::Blocked);
        }
        let isrc = match &track.isrc {
            Some(isrc) => Some(isrc.clone()),
            None => self.isrc_at_spotify(track).await,
        };
        match self.recording(track, isrc.as_ref()).await {
            Ok(Some(found)) => {
                let record = found.record();
                self.records.recordings.insert(track.id, found);
                lookup_of_record(SOURCE, TRACK, track.id, Some(&record), now)
            }
            // With its ISRC it might have been found.
            Ok(None) if isrc.is_none() && self.spotify_stopped.is_some() => unknown(LookupOutcome::Blocked),
            Ok(None) => unknown(LookupOutcome::NotFound),
            Err(error) => {
                let outcome = outcome_of_error(&error);
                self.musicbrainz_stopped = Some(error);
                unknown(outcome)
            }
        }
    }

    /// Spotify tells an ISRC only with the track itself.
    async fn isrc_at_spotify(&mut self, track: &Track) -> Option<Isrc> {
        let (spotify, id) = (
            self.asking.context.spotify.as_deref()?,
            track.spotify_track_id.as_ref()?,
        );
        let is_known = self
            .asking
            .state
            .spotify_lookups
            .iter()
            .any(|lookup| lookup.subject == id.as_str());
        if is_known || self.spotify_stopped.is_some() {
            return None;
        }
        let now = Utc::now();
        match self
            .asking
            .context
            .budgets
            .spend(Bucket::SpotifyTracks, self.asking.deadline, || {
                spotify.fetch_track(id)
            })
            .await
        {
            Ok(answer) => {
                let outcome = if answer.is_some() {
                    LookupOutcome::Found
                } else {
                    LookupOutcome::NotFound
                };
                self.found
                    .lookups
                    .push(Lookup::new(Source::Spotify, TRACK, id, outcome, now));
                let isrc = answer?.isrc?;
                self.found.facts.insert(track.id, (Some(isrc.clone()), None));
                Some(isrc)
            }
            Err(error) => {
                self.spotify_stopped = Some(error);
                None
            }
        }
    }

    async fn recording(
        &self,
        track: &Track,
        isrc: Option<&Isrc>,
    ) -> Result<Option<MatchedRecording>, budgets::BudgetError> {
        if let Some(isrc) = isrc
            && let Some(found) = self.recording_by_isrc(track, isrc).await?
        {
            return Ok(Some(found));
        }
        self.recording_by_search(track).await
    }

    async fn recording_by_isrc(
        &self,
        track: &Track,
        isrc: &Isrc,
    ) -> Result<Option<MatchedRecording>, budgets::BudgetError> {
        let recordings = self
            .asking
            .context
            .budgets
            .spend(Bucket::MusicBrainz, self.asking.deadline, || {
                self.musicbrainz.fetch_recordings_by_isrc(isrc)
            })
            .await?;
        // Of several that fit equally, one that has credits, then the smallest id.
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

    async fn recording_by_search(
        &self,
        track: &Track,
    ) -> Result<Option<MatchedRecording>, budgets::BudgetError> {
        let Some(artist) = track.artist_names.first() else {
            return Ok(None);
        };
        let budgets = &self.asking.context.budgets;
        let title = song_words(&track.name);
        let hits = budgets
            .spend(Bucket::MusicBrainz, self.asking.deadline, || {
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
        let recording = budgets
            .spend(Bucket::MusicBrainz, self.asking.deadline, || {
                self.musicbrainz.fetch_recording(&hit.id)
            })
            .await?;
        Ok(recording.map(|recording| MatchedRecording {
            recording,
            matched_by: MatchMethod::Search,
            score,
        }))
    }
}

/// The title as MusicBrainz files it: without Spotify's dashed note of the edition, which its recordings do not carry.
fn song_words(title: &str) -> &str {
    match title.split_once(" - ") {
        Some((song, _)) if titles::read(title).key == titles::read(song).key => song,
        _ => title,
    }
}
