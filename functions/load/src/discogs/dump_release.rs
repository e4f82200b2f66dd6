//! A parsed release of the Discogs dump, prepared for writing.

use std::collections::BTreeMap;
use std::hash::Hasher as _;

use shared::catalog::album_import::{ArrivingAlbum, Track, track_positions};
use shared::catalog::credit_matching::discogs::credits_from_release;
use shared::domain::ids::TrackId;
use shared::domain::titles::Title;
use shared::upstreams::discogs::Release;
use xxhash_rust::xxh3::Xxh3Default;

use crate::batch::prepared_album::{PreparedAlbum, release_record};

/// A release of the Discogs dump.
pub(crate) struct DiscogsRelease {
    /// As the dump states it.
    pub(crate) release: Release,
    /// As it is written.
    pub(crate) album: PreparedAlbum,
    /// Hash of the release's XML.
    pub(crate) content_hash: i64,
    /// Hash of the positions and folded titles of its tracks.
    pub(crate) tracklist_hash: i64,
}

impl DiscogsRelease {
    pub(crate) fn new(release: Release, content_hash: i64) -> Self {
        let id = release.id.to_string();
        let places: BTreeMap<TrackId, (usize, f32)> = (0..)
            .map(TrackId)
            .zip(track_positions(&release))
            .map(|(track, (index, ..))| (track, (index, 1.0)))
            .collect();
        let credits = credits_from_release(&release, &release_record(&id), &places, places.len());
        let album = PreparedAlbum::new(ArrivingAlbum::from_discogs(&release, &id));
        Self {
            content_hash,
            tracklist_hash: tracklist_hash(&album.tracks),
            album: PreparedAlbum { credits, ..album },
            release,
        }
    }

    /// The release's number as text, as it is stored.
    pub(crate) fn id(&self) -> &str {
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
