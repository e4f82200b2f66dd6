//! Asks MusicBrainz about an album: the release by barcode, then what is left track by track, by ISRC and by search. What
//! its credits add up to stays out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Utc;
use shared::budgets::{self, Bucket};
use shared::credits::{Credit, MatchMethod, Source};
use shared::ids::{Isrc, TrackId};
use shared::names;
use shared::store::lookups::{Lookup, LookupOutcome};
use shared::store::tracks::Track;
use shared::titles;
use shared::upstreams::musicbrainz::{MusicBrainz, Recording, Release, is_special_artist};

use crate::found::{About, Found, Record, Stated, lookup, unanswered};
use crate::{ALBUM, Asking, State, TRACK, matching};

const SOURCE: Source = Source::MusicBrainz;

/// Asks what has to be asked; with the first refusal or failure.
pub(crate) async fn ask(
    asking: Asking<'_>,
    musicbrainz: &MusicBrainz,
) -> (Found, Option<budgets::Error>) {
    let mut room = Room {
        asking,
        musicbrainz,
        found: Found::of(SOURCE),
        release: None,
        recordings: BTreeMap::new(),
        musicbrainz_stopped: None,
        spotify_stopped: None,
    };
    let open = room.open();
    if open.is_empty() {
        return (room.found, None);
    }
    if !asking.state.is_album_known(SOURCE)
        && let Err(error) = room.release().await
    {
        room.musicbrainz_stopped = Some(error);
    }
    for track in open {
        if !room.recordings.contains_key(&track.id) && !room.take_own(track) {
            let lookup = room.track(track).await;
            room.found.lookups.push(lookup);
        }
    }
    let stopped = room.musicbrainz_stopped.take();
    let stopped = stopped.or(room.spotify_stopped.take());
    (room.into_found(), stopped)
}

struct Room<'a> {
    asking: Asking<'a>,
    musicbrainz: &'a MusicBrainz,
    found: Found,
    /// The release that the album is, and how well it fits.
    release: Option<(Release, f32)>,
    /// The recordings that tracks are.
    recordings: BTreeMap<TrackId, Match>,
    /// Why MusicBrainz is not asked any more.
    musicbrainz_stopped: Option<budgets::Error>,
    /// Why Spotify is not asked any more.
    spotify_stopped: Option<budgets::Error>,
}

/// The recording that a track is.
struct Match {
    recording: Recording,
    matched_by: MatchMethod,
    score: f32,
}

impl<'a> Room<'a> {
    /// The tracks that have to be asked about.
    fn open(&self) -> Vec<&'a Track> {
        let mut open = self.asking.state.open_tracks(SOURCE);
        open.retain(|track| self.asking.wanted.contains(&track.id));
        open
    }

    /// The release that has the album's barcode, and the recordings on it that are ours. Two calls.
    async fn release(&mut self) -> Result<(), budgets::Error> {
        let state = self.asking.state;
        let now = Utc::now();
        let release = self.release_by_barcode().await?;
        // A release that none of our tracks is on has our barcode and is another.
        if let Some((release, score)) = release {
            let recordings = recordings_on(&release, score, &state.tracks);
            if !recordings.is_empty() {
                self.recordings = recordings;
                self.release = Some((release, score));
            }
        }
        let record = self.release_record();
        let of_album = lookup(SOURCE, ALBUM, state.album.id, record.as_ref(), now);
        self.found.lookups.push(of_album);
        for (id, found) in &self.recordings {
            let of_track = lookup(SOURCE, TRACK, id, Some(&found.record()), now);
            self.found.lookups.push(of_track);
        }
        Ok(())
    }

    async fn release_by_barcode(&self) -> Result<Option<(Release, f32)>, budgets::Error> {
        let state = self.asking.state;
        let Some(upc) = &state.album.upc else {
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
            .map(|hit| {
                let score = matching::release(&state.album, state.tracks.len(), hit);
                (score, hit)
            })
            .filter(|(score, _)| *score > 0.0)
            .max_by(|(a, left), (b, right)| a.total_cmp(b).then_with(|| right.id.cmp(&left.id)));
        let Some((score, hit)) = best else {
            return Ok(None);
        };
        let release = budgets
            .spend(Bucket::MusicBrainz, deadline, || {
                self.musicbrainz.fetch_release(&hit.id)
            })
            .await?;
        Ok(release.map(|release| (release, score)))
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
                self.recordings.insert(track.id, found);
                lookup(SOURCE, TRACK, track.id, Some(&record), now)
            }
            // With its ISRC it might have been found.
            Ok(None) if isrc.is_none() && self.spotify_stopped.is_some() => {
                unknown(LookupOutcome::Blocked)
            }
            Ok(None) => unknown(LookupOutcome::NotFound),
            Err(error) => {
                let outcome = unanswered(&error);
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
                self.found
                    .facts
                    .insert(track.id, (Some(isrc.clone()), None));
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
        let budgets = &self.asking.context.budgets;
        let title = song_words(&track.name);
        let hits = budgets
            .spend(Bucket::MusicBrainz, self.asking.deadline, || {
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
            .spend(Bucket::MusicBrainz, self.asking.deadline, || {
                self.musicbrainz.fetch_recording(&hit.id)
            })
            .await?;
        Ok(recording.map(|recording| Match {
            recording,
            matched_by: MatchMethod::Search,
            score,
        }))
    }

    fn release_record(&self) -> Option<Record> {
        let (release, score) = self.release.as_ref()?;
        Some(Record {
            kind: "release".to_owned(),
            id: release.id.to_string(),
            matched_by: MatchMethod::Barcode,
            score: *score,
        })
    }

    /// All that was said, in the shape of every source.
    fn into_found(mut self) -> Found {
        self.found.album = self.release_record();
        if let (Some(record), Some((release, _))) = (&self.found.album, &self.release) {
            self.found.artist = album_artist(self.asking.state, release);
            let claims = release
                .credits
                .iter()
                .map(|credit| stated(About::Album, record, credit));
            self.found.claims.extend(claims);
        }
        for (track_id, found) in &self.recordings {
            let record = found.record();
            let (recording, about) = (&found.recording, About::Track(*track_id));
            let claims = recording
                .credits
                .iter()
                .map(|credit| stated(about.clone(), &record, credit));
            self.found.claims.extend(claims);
            // Of several ISRCs of a recording the smallest.
            let facts = self.found.facts.entry(*track_id).or_default();
            facts.0 = facts.0.take().or(recording.isrcs.iter().min().cloned());
            facts.1 = recording.duration_ms;
            self.found.tracks.insert(*track_id, record);
        }
        self.found
    }
}

impl Match {
    fn record(&self) -> Record {
        Record {
            kind: "recording".to_owned(),
            id: self.recording.id.to_string(),
            matched_by: self.matched_by,
            score: self.score,
        }
    }
}

fn stated(about: About, record: &Record, credit: &Credit) -> Stated {
    let producer = credit
        .source_artist_id
        .clone()
        .filter(|id| credit.role.is_music_production() && !is_special_artist(id));
    Stated {
        about,
        record: record.clone(),
        credit: credit.clone(),
        producer,
    }
}

/// The artist of ours and the one MusicBrainz names share an album and a name: they are one.
fn album_artist(state: &State, release: &Release) -> Option<String> {
    let [artist] = &release.artists[..] else {
        return None;
    };
    let is_same = names::is_same_name(&artist.name, &state.album.artist_name)
        || names::is_same_name(&artist.credited_as, &state.album.artist_name);
    (is_same && !state.album.is_various && !is_special_artist(artist.mbid.as_str()))
        .then(|| artist.mbid.to_string())
}

/// The title as MusicBrainz files it: without Spotify's dashed note of the edition, which its recordings do not carry.
fn song_words(title: &str) -> &str {
    match title.split_once(" - ") {
        Some((song, _)) if titles::read(title).key == titles::read(song).key => song,
        _ => title,
    }
}

/// The recordings of a release that are tracks of ours: by place, then by a title that only one track has.
fn recordings_on(
    release: &Release,
    release_score: f32,
    tracks: &[Track],
) -> BTreeMap<TrackId, Match> {
    let candidates: Vec<_> = release
        .tracks
        .iter()
        .filter(|track| track.position > 0 && !track.recording.video)
        .collect();
    let mut used = BTreeSet::<(i32, i32)>::new();
    let mut found = BTreeMap::<TrackId, Match>::new();
    for same_place in [true, false] {
        for track in tracks {
            if found.contains_key(&track.id) {
                continue;
            }
            let fitting: Vec<_> = candidates
                .iter()
                .filter(|candidate| !used.contains(&(candidate.disc_number, candidate.position)))
                .filter(|candidate| {
                    same_place
                        == ((candidate.disc_number, candidate.position)
                            == (i32::from(track.disc_number), track.track_number))
                })
                .map(|candidate| {
                    (
                        matching::release_track(
                            track,
                            &candidate.title,
                            candidate.duration_ms.or(candidate.recording.duration_ms),
                            same_place,
                        ),
                        candidate,
                    )
                })
                .filter(|(score, _)| *score > 0.0)
                .collect();
            if let [(score, candidate)] = fitting[..] {
                used.insert((candidate.disc_number, candidate.position));
                let recording = candidate.recording.clone();
                found.insert(
                    track.id,
                    Match {
                        recording,
                        matched_by: MatchMethod::Barcode,
                        score: score * release_score,
                    },
                );
            }
        }
    }
    found
}
