//! Reads the titles of songs anew whose keys older rules made: an artist at a time, each in one transaction, so that it can end anywhere
//! and go on there. How titles are read stands in `shared`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::curation;
use crate::domain::ids::{ArtistId, NormalizedTrackId, TrackId};
use crate::domain::titles;
use crate::platform::db::{Client, Pool};
use crate::store::catalog::normalized_tracks;
use crate::store::catalog::regrouping::{self, SongVerdict, StoredSong, TrackVersion};
use crate::store::credits::track_producers;
use crate::store::producers::statistics;
use serde::Serialize;

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Renormalized {
    /// Artists whose songs were read anew.
    pub artists: u64,
    /// Songs whose keys older rules had made.
    pub songs: u64,
    /// Tracks that are versions of another song now.
    pub tracks_moved: u64,
    /// Songs whose tracks are all versions of other songs now.
    pub songs_joined: u64,
    /// Songs that there were not before.
    pub songs_split: u64,
}

/// Reads the songs of the first artist anew who comes behind this one and has songs of older rules; gives the artist, and
/// none where there is nobody left.
///
/// # Errors
/// The database's, and where others keep writing the same songs. What was done for other artists stays.
pub async fn next(pool: &Pool, after: ArtistId, sum: &mut Renormalized) -> anyhow::Result<Option<ArtistId>> {
    let client = pool.client().await?;
    let Some(artist) = regrouping::find_next_artist(&client, after).await? else {
        return Ok(None);
    };
    drop(client);
    // Workers write the same songs and tracks meanwhile.
    let done = curation::retry_conflicts(async || {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let done = read_anew(&transaction, artist).await?;
        transaction.commit().await?;
        Ok(Some(done))
    })
    .await?;
    sum.artists += 1;
    sum.songs += done.songs;
    sum.tracks_moved += done.tracks_moved;
    sum.songs_joined += done.songs_joined;
    sum.songs_split += done.songs_split;
    Ok(Some(artist))
}

async fn read_anew(client: &Client<'_>, artist: ArtistId) -> Result<Renormalized, tokio_postgres::Error> {
    let songs = regrouping::lock_songs(client, artist).await?;
    let older: Vec<_> = songs
        .iter()
        .filter(|song| song.is_older)
        .map(|song| song.id)
        .collect();
    let tracks = regrouping::list_tracks(client, &older).await?;
    let read: Vec<Track> = tracks
        .into_iter()
        .map(|(id, name, before)| Track {
            id,
            before,
            title: titles::read(&name),
        })
        .collect();
    let ids = keep_songs(client, artist, &songs, &read).await?;
    let moved = moves(&read, &ids);
    let touched: Vec<_> = older.iter().chain(ids.values()).copied().collect();
    let touched = Vec::from_iter(BTreeSet::from_iter(touched));
    let overrides = regrouping::list_overrides(client, &touched).await?;
    let readings: Vec<TrackVersion> = read.iter().map(|track| track.reading(&ids)).collect();
    regrouping::move_tracks(client, &readings).await?;
    regrouping::mark_current(client, &older).await?;
    if !overrides.is_empty() && !moved.is_empty() {
        let kept = moved_overrides(&read, &ids, &overrides);
        regrouping::replace_overrides(client, &touched, &kept).await?;
        let all = regrouping::list_tracks(client, &touched).await?;
        let all: Vec<TrackId> = all.into_iter().map(|(id, ..)| id).collect();
        track_producers::refresh(client, &all).await?;
    }
    normalized_tracks::refresh(client, &touched).await?;
    statistics::mark_stale_of_tracks(client, &moved).await?;
    let before: BTreeSet<_> = songs.iter().map(|song| song.id).collect();
    let wanted: BTreeSet<_> = ids.values().collect();
    let left: BTreeSet<_> = read.iter().map(|track| track.before).collect();
    Ok(Renormalized {
        artists: 1,
        songs: older.len() as u64,
        tracks_moved: moved.len() as u64,
        songs_joined: left.iter().filter(|id| !wanted.contains(id)).count() as u64,
        songs_split: wanted.iter().filter(|id| !before.contains(id)).count() as u64,
    })
}

/// A track of an older song, and what its title says now.
struct Track {
    id: TrackId,
    before: NormalizedTrackId,
    title: titles::Title,
}

impl Track {
    fn song(&self, ids: &HashMap<String, NormalizedTrackId>) -> NormalizedTrackId {
        ids[&self.title.key]
    }

    fn reading(&self, ids: &HashMap<String, NormalizedTrackId>) -> TrackVersion {
        let version = self.title.version.as_ref();
        TrackVersion {
            track: self.id,
            song: self.song(ids),
            kind: version.map(|version| version.kind),
            label: version.map(|version| version.label.clone()),
        }
    }
}

/// The songs that tracks are versions of now, by their keys. A song whose key no track has any more takes a key that no
/// song has; what is left is made.
async fn keep_songs(
    client: &Client<'_>,
    artist: ArtistId,
    songs: &[StoredSong],
    tracks: &[Track],
) -> Result<HashMap<String, NormalizedTrackId>, tokio_postgres::Error> {
    let known: HashMap<&str, NormalizedTrackId> = songs.iter().map(|song| (&song.key[..], song.id)).collect();
    let wanted: BTreeSet<&str> = tracks.iter().map(|track| &track.title.key[..]).collect();
    let free: BTreeMap<NormalizedTrackId, &str> = songs
        .iter()
        .filter(|song| song.is_older && !wanted.contains(&song.key[..]))
        .map(|song| (song.id, &song.key[..]))
        .collect();
    let mut renamed: BTreeMap<&str, NormalizedTrackId> = BTreeMap::new();
    let mut used = BTreeSet::new();
    for track in tracks {
        let key = &track.title.key[..];
        let is_new = !known.contains_key(key) && !renamed.contains_key(key);
        if is_new && free.contains_key(&track.before) && used.insert(track.before) {
            renamed.insert(key, track.before);
        }
    }
    let names: Vec<_> = renamed.iter().map(|(key, id)| (*id, *key)).collect();
    regrouping::rename(client, &names).await?;
    let all: Vec<_> = wanted.iter().map(|key| (artist, (*key).to_owned())).collect();
    let ids = normalized_tracks::upsert(client, &all).await?;
    Ok(ids.into_iter().map(|((_, key), id)| (key, id)).collect())
}

fn moves(tracks: &[Track], ids: &HashMap<String, NormalizedTrackId>) -> Vec<TrackId> {
    let is_moved = |track: &&Track| track.song(ids) != track.before;
    tracks.iter().filter(is_moved).map(|track| track.id).collect()
}

/// The verdicts where the tracks are that they were given on: with all songs that their song became. Of two on one
/// producer the later stands.
fn moved_overrides(
    tracks: &[Track],
    ids: &HashMap<String, NormalizedTrackId>,
    overrides: &[SongVerdict],
) -> Vec<SongVerdict> {
    let mut targets: BTreeMap<NormalizedTrackId, BTreeSet<NormalizedTrackId>> = BTreeMap::new();
    for track in tracks {
        let songs = targets.entry(track.before).or_default();
        songs.insert(track.song(ids));
    }
    let mut kept: BTreeMap<(NormalizedTrackId, i64), SongVerdict> = BTreeMap::new();
    for given in overrides {
        // A song that has no track of older rules is where it was.
        let stays = BTreeSet::from([given.song]);
        for song in targets.get(&given.song).unwrap_or(&stays) {
            let mut moved = given.clone();
            moved.song = *song;
            let best = kept
                .entry((*song, given.identity))
                .or_insert_with(|| moved.clone());
            if best.decided_at < moved.decided_at {
                *best = moved;
            }
        }
    }
    kept.into_values().collect()
}
