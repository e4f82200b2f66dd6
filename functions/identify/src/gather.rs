//! Asks MusicBrainz about an album: the release by barcode, then what is left track by track, by ISRC and by search.
//! What one upstream refuses now does not hold up the other; what was found is kept.

use chrono::Utc;
use shared::budgets::{self, Bucket};
use shared::credits::{MatchMethod, Source};
use shared::ids::Isrc;
use shared::store::lookups::{Lookup, LookupOutcome};
use shared::store::tracks::Track;
use shared::titles;
use shared::upstreams::musicbrainz::MusicBrainz;
use tokio::time::Instant;

use crate::found::{Found, Match, recordings_on};
use crate::{ALBUM, Context, State, TRACK, matching};

/// Asks what has to be asked; with the first refusal or failure, if the album is not settled by what was answered.
///
/// # Errors
/// The database's.
pub(crate) async fn gather(
    context: &Context,
    musicbrainz: &MusicBrainz,
    state: &State,
    deadline: Instant,
) -> anyhow::Result<(Found, Option<budgets::Error>)> {
    let mut asking = Asking {
        context,
        musicbrainz,
        state,
        deadline,
        found: Found::default(),
        musicbrainz_stopped: None,
        spotify_stopped: None,
    };
    if state.album_lookup.is_none() {
        match asking.release().await {
            Ok(()) => {}
            Err(error) => asking.musicbrainz_stopped = Some(error),
        }
    }
    let open: Vec<&Track> = state
        .open_tracks()
        .filter(|track| !asking.found.recordings.contains_key(&track.id))
        .collect();
    for track in open {
        let lookup = asking.track(track).await;
        asking.found.lookups.push(lookup);
    }
    let is_open = asking.found.lookups.iter().any(|lookup| {
        matches!(
            lookup.outcome,
            LookupOutcome::Blocked | LookupOutcome::Failed
        )
    });
    let stopped = asking
        .musicbrainz_stopped
        .or(asking.spotify_stopped)
        .filter(|_| is_open);
    Ok((asking.found, stopped))
}

struct Asking<'a> {
    context: &'a Context,
    musicbrainz: &'a MusicBrainz,
    state: &'a State,
    deadline: Instant,
    found: Found,
    /// Why MusicBrainz is not asked any more.
    musicbrainz_stopped: Option<budgets::Error>,
    /// Why Spotify is not asked any more.
    spotify_stopped: Option<budgets::Error>,
}

impl Asking<'_> {
    /// The release that has the album's barcode, and the recordings on it that are ours. Two calls.
    async fn release(&mut self) -> Result<(), budgets::Error> {
        let album = &self.state.album;
        let now = Utc::now();
        let release = match &album.upc {
            Some(upc) => {
                let budgets = &self.context.budgets;
                let hits = budgets
                    .spend(Bucket::MusicBrainz, self.deadline, || {
                        self.musicbrainz.search_releases_by_barcode(upc)
                    })
                    .await?;
                let best = hits
                    .iter()
                    .map(|hit| (matching::release(album, self.state.tracks.len(), hit), hit))
                    .filter(|(score, _)| *score > 0.0)
                    .max_by(|(a, left), (b, right)| {
                        a.total_cmp(b).then_with(|| right.id.cmp(&left.id))
                    });
                match best {
                    Some((score, hit)) => budgets
                        .spend(Bucket::MusicBrainz, self.deadline, || {
                            self.musicbrainz.fetch_release(&hit.id)
                        })
                        .await?
                        .map(|release| (release, score)),
                    None => None,
                }
            }
            None => None,
        };
        // A release that none of our tracks is on has our barcode and is another.
        let release = release.map(|(release, score)| {
            let recordings = recordings_on(&release, score, &self.state.tracks);
            (release, score, recordings)
        });
        let release = release.filter(|(_, _, recordings)| !recordings.is_empty());
        let outcome = if release.is_some() {
            LookupOutcome::Found
        } else {
            LookupOutcome::NotFound
        };
        self.found.lookups.push(Lookup::new(
            Source::MusicBrainz,
            ALBUM,
            album.id,
            outcome,
            now,
        ));
        if let Some((release, score, recordings)) = release {
            self.found.recordings = recordings;
            self.found.release = Some((release, score));
            let ours = self.found.recordings.keys();
            self.found.lookups.extend(
                ours.map(|id| {
                    Lookup::new(Source::MusicBrainz, TRACK, id, LookupOutcome::Found, now)
                }),
            );
        }
        Ok(())
    }

    /// One track that the release left open.
    async fn track(&mut self, track: &Track) -> Lookup {
        let now = Utc::now();
        if self.musicbrainz_stopped.is_some() {
            return Lookup::new(
                Source::MusicBrainz,
                TRACK,
                track.id,
                LookupOutcome::Blocked,
                now,
            );
        }
        let isrc = match &track.isrc {
            Some(isrc) => Some(isrc.clone()),
            None => self.isrc_at_spotify(track).await,
        };
        let outcome = match self.recording(track, isrc.as_ref()).await {
            Ok(Some(found)) => {
                self.found.recordings.insert(track.id, found);
                LookupOutcome::Found
            }
            // With its ISRC it might have been found.
            Ok(None) if isrc.is_none() && self.spotify_stopped.is_some() => LookupOutcome::Blocked,
            Ok(None) => LookupOutcome::NotFound,
            Err(error) => {
                let outcome = if matches!(error, budgets::Error::NotNow { .. }) {
                    LookupOutcome::Blocked
                } else {
                    LookupOutcome::Failed
                };
                self.musicbrainz_stopped = Some(error);
                outcome
            }
        };
        Lookup::new(Source::MusicBrainz, TRACK, track.id, outcome, now)
    }

    /// Spotify tells an ISRC only with the track itself.
    async fn isrc_at_spotify(&mut self, track: &Track) -> Option<Isrc> {
        let (spotify, id) = (
            self.context.spotify.as_deref()?,
            track.spotify_track_id.as_ref()?,
        );
        let is_known = self
            .state
            .spotify_lookups
            .iter()
            .any(|lookup| lookup.subject == id.as_str());
        if is_known || self.spotify_stopped.is_some() {
            return None;
        }
        let now = Utc::now();
        match self
            .context
            .budgets
            .spend(Bucket::SpotifyTracks, self.deadline, || {
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
                self.found.isrcs.insert(track.id, isrc.clone());
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
    ) -> Result<Option<Match>, budgets::Error> {
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
    ) -> Result<Option<Match>, budgets::Error> {
        let recordings = self
            .context
            .budgets
            .spend(Bucket::MusicBrainz, self.deadline, || {
                self.musicbrainz.fetch_recordings_by_isrc(isrc)
            })
            .await?;
        // Of several that fit equally, one that has credits, then the smallest id.
        let best = recordings
            .into_iter()
            .map(|recording| (matching::recording_by_isrc(track, &recording), recording))
            .filter(|(score, _)| *score > 0.0)
            .max_by(|(a, left), (b, right)| {
                a.total_cmp(b)
                    .then_with(|| {
                        left.credits
                            .is_empty()
                            .cmp(&right.credits.is_empty())
                            .reverse()
                    })
                    .then_with(|| right.id.cmp(&left.id))
            });
        Ok(best.map(|(score, recording)| Match {
            recording,
            matched_by: MatchMethod::Isrc,
            score,
        }))
    }

    async fn recording_by_search(&self, track: &Track) -> Result<Option<Match>, budgets::Error> {
        let Some(artist) = track.artist_names.first() else {
            return Ok(None);
        };
        let budgets = &self.context.budgets;
        let title = song_words(&track.name);
        let hits = budgets
            .spend(Bucket::MusicBrainz, self.deadline, || {
                self.musicbrainz.search_recordings(artist, title, None)
            })
            .await?;
        let best = hits
            .iter()
            .map(|hit| (matching::recording_by_search(track, hit), hit))
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
            .spend(Bucket::MusicBrainz, self.deadline, || {
                self.musicbrainz.fetch_recording(&hit.id)
            })
            .await?;
        Ok(recording.map(|recording| Match {
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
