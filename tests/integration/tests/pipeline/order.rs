//! Odd records give the same rows in every order of arrival.

use integration::database;
use integration::deliveries::shuffle;
use integration::random::seeds;
use integration::records::{
    album, artist, mbid, person, produced_by, recording, relation, release, spotify_id, track, with_upc,
};
use integration::scene::ingest_artist;
use integration::upstream::Upstream;
use pretty_assertions::assert_eq;
use serde_json::json;
use shared::domain::messages::Message;

/// Serves a catalog in which the order could matter: an artist with two Spotify ids, three editions of one
/// album, another album with the same barcode, versions of a song on several albums, and a compilation.
fn serve_odd_catalog(upstream: &Upstream) -> Vec<Message> {
    let (twin, twin_again) = (artist("TwinA", "Twin"), artist("TwinB", "twin"));
    let (guest, various) = (
        artist("Guest", "Guest"),
        json!({"id": "0LyfQWJT6nXafLPZqxe9Of", "name": "Various Artists"}),
    );
    let both = [&twin, &twin_again, &guest];
    let first = with_upc(
        album(
            "AlbumC",
            "First",
            &[&twin],
            vec![
                track("c1", 1, "Song", &[&twin]),
                track("c2", 2, "Other (feat. Guest)", &both),
            ],
        ),
        "200000000011",
    );
    let first_deluxe = with_upc(
        album(
            "AlbumB",
            "First (Deluxe)",
            &[&twin],
            vec![
                track("b1", 1, "Song", &[&twin]),
                track("b2", 2, "Other [feat. Guest]", &both),
            ],
        ),
        "0200000000011",
    );
    let first_again = with_upc(
        album(
            "AlbumD",
            "First!",
            &[&twin],
            vec![track("d1", 1, "Song", &[&twin]), track("d2", 2, "Other", &both)],
        ),
        "200000000011",
    );
    let same_barcode = with_upc(
        album(
            "AlbumA",
            "Reused",
            &[&twin],
            vec![
                track("a1", 1, "Another", &[&twin]),
                track("a2", 2, "Song - Live", &[&twin]),
            ],
        ),
        "200000000011",
    );
    let second = with_upc(
        album(
            "AlbumE",
            "Second",
            &[&twin_again],
            vec![
                track("e1", 1, "Song - Remix", &[&twin_again]),
                track("e2", 2, "Song", &[&twin_again]),
                track("e3", 3, "Song (Again)", &[&twin]),
            ],
        ),
        "200000000028",
    );
    let compilation = album(
        "AlbumF",
        "Hits",
        &[&various],
        vec![
            track("f1", 1, "Song", &[&twin_again]),
            track("f2", 2, "Nobody's", &[]),
            track("f3", 3, "Everybody's", &[&various]),
        ],
    );
    let all = [
        &first,
        &first_deluxe,
        &first_again,
        &same_barcode,
        &second,
        &compilation,
    ];
    for album in all {
        upstream.give_album(album);
    }
    upstream.give_artist(&twin, &all[..4]);
    upstream.give_artist(&twin_again, &[&second, &compilation]);
    serve_credits(upstream);
    vec![
        ingest_artist(&spotify_id("TwinA")),
        ingest_artist(&spotify_id("TwinB")),
    ]
}

fn serve_credits(upstream: &Upstream) {
    let twin = person(1, "Twin");
    let (one, two) = (person(2, "Producer One"), person(3, "Producer Two"));
    let song = recording(11, "Song", &twin, vec![produced_by(&one), produced_by(&twin)]);
    let other = recording(
        12,
        "Other",
        &twin,
        vec![relation("producer", &["co"], &two), relation("mix", &[], &one)],
    );
    let remix = recording(13, "Song (Remix)", &twin, vec![relation("remixer", &[], &two)]);
    let mut first = release(21, "First", &twin, &[&song, &other]);
    first["relations"] = json!([produced_by(&two), relation("producer", &["executive"], &one)]);
    upstream.give_releases("200000000011", &[&first]);
    upstream.give_releases(
        "200000000028",
        &[&release(22, "Second", &twin, &[&remix, &song, &song])],
    );
    upstream.give_recordings("Song", &[&song]);
    upstream.give(
        &format!("/v1/tracks/{}", spotify_id("f1")),
        json!({
            "id": spotify_id("f1"), "name": "Song", "external_ids": {"isrc": "ZZAAA0000001"},
        }),
    );
    upstream.give_isrc("ZZAAA0000001", &[&song]);
    for who in [&one, &two, &twin] {
        let mut with_names = who.clone();
        with_names["aliases"] = json!([{"name": format!("{} also", who["name"].as_str().unwrap())}]);
        upstream.give(
            &format!("/ws/2/artist/{}", who["id"].as_str().unwrap()),
            with_names,
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rows_do_not_depend_on_the_order_of_arrival() {
    let upstream = Upstream::start().await;
    let messages = serve_odd_catalog(&upstream);
    let in_order = database().await;
    let machine = upstream.machine(&in_order);
    machine.request(&messages).await;
    machine.drain(&in_order).await;
    let merged = format!(
        "SELECT string_agg(source_id, ' ' ORDER BY source_id) FROM artist_identities
            WHERE artist_id = (SELECT artist_id FROM artist_identities WHERE source_id = '{}')",
        mbid(1)
    );
    assert_eq!(
        in_order.texts(&merged).await,
        [format!(
            "{} {} {}",
            mbid(1),
            spotify_id("TwinA"),
            spotify_id("TwinB")
        )]
    );
    assert_eq!(in_order.count("SELECT count(*) FROM albums").await, 4);

    for seed in seeds(6) {
        let shuffled = database().await;
        let (one, other) = (upstream.machine(&shuffled), upstream.machine(&shuffled));
        one.request(&messages).await;
        shuffle(&[&one, &other], &shuffled, seed).await;
        assert_eq!(
            shuffled.fingerprint().await,
            in_order.fingerprint().await,
            "seed {seed}"
        );
    }
}
