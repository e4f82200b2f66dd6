//! Loaded records are used without a request: those of the album, of another album with its barcode, and of
//! the same recording on another album.

use pretty_assertions::assert_eq;

use super::*;

#[tokio::test]
async fn a_recording_that_a_load_brought_on_another_album_is_not_looked_up() {
    let scene = scene_of(&["One"]).await;
    give_musicbrainz(&scene, &[("One", Some("Pat"))]);
    let song = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Pat")]);
    scene.upstream.give_songs("One", &[&song]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    // A load writes credits but no lookups.
    let client = scene.database.client().await;
    client.execute("DELETE FROM lookups", &[]).await.unwrap();
    let mut single = with_upc(album_of("y", &["One"]), "200000000028");
    single["name"] = json!("One");
    let single = scene.ingest(&single).await;
    scene.upstream.forget_calls();
    assert_eq!(identify(&scene, single).await, Outcome::Done);
    let of_tracks = ["/ws/2/isrc", "/ws/2/recording", "/genius/"];
    assert_eq!(of_tracks.map(|path| scene.upstream.calls(path)), [0, 0, 0]);
    assert_eq!(
        scene
            .texts(
                "SELECT c.source || ' ' || c.matched_by FROM credits c WHERE c.album_id = 2 ORDER BY c.source"
            )
            .await,
        ["musicbrainz own", "genius search"]
    );
    assert_eq!(scene.texts(PRODUCERS).await.len(), 2);
}

#[tokio::test]
async fn loaded_credits_count_without_a_request() {
    let scene = scene_of(&["One"]).await;
    let client = scene.database.client().await;
    client
        .execute(
            "WITH link AS (
                 INSERT INTO album_links (album_id, source, source_id, matched_by, match_score)
                 VALUES (1, 'discogs', '500', 'barcode', 1)
             ), producer AS (
                 INSERT INTO producers (name, normalized_name) VALUES ('Dis', 'dis') RETURNING id
             ), identity AS (
                 INSERT INTO producer_identities (source, source_id, producer_id, name)
                 SELECT 'discogs', '7', id, 'Dis' FROM producer RETURNING id
             )
             INSERT INTO credits (album_id, source, source_record_kind, source_record_id,
             producer_identity_id, source_artist_id, credited_as,
                                  raw_role, role, matched_by, match_score)
             SELECT 1, 'discogs', 'release', '500', id, '7', 'Dis', 'Producer', 'producer', 'barcode', 1
             FROM identity",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Dis producer 0.75"]);
    assert_eq!(scene.upstream.calls("/discogs/"), 0);
}

/// Inserts the rows that a load writes for Discogs' release 500: another album with the barcode, its two
/// songs and their credits.
async fn load(scene: &Scene, artist: i64, name: &str, songs: [&str; 2]) {
    let client = scene.database.client().await;
    let sql = "INSERT INTO albums (artist_id, name, upc) VALUES ($1, $2, $3) RETURNING id";
    let row = client.query_one(sql, &[&artist, &name, &UPC]).await.unwrap();
    let album: i64 = row.get(0);
    let tracks = "INSERT INTO tracks (album_id, name, track_number, duration_ms, normalized_track_id)
        SELECT $1, n.name, n.number, 200000, (SELECT max(normalized_track_id) FROM tracks WHERE name = n.name)
        FROM unnest($2::text[]) WITH ORDINALITY AS n (name, number)";
    client
        .execute(tracks, &[&album, &songs.as_slice()])
        .await
        .unwrap();
    let artists = "INSERT INTO track_artists (track_id, position, artist_id) SELECT id, 1, $2 FROM tracks
        WHERE album_id = $1";
    client.execute(artists, &[&album, &artist]).await.unwrap();
    let link = "INSERT INTO album_links (album_id, source, source_id, matched_by, match_score)
        VALUES ($1, 'discogs', '500', 'own', 1)";
    client.execute(link, &[&album]).await.unwrap();
    for (id, producer_name, track, positions, range) in [
        ("1", "Of All", None, None, None),
        ("2", "Of Two", None, Some("{1-2}"), Some("A2")),
        ("3", "Of One", Some(1), None, None),
        ("4", "Of Whatever", None, None, Some("Side Z")),
    ] {
        let sql = "WITH producer AS (
                INSERT INTO producers (name, normalized_name) VALUES ($3, lower($3)) RETURNING id
            ), identity AS (
                INSERT INTO producer_identities (source, source_id, producer_id, name)
                SELECT 'discogs', $2, id, $3 FROM producer RETURNING id
            )
            INSERT INTO credits (album_id, track_id, track_positions, track_range, source, source_record_kind,
            source_record_id,
                                 producer_identity_id, source_artist_id, credited_as, raw_role, role,
                                 matched_by, match_score)
            SELECT $1, (SELECT t.id FROM tracks t WHERE t.album_id = $1
            AND t.track_number = $4::integer), $5::text::text[], $6, 'discogs', 'release', '500',
                   identity.id, $2, $3, 'Producer', 'producer', 'own', 1
            FROM identity";
        client
            .execute(sql, &[&album, &id, &producer_name, &track, &positions, &range])
            .await
            .unwrap();
    }
}

/// The producers of the ingested album's tracks, without those of the loaded album.
const INGESTED_TRACK_PRODUCERS: &str =
    "SELECT t.name || ': ' || p.name || ' ' || round(tp.confidence::numeric, 2)
    FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id JOIN producers p ON p.id = tp.producer_id WHERE t.album_id = 1
    ORDER BY t.id, p.name";

/// The Discogs lookups of the ingested album, with the album or track that their credits were copied from.
const KNOWN_FROM: &str = "SELECT l.source || ' ' || l.kind || ' ' || l.outcome || ' ' || COALESCE((l.answer -
    'record' - 'kind' - 'score' - 'matched_by')::text, '')
    FROM lookups l LEFT JOIN tracks t ON l.kind = 'track' AND l.subject = t.id::text
    WHERE l.source = 'discogs' AND (t.album_id = 1 OR (l.kind = 'album' AND l.subject = '1'))
    ORDER BY l.kind, t.id";

#[tokio::test]
async fn the_credits_of_a_loaded_album_with_the_barcode_are_copied_with_their_ranges() {
    let scene = scene_of(&["One", "Two", "Bonus"]).await;
    load(&scene, 1, "Album", ["One", "Two"]).await;
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.upstream.calls("/discogs/"), 0);
    assert_eq!(
        scene.texts(INGESTED_TRACK_PRODUCERS).await,
        [
            "One: Of All 0.75",
            "One: Of One 0.90",
            "Two: Of All 0.75",
            "Two: Of Two 0.85",
        ],
        "a range covers only its tracks, an unreadable range covers none, and the loaded album lacks the \
            bonus track"
    );
    assert_eq!(
        scene.texts(KNOWN_FROM).await,
        [
            r#"discogs album found {"same_as_album": 2}"#,
            r#"discogs track found {"same_as_album": 2}"#,
            r#"discogs track found {"same_as_album": 2}"#,
            "discogs track not_found {}",
        ]
    );
    let page = track_page(&scene.database, 2).await;
    for credit in page["credits"].as_array().unwrap() {
        assert_eq!(credit["known_from"], "album 2", "{credit}");
    }
    let once = scene.database.fingerprint().await;
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.database.fingerprint().await, once);
}

#[tokio::test]
async fn nothing_is_copied_for_a_reused_barcode() {
    let scene = scene_of(&["One", "Two"]).await;
    let client = scene.database.client().await;
    client
        .execute("INSERT INTO artists (name) VALUES ('Somebody')", &[])
        .await
        .unwrap();
    load(&scene, 2, "Something", ["Else", "More"]).await;
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(INGESTED_TRACK_PRODUCERS).await, [""; 0]);
    assert!(scene.upstream.calls("/discogs/database/search") > 0);
}

#[tokio::test]
async fn lookups_of_another_album_with_the_barcode_are_repeated_for_this_album() {
    let scene = scene_of(&["One", "Two"]).await;
    load(&scene, 1, "Album", ["One", "Two"]).await;
    let client = scene.database.client().await;
    client
        .execute(
            "INSERT INTO lookups (source, kind, subject, outcome, answer, looked_up_at, look_again_at)
             VALUES ('discogs', 'album', '2', 'found', '{\"record\": \"500\", \"matched_by\": \"barcode\"}',
             now(), now())",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert!(scene.upstream.calls("/discogs/database/search") > 0);
}

#[tokio::test]
async fn a_single_copies_the_credits_of_its_songs_from_a_loaded_album() {
    let scene = Scene::with_all_sources().await;
    let mut single = with_upc(album_of("x", &["Two"]), "200000000028");
    single["name"] = json!("Two");
    assert_eq!(scene.ingest(&single).await, ALBUM);
    load(&scene, 1, "Album", ["One", "Two"]).await;
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.upstream.calls("/discogs/"), 0);
    assert_eq!(
        scene.texts(INGESTED_TRACK_PRODUCERS).await,
        ["Two: Of All 0.75", "Two: Of Two 0.85"]
    );
    let from = r#"discogs track found {"same_as_track": 3}"#;
    assert!(scene.texts(KNOWN_FROM).await.contains(&from.to_owned()));
}

#[tokio::test]
async fn nothing_is_copied_for_an_isrc_of_another_artist_or_length() {
    for (artist, duration_ms, is_copied) in [(1, 200_000, true), (2, 200_000, false), (1, 290_000, false)] {
        let scene = Scene::with_all_sources().await;
        let mut single = with_upc(album_of("x", &["Two"]), "200000000028");
        single["name"] = json!("Two");
        assert_eq!(scene.ingest(&single).await, ALBUM);
        let client = scene.database.client().await;
        client
            .execute("INSERT INTO artists (name) VALUES ('Somebody')", &[])
            .await
            .unwrap();
        load(&scene, artist, "Album", ["One", "Two"]).await;
        let same = "UPDATE tracks SET isrc = 'USAAA0100001', duration_ms = CASE album_id WHEN 1 THEN 200000
            ELSE $1 END,
                normalized_track_id = NULL WHERE name = 'Two'";
        client.execute(same, &[&duration_ms]).await.unwrap();
        assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
        let ours = scene.texts(INGESTED_TRACK_PRODUCERS).await;
        assert_eq!(!ours.is_empty(), is_copied, "{artist}, {duration_ms}: {ours:?}");
    }
}
