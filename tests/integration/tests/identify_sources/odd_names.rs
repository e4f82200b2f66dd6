//! Names of any length and script, from the answer of a source through Postgres to the API.

use super::*;
use crate::odd_people::{IDENTITIES, PRODUCER_ROLES, give_relations, give_song};
use pretty_assertions::assert_eq;

#[tokio::test]
async fn names_of_any_length_and_script_are_stored_and_shown_as_printed() {
    let long = "x".repeat(10_000);
    let scripts = "語".repeat(10_000);
    for (name, shown) in [
        (long.as_str(), long.as_str()),
        (&scripts, &scripts),
        ("👩‍👩‍👧🎸", "👩‍👩‍👧🎸"),
        ("شادي عبد السلام", "شادي عبد السلام"),
        ("שלום\u{200f} עולם", "שלום\u{200f} עולם"),
        ("\u{200b}Pat\u{200d}", "\u{200b}Pat\u{200d}"),
        ("e\u{301}te\u{301}", "e\u{301}te\u{301}"),
        ("!!!", "!!!"),
        ("'; DROP TABLE producers; --", "'; DROP TABLE producers; --"),
    ] {
        let scene = scene_of(&["One"]).await;
        let case: String = name.chars().take(12).collect();
        give_relations(&scene, &person(1, "A"), vec![produced_by(&person(30, name))]);
        let unlinked = discogs_credit(0, name, "Producer", "");
        give_discogs(&scene, &[("One", &[])], &[unlinked]);
        give_song(&scene, &[genius_artist(90, name)]);
        assert_eq!(identify(&scene, ALBUM).await, Outcome::Done, "{case}");
        let page = track_page(&scene.database, 1).await;
        let producers = page["producers"].as_array().unwrap();
        assert_eq!(producers.len(), 1, "{case}: all three name the same one");
        assert_eq!(producers[0]["name"], shown, "{case}");
        assert_eq!(page["credits"].as_array().unwrap().len(), 3, "{case}");
        assert_eq!(page["agreement"]["verdict"], "agree", "{case}");
        let once = scene.database.fingerprint().await;
        assert_eq!(identify(&scene, ALBUM).await, Outcome::Done, "{case}");
        assert_eq!(scene.database.fingerprint().await, once, "{case}");
    }
}

#[tokio::test]
async fn names_without_latin_letters_are_distinguished_and_empty_ones_left_out() {
    let scene = scene_of(&["One"]).await;
    let names = ["🎸", "🎹", "…", "椎名林檎", "宇多田ヒカル", "Алла", "Ёлка"];
    let credits: Vec<Value> = ["", " "]
        .iter()
        .chain(&names)
        .map(|name| discogs_credit(0, name, "Producer", ""))
        .collect();
    give_discogs(&scene, &[("One", &[])], &credits);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    let mut expected = names.map(|name| format!("One: {name}, producer"));
    let mut track_producers = scene.texts(PRODUCER_ROLES).await;
    expected.sort_unstable();
    track_producers.sort_unstable();
    assert_eq!(track_producers, expected);
}

#[tokio::test]
async fn an_invisible_name_is_a_credit_and_no_producer() {
    for name in ["\u{200b}", "\u{202e}\u{2066}", "\u{3164}", "\u{feff} \u{ad}"] {
        let scene = scene_of(&["One"]).await;
        give_relations(&scene, &person(1, "A"), vec![produced_by(&person(30, name))]);
        let credits = [
            discogs_credit(0, name, "Producer", ""),
            discogs_credit(8, name, "Co-producer", ""),
        ];
        give_discogs(&scene, &[("One", &[])], &credits);
        give_song(&scene, &[genius_artist(90, name), genius_artist(0, name)]);
        assert_eq!(identify(&scene, ALBUM).await, Outcome::Done, "{name:?}");
        assert_eq!(scene.texts(PRODUCER_ROLES).await, [""; 0], "{name:?}");
        assert_eq!(scene.texts(IDENTITIES).await, [""; 0], "{name:?}");
        let page = track_page(&scene.database, 1).await;
        assert_eq!(page["producers"], json!([]), "{name:?}");
        assert_eq!(page["agreement"]["verdict"], "none", "{name:?}");
        let roles = page["credits"].as_array().unwrap().iter();
        let roles: Vec<_> = roles.map(|credit| credit["raw_role"].clone()).collect();
        assert!(roles.contains(&json!("Co-producer")), "{name:?}: {roles:?}");
        assert_eq!(page["why_none"]["reason"], "its credits do not name a producer");
    }
}

#[tokio::test]
async fn an_invisible_spelling_is_ignored() {
    let scene = scene_of(&["One"]).await;
    let mut credit = discogs_credit(8, "Pat", "Producer", "");
    credit["anv"] = json!("\u{200b}");
    give_discogs(&scene, &[("One", &[])], &[credit]);
    assert_eq!(identify(&scene, ALBUM).await, Outcome::Done);
    assert_eq!(scene.texts(PRODUCER_ROLES).await, ["One: Pat, producer"]);
    let names = "SELECT name || ' ' || kind FROM producer_names";
    assert_eq!(scene.texts(names).await, ["Pat primary"]);
}
