//! Asks Genius about the tracks that are left, one by one: a search whose answers are compared, then the song. A page that
//! names our Spotify track is the song, whatever else it says.

use std::sync::Arc;

use chrono::Utc;
use serde_json::json;
use shared::catalog::credit_matching::{
    CreditScope, MatchedCredit, MatchedRecord, SourceFindings, TRACK, lookup_of_record, matching,
    outcome_of_error,
};
use shared::domain::buckets::Bucket;
use shared::domain::credits::{Credit, MatchMethod, Source, StatedCredit};
use shared::domain::names;
use shared::domain::roles;
use shared::store::catalog::tracks::Track;
use shared::store::work::lookups::{Lookup, LookupOutcome};
use shared::upstreams::genius::{Genius, Song, SongSummary};
use shared::work::budgets;

use crate::Asking;

const SOURCE: Source = Source::Genius;
/// The songs that are fetched at most to find a track among them.
const FETCHED: usize = 2;

/// Asks what has to be asked; with the first refusal or failure.
pub(crate) async fn ask(
    asking: Asking<'_>,
    genius: &Genius,
) -> (SourceFindings, Option<budgets::BudgetError>) {
    let mut found = SourceFindings::new(SOURCE);
    let mut stopped = None;
    let room = Room { asking, genius };
    for track in asking.state.open_tracks(SOURCE) {
        if !asking.wanted.contains(&track.id) || asking.own.give(SOURCE, track.id, &mut found) {
            continue;
        }
        let now = Utc::now();
        if stopped.is_some() {
            let outcome = LookupOutcome::Blocked;
            found
                .lookups
                .push(Lookup::new(SOURCE, TRACK, track.id, outcome, now));
            continue;
        }
        match room.song(track).await {
            Ok(Some((song, record))) => {
                let mut lookup = lookup_of_record(SOURCE, TRACK, track.id, Some(&record), now);
                let year = asking.state.album.year;
                lookup.answer["compared"] = matching::comparison(track, year, &song.summary);
                lookup.answer["url"] = json!(song.summary.url);
                found.lookups.push(lookup);
                found.credits.extend(claims(track, &song, &record));
                found.tracks.insert(track.id, record);
            }
            Ok(None) => found
                .lookups
                .push(lookup_of_record(SOURCE, TRACK, track.id, None, now)),
            Err(error) => {
                let outcome = outcome_of_error(&error);
                found
                    .lookups
                    .push(Lookup::new(SOURCE, TRACK, track.id, outcome, now));
                stopped = Some(error);
            }
        }
    }
    (found, stopped)
}

struct Room<'a> {
    asking: Asking<'a>,
    genius: &'a Genius,
}

impl Room<'_> {
    /// The song that a track is.
    async fn song(&self, track: &Track) -> Result<Option<(Song, MatchedRecord)>, budgets::BudgetError> {
        let Some(artist) = track.artist_names.first() else {
            return Ok(None);
        };
        let (context, deadline) = (self.asking.context, self.asking.deadline);
        let hits = context
            .budgets
            .spend(Bucket::Genius, deadline, || {
                self.genius.search_songs(artist, &track.name)
            })
            .await?;
        let mut best: Option<(Song, MatchedRecord)> = None;
        for hit in self.fitting(track, hits).into_iter().take(FETCHED) {
            let song = context
                .budgets
                .spend(Bucket::Genius, deadline, || self.genius.fetch_song(hit.id))
                .await?;
            let Some(song) = song else { continue };
            let Some(record) = self.record(track, &song) else {
                continue;
            };
            if record.matched_by == MatchMethod::Link {
                return Ok(Some((song, record)));
            }
            if best.as_ref().is_none_or(|(_, known)| record.score > known.score) {
                best = Some((song, record));
            }
        }
        Ok(best)
    }

    /// What may be the track, best first; of equals the lowest number.
    fn fitting(&self, track: &Track, hits: Vec<SongSummary>) -> Vec<SongSummary> {
        let year = self.asking.state.album.year;
        let mut scored: Vec<(f32, SongSummary)> = hits
            .into_iter()
            .map(|hit| (matching::score_genius_song(track, year, &hit), hit))
            .filter(|(score, _)| *score >= matching::SEARCH_THRESHOLD)
            .collect();
        scored.sort_by(|(a, left), (b, right)| b.total_cmp(a).then_with(|| left.id.cmp(&right.id)));
        scored.into_iter().map(|(_, hit)| hit).collect()
    }

    /// How a song is the track; None where it is not.
    fn record(&self, track: &Track, song: &Song) -> Option<MatchedRecord> {
        let states_link = track
            .spotify_track_id
            .as_ref()
            .is_some_and(|id| song.spotify_track_ids.contains(id));
        let score = matching::score_genius_song(track, self.asking.state.album.year, &song.summary);
        let (matched_by, score) = if states_link {
            (MatchMethod::Link, 1.0)
        } else if matching::is_other_version(track, song) || score < matching::SEARCH_THRESHOLD {
            return None;
        } else {
            (MatchMethod::Search, score)
        };
        Some(MatchedRecord {
            kind: "song".to_owned(),
            id: song.summary.id.to_string(),
            matched_by,
            score,
        })
    }
}

fn claims(track: &Track, song: &Song, record: &MatchedRecord) -> Vec<MatchedCredit> {
    let main_artist = match song.summary.primary_artists.first() {
        Some(artist) => artist.id.to_string(),
        None => format!("song {}", song.summary.id),
    };
    let (mut claims, record) = (Vec::new(), Arc::new(record.clone()));
    for stated in &song.credits {
        for wording in roles::roles_from_wording(&stated.raw_role) {
            let is_producer = wording.role.is_music_production() && names::is_visible(&stated.name);
            let producer = is_producer.then(|| {
                let id = stated.source_artist_id.as_deref();
                names::source_identity(id, &main_artist, &stated.name)
            });
            claims.push(MatchedCredit {
                scope: CreditScope::Track(track.id),
                record: Arc::clone(&record),
                credit: credit(stated, &wording),
                producer,
            });
        }
    }
    claims
}

fn credit(stated: &StatedCredit, wording: &roles::RoleWording<'_>) -> Credit {
    Credit {
        source_artist_id: stated.source_artist_id.clone(),
        name: stated.name.clone(),
        credited_as: stated.credited_as.clone(),
        raw_role: wording.text.to_owned(),
        role: wording.role,
    }
}
