//! Odd names and wordings, from the answer of a source through Postgres to the API.

use pretty_assertions::assert_eq;

use super::*;

/// The producers of each track, with their roles.
pub(crate) const PRODUCER_ROLES: &str =
    "SELECT t.name || ': ' || p.name || ', ' || tp.role FROM track_producers tp
    JOIN tracks t ON t.id = tp.track_id
    JOIN producers p ON p.id = tp.producer_id ORDER BY t.id, p.name, p.id";

/// The identities at the sources, each with its producer.
pub(crate) const IDENTITIES: &str =
    "SELECT i.source || ' ' || i.source_id || ' = ' || p.name FROM producer_identities i
    JOIN producers p ON p.id = i.producer_id ORDER BY i.source, i.source_id";

/// Adds the album to MusicBrainz, with these relations of its only song.
pub(crate) fn give_relations(scene: &Scene, who: &Value, relations: Vec<Value>) {
    let song = recording(11, "One", who, relations);
    let whole = release(21, "Album", &person(1, "A"), &[&song]);
    scene.upstream.give_releases(UPC, &[&whole]);
}

pub(crate) fn give_song(scene: &Scene, producers: &[Value]) {
    let song = genius_song(9, "One", &genius_a(), producers);
    scene.upstream.give_songs("One", &[&song]);
}

#[tokio::test]
async fn roles_with_unbalanced_brackets_are_read_and_stored_verbatim() {
    let scene = scene_of(&["One"]).await;
    let roles = [
        ("Producer [Additional", "Additional"),
        ("Producer], Mixed By", "Plain"),
        ("[Producer", "Bracketed"),
        ("]]], Mixed By [", "Mixer"),
        ("Co-producer [[[", "Co"),
    ];
    let credits: Vec<Value> = (1..)
        .zip(roles)
        .map(|(id, (role, name))| discogs_credit(id, name, role, ""))
        .collect();
    give_discogs(&scene, &[("One", &[])], &credits);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCER_ROLES).await,
        [
            "One: Additional, additional_producer",
            "One: Co, co_producer",
            "One: Plain, producer",
        ]
    );
    let words = "SELECT DISTINCT credited_as || ': ' || raw_role FROM credits ORDER BY 1";
    let words = scene.texts(words).await;
    assert!(words.contains(&"Bracketed: [Producer".to_owned()), "{words:?}");
}

#[tokio::test]
async fn invalid_track_ranges_match_no_track_and_are_stored_as_written() {
    let scene = scene_of(&["One", "Two", "Three"]).await;
    let songs: [(&str, &[Value]); 3] = [("One", &[]), ("Two", &[]), ("Three", &[])];
    let ranges = [
        "A3 to A1",
        "A3-A1",
        "Z9",
        "A9 to A12",
        "99999999999999999999",
        "to",
        "(((",
        "Side Z",
    ];
    let credits: Vec<Value> = (1..)
        .zip(ranges)
        .map(|(id, range)| discogs_credit(id, &format!("P{id}"), "Producer", range))
        .collect();
    give_discogs(&scene, &songs, &credits);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCER_ROLES).await, [""; 0]);
    let stored =
        "SELECT track_range FROM credits WHERE track_positions IS NULL AND track_id IS NULL ORDER BY id";
    assert_eq!(scene.texts(stored).await, ranges);
    let page = track_page(&scene.database, 1).await;
    assert_eq!(page["credits"].as_array().unwrap().len(), ranges.len());
    assert_eq!(page["credits"][0]["covers"], "unresolved");
    assert_eq!(page["agreement"]["verdict"], "none");
}

#[tokio::test]
async fn unknown_is_neither_an_artist_nor_a_producer() {
    let scene = scene_of(&["One"]).await;
    let unknown =
        json!({"id": "125ec42a-7229-4250-afc5-e057484327fe", "name": "[unknown]", "sort-name": "[unknown]"});
    let relations = vec![produced_by(&unknown), produced_by(&person(30, "Pat"))];
    give_relations(&scene, &unknown, relations);
    give_song(&scene, &[genius_artist(90, "Pat")]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCER_ROLES).await, ["One: Pat, producer"]);
    let page = track_page(&scene.database, 1).await;
    assert_eq!(page["artists"][0]["name"], "A");
    let of_unknown = "SELECT credited_as || ' ' || (producer_identity_id IS NULL) FROM credits
        WHERE source_artist_id LIKE '125ec42a%'";
    assert_eq!(scene.texts(of_unknown).await, ["[unknown] true"]);
    let artists = "SELECT source_id FROM artist_identities WHERE source_id LIKE '125ec42a%'";
    assert_eq!(scene.texts(artists).await, [""; 0]);
}

#[tokio::test]
async fn a_group_can_be_a_producer() {
    let scene = scene_of(&["One"]).await;
    let mut group = person(30, "Stock Aitken Waterman");
    group["type"] = json!("Group");
    give_relations(&scene, &person(1, "A"), vec![produced_by(&group)]);
    let credit = discogs_credit(1_780, "Stock, Aitken & Waterman", "Producer", "");
    let mixer = discogs_credit(8, "Stock", "Mixed By", "");
    give_discogs(&scene, &[("One", &[])], &[credit, mixer]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCER_ROLES).await,
        [
            "One: Stock Aitken Waterman, producer",
            "One: Stock, Aitken & Waterman, producer",
        ],
        "the group is not split, and its two spellings are not merged"
    );
}

#[tokio::test]
async fn an_artist_who_is_their_own_producer_is_one_producer_at_all_sources() {
    let scene = scene_of(&["One"]).await;
    give_relations(&scene, &person(1, "A"), vec![produced_by(&person(1, "A"))]);
    give_discogs(
        &scene,
        &[("One", &[])],
        &[discogs_credit(70, "A", "Producer", "")],
    );
    give_song(&scene, &[genius_a()]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCER_ROLES).await, ["One: A, producer"]);
    sweep::compute_statistics(&scene.machine.pool).await.unwrap();
    let counts = "SELECT track_count || ' ' || artist_count FROM producer_statistics";
    assert_eq!(
        scene.texts(counts).await,
        ["1 0"],
        "one track and no collaboration"
    );
}

#[tokio::test]
async fn a_discogs_credit_without_an_id_is_a_producer_of_that_artist_only() {
    let scene = scene_of(&["One"]).await;
    let mut without = discogs_credit(0, "Pat", "Producer", "");
    without.as_object_mut().unwrap().remove("id");
    let credits = [
        without,
        discogs_credit(0, "Pat", "Co-producer", ""),
        discogs_credit(7, "Gil (2)", "Producer", ""),
        discogs_credit(355, "Unknown Artist", "Producer", ""),
        discogs_credit(118_760, "No Artist", "Producer", ""),
    ];
    give_discogs(&scene, &[("One", &[])], &credits);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(
        scene.texts(PRODUCER_ROLES).await,
        ["One: Gil, producer", "One: Pat, producer"]
    );
    assert_eq!(
        scene.texts(IDENTITIES).await,
        ["discogs 7 = Gil", "discogs unlinked:70:pat = Pat"]
    );
}

#[tokio::test]
async fn two_genius_ids_of_one_name_stay_two_producers_and_neither_is_joined() {
    let scene = scene_of(&["One"]).await;
    give_relations(&scene, &person(1, "A"), vec![produced_by(&person(30, "Pat"))]);
    give_song(&scene, &[genius_artist(90, "Pat"), genius_artist(91, "Pat")]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCER_ROLES).await, ["One: Pat, producer"; 3]);
    let page = track_page(&scene.database, 1).await;
    assert_eq!(page["producers"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_role_that_resembles_production_makes_no_producer() {
    let scene = scene_of(&["One"]).await;
    let relations = vec![
        relation("producer", &["executive"], &person(31, "Executive")),
        relation("engineer", &[], &person(32, "Engineer")),
        relation("mix", &[], &person(33, "Mixer")),
    ];
    give_relations(&scene, &person(1, "A"), relations);
    let roles = [
        "Film Producer",
        "Reissue Producer",
        "Compilation Producer",
        "Coordinator [Production]",
        "Production Manager",
        "Post Production",
        "Artwork By [Production]",
        "Executive-Producer",
    ];
    let credits: Vec<Value> = (1..)
        .zip(roles)
        .map(|(id, role)| discogs_credit(id, role, role, ""))
        .collect();
    give_discogs(&scene, &[("One", &[])], &credits);
    let labels = [
        "Video Producer",
        "Phonographic Copyright ℗",
        "Publisher",
        "Label",
        "Recording Engineer",
    ];
    let mut song = genius_song(9, "One", &genius_a(), &[]);
    let labelled = |(at, label): (i64, &str)| json!({"label": label, "artists": [genius_artist(at, label)]});
    song["custom_performances"] = (90..).zip(labels).map(labelled).collect();
    song["writer_artists"] = json!([genius_artist(80, "Writer")]);
    song["featured_artists"] = json!([genius_artist(81, "Guest")]);
    scene.upstream.give_songs("One", &[&song]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCER_ROLES).await, [""; 0]);
    let page = track_page(&scene.database, 1).await;
    assert!(page["credits"].as_array().unwrap().len() >= roles.len() + labels.len());
    assert_eq!(page["why_none"]["reason"], "its credits do not name a producer");
}
