//! Decides which album each release of a batch is, by the rules of an online import: a new one, a further
//! pressing of a stored one or of an earlier release of the batch, or one that it changes. The last are
//! written singly, as online.

use shared::catalog::album_import::{is_further_pressing, same_album, tracks_in_place};
use shared::domain::albums::AlbumFacts;
use shared::domain::ids::{AlbumId, TrackId};
use shared::store::catalog::known_albums::{AlbumMatchReason, KnownAlbum, KnownAlbums};
use shared::store::catalog::tracks::KnownTrack;
use shared::store::loads::key_blocks::KeyCounts;

use crate::batch::dumped_album::DumpedAlbum;
use crate::batch::lookup::KeyLookup;
use crate::batch::memory::AlbumIndex;

/// What is done with a release of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Placement {
    /// It is a new album.
    New,
    /// It is a further pressing of an album.
    Pressing,
    /// It changes a stored album, and is written by itself.
    WriteSingly,
}

/// The album of a release of a batch.
pub(crate) struct PlacedAlbum {
    pub(crate) placement: Placement,
    pub(crate) id: i64,
    /// Its tracks in the order of the release's.
    pub(crate) tracks: Vec<i64>,
}

impl PlacedAlbum {
    /// The key of the track with this index in the release.
    pub(crate) fn track(&self, index: TrackId) -> Option<i64> {
        self.tracks.get(usize::try_from(index.0).ok()?).copied()
    }

    /// Whether the batch writes it.
    pub(crate) fn is_in_batch(&self) -> bool {
        self.placement != Placement::WriteSingly
    }
}

/// Places each release of a batch.
pub(crate) async fn place_albums(
    lookup: &mut KeyLookup<'_>,
    batch: &[&DumpedAlbum],
) -> Result<Vec<PlacedAlbum>, tokio_postgres::Error> {
    let wanted = KeyCounts {
        albums: batch.len(),
        tracks: batch.iter().map(|release| release.album.tracks.len()).sum(),
        ..KeyCounts::default()
    };
    let keys = lookup.take_keys(wanted).await?;
    let (mut album_keys, mut track_keys) = (keys.albums.into_iter(), keys.tracks.into_iter());
    let mut stored = lookup.known_albums(batch).await?;
    let mut in_batch = AlbumIndex::default();
    let mut placed: Vec<PlacedAlbum> = Vec::with_capacity(batch.len());
    for (release, known) in batch.iter().zip(&mut stored) {
        match &*lookup {
            KeyLookup::Memory(memory) => {
                let found = memory.albums.find(release);
                let album = |(reason, (id, first))| indexed_album(release, reason, id, first..);
                known.albums.extend(found.map(album));
            }
            KeyLookup::Tables(..) => known.albums.extend(in_batch.find(release).map(|(reason, index)| {
                let album: &PlacedAlbum = &placed[index];
                indexed_album(release, reason, album.id, album.tracks.iter().copied())
            })),
        }
        let new = PlacedAlbum {
            placement: Placement::New,
            id: album_keys.next().unwrap_or_default(),
            tracks: track_keys.by_ref().take(release.album.tracks.len()).collect(),
        };
        let album = place_album(release, known).unwrap_or(new);
        if album.is_in_batch() {
            let is_new = album.placement == Placement::New;
            match lookup {
                KeyLookup::Memory(memory) => {
                    let first_track = album.tracks.first().copied().unwrap_or_default();
                    memory.albums.insert(release, is_new, (album.id, first_track));
                }
                KeyLookup::Tables(..) => in_batch.insert(release, is_new, placed.len()),
            }
        }
        placed.push(album);
    }
    Ok(placed)
}

/// The known album that a release is; `None` if it is a new one.
fn place_album(release: &DumpedAlbum, known: &KnownAlbums) -> Option<PlacedAlbum> {
    let album = same_album(&release.album, known)?;
    let current = album.tracks.iter().filter(|track| !track.is_removed);
    let pairs = tracks_in_place(&release.album.tracks, current);
    let pairs = pairs.filter(|_| is_further_pressing(&release.album, album));
    Some(PlacedAlbum {
        placement: pairs
            .as_ref()
            .map_or(Placement::WriteSingly, |_| Placement::Pressing),
        id: album.id.0,
        tracks: pairs.into_iter().flatten().map(|(_, known)| known.id.0).collect(),
    })
}

/// An album that an [`AlbumIndex`] found for a release. It has the release's tracklist and is of an earlier
/// release.
fn indexed_album(
    release: &DumpedAlbum,
    reason: AlbumMatchReason,
    id: i64,
    tracks: impl Iterator<Item = i64>,
) -> KnownAlbum {
    let tracks = tracks
        .zip(&release.album.tracks)
        .map(|(track_id, track)| KnownTrack {
            id: TrackId(track_id),
            album_id: AlbumId(id),
            spotify_album_id: None,
            spotify_id: None,
            spotify_ids: Vec::new(),
            recording_mbids: Vec::new(),
            disc_number: track.disc_number,
            track_number: track.track_number,
            name: track.name.clone(),
            facts: track.facts.clone(),
            normalized_track_id: None,
            is_removed: false,
        });
    KnownAlbum {
        id: AlbumId(id),
        reason,
        spotify_id: None,
        // Before every number, as the releases of a batch are sorted.
        first_record: Some(String::new()),
        is_loaded: true,
        tracklist_hashes: vec![release.tracklist_hash],
        former_tracklist_hash: None,
        has_other_records: true,
        facts: AlbumFacts::default(),
        tracks: tracks.collect(),
    }
}
