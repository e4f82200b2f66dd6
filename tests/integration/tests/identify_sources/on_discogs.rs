//! Matching an album at Discogs, and the tracks that its credits concern.

use integration::dumps::{file, pool};
use load::{LoadControl, ReleaseOptions, discogs, input};
use pretty_assertions::assert_eq;

use super::*;

#[tokio::test]
async fn a_credit_with_a_range_counts_for_its_tracks_only_and_an_unclear_range_for_none() {
    let scene = scene_of(&["One", "Two", "Three"]).await;
    let songs: [(&str, &[Value]); 3] = [("One", &[]), ("Two", &[]), ("Three", &[])];
    let credits = [
        discogs_credit(7, "Of Two", "Producer", "A1, A3"),
        discogs_credit(8, "Of Whatever", "Producer", "Side Z"),
        discogs_credit(9, "Of All", "Producer", ""),
        discogs_credit(0, "Of Nobody", "Co-producer", "A2"),
        discogs_credit(10, "Of Paper", "Executive-Producer, Coordinator [Production]", ""),
        discogs_credit(194, "Various", "Producer", ""),
    ];
    give_discogs(&scene, &songs, &credits);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [
            "One: Of All producer 0.75",
            "One: Of Two producer 0.85",
            "Two: Of All producer 0.75",
            "Two: Of Nobody co_producer 0.85",
            "Three: Of All producer 0.75",
            "Three: Of Two producer 0.85",
        ]
    );
    let claims = scene.texts(CLAIMS).await;
    for expected in [
        "album (A1, A3 = 1-1 1-3): discogs Of Two, Producer, barcode",
        "album (Side Z = ?): discogs Of Whatever, Producer, barcode",
        "album: discogs Of Paper, Coordinator [Production], barcode",
    ] {
        assert!(
            claims.iter().any(|claim| claim == expected),
            "{expected}: {claims:#?}"
        );
    }
    let unlinked = "SELECT source_id FROM producer_identities WHERE source_id LIKE 'unlinked:%'";
    assert_eq!(scene.texts(unlinked).await, ["unlinked:70:ofnobody"]);
}

#[tokio::test]
async fn a_discogs_result_by_title_is_compared_with_the_whole_album() {
    let scene = scene_of(&["One", "Two"]).await;
    let producer = |id| [discogs_credit(id, &format!("P{id}"), "Producer", "")];
    let on = |titles: [&str; 2]| titles.map(|title| discogs_track("1", title, &[]));
    let namesake = discogs_credit(71, "Somebody", "", "");
    let by_namesake = discogs_release(501, "Album", &namesake, &on(["One", "Two"]), &producer(1));
    let others = discogs_release(
        502,
        "Album",
        &discogs_a(),
        &on(["Uno", "Dos y medio"]),
        &producer(2),
    );
    let mut others_tracks = others.clone();
    for entry in others_tracks["tracklist"].as_array_mut().unwrap() {
        entry["duration"] = json!("9:59");
    }
    let ours = discogs_release(503, "Album", &discogs_a(), &on(["One", "Two"]), &producer(3));
    scene
        .upstream
        .give_discogs("release_title=Album", &[&by_namesake, &others_tracks, &ours]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: P3 producer 0.64", "Two: P3 producer 0.64"],
        "a search result has less confidence"
    );
    assert_eq!(scene.upstream.calls("/discogs/releases/501"), 0);
}

#[tokio::test]
async fn a_release_with_a_reused_barcode_does_not_match() {
    let scene = scene_of(&["One", "Two"]).await;
    let stranger = discogs_credit(71, "Somebody", "", "");
    let tracks = ["Else", "More"].map(|title| discogs_track("1", title, &[]));
    let credits = [discogs_credit(1, "P", "Producer", "")];
    let other = discogs_release(501, "Something", &stranger, &tracks, &credits);
    scene
        .upstream
        .give_discogs(&format!("&barcode={UPC}&"), &[&other]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, [""; 0]);
    let lookups = scene.texts(LOOKUPS).await;
    assert!(
        lookups.contains(&"discogs album not_found".to_owned()),
        "{lookups:?}"
    );
}

#[tokio::test]
async fn a_barcode_is_searched_with_and_without_leading_zeros() {
    let scene = Scene::with_all_sources().await;
    let zeros = with_upc(album_of("x", &["One"]), "0000042284295");
    assert_eq!(scene.ingest(&zeros).await, ALBUM);
    let credits = [discogs_credit(7, "Dis", "Producer", "")];
    let tracks = [discogs_track("A1", "One", &[])];
    let release = discogs_release(500, "Album", &discogs_a(), &tracks, &credits);
    scene.upstream.give_discogs("&barcode=42284295&", &[&release]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Dis producer 0.75"]);
}

#[tokio::test]
async fn a_joint_credit_without_an_id_is_split_only_if_each_name_is_known() {
    let scene = scene_of(&["One", "Two"]).await;
    let songs: [(&str, &[Value]); 2] = [("One", &[]), ("Two", &[])];
    let mut printed = discogs_credit(7, "Pat (2)", "Producer", "A1");
    printed["anv"] = json!("P. Fixture");
    let credits = [
        printed,
        discogs_credit(8, "Gil", "Mixed By", "A1"),
        discogs_credit(0, "Pat & Gil", "Producer", "A2"),
        discogs_credit(0, "Stock & Waterman", "Producer", "A2"),
    ];
    give_discogs(&scene, &songs, &credits);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [
            "One: Pat producer 0.85",
            "Two: Gil producer 0.85",
            "Two: Pat producer 0.85",
            "Two: Stock & Waterman producer 0.85",
        ]
    );
    let names =
        "SELECT name || ' ' || kind FROM producer_names WHERE source = 'discogs' AND kind = 'credited_as'";
    assert_eq!(scene.texts(names).await, ["P. Fixture credited_as"]);
}

#[tokio::test]
async fn the_credits_of_an_edition_with_other_tracks_stay_with_their_songs() {
    let scene = scene_of(&["One", "Two", "Ours Alone"]).await;
    let on = |name: &str, id| [discogs_credit(id, name, "Producer", "")];
    let (of_intro, of_two, of_one) = (on("Of Intro", 1), on("Of Two", 2), on("Of One", 3));
    let songs: [(&str, &[Value]); 4] = [
        ("Intro", &of_intro),
        ("Two", &of_two),
        ("One", &of_one),
        ("Their Bonus", &[]),
    ];
    let of_range = discogs_credit(9, "Of Range", "Co-producer", "A1 to A2");
    let of_all = discogs_credit(10, "Of All", "Producer", "");
    give_discogs(&scene, &songs, &[of_range, of_all]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [
            "One: Of All producer 0.75",
            "One: Of One producer 0.81",
            "Two: Of All producer 0.75",
            "Two: Of Range co_producer 0.85",
            "Two: Of Two producer 0.90",
        ],
        "the track that only our edition has gets no producer"
    );
}

#[tokio::test]
async fn numbered_namesakes_of_discogs_stay_two_producers() {
    let scene = scene_of(&["One", "Two"]).await;
    let songs: [(&str, &[Value]); 2] = [("One", &[]), ("Two", &[])];
    let credits = [
        discogs_credit(7, "Dave Stewart", "Producer", "A1"),
        discogs_credit(8, "Dave Stewart (2)", "Producer", "A2"),
        discogs_credit(9, "Persuader, The", "Co-producer", "A2"),
    ];
    give_discogs(&scene, &songs, &credits);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    let namesakes = "SELECT i.source_id || ' ' || p.name FROM producers p
        JOIN producer_identities i ON i.producer_id = p.id ORDER BY 1";
    assert_eq!(
        scene.texts(namesakes).await,
        ["7 Dave Stewart", "8 Dave Stewart", "9 The Persuader"],
        "shown without the number and never merged"
    );
}

/// The album's release at Discogs, with a supervisor, of a master.
fn supervised_release(year: i32) -> Value {
    let supervisor = [discogs_credit(7, "S", "Supervised By", "")];
    let tracks = [discogs_track("A1", "One", &[])];
    let mut release = discogs_release(500, "Album", &discogs_a(), &tracks, &supervisor);
    release["year"] = json!(year);
    release["master_id"] = json!(7);
    release
}

#[tokio::test]
async fn the_date_of_the_master_decides_whether_a_supervisor_counts() {
    for (year, master_year, counts, calls) in
        [(1990, 1969, true, 1), (1990, 1990, false, 1), (1969, 0, true, 0)]
    {
        let scene = scene_of(&["One"]).await;
        let release = supervised_release(year);
        scene
            .upstream
            .give_discogs(&format!("&barcode={UPC}&"), &[&release]);
        scene
            .upstream
            .give("/discogs/masters/7", json!({"id": 7, "year": master_year}));
        assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
        assert_eq!(scene.upstream.calls("/discogs/masters"), calls, "{year}");
        let produced = scene.texts(PRODUCERS).await;
        let page = track_page(&scene.database, 1).await;
        assert_eq!(page["credits"][0]["counts"], counts);
        if counts {
            assert_eq!(produced, ["One: S supervisor 0.53"]);
        } else {
            assert_eq!(produced, [""; 0]);
            let reason = page["why_none"]["reason"].as_str().unwrap();
            assert!(reason.contains("before 1975"), "{reason}");
            assert_eq!(page["agreement"]["verdict"], "none");
        }
    }
}

/// A dump with the release that [`supervised_release`] is, as Discogs dates it.
fn supervised_dump(released: &str, title: &str) -> String {
    let artist = |id: i64, name: &str, role: &str| {
        format!("<artist><id>{id}</id><name>{name}</name><anv/><join/><role>{role}</role><tracks/></artist>")
    };
    format!(
        "<releases><release id=\"500\" status=\"Accepted\"><artists>{}</artists><title>{title}</title>\
         <extraartists>{}</extraartists><released>{released}</released>\
         <master_id is_main_release=\"true\">7</master_id><tracklist><track><position>A1</position>\
         <title>One</title><duration/></track></tracklist><identifiers><identifier type=\"Barcode\" \
         value=\"{UPC}\"/></identifiers></release></releases>",
        artist(70, "A", ""),
        artist(7, "S", "Supervised By"),
    )
}

/// Loads a dump of one release, which is new or changed.
async fn load_supervised(scene: &Scene, dump: &str) {
    let path = file("supervised.xml", dump.as_bytes());
    let (pool, input) = (pool(&scene.database), input::open(&path).unwrap());
    let options = ReleaseOptions::default();
    let loaded = discogs::load_releases(&pool, input, options, &LoadControl::default()).await;
    let counts = loaded.unwrap().counts;
    assert_eq!(counts.loaded + counts.changed, 1, "{dump}");
}

/// A dump states the release's own date, but not that of its master.
#[tokio::test(flavor = "multi_thread")]
async fn loads_of_the_release_do_not_take_away_the_date_of_its_master() {
    let scene = scene_of(&["One"]).await;
    scene
        .upstream
        .give_discogs(&format!("&barcode={UPC}&"), &[&supervised_release(1990)]);
    scene
        .upstream
        .give("/discogs/masters/7", json!({"id": 7, "year": 1969}));
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    let counted = ["One: S supervisor 0.53"];
    assert_eq!(scene.texts(PRODUCERS).await, counted);
    for (released, title) in [("1990", "Album"), ("1991-05-00", "Album"), ("", "Album (Deluxe)")] {
        load_supervised(&scene, &supervised_dump(released, title)).await;
        assert_eq!(scene.texts(PRODUCERS).await, counted, "{released}");
        assert_eq!(scene.texts("SELECT 'one' FROM albums").await, ["one"]);
    }
    // The record's own date is another one, which a load does correct.
    for (released, early) in [("1960", 2), ("1992", 1)] {
        load_supervised(&scene, &supervised_dump(released, "Album")).await;
        let dates = "SELECT count(*) FROM early_records";
        assert_eq!(scene.database.count(dates).await, early, "{released}");
    }
}

#[tokio::test]
async fn the_date_of_a_release_group_counts_whether_it_is_known_before_or_after_the_supervisor() {
    for release_first in [false, true] {
        let scene = scene_of(&["One"]).await;
        let release_at_discogs = supervised_release(1990);
        scene
            .upstream
            .give_discogs(&format!("&barcode={UPC}&"), &[&release_at_discogs]);
        let one = recording(11, "One", &person(1, "A"), Vec::new());
        let mut of_group = release(21, "Album", &person(1, "A"), &[&one]);
        of_group["barcode"] = json!(UPC);
        of_group["release-group"] =
            json!({"id": mbid(31), "primary-type": "Album", "first-release-date": "1968"});
        scene.upstream.give_release(&of_group);
        for step in [release_first, !release_first] {
            if step {
                let ingest = integration::scene::ingest_release(of_group["id"].as_str().unwrap());
                assert_eq!(scene.machine.outcome(ingest).await, Outcome::Done);
            } else {
                assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
                let counted = scene.texts(PRODUCERS).await.len();
                assert_eq!(counted, usize::from(release_first));
            }
        }
        assert_eq!(scene.texts("SELECT name FROM albums").await.len(), 1);
        assert_eq!(scene.texts(PRODUCERS).await, ["One: S supervisor 0.53"]);
    }
}
