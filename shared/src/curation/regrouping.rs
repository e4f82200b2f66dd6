//! Regroups songs after the title rules changed: reads their tracks' titles with the current rules and moves
//! each track to its song. Each artist is one transaction, so that an interrupted run can be resumed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::decisions::retry_conflicts;
use crate::domain::ids::{ArtistId, NormalizedTrackId, TrackId};
use crate::domain::titles;
use crate::platform::db::{Client, Pool};
use crate::store::catalog::normalized_tracks;
use crate::store::catalog::regrouping::{self, SongVerdict, StoredSong, TrackVersion};
use crate::store::credits::track_producers;
use crate::store::producers::statistics;

/// Counts of a regrouping.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RegroupingCounts {
    /// Artists whose songs were regrouped.
    pub artists: u64,
    /// Songs whose keys older rules had made.
    pub songs: u64,
    /// Tracks that were moved to another song.
    pub tracks_moved: u64,
    /// Songs whose tracks all moved to other songs.
    pub songs_joined: u64,
    /// Songs that were created.
    pub songs_split: u64,
}

/// Regroups the songs of the next artist behind `after` that has songs of older title rules. Adds to `counts`
/// what it changed. Returns the artist, or `None` if there is none left.
///
/// # Errors
/// Fails also if other writers keep changing the same songs. The artists before stay regrouped.
pub async fn regroup_next_artist(
    pool: &Pool,
    after: ArtistId,
    counts: &mut RegroupingCounts,
) -> anyhow::Result<Option<ArtistId>> {
    let client = pool.client().await?;
    let Some(artist) = regrouping::find_next_artist(&client, after).await? else {
        return Ok(None);
    };
    drop(client);
    // Workers may write the same songs and tracks at the same time.
    let of_artist = retry_conflicts(async || {
        let mut client = pool.client().await?;
        let transaction = client.transaction().await?;
        let of_artist = regroup(&transaction, artist).await?;
        transaction.commit().await?;
        Ok(of_artist)
    })
    .await?;
    counts.artists += 1;
    counts.songs += of_artist.songs;
    counts.tracks_moved += of_artist.tracks_moved;
    counts.songs_joined += of_artist.songs_joined;
    counts.songs_split += of_artist.songs_split;
    Ok(Some(artist))
}

async fn regroup(client: &Client<'_>, artist: ArtistId) -> Result<RegroupingCounts, tokio_postgres::Error> {
    let songs = regrouping::lock_songs(client, artist).await?;
    let older: Vec<_> = songs
        .iter()
        .filter(|song| song.is_older)
        .map(|song| song.id)
        .collect();
    let tracks: Vec<RegroupedTrack> = regrouping::list_tracks(client, &older)
        .await?
        .into_iter()
        .map(|track| {
            let title = titles::read(&track.name);
            RegroupedTrack {
                id: track.id,
                old_song: track.song,
                key: title.song_key(track.album_id, track.place).into_owned(),
                title,
            }
        })
        .collect();
    let ids = upsert_songs(client, artist, &songs, &tracks).await?;
    let moved: Vec<TrackId> = tracks
        .iter()
        .filter(|track| track.song(&ids) != track.old_song)
        .map(|track| track.id)
        .collect();
    let touched = Vec::from_iter(BTreeSet::from_iter(older.iter().chain(ids.values()).copied()));
    let verdicts = regrouping::list_overrides(client, &touched).await?;
    let versions: Vec<TrackVersion> = tracks.iter().map(|track| track.version(&ids)).collect();
    regrouping::move_tracks(client, &versions).await?;
    regrouping::mark_current(client, &older).await?;
    if !verdicts.is_empty() && !moved.is_empty() {
        let moved_verdicts = move_verdicts(&tracks, &ids, &verdicts);
        regrouping::replace_overrides(client, &touched, &moved_verdicts).await?;
        let all = regrouping::list_tracks(client, &touched).await?;
        let all: Vec<TrackId> = all.into_iter().map(|track| track.id).collect();
        track_producers::refresh(client, &all).await?;
    }
    normalized_tracks::refresh(client, &touched).await?;
    statistics::mark_stale_of_tracks(client, &moved).await?;
    let songs_before: BTreeSet<_> = songs.iter().map(|song| song.id).collect();
    let songs_now: BTreeSet<_> = ids.values().collect();
    let left: BTreeSet<_> = tracks.iter().map(|track| track.old_song).collect();
    Ok(RegroupingCounts {
        artists: 1,
        songs: older.len() as u64,
        tracks_moved: moved.len() as u64,
        songs_joined: left.iter().filter(|id| !songs_now.contains(id)).count() as u64,
        songs_split: songs_now.iter().filter(|id| !songs_before.contains(id)).count() as u64,
    })
}

/// A track of a song of older rules, with its title as the current rules read it.
struct RegroupedTrack {
    id: TrackId,
    old_song: NormalizedTrackId,
    title: titles::Title,
    /// The key of its song.
    key: String,
}

impl RegroupedTrack {
    fn song(&self, ids: &HashMap<String, NormalizedTrackId>) -> NormalizedTrackId {
        ids[&self.key]
    }

    fn version(&self, ids: &HashMap<String, NormalizedTrackId>) -> TrackVersion {
        let version = self.title.version.as_ref();
        TrackVersion {
            track: self.id,
            song: self.song(ids),
            kind: version.map(|version| version.kind),
            label: version.map(|version| version.label.clone()),
        }
    }
}

/// The current songs of the tracks, by key. A song whose key no track has any more is renamed to a key that
/// has no song yet; songs for the remaining keys are created.
async fn upsert_songs(
    client: &Client<'_>,
    artist: ArtistId,
    songs: &[StoredSong],
    tracks: &[RegroupedTrack],
) -> Result<HashMap<String, NormalizedTrackId>, tokio_postgres::Error> {
    let stored_keys: BTreeSet<&str> = songs.iter().map(|song| &song.key[..]).collect();
    let keys: BTreeSet<&str> = tracks.iter().map(|track| &track.key[..]).collect();
    let mut unused: BTreeSet<NormalizedTrackId> = songs
        .iter()
        .filter(|song| song.is_older && !keys.contains(&song.key[..]))
        .map(|song| song.id)
        .collect();
    let mut renamed: BTreeMap<&str, NormalizedTrackId> = BTreeMap::new();
    for track in tracks {
        let key = &track.key[..];
        let has_song = stored_keys.contains(key) || renamed.contains_key(key);
        if !has_song && unused.remove(&track.old_song) {
            renamed.insert(key, track.old_song);
        }
    }
    let names: Vec<_> = renamed.iter().map(|(key, id)| (*id, *key)).collect();
    regrouping::rename(client, &names).await?;
    let keys: Vec<_> = keys.iter().map(|key| (artist, (*key).to_owned())).collect();
    let ids = normalized_tracks::upsert(client, &keys).await?;
    Ok(ids.into_iter().map(|((_, key), id)| (key, id)).collect())
}

/// The verdicts after the move: each holds for all songs that its song's tracks moved to. Of two verdicts on
/// one song and one identity, the later one holds.
fn move_verdicts(
    tracks: &[RegroupedTrack],
    ids: &HashMap<String, NormalizedTrackId>,
    verdicts: &[SongVerdict],
) -> Vec<SongVerdict> {
    let mut new_songs: BTreeMap<NormalizedTrackId, BTreeSet<NormalizedTrackId>> = BTreeMap::new();
    for track in tracks {
        new_songs
            .entry(track.old_song)
            .or_default()
            .insert(track.song(ids));
    }
    let mut latest: BTreeMap<(NormalizedTrackId, i64), SongVerdict> = BTreeMap::new();
    for verdict in verdicts {
        // A song without tracks of older rules keeps its verdicts.
        let same_song = BTreeSet::from([verdict.song]);
        for song in new_songs.get(&verdict.song).unwrap_or(&same_song) {
            let mut moved = verdict.clone();
            moved.song = *song;
            let holding = latest
                .entry((*song, verdict.identity))
                .or_insert_with(|| moved.clone());
            if holding.decided_at < moved.decided_at {
                *holding = moved;
            }
        }
    }
    latest.into_values().collect()
}
