//! Looks up the remaining tracks at Genius, one by one: searches, compares the results, and fetches the song.
//! A song that links to the track's Spotify page is the track, whatever else it states.

use std::sync::Arc;

use serde_json::json;
use shared::catalog::credit_matching::{
    CreditScope, MatchedCredit, MatchedRecord, SourceFindings, TRACK, lookup_of_record, lookup_outcome,
    matching,
};
use shared::domain::buckets::Bucket;
use shared::domain::credits::{Credit, MatchMethod, Source};
use shared::domain::names;
use shared::domain::roles;
use shared::store::catalog::tracks::Track;
use shared::store::work::lookups::{Lookup, LookupOutcome};
use shared::upstreams::genius::{Genius, Song, SongSummary};
use shared::work::budgets::BudgetError;

use crate::context::AlbumQuery;

const SOURCE: Source = Source::Genius;
/// The maximum number of songs to fetch per track.
const MAX_FETCHED_SONGS: usize = 2;

/// Looks up the tracks without a fresh lookup. Returns the findings and the first error, after which no
/// request is made.
pub(crate) async fn look_up(query: AlbumQuery<'_>, genius: &Genius) -> (SourceFindings, Option<BudgetError>) {
    let mut findings = SourceFindings::new(SOURCE);
    let mut first_error = None;
    let search = SongSearch { query, genius };
    for track in query.state.open_tracks(SOURCE) {
        if !query.wanted.contains(&track.id) || query.stored.copy_track(SOURCE, track.id, &mut findings) {
            continue;
        }
        let now = query.budgets.now();
        if first_error.is_some() {
            let blocked = Lookup::new(SOURCE, TRACK, track.id, LookupOutcome::Blocked, now);
            findings.lookups.push(blocked);
            continue;
        }
        match search.find_song(track).await {
            Ok(Some((song, record))) => {
                let mut lookup = lookup_of_record(SOURCE, TRACK, track.id, Some(&record), now);
                let year = query.state.snapshot.album.year;
                lookup.answer["compared"] = matching::comparison(track, year, &song.summary);
                lookup.answer["url"] = json!(song.summary.url);
                findings.lookups.push(lookup);
                findings.credits.extend(credits_from_song(track, &song, &record));
                findings.tracks.insert(track.id, record);
            }
            Ok(None) => {
                let lookup = lookup_of_record(SOURCE, TRACK, track.id, None, now);
                findings.lookups.push(lookup);
            }
            Err(error) => {
                let outcome = lookup_outcome(&error);
                let lookup = Lookup::new(SOURCE, TRACK, track.id, outcome, now);
                findings.lookups.push(lookup);
                first_error = Some(error);
            }
        }
    }
    (findings, first_error)
}

struct SongSearch<'a> {
    query: AlbumQuery<'a>,
    genius: &'a Genius,
}

impl SongSearch<'_> {
    /// Finds the song that a track is.
    async fn find_song(&self, track: &Track) -> Result<Option<(Song, MatchedRecord)>, BudgetError> {
        let Some(artist) = track.artist_names.first() else {
            return Ok(None);
        };
        let hits = self
            .query
            .budgets
            .spend(Bucket::Genius, || self.genius.search_songs(artist, &track.name))
            .await?;
        let mut best: Option<(Song, MatchedRecord)> = None;
        for hit in self.fitting_hits(track, hits).into_iter().take(MAX_FETCHED_SONGS) {
            let song = self
                .query
                .budgets
                .spend(Bucket::Genius, || self.genius.fetch_song(hit.id))
                .await?;
            let Some(song) = song else { continue };
            let Some(record) = self.record_of(track, &song) else {
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

    /// The search results that may be the track, the best one first; of equal ones the lowest id first.
    fn fitting_hits(&self, track: &Track, hits: Vec<SongSummary>) -> Vec<SongSummary> {
        let year = self.query.state.snapshot.album.year;
        let mut scored: Vec<(f32, SongSummary)> = hits
            .into_iter()
            .map(|hit| (matching::score_genius_song(track, year, &hit), hit))
            .filter(|(score, _)| *score >= matching::SEARCH_THRESHOLD)
            .collect();
        scored.sort_by(|(a, left), (b, right)| b.total_cmp(a).then_with(|| left.id.cmp(&right.id)));
        scored.into_iter().map(|(_, hit)| hit).collect()
    }

    /// The record of a song, with how it was recognised; `None` if it is not the track.
    fn record_of(&self, track: &Track, song: &Song) -> Option<MatchedRecord> {
        let links_to_track = track
            .spotify_track_id
            .as_ref()
            .is_some_and(|id| song.spotify_track_ids.contains(id));
        let score = matching::score_genius_song(track, self.query.state.snapshot.album.year, &song.summary);
        let (matched_by, score) = if links_to_track {
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

fn credits_from_song(track: &Track, song: &Song, record: &MatchedRecord) -> Vec<MatchedCredit> {
    let main_artist = match song.summary.primary_artists.first() {
        Some(artist) => artist.id.to_string(),
        None => format!("song {}", song.summary.id),
    };
    let (mut credits, record) = (Vec::new(), Arc::new(record.clone()));
    for stated in &song.credits {
        for wording in roles::roles_from_wording(&stated.raw_role) {
            let is_producer = wording.role.is_music_production() && names::is_visible(&stated.name);
            let producer = is_producer.then(|| {
                let id = stated.source_artist_id.as_deref();
                names::source_identity(id, &main_artist, &stated.name)
            });
            credits.push(MatchedCredit {
                scope: CreditScope::Track(track.id),
                record: Arc::clone(&record),
                credit: Credit {
                    source_artist_id: stated.source_artist_id.clone(),
                    name: stated.name.clone(),
                    credited_as: stated.credited_as.clone(),
                    raw_role: wording.text.to_owned(),
                    role: wording.role,
                },
                producer,
            });
        }
    }
    credits
}
