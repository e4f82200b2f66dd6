//! Small records in the shapes of Spotify and MusicBrainz, for [`crate::upstream`]. All names are invented.

use serde_json::{Value, json};

/// A Spotify id that begins with `beginning`.
pub fn spotify_id(beginning: &str) -> String {
    format!("{beginning:0<22}")
}

/// An MBID that ends with `number`.
pub fn mbid(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A Spotify artist.
pub fn artist(id: &str, name: &str) -> Value {
    json!({"id": spotify_id(id), "name": name, "type": "artist"})
}

/// A track as a Spotify album lists it.
pub fn track(id: &str, number: u32, name: &str, artists: &[&Value]) -> Value {
    json!({
        "id": spotify_id(id), "name": name, "type": "track", "artists": artists,
        "disc_number": 1, "track_number": number, "duration_ms": 200_000, "explicit": false,
    })
}

/// A Spotify album with its tracks, without a barcode.
pub fn album(id: &str, name: &str, artists: &[&Value], tracks: Vec<Value>) -> Value {
    let page = json!({"items": tracks, "total": tracks.len()});
    json!({
        "id": spotify_id(id), "name": name, "type": "album", "album_type": "album", "artists": artists,
        "release_date": "2001-05-17", "release_date_precision": "day", "total_tracks": tracks.len(),
        "external_ids": {}, "tracks": page,
    })
}

/// Adds a barcode to an album.
pub fn with_upc(mut album: Value, upc: &str) -> Value {
    album["external_ids"] = json!({ "upc": upc });
    album
}

/// A MusicBrainz artist.
pub fn person(number: u64, name: &str) -> Value {
    json!({"id": mbid(number), "name": name, "sort-name": name, "disambiguation": ""})
}

/// A person's part in a recording or release.
pub fn relation(kind: &str, attributes: &[&str], person: &Value) -> Value {
    json!({
        "type": kind, "target-type": "artist", "direction": "backward", "attributes": attributes,
        "attribute-values": {}, "ended": false, "target-credit": "", "artist": person,
    })
}

/// The relation of a recording or release to its producer.
pub fn produced_by(person: &Value) -> Value {
    relation("producer", &[], person)
}

/// A MusicBrainz recording.
pub fn recording(number: u64, title: &str, artist: &Value, relations: Vec<Value>) -> Value {
    json!({
        "id": mbid(number), "title": title, "length": 200_000, "video": false, "isrcs": [],
        "artist-credit": [{"name": artist["name"], "joinphrase": "", "artist": artist}],
            "relations": relations,
    })
}

/// A MusicBrainz release with one medium.
pub fn release(number: u64, title: &str, artist: &Value, recordings: &[&Value]) -> Value {
    let tracks: Vec<Value> = (1..)
        .zip(recordings)
        .map(|(position, recording): (u32, _)| {
            json!({"position": position, "title": recording["title"], "length": recording["length"],
                "recording": recording})
        })
        .collect();
    json!({
        "id": mbid(number), "title": title, "status": "Official",
        "artist-credit": [{"name": artist["name"], "joinphrase": "", "artist": artist}],
        "media": [{"position": 1, "tracks": tracks}], "relations": [],
    })
}

/// A release as MusicBrainz lists it: a CD with a barcode in a release group.
pub fn listed(release: &Value, group: u64) -> Value {
    let tracks = release["media"][0]["tracks"].as_array();
    json!({
        "id": release["id"], "title": release["title"], "status": release["status"],
        "date": release["date"], "barcode": "200000000011", "release-group": {"id": mbid(group)},
        "media": [{"format": "CD", "position": 1, "track-count": tracks.map_or(0, Vec::len)}],
    })
}

/// The barcode of [`album_of`].
pub const UPC: &str = "200000000011";

/// An album of the artist A with a barcode and these songs, each 200 seconds long.
pub fn album_of(key: &str, songs: &[&str]) -> Value {
    let who = artist("a", "A");
    let tracks = (1..)
        .zip(songs)
        .map(|(number, name)| track(&format!("{key}0{number}"), number, name, &[&who]))
        .collect();
    with_upc(album(key, "Album", &[&who], tracks), UPC)
}

/// An album of the artist A with one song and without a barcode.
pub fn single(key: &str) -> Value {
    let who = artist("a", "A");
    let tracks = vec![track(&format!("{key}t"), 1, "Song", &[&who])];
    album(key, "Album", &[&who], tracks)
}
