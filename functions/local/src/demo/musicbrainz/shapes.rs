//! MusicBrainz's entities in the JSON of its web service, made from the catalog. As in the original, a
//! response has only the parts that the call includes. Facts that the catalog lacks (lengths, countries) are
//! null.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::domain::credits::Role;
use uuid::Uuid;

use crate::demo::catalog::{Album, Artist, CatalogCredit, CatalogLink, LookupKey, Track};

/// MusicBrainz's id of the relationship type "producer" between artist and recording.
const PRODUCER_TYPE_ID: &str = "5c0ceac3-feb4-41f0-868d-dc06f6e27fc0";
/// MusicBrainz's special artist for recordings by unknown artists.
const UNKNOWN_ARTIST_MBID: &str = "125ec42a-7229-4250-afc5-e057484327fe";

/// MBIDs of producers by name.
type Producers = BTreeMap<String, Uuid>;

/// The parts that a call includes.
pub(super) struct Includes<'a>(Vec<&'a str>);

impl<'a> Includes<'a> {
    /// Parses `recordings+isrcs`; the plus signs arrive as spaces.
    pub(super) fn parse(inc: &'a str) -> Self {
        Self(inc.split([' ', '+']).collect())
    }

    fn has(&self, part: &str) -> bool {
        self.0.contains(&part)
    }
}

/// The response to a search.
pub(super) fn search_result(kind: &str, items: Vec<Value>) -> Value {
    json!({"created": chrono::Utc::now(), "count": items.len(), "offset": 0, kind: items})
}

pub(super) fn release_match(album: &Album) -> Value {
    let mut shape = release_head(album);
    shape["score"] = json!(100);
    shape["artist-credit"] = artist_credit(&album.artists);
    shape["track-count"] = json!(album.tracks.len());
    shape["media"] = json!([{"format": "Digital Media", "disc-count": 0, "track-count": album.tracks.len()}]);
    shape
}

/// A release in a list of releases of an artist or a release group.
pub(super) fn browsed_release(includes: &Includes<'_>, album: &Album) -> Value {
    let mut shape = release_head(album);
    if includes.has("release-groups") {
        shape["release-group"] = release_group(album);
    }
    if includes.has("media") {
        shape["media"] = json!([{
            "position": 1, "format": "Digital Media", "title": "", "disc-count": 0,
            "track-count": album.tracks.len(),
        }]);
    }
    shape
}

fn release_group(album: &Album) -> Value {
    let (primary, secondary) = match album.album_type.as_str() {
        "single" => ("Single", None),
        "compilation" => ("Album", Some("Compilation")),
        _ => ("Album", None),
    };
    json!({
        "id": album.release_group_mbid(),
        "title": album.name,
        "primary-type": primary,
        "secondary-types": secondary.into_iter().collect::<Vec<_>>(),
        "first-release-date": album.release_date,
        "disambiguation": "",
    })
}

pub(super) fn release(includes: &Includes<'_>, album: &Album, producers: &Producers) -> Value {
    let mut shape = release_head(album);
    if includes.has("artist-credits") {
        shape["artist-credit"] = artist_credit(&album.artists);
    }
    if includes.has("artist-rels") {
        shape["relations"] = json!([]);
    }
    if includes.has("release-groups") {
        shape["release-group"] = release_group(album);
    }
    if includes.has("labels") {
        shape["label-info"] = json!([]);
    }
    if includes.has("recordings") {
        // The recordings of a release have relationships only if `recording-level-rels` is included too.
        let mut recording_includes = Includes(includes.0.clone());
        if !includes.has("recording-level-rels") {
            recording_includes.0.retain(|part| *part != "artist-rels");
        }
        let tracks: Vec<Value> = album
            .tracks
            .iter()
            .map(|track| release_track(&recording_includes, album, track, producers))
            .collect();
        shape["media"] = json!([{
            "position": 1,
            "format": "Digital Media",
            "title": "",
            "track-count": tracks.len(),
            "track-offset": 0,
            "tracks": tracks,
        }]);
    }
    shape
}

fn release_head(album: &Album) -> Value {
    json!({
        "id": album.mbid(),
        "title": album.name.strip_suffix(" (Remastered)").unwrap_or(&album.name),
        "disambiguation": "",
        "status": "Official",
        "date": album.release_date,
        "barcode": album.upc(),
    })
}

fn release_track(includes: &Includes<'_>, album: &Album, track: &Track, producers: &Producers) -> Value {
    let mut shape = json!({
        "id": Uuid::new_v5(&album.mbid(), track.id.as_bytes()),
        "number": track.number.to_string(),
        "position": track.number,
        "title": track.recording_title(),
        "length": null,
        "recording": recording(includes, album, track, producers),
    });
    if includes.has("artist-credits") {
        shape["artist-credit"] = artist_credit(&track.artists);
    }
    shape
}

pub(super) fn recording(
    includes: &Includes<'_>,
    album: &Album,
    track: &Track,
    producers: &Producers,
) -> Value {
    let mut shape = recording_head(album, track);
    if includes.has("artist-credits") {
        shape["artist-credit"] = artist_credit(&track.artists);
    }
    if includes.has("isrcs") {
        shape["isrcs"] = isrcs(album, track);
    }
    if includes.has("artist-rels") {
        shape["relations"] = track
            .credits
            .iter()
            .map(|credit| relation(credit, producers[&credit.producer]))
            .collect();
    }
    shape
}

/// A recording in the result of a search: without relationships.
pub(super) fn recording_match(album: &Album, track: &Track, score: u8) -> Value {
    let mut shape = recording_head(album, track);
    shape["score"] = json!(score);
    shape["artist-credit"] = artist_credit(&track.artists);
    shape["isrcs"] = isrcs(album, track);
    shape["releases"] = json!([{
        "id": album.mbid(), "title": album.name, "status": "Official",
        "artist-credit": artist_credit(&album.artists),
    }]);
    shape
}

/// A recording of the same title by an unknown artist, as MusicBrainz has many.
pub(super) fn namesake_match(track: &Track) -> Value {
    let unknown = json!({
        "id": UNKNOWN_ARTIST_MBID, "name": "[unknown]", "sort-name": "[unknown]",
        "disambiguation": "Special Purpose Artist",
    });
    json!({
        "id": Uuid::new_v5(&track.mbid(), b"namesake"),
        "score": 100,
        "title": track.recording_title(),
        "length": null,
        "disambiguation": "",
        "video": null,
        "artist-credit": [{"name": "[unknown]", "artist": unknown}],
    })
}

fn recording_head(album: &Album, track: &Track) -> Value {
    json!({
        "id": track.mbid(),
        "title": track.recording_title(),
        "length": null,
        "disambiguation": "",
        "video": false,
        "first-release-date": album.release_date,
    })
}

fn isrcs(album: &Album, track: &Track) -> Value {
    match album.known_by {
        LookupKey::Barcode | LookupKey::Isrc => json!([track.isrc()]),
        LookupKey::Search => json!([]),
    }
}

fn relation(credit: &CatalogCredit, mbid: Uuid) -> Value {
    let attributes: &[&str] = match credit.role {
        Role::CoProducer => &["co"],
        Role::AdditionalProducer => &["additional"],
        Role::AssistantProducer => &["assistant"],
        Role::AssociateProducer => &["associate"],
        Role::ExecutiveProducer => &["executive"],
        _ => &[],
    };
    json!({
        "type": "producer",
        "type-id": PRODUCER_TYPE_ID,
        "target-type": "artist",
        "direction": "backward",
        "attributes": attributes,
        "attribute-values": {},
        "begin": null,
        "end": null,
        "ended": false,
        "source-credit": "",
        "target-credit": "",
        "artist": artist_head(mbid, &credit.producer),
    })
}

pub(super) fn artist<'a>(
    includes: &Includes<'_>,
    mbid: Uuid,
    name: &str,
    links: impl Iterator<Item = &'a CatalogLink>,
) -> Value {
    let mut shape = artist_head(mbid, name);
    if includes.has("aliases") {
        shape["aliases"] = json!([]);
    }
    if includes.has("url-rels") {
        shape["relations"] = links.map(url_relation).collect();
    }
    shape
}

/// An artist in the result of a search.
pub(super) fn artist_match(mbid: Uuid, name: &str) -> Value {
    let mut shape = artist_head(mbid, name);
    shape["score"] = json!(100);
    shape["aliases"] = json!([]);
    shape
}

fn url_relation(link: &CatalogLink) -> Value {
    json!({
        "type": link.link_type,
        "target-type": "url",
        "direction": "forward",
        "attributes": [],
        "attribute-ids": {},
        "attribute-values": {},
        "begin": null,
        "end": null,
        "ended": false,
        "source-credit": "",
        "target-credit": "",
        "url": {"id": Uuid::new_v5(&Uuid::NAMESPACE_URL, link.url.as_bytes()), "resource": link.url},
    })
}

fn artist_credit(artists: &[Artist]) -> Value {
    let last = artists.len().saturating_sub(1);
    let names = artists.iter().enumerate().map(|(index, artist)| {
        let joinphrase = if index == last { "" } else { " & " };
        let artist_head = artist_head(artist.mbid(), &artist.name);
        json!({"name": artist.name, "joinphrase": joinphrase, "artist": artist_head})
    });
    names.collect()
}

fn artist_head(mbid: Uuid, name: &str) -> Value {
    json!({"id": mbid, "name": name, "sort-name": name, "disambiguation": "", "type": null, "country": null})
}
