//! Credits of one track from several sources: agreement, contradiction, and tracks without a producer.

use pretty_assertions::assert_eq;

use super::*;

#[tokio::test]
async fn agreement_of_three_sources_raises_the_confidence() {
    let scene = scene_of(&["One"]).await;
    give_musicbrainz(&scene, &[("One", Some("Pat Fixture"))]);
    let credit = discogs_credit(7, "Pat Fixture", "Written-By, Producer", "");
    give_discogs(&scene, &[("One", &[credit])], &[]);
    let song = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Pat Fixture")]);
    scene.upstream.give_songs("One", &[&song]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Pat Fixture producer 0.99"]);
    assert_eq!(
        scene.texts(CLAIMS).await,
        [
            "One: musicbrainz Pat Fixture, producer, barcode",
            "One: discogs Pat Fixture, Producer, barcode",
            "One: discogs Pat Fixture, Written-By, barcode",
            "One: genius Pat Fixture, Producer, search",
        ]
    );
    let page = track_page(&scene.database, 1).await;
    assert_eq!(page["agreement"]["verdict"], "agree");
    assert_eq!(page["agreement"]["sources"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn contradicting_sources_both_stay_visible() {
    let scene = scene_of(&["One"]).await;
    give_musicbrainz(&scene, &[("One", Some("Pat Fixture"))]);
    let song = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Somebody Else")]);
    scene.upstream.give_songs("One", &[&song]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [
            "One: Pat Fixture producer 0.95",
            "One: Somebody Else producer 0.72"
        ]
    );
    let page = track_page(&scene.database, 1).await;
    assert_eq!(page["agreement"]["verdict"], "contradict");
    assert_eq!(
        page["agreement"]["sources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|named| &named["source"])
            .collect::<Vec<_>>(),
        ["musicbrainz", "genius"]
    );
}

#[tokio::test]
async fn repetition_and_the_order_of_albums_change_nothing() {
    let mut fingerprints = Vec::new();
    for keys in [["x", "y"], ["y", "x"]] {
        let scene = Scene::with_all_sources().await;
        give_musicbrainz(&scene, &[("One", Some("Pat")), ("Two", None)]);
        let songs: [(&str, &[Value]); 2] = [("One", &[]), ("Two", &[])];
        give_discogs(&scene, &songs, &[discogs_credit(7, "Pat", "Producer", "A2")]);
        let song = genius_song(9, "Two", &genius_a(), &[genius_artist(90, "Pat")]);
        scene.upstream.give_songs("Two", &[&song]);
        let mut ids = Vec::new();
        for key in keys {
            let mut one = album_of(key, &["One", "Two"]);
            if key == "y" {
                one = with_upc(one, "200000000028");
                one["name"] = json!("Album (Deluxe)");
            }
            ids.push(scene.ingest(&one).await);
        }
        for id in &ids {
            assert_eq!(identify(&scene, *id).await, Outcome::Done);
        }
        let once = scene.database.fingerprint().await;
        let versions = "SELECT (SELECT sum(xmin::text::bigint)
            FROM credits)::bigint + (SELECT sum(xmin::text::bigint) FROM track_producers)::bigint";
        let before = scene.database.count(versions).await;
        for id in &ids {
            assert_eq!(identify(&scene, *id).await, Outcome::Done);
            let forced =
                Envelope::requested(Message::IdentifyAlbum { album_id: *id }, Some(chrono::Utc::now()));
            assert_eq!(scene.machine.handle(forced).await.unwrap(), Outcome::Done);
        }
        assert_eq!(scene.database.fingerprint().await, once);
        assert_eq!(
            scene.database.count(versions).await,
            before,
            "no row is written again"
        );
        fingerprints.push(once);
    }
    assert_eq!(fingerprints[0], fingerprints[1]);
}

#[tokio::test]
async fn a_rejected_credit_stays_rejected_when_its_source_says_it_again() {
    let scene = scene_of(&["One"]).await;
    give_discogs(
        &scene,
        &[("One", &[discogs_credit(7, "Dis", "Producer", "")])],
        &[],
    );
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, ["One: Dis producer 0.90"]);
    let decision = Decision {
        by: "ann",
        reason: "a test",
    };
    decide(
        &scene.database.pool,
        TrackId(1),
        ProducerId(1),
        OverrideVerdict::Rejected,
        decision,
    )
    .await
    .unwrap();
    let forced = Envelope::requested(
        Message::IdentifyAlbum { album_id: ALBUM },
        Some(chrono::Utc::now()),
    );
    assert_eq!(scene.machine.handle(forced).await.unwrap(), Outcome::Done);
    assert_eq!(scene.texts(PRODUCERS).await, [""; 0]);
    let page = track_page(&scene.database, 1).await;
    assert_eq!(page["credits"][0]["verdict"]["verdict"], "rejected");
    assert_eq!(page["agreement"]["verdict"], "none");
}

#[tokio::test]
async fn the_first_source_that_names_a_producer_can_suffice() {
    let mut scene = scene_of(&["One", "Two"]).await;
    scene.machine.set(&[("CREDIT_SOURCES", "first")]);
    give_musicbrainz(&scene, &[("One", Some("Pat")), ("Two", None)]);
    scene.upstream.give_songs(
        "Two",
        &[&genius_song(9, "Two", &genius_a(), &[genius_artist(90, "Gil")])],
    );
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        ["One: Pat producer 0.95", "Two: Gil producer 0.72"]
    );
    assert_eq!(
        scene.upstream.calls("/genius/search"),
        1,
        "for the track without a producer"
    );
}

#[tokio::test]
async fn a_track_without_a_producer_names_the_sources_and_where_to_add_a_credit() {
    let scene = scene_of(&["One"]).await;
    give_musicbrainz(&scene, &[("One", None)]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    let why = track_page(&scene.database, 1).await["why_none"].take();
    assert_eq!(why["reason"], "found in musicbrainz, but without credits");
    let lookups: Vec<_> = why["asked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|lookup| {
            format!(
                "{} {} {}",
                lookup["source"].as_str().unwrap(),
                lookup["about"].as_str().unwrap(),
                lookup["outcome"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        lookups,
        [
            "musicbrainz album found",
            "musicbrainz track found",
            "discogs album not_found",
            "discogs track not_found",
            "genius track not_found",
        ]
    );
    assert_eq!(
        why["add_at"][0]["url"],
        format!("https://musicbrainz.org/recording/{}/edit", mbid(11))
    );
}

#[tokio::test]
async fn a_remix_belongs_to_the_song_and_has_its_own_producers_and_its_remixer() {
    let scene = scene_of(&["One", "One - Somebody Remix"]).await;
    let band = person(1, "A");
    let original = recording(11, "One", &band, vec![produced_by(&person(30, "Pat"))]);
    let remixer = relation("remixer", &[], &person(32, "Somebody"));
    let remix_relations = vec![produced_by(&person(31, "Gil")), remixer];
    let remix = recording(12, "One (Somebody remix)", &band, remix_relations);
    let whole = release(21, "Album", &band, &[&original, &remix]);
    scene.upstream.give_releases(UPC, &[&whole]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCERS).await,
        [
            "One: Pat producer 0.95",
            "One - Somebody Remix: Gil producer 0.95"
        ]
    );
    let songs = "SELECT count(DISTINCT normalized_track_id) FROM tracks";
    assert_eq!(scene.database.count(songs).await, 1);
    let remixers = "SELECT t.name || ': ' || c.credited_as FROM credits c JOIN tracks t ON t.id = c.track_id
        WHERE c.role = 'remixer'";
    assert_eq!(scene.texts(remixers).await, ["One - Somebody Remix: Somebody"]);
}

#[tokio::test]
async fn two_agreeing_sources_do_not_hide_a_contradicting_third() {
    let scene = scene_of(&["One"]).await;
    give_musicbrainz(&scene, &[("One", Some("Pat"))]);
    let credit = discogs_credit(7, "Pat", "Producer", "");
    give_discogs(&scene, &[("One", &[credit])], &[]);
    let song = genius_song(9, "One", &genius_a(), &[genius_artist(90, "Somebody Else")]);
    scene.upstream.give_songs("One", &[&song]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    let page = track_page(&scene.database, 1).await;
    assert_eq!(page["agreement"]["verdict"], "contradict");
    let named: Vec<(&str, &Value)> = page["agreement"]["sources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|named| (named["source"].as_str().unwrap(), &named["producer_ids"]))
        .collect();
    let id = |at: usize| json!([page["producers"][at]["id"]]);
    assert_eq!(
        named,
        [("musicbrainz", &id(0)), ("discogs", &id(0)), ("genius", &id(1))]
    );
    assert_eq!(page["producers"][0]["name"], "Pat");
    assert_eq!(page["why_none"], Value::Null);
}
