//! The answers that Spotify and MusicBrainz give about a record, in every place where they show it.

use serde_json::{Value, json};

use crate::upstream::Upstream;

/// The number of tracks that Spotify embeds in an album.
const EMBEDDED_TRACKS: usize = 50;
/// The number of an artist's albums that Spotify lists at once.
const ALBUMS_PAGE: usize = 10;
/// The number of releases that MusicBrainz lists at once.
const RELEASES_PAGE: usize = 100;

impl Upstream {
    /// Gives a Spotify album with all its tracks, in pages if there are many.
    pub fn give_album(&self, album: &Value) {
        let tracks = album["tracks"]["items"].as_array().unwrap();
        let path = format!("/v1/albums/{}", album["id"].as_str().unwrap());
        let mut embedded = album.clone();
        let page = |page: &[Value]| json!({"items": page, "total": album["tracks"]["total"]});
        embedded["tracks"] = page(&tracks[..tracks.len().min(EMBEDDED_TRACKS)]);
        self.give(&path, embedded);
        for (place, tracks) in tracks.chunks(EMBEDDED_TRACKS).enumerate().skip(1) {
            let offset = place * EMBEDDED_TRACKS;
            self.give(&format!("{path}/tracks?&offset={offset}&"), page(tracks));
        }
    }

    /// Gives a Spotify artist and the list of their albums.
    pub fn give_artist(&self, artist: &Value, albums: &[&Value]) {
        let path = format!("/v1/artists/{}", artist["id"].as_str().unwrap());
        self.give(&path, artist);
        let simple: Vec<Value> = albums.iter().map(|album| without_tracks(album)).collect();
        self.give(
            &format!("{path}/albums"),
            json!({"items": [], "total": simple.len()}),
        );
        for (place, page) in simple.chunks(ALBUMS_PAGE).enumerate() {
            let answer = json!({"items": page, "total": simple.len()});
            let offset = place * ALBUMS_PAGE;
            self.give(&format!("{path}/albums?&offset={offset}&"), answer);
        }
    }

    /// Gives MusicBrainz releases, all of which a search for the barcode finds.
    pub fn give_releases(&self, barcode: &str, releases: &[&Value]) {
        for release in releases {
            let path = format!("/ws/2/release/{}", release["id"].as_str().unwrap());
            self.give(&path, *release);
        }
        let found =
            json!({"releases": releases.iter().map(|release| search_result(release)).collect::<Vec<_>>()});
        self.give(&format!("/ws/2/release?{barcode}"), found);
    }

    /// Gives a MusicBrainz release that no search finds.
    pub fn give_release(&self, release: &Value) {
        let path = format!("/ws/2/release/{}", release["id"].as_str().unwrap());
        self.give(&path, release);
    }

    /// Gives the list of the releases of an artist, a track artist or a release group at MusicBrainz; its
    /// kind is `artist`, `track_artist` or `release-group`.
    pub fn give_release_list(&self, kind: &str, mbid: &str, releases: &[Value]) {
        let page = |page: &[Value]| json!({"releases": page, "release-count": releases.len()});
        for (place, listed) in releases.chunks(RELEASES_PAGE).enumerate() {
            let offset = place * RELEASES_PAGE;
            let query = match kind {
                "artist" => format!(
                    "&artist={mbid}&fmt=json&inc=release-groups \
                        media&limit=100&offset={offset}&status=official&"
                ),
                "track_artist" => format!("&offset={offset}&status=official&track_artist={mbid}&"),
                other => format!("&offset={offset}&{other}={mbid}&"),
            };
            self.give(&format!("/ws/2/release?{query}"), page(listed));
        }
    }

    /// Gives the recordings with an ISRC.
    pub fn give_isrc(&self, isrc: &str, recordings: &[&Value]) {
        let answer = json!({"isrc": isrc, "recordings": recordings});
        self.give(&format!("/ws/2/isrc/{isrc}"), answer);
    }

    /// Gives the recordings that a search for a title finds, in this order.
    pub fn give_recordings(&self, title: &str, recordings: &[&Value]) {
        for recording in recordings {
            let path = format!("/ws/2/recording/{}", recording["id"].as_str().unwrap());
            self.give(&path, *recording);
        }
        let found: Vec<Value> = recordings
            .iter()
            .map(|recording| search_result(recording))
            .collect();
        self.give(
            &format!("/ws/2/recording?recording:\"{title}\""),
            json!({ "recordings": found }),
        );
    }
}

fn without_tracks(album: &Value) -> Value {
    let mut album = album.clone();
    if let Some(fields) = album.as_object_mut() {
        fields.remove("tracks");
        fields.remove("external_ids");
    }
    album
}

/// A record as search results show it: with a score, and without relations.
fn search_result(record: &Value) -> Value {
    let mut found = record.clone();
    found["score"] = json!(100);
    if let Some(media) = record["media"].as_array() {
        let tracks = media.iter().filter_map(|medium| medium["tracks"].as_array());
        found["track-count"] = json!(tracks.map(Vec::len).sum::<usize>());
    }
    if let Some(fields) = found.as_object_mut() {
        fields.remove("relations");
        fields.remove("media");
    }
    found
}
