//! Adds the albums of a batch with their tracks, links and credits.

use foldhash::{HashSet, HashSetExt as _};
use shared::catalog::album_import::stated_name;
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::{AlbumId, NormalizedTrackId, TrackId};
use shared::store::loads::key_blocks::{KeyCounts, TableKeys};

use super::BatchPlanner;
use crate::batch::planned_batch::{AlbumPlacement, BatchAlbum};
use crate::batch::prepared_album::PreparedAlbum;

impl<'a> BatchPlanner<'a> {
    /// Adds the rows of all releases that are written together; returns the album of each release.
    pub(super) async fn add_albums(&mut self) -> Result<Vec<Option<BatchAlbum>>, tokio_postgres::Error> {
        let wanted = KeyCounts {
            albums: self.new_albums().count(),
            tracks: self.new_albums().map(|release| release.tracks.len()).sum(),
            ..KeyCounts::default()
        };
        let TableKeys { albums, tracks, .. } = self.lookup.take_keys(wanted).await?;
        let (mut album_keys, mut track_keys) = (albums.into_iter(), tracks.into_iter());
        let batch = self.batch.iter().copied().zip(self.placements);
        let mut added: Vec<Option<BatchAlbum>> = Vec::with_capacity(self.batch.len());
        for (release, placement) in batch {
            let album = match placement {
                AlbumPlacement::New => album_keys.next().map(|id| BatchAlbum {
                    id,
                    tracks: track_keys.by_ref().take(release.tracks.len()).collect(),
                }),
                AlbumPlacement::Pressing { album, tracks } => Some(BatchAlbum {
                    id: *album,
                    tracks: tracks.clone(),
                }),
                AlbumPlacement::PressingOf(first) => added[*first].clone(),
                AlbumPlacement::WriteSingly => None,
            };
            if let Some(album) = &album {
                self.add_release(release, album, *placement == AlbumPlacement::New);
            }
            added.push(album);
        }
        Ok(added)
    }

    fn add_release(&mut self, release: &'a PreparedAlbum, album: &BatchAlbum, is_new: bool) {
        if is_new {
            self.add_album(release, album.id, &album.tracks);
        } else {
            self.pressed_tracks
                .extend(album.tracks.iter().copied().map(TrackId));
            self.pressed_albums.push(AlbumId(album.id));
            self.tables.add_pressing(&release.pressing());
        }
        self.tables
            .add_album_link(album.id, release.source, &release.id, MatchMethod::Own);
        for id in &release.spotify_ids {
            self.tables
                .add_album_link(album.id, Source::Spotify, id.as_str(), MatchMethod::Link);
        }
        self.tables
            .add_credits(release, album.id, &album.tracks, &self.producers, is_new);
    }

    fn add_album(&mut self, release: &'a PreparedAlbum, album: i64, tracks: &[i64]) {
        let first_artist = release.first_artist();
        let artist = first_artist.and_then(|artist| self.artists.get(artist.id.as_deref()?));
        let Some(artist) = artist.copied() else {
            return;
        };
        let name = first_artist.and_then(|artist| stated_name(artist, release.source));
        self.tables.add_album(album, artist, release, name);
        for ((track, title), key) in release.tracks.iter().zip(tracks) {
            let song_artist = self.song_artist(release, track);
            let song = song_artist.and_then(|artist| {
                let song = self.songs.get_mut(&(artist, title.key.as_str()))?;
                if song.is_shared {
                    self.touched_songs.insert(NormalizedTrackId(song.id));
                }
                if !std::mem::replace(&mut song.is_written, true) {
                    self.tables.add_song(song.id, artist, &title.key, *key);
                }
                Some(song.id)
            });
            self.tables.add_track(*key, album, track, title, song);
            let mut seen = HashSet::new();
            for (artist, position) in track.artists.iter().zip(1_i16..) {
                let id = artist.id.as_deref().and_then(|id| self.artists.get(id));
                if let Some(id) = id.filter(|id| seen.insert(**id)) {
                    let name = stated_name(artist, release.source);
                    self.tables.add_track_artist(*key, position, *id, artist, name);
                }
            }
        }
        for (recording, key) in release.recordings.iter().zip(tracks) {
            if let Some(recording) = recording {
                self.tables.add_track_link(*key, recording);
            }
        }
    }
}
