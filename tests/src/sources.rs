//! Small records of Discogs, Genius and Instagram in their own shapes, and scenes whose functions ask those as well. Who and what
//! they name is nobody and nothing.

use std::sync::Arc;

use serde_json::{Value, json};
use shared::upstreams::discogs::Discogs;
use shared::upstreams::genius::Genius;
use shared::upstreams::instagram::Instagram;

use crate::records::{mbid, person};
use crate::scene::Scene;
use crate::upstream::{Answer, Upstream};

impl Scene {
    /// As [`Scene::new`], with Discogs and Genius switched on.
    pub async fn of_all_sources() -> Self {
        let mut scene = Self::new().await;
        let http = shared::http::client("Linernotes-tests/0 ( https://localhost/ )").unwrap();
        let url = scene.upstream.url();
        let discogs = shared::config::DiscogsSettings {
            url: format!("{url}/discogs"),
            token: "token".to_owned(),
        };
        let genius = shared::config::GeniusSettings {
            url: format!("{url}/genius"),
            token: "token".to_owned(),
        };
        scene.machine.identify.discogs = Some(Arc::new(Discogs::new(http.clone(), discogs)));
        scene.machine.identify.genius = Some(Arc::new(Genius::new(http, genius)));
        scene
    }

    /// As [`Scene::of_all_sources`], where contacts are asked for as well, of Instagram, too.
    pub async fn of_all_contacts() -> Self {
        let mut scene = Self::of_all_sources().await;
        let http = shared::http::client("Linernotes-tests/0 ( https://localhost/ )").unwrap();
        let instagram = shared::config::InstagramSettings {
            url: format!("{}/instagram", scene.upstream.url()),
            token: "token".to_owned(),
            user_id: "1".to_owned(),
        };
        scene.machine.enrich.discogs = scene.machine.identify.discogs.clone();
        scene.machine.enrich.genius = scene.machine.identify.genius.clone();
        scene.machine.enrich.instagram = Some(Arc::new(Instagram::new(http, instagram)));
        scene
    }
}

/// An artist of Discogs' or somebody credited there; 0 leads to nobody.
pub fn discogs_credit(id: i64, name: &str, role: &str, tracks: &str) -> Value {
    json!({"id": id, "name": name, "anv": "", "join": "", "role": role, "tracks": tracks})
}

/// A track of a release of Discogs', 200 seconds long.
pub fn discogs_track(position: &str, title: &str, credits: &[Value]) -> Value {
    json!({"position": position, "type_": "track", "title": title, "duration": "3:20", "extraartists": credits})
}

/// A release of Discogs' of 2001.
pub fn discogs_release(id: i64, title: &str, artist: &Value, tracks: &[Value], credits: &[Value]) -> Value {
    json!({
        "id": id, "title": title, "year": 2001, "artists": [artist], "extraartists": credits, "tracklist": tracks,
        "identifiers": [],
    })
}

fn with(mut record: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().into_iter().flatten() {
        record[name] = value.clone();
    }
    record
}

/// An artist of Genius'.
pub fn genius_artist(id: i64, name: &str) -> Value {
    json!({"id": id, "name": name})
}

/// A song of Genius' with its producers.
pub fn genius_song(id: i64, title: &str, artist: &Value, producers: &[Value]) -> Value {
    json!({
        "id": id, "title": title, "title_with_featured": title, "url": format!("https://genius.com/{id}"),
        "primary_artist": artist, "primary_artists": [artist], "producer_artists": producers,
    })
}

/// An error of Instagram's.
pub fn instagram_error(status: u16, code: i64, message: &str) -> Answer {
    let error = json!({"message": message, "type": "OAuthException", "code": code});
    Answer::new(status, json!({ "error": error }).to_string())
}

impl Upstream {
    /// An artist of Discogs' with such links; more fields may be among those of `more`.
    pub fn give_discogs_artist(&self, id: i64, name: &str, urls: &[&str], more: &Value) {
        let artist = with(json!({"id": id, "name": name, "urls": urls}), more);
        self.give(&format!("/discogs/artists/{id}"), artist);
    }

    /// An artist of Genius'; the handles and pictures are among `more`.
    pub fn give_genius_artist(&self, id: i64, name: &str, more: &Value) {
        let artist = with(json!({"id": id, "name": name}), more);
        let answer = json!({"meta": {"status": 200}, "response": {"artist": artist}});
        self.give(&format!("/genius/artists/{id}"), answer);
    }

    /// An artist of MusicBrainz's with links, each a type and a URL.
    pub fn give_person(&self, number: u64, name: &str, links: &[(&str, &str)]) {
        let mut known = person(number, name);
        known["relations"] = links
            .iter()
            .map(|(kind, url)| json!({"type": kind, "target-type": "url", "ended": false, "attributes": [], "url": {"id": mbid(99), "resource": url}}))
            .collect();
        self.give(&format!("/ws/2/artist/{}", mbid(number)), known);
    }

    /// What Instagram says of a handle from now on.
    pub fn give_account(&self, handle: &str, answer: impl Into<Answer>) {
        self.give(&format!("/instagram/1?.username({handle})"), answer);
    }

    /// A professional account at Instagram.
    pub fn give_profile(&self, handle: &str, id: &str, more: &Value) {
        let profile = with(json!({"id": id, "username": handle}), more);
        self.give_account(handle, json!({"business_discovery": profile, "id": "1"}));
    }

    /// Releases of Discogs' that a search finds whose query holds a text.
    pub fn give_discogs(&self, query: &str, releases: &[&Value]) {
        let mut results = Vec::new();
        for release in releases {
            self.give(&format!("/discogs/releases/{}", release["id"]), *release);
            let (artist, title) = (&release["artists"][0]["name"], &release["title"]);
            let heading = format!("{} - {}", artist.as_str().unwrap(), title.as_str().unwrap());
            results.push(json!({
                "id": release["id"], "type": "release", "title": heading, "year": release["year"].to_string(),
                "barcode": [], "format": [], "master_id": 0,
            }));
        }
        let found = json!({ "results": results });
        self.give(&format!("/discogs/database/search?{query}"), found);
    }

    /// Songs of Genius' that a search finds whose query holds a text, in this order.
    pub fn give_songs(&self, query: &str, songs: &[&Value]) {
        let mut hits = Vec::new();
        for song in songs {
            let answer = json!({"meta": {"status": 200}, "response": {"song": song}});
            self.give(&format!("/genius/songs/{}", song["id"]), answer);
            hits.push(json!({"type": "song", "result": song}));
        }
        let found = json!({"meta": {"status": 200}, "response": {"hits": hits}});
        self.give(&format!("/genius/search?{query}"), found);
    }
}
