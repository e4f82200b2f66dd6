//! Spotify's objects with the fields of development mode, made from the catalog. Left out are the fields that
//! development mode lost (popularity, followers, label, markets, album group) and the facts that the catalog
//! lacks (lengths, images).

use serde_json::{Value, json};

use crate::demo::catalog::{Album, Artist, Track};

/// One page of a list. `url` is that of the list and contains a query.
pub(super) fn page(url: &str, items: Vec<Value>, limit: usize, offset: usize, total: usize) -> Value {
    let url_at = |offset: usize| format!("{url}&offset={offset}&limit={limit}");
    json!({
        "href": url_at(offset),
        "items": items,
        "limit": limit,
        "next": (offset + limit < total).then(|| url_at(offset + limit)),
        "offset": offset,
        "previous": (offset > 0).then(|| url_at(offset.saturating_sub(limit))),
        "total": total,
    })
}

pub(super) fn artist(base_url: &str, artist: &Artist) -> Value {
    let mut shape = simplified_artist(base_url, artist);
    shape["images"] = json!([]);
    shape
}

pub(super) fn simplified_album(base_url: &str, album: &Album) -> Value {
    let artists: Vec<Value> = album
        .artists
        .iter()
        .map(|artist| simplified_artist(base_url, artist))
        .collect();
    let precision = match album.release_date.len() {
        4 => "year",
        7 => "month",
        _ => "day",
    };
    let mut shape = object(base_url, "album", &album.id, &album.name);
    shape["album_type"] = json!(album.album_type);
    shape["artists"] = json!(artists);
    shape["images"] = json!([]);
    shape["release_date"] = json!(album.release_date);
    shape["release_date_precision"] = json!(precision);
    shape["total_tracks"] = json!(album.tracks.len());
    shape
}

/// A track inside an album object, without album and ISRC.
pub(super) fn simplified_track(base_url: &str, track: &Track) -> Value {
    let artists: Vec<Value> = track
        .artists
        .iter()
        .map(|artist| simplified_artist(base_url, artist))
        .collect();
    let mut shape = object(base_url, "track", &track.id, &track.name);
    shape["artists"] = json!(artists);
    shape["disc_number"] = json!(1);
    shape["explicit"] = json!(track.explicit);
    shape["is_local"] = json!(false);
    shape["is_playable"] = json!(true);
    shape["preview_url"] = Value::Null;
    shape["track_number"] = json!(track.number);
    shape
}

pub(super) fn track(base_url: &str, album: &Album, track: &Track) -> Value {
    let mut shape = simplified_track(base_url, track);
    shape["album"] = simplified_album(base_url, album);
    shape["external_ids"] = json!({"isrc": track.isrc()});
    shape
}

fn simplified_artist(base_url: &str, artist: &Artist) -> Value {
    object(base_url, "artist", &artist.id, &artist.name)
}

/// The fields that every object has.
fn object(base_url: &str, kind: &str, id: &str, name: &str) -> Value {
    json!({
        "external_urls": {"spotify": format!("https://open.spotify.com/{kind}/{id}")},
        "href": format!("{base_url}/{kind}s/{id}"),
        "id": id,
        "name": name,
        "type": kind,
        "uri": format!("spotify:{kind}:{id}"),
    })
}
