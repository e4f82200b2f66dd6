//! Small records in the shapes of Discogs, Genius and Instagram, and scenes with these sources. All names are
//! invented.

use serde_json::{Value, json};

use crate::records::{mbid, person};
use crate::scene::Scene;
use crate::upstream::{Answer, Upstream};

impl Scene {
    /// As [`Scene::new`], with Discogs and Genius.
    pub async fn with_all_sources() -> Self {
        let mut scene = Self::new().await;
        let url = scene.upstream.url();
        scene.machine.set(&[
            ("DISCOGS_URL", &format!("{url}/discogs")),
            ("DISCOGS_TOKEN", "token"),
            ("GENIUS_URL", &format!("{url}/genius")),
            ("GENIUS_TOKEN", "token"),
        ]);
        scene
    }

    /// As [`Scene::with_all_sources`], with Instagram.
    pub async fn with_all_contacts() -> Self {
        let mut scene = Self::with_all_sources().await;
        scene.machine.set(&[
            ("INSTAGRAM_URL", &format!("{}/instagram", scene.upstream.url())),
            ("INSTAGRAM_TOKEN", "token"),
            ("INSTAGRAM_USER_ID", "1"),
        ]);
        scene
    }
}

/// An artist or a credited person at Discogs; the id 0 stands for a name without a page.
pub fn discogs_credit(id: i64, name: &str, role: &str, tracks: &str) -> Value {
    json!({"id": id, "name": name, "anv": "", "join": "", "role": role, "tracks": tracks})
}

/// A track of a Discogs release, 200 seconds long.
pub fn discogs_track(position: &str, title: &str, credits: &[Value]) -> Value {
    json!({"position": position, "type_": "track", "title": title, "duration": "3:20",
        "extraartists": credits})
}

/// A Discogs release of 2001.
pub fn discogs_release(id: i64, title: &str, artist: &Value, tracks: &[Value], credits: &[Value]) -> Value {
    json!({
        "id": id, "title": title, "year": 2001, "artists": [artist], "extraartists": credits,
            "tracklist": tracks,
        "identifiers": [],
    })
}

fn with(mut record: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().into_iter().flatten() {
        record[name] = value.clone();
    }
    record
}

/// A Genius artist.
pub fn genius_artist(id: i64, name: &str) -> Value {
    json!({"id": id, "name": name})
}

/// A Genius song with its producers.
pub fn genius_song(id: i64, title: &str, artist: &Value, producers: &[Value]) -> Value {
    json!({
        "id": id, "title": title, "title_with_featured": title, "url": format!("https://genius.com/{id}"),
        "primary_artist": artist, "primary_artists": [artist], "producer_artists": producers,
    })
}

/// An Instagram error.
pub fn instagram_error(status: u16, code: i64, message: &str) -> Answer {
    let error = json!({"message": message, "type": "OAuthException", "code": code});
    Answer::new(status, json!({ "error": error }).to_string())
}

impl Upstream {
    /// Gives a Discogs artist with links; `more` has further fields.
    pub fn give_discogs_artist(&self, id: i64, name: &str, urls: &[&str], more: &Value) {
        let artist = with(json!({"id": id, "name": name, "urls": urls}), more);
        self.give(&format!("/discogs/artists/{id}"), artist);
    }

    /// Gives a Genius artist; `more` has further fields, such as handles and pictures.
    pub fn give_genius_artist(&self, id: i64, name: &str, more: &Value) {
        let artist = with(json!({"id": id, "name": name}), more);
        let answer = json!({"meta": {"status": 200}, "response": {"artist": artist}});
        self.give(&format!("/genius/artists/{id}"), answer);
    }

    /// Gives a MusicBrainz artist with links, each a type and a URL.
    pub fn give_person(&self, number: u64, name: &str, links: &[(&str, &str)]) {
        let mut known = person(number, name);
        known["relations"] = links
            .iter()
            .map(|(kind, url)| {
                json!({"type": kind, "target-type": "url", "ended": false, "attributes": [],
                "url": {"id": mbid(99), "resource": url}})
            })
            .collect();
        self.give(&format!("/ws/2/artist/{}", mbid(number)), known);
    }

    /// Gives this answer to a query for an Instagram handle.
    pub fn give_account(&self, handle: &str, answer: impl Into<Answer>) {
        self.give(&format!("/instagram/1?.username({handle})"), answer);
    }

    /// Gives a professional Instagram account.
    pub fn give_profile(&self, handle: &str, id: &str, more: &Value) {
        let profile = with(json!({"id": id, "username": handle}), more);
        self.give_account(handle, json!({"business_discovery": profile, "id": "1"}));
    }

    /// Gives Discogs releases, which any search finds whose query contains `query`.
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

    /// Gives Genius songs in this order, which any search finds whose query contains `query`.
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
