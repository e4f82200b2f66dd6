//! What an album gets from its pressings, the Discogs releases of a dump that are one album.
//!
//! The smallest record leads: it states the names of the album and its tracks, their artists, and the
//! barcode, by which the album is recognised. Every other fact comes from the smallest record that states
//! it, whatever the order of arrival. If the record that stated a fact is gone, the album keeps the fact
//! unless another record states it. For an album that was also imported from Spotify or MusicBrainz,
//! pressings only fill gaps.

use std::collections::HashMap;

use crate::domain::albums::{AlbumFacts, TrackFacts};
use crate::domain::ids::{AlbumId, TrackId};
use crate::platform::db::Client;
use crate::store::catalog::albums::{self, AlbumChange, StoredFacts};
use crate::store::catalog::normalized_tracks;
use crate::store::catalog::pressings::{self, Pressing};
use crate::store::catalog::tracks::{self, TrackChange};

/// Updates albums and their tracks from their pressings, and the songs of albums that get another date. An
/// album with one record does not change. Returns the number of rows of albums and tracks written.
pub async fn refresh(client: &Client<'_>, albums: &[AlbumId]) -> Result<u64, tokio_postgres::Error> {
    let mut by_album = HashMap::<AlbumId, Vec<Pressing>>::new();
    for (album, pressing) in pressings::list(client, albums).await? {
        by_album.entry(album).or_default().push(pressing);
    }
    if by_album.is_empty() {
        return Ok(0);
    }
    let pressed: Vec<AlbumId> = albums
        .iter()
        .copied()
        .filter(|id| by_album.contains_key(id))
        .collect();
    let stored = albums::list_facts(client, &pressed).await?;
    let mut stored_tracks = HashMap::<AlbumId, Vec<(TrackId, TrackFacts)>>::new();
    for (album, track, facts) in tracks::list_facts(client, &pressed).await? {
        stored_tracks.entry(album).or_default().push((track, facts));
    }
    let (mut facts, mut track_facts, mut dated_anew) = (Vec::new(), Vec::new(), Vec::new());
    for album in stored {
        let (pressings, is_shared) = (&by_album[&album.id], album.is_shared);
        let its_tracks = stored_tracks.remove(&album.id).unwrap_or_default();
        for (place, (id, stored)) in its_tracks.into_iter().enumerate() {
            let stated = stated_of_track(pressings, place);
            let merged = if is_shared {
                stored.or(stated)
            } else {
                stated.or(stored)
            };
            track_facts.push((id, merged));
        }
        let (id, date) = (album.id, album.facts.release_date);
        let merged = album_facts(album, pressings);
        if merged.release_date != date {
            dated_anew.push(id);
        }
        facts.push((id, merged));
    }
    let changes = facts.iter().map(|(id, facts)| AlbumChange {
        id: *id,
        heading: None,
        facts,
    });
    let written = albums::update(client, &Vec::from_iter(changes)).await?;
    let changes = track_facts.iter().map(|(id, facts)| TrackChange {
        id: *id,
        heading: None,
        facts,
        is_removed: false,
    });
    let written = written + tracks::update(client, &Vec::from_iter(changes)).await?;
    normalized_tracks::refresh_of_albums(client, &dated_anew).await?;
    Ok(written)
}

fn album_facts(album: StoredFacts, pressings: &[Pressing]) -> AlbumFacts {
    let stated = pressings.iter().map(|pressing| pressing.facts.clone());
    let stated = stated.reduce(AlbumFacts::or).unwrap_or_default();
    let upc = match pressings.first() {
        Some(first) if !album.is_shared => first.facts.upc.clone(),
        _ => album.facts.upc.clone(),
    };
    let facts = if album.is_shared {
        album.facts.or(stated)
    } else {
        stated.or(album.facts)
    };
    AlbumFacts { upc, ..facts }
}

/// What the pressings state about the track at this place among the tracks of the album.
fn stated_of_track(pressings: &[Pressing], place: usize) -> TrackFacts {
    let stated = pressings.iter().map(|pressing| TrackFacts {
        duration_ms: pressing
            .durations_ms
            .get(place)
            .copied()
            .filter(|duration| *duration > 0),
        isrc: pressing.isrcs.get(place).and_then(|isrc| isrc.parse().ok()),
        preview_url: None,
    });
    stated.reduce(TrackFacts::or).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::albums::AlbumType;

    fn pressing(label: Option<&str>, upc: Option<&str>, durations_ms: &[i32]) -> Pressing {
        Pressing {
            source_id: "1".to_owned(),
            facts: AlbumFacts {
                label: label.map(str::to_owned),
                upc: upc.map(|upc| upc.parse().expect("a barcode")),
                ..AlbumFacts::default()
            },
            durations_ms: durations_ms.to_vec(),
            isrcs: vec![String::new(); durations_ms.len()],
        }
    }

    fn stored(is_shared: bool) -> StoredFacts {
        StoredFacts {
            id: AlbumId(1),
            is_shared,
            facts: AlbumFacts {
                album_type: Some(AlbumType::Album),
                label: Some("stored".to_owned()),
                upc: Some("602537910786".parse().expect("a barcode")),
                ..AlbumFacts::default()
            },
        }
    }

    #[test]
    fn a_fact_comes_from_the_smallest_record_that_states_it_and_the_barcode_from_the_first() {
        let pressings = [
            pressing(None, None, &[0, 5]),
            pressing(Some("second"), Some("12345670"), &[3, 4]),
        ];
        let facts = album_facts(stored(false), &pressings);
        assert_eq!((facts.label.as_deref(), facts.upc), (Some("second"), None));
        assert_eq!(
            facts.album_type,
            Some(AlbumType::Album),
            "what no record states stays"
        );
        let durations = [0, 1, 2].map(|place| stated_of_track(&pressings, place).duration_ms);
        assert_eq!(durations, [Some(3), Some(5), None]);
    }

    #[test]
    fn beside_other_sources_pressings_only_fill_gaps() {
        let pressings = [pressing(Some("first"), Some("12345670"), &[])];
        let facts = album_facts(stored(true), &pressings);
        assert_eq!(facts.label.as_deref(), Some("stored"));
        assert_eq!(facts.upc, stored(true).facts.upc);
    }
}
