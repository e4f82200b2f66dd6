//! A release of the dump, read, with that by which it is recognised.

use std::collections::BTreeMap;
use std::hash::Hasher as _;

use xxhash_rust::xxh3::Xxh3Default;

use crate::arriving::{ArrivingAlbum, Track, track_positions};
use crate::dumps::batch::prepared::{Prepared, record};
use crate::identifying::discogs::credits_from_release;
use crate::ids::TrackId;
use crate::titles::Title;
use crate::upstreams::discogs::Release;

/// A release.
pub(super) struct Dumped {
    /// As the dump has it.
    pub(super) release: Release,
    /// As it is written.
    pub(super) album: Prepared,
    /// Of what the dump says of it.
    pub(super) content_hash: i64,
    /// Of the places and folded titles of its tracks.
    pub(super) tracklist_hash: i64,
}

impl Dumped {
    pub(super) fn of(release: Release, content_hash: i64) -> Self {
        let id = release.id.to_string();
        let places: BTreeMap<TrackId, (usize, f32)> = (0..)
            .map(TrackId)
            .zip(track_positions(&release))
            .map(|(track, (index, ..))| (track, (index, 1.0)))
            .collect();
        let claims = credits_from_release(&release, &record(&id), &places, places.len());
        let album = Prepared::of(ArrivingAlbum::from_discogs(&release, &id));
        Self {
            content_hash,
            tracklist_hash: tracklist_hash(&album.tracks),
            album: Prepared { claims, ..album },
            release,
        }
    }

    /// Its number, as it is kept.
    pub(super) fn id(&self) -> &str {
        &self.album.id
    }
}

fn tracklist_hash(tracks: &[(Track, Title)]) -> i64 {
    let mut hasher = Xxh3Default::new();
    for (track, title) in tracks {
        hasher.write_i16(track.disc_number);
        hasher.write_i32(track.track_number);
        hasher.write(title.key.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish().cast_signed()
}
