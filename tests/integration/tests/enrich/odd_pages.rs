//! Odd pages: names and bios of any length and script, thousands of facts, and handles that changed their
//! owner.

use integration::scene::Scene;
use integration::upstream::Answer;
use pretty_assertions::assert_eq;
use serde_json::json;
use shared::domain::credits::Source;
use shared::domain::messages::Outcome;
use shared::store::producers::producer_pages;

use crate::{CONTACTS, LOOKUPS, SHOWN, STATE, enrich, producer};

#[tokio::test]
async fn a_page_with_a_thousand_facts_is_stored_completely_and_only_once() {
    let scene = Scene::with_all_contacts().await;
    let id = producer(&scene, "Ann", &[(Source::Discogs, "5")]).await;
    let spellings: Vec<String> = (0..1_000).map(|number| format!("Ann {number}")).collect();
    let pages: Vec<String> = (0..1_000)
        .map(|number| format!("https://ann{number}.example/"))
        .collect();
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    let aliases: Vec<_> = (1_000..2_000)
        .map(|number| json!({"id": number, "name": format!("Alias {number}")}))
        .collect();
    let more = json!({"namevariations": spellings, "aliases": aliases});
    scene.upstream.give_discogs_artist(5, "Ann", &pages, &more);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    let names = "SELECT count(*) FROM producer_names";
    assert_eq!(scene.database.count(names).await, 1_001);
    let contacts = "SELECT count(*) FROM producer_contacts WHERE source = 'discogs'";
    assert_eq!(scene.database.count(contacts).await, 1_000);
    let client = scene.database.client().await;
    let listed = producer_pages::list_names(&client, id).await.unwrap();
    assert_eq!(listed.len(), 100, "a page shows no more");
    let rows = "SELECT xmin || ' ' || name FROM producer_names ORDER BY 1";
    let before = scene.texts(rows).await;
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    assert_eq!(scene.texts(rows).await, before);
}

#[tokio::test]
async fn invisible_names_and_values_that_cannot_be_stored_are_left_out() {
    let scene = Scene::with_all_contacts().await;
    let id = producer(&scene, "Ann", &[(Source::Discogs, "5"), (Source::Genius, "7")]).await;
    let more = json!({"namevariations": ["\u{200b}", "A\0nn", "\u{202e}nnA", " "]});
    scene
        .upstream
        .give_discogs_artist(5, "\u{200b}\u{feff}", &[], &more);
    let more =
        json!({"alternate_names": ["\u{3164}"], "instagram_name": "\u{200b}", "image_url": "\u{200b}"});
    scene.upstream.give_genius_artist(7, "\u{2066}", &more);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    let name = "SELECT name FROM producers UNION ALL SELECT name FROM producer_identities ORDER BY 1";
    assert_eq!(scene.texts(name).await, ["Ann"; 3]);
    let names = "SELECT name || ' ' || kind FROM producer_names ORDER BY 1";
    assert_eq!(scene.texts(names).await, ["\u{202e}nnA alias"]);
    assert_eq!(scene.texts(CONTACTS).await, [""; 0]);
    assert_eq!(scene.texts(STATE).await, ["t f"]);
}

#[tokio::test]
async fn a_bio_of_any_length_and_script_is_stored_without_unstorable_characters() {
    let long = "x".repeat(10_000);
    let scripts = "語🎹".repeat(5_000);
    for (bio, shown) in [
        ("Beats\0 me@ann.example", "Beats me@ann.example"),
        ("\u{202e}staeB\u{202c}", "\u{202e}staeB\u{202c}"),
        (long.as_str(), long.as_str()),
        (&scripts, &scripts),
        ("\u{200b}\0\u{2066}", "-"),
    ] {
        let case: String = bio.chars().take(12).collect();
        let scene = Scene::with_all_contacts().await;
        let id = producer(&scene, "Ann", &[(Source::Discogs, "5")]).await;
        let pages = ["https://instagram.com/ann"];
        let upstream = &scene.upstream;
        upstream.give_discogs_artist(5, "Ann", &pages, &json!({}));
        upstream.give_profile("ann", "17841", &json!({"biography": bio}));
        assert_eq!(enrich(&scene, id).await, Outcome::Done, "{case:?}");
        let bios = "SELECT COALESCE(instagram_bio, '-') FROM producers";
        assert_eq!(scene.texts(bios).await, [shown], "{case:?}");
        let client = scene.database.client().await;
        let page = producer_pages::find_contacts(&client, id).await.unwrap();
        let json = serde_json::to_value(page.unwrap()).unwrap();
        let expected = Some(shown).filter(|shown| *shown != "-");
        assert_eq!(json["instagram_bio"].as_str(), expected, "{case:?}");
    }
}

#[tokio::test]
async fn a_handle_with_a_new_owner_gets_nothing_of_the_previous_one() {
    let scene = Scene::with_all_contacts().await;
    let ann = producer(&scene, "Ann", &[(Source::Discogs, "5")]).await;
    let bob = producer(&scene, "Bob", &[(Source::Discogs, "6")]).await;
    let (upstream, pages) = (&scene.upstream, ["https://instagram.com/beats"]);
    upstream.give_discogs_artist(5, "Ann", &pages, &json!({}));
    upstream.give_discogs_artist(6, "Bob", &[], &json!({}));
    let of_ann = json!({"biography": "Ann: ann@ann.example", "followers_count": 7});
    upstream.give_profile("beats", "17841", &of_ann);
    for id in [ann, bob] {
        assert_eq!(enrich(&scene, id).await, Outcome::Done);
    }
    // The handle belongs to another account now, which is Bob's.
    upstream.give_discogs_artist(5, "Ann", &[], &json!({}));
    upstream.give_discogs_artist(6, "Bob", &pages, &json!({}));
    upstream.give_profile("beats", "17999", &json!({"biography": "Bob"}));
    for id in [bob, ann] {
        assert_eq!(enrich(&scene, id).await, Outcome::Done);
    }
    assert_eq!(scene.texts(SHOWN).await, ["- | - | - | -", "beats | - | - | Bob"]);
    assert_eq!(
        scene.texts(CONTACTS).await,
        ["bio Bob instagram", "instagram beats discogs"]
    );
    // The handle belongs to a third account, and Bob's page still links to it.
    upstream.give_profile("beats", "18000", &json!({"website": "https://carl.example"}));
    assert_eq!(enrich(&scene, bob).await, Outcome::Done);
    assert_eq!(scene.texts(SHOWN).await[1], "beats | - | - | -");
}

#[tokio::test]
async fn a_token_that_is_refused_midway_loses_no_stored_fact() {
    let scene = Scene::with_all_contacts().await;
    let identities = [(Source::Discogs, "5"), (Source::Discogs, "6")];
    let id = producer(&scene, "Ann", &identities).await;
    let upstream = &scene.upstream;
    upstream.give_discogs_artist(5, "Ann", &["https://one.example"], &json!({}));
    upstream.give_discogs_artist(6, "Ann", &["https://two.example"], &json!({}));
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    upstream.give_discogs_artist(5, "Ann", &["https://three.example"], &json!({}));
    let refused = Answer::new(401, r#"{"message": "Invalid consumer token."}"#);
    upstream.give("/discogs/artists/6", refused);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    assert_eq!(scene.texts(STATE).await, ["t t"]);
    assert_eq!(
        scene.texts(CONTACTS).await,
        [
            "other https://one.example discogs",
            "other https://three.example discogs",
            "other https://two.example discogs"
        ]
    );
    assert_eq!(scene.texts(LOOKUPS).await, ["discogs artist found"; 2]);
    scene
        .database
        .execute("UPDATE upstream_budgets SET blocked_until = '-infinity', next_free_at = '-infinity'")
        .await;
    upstream.give_discogs_artist(6, "Ann", &[], &json!({}));
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    assert_eq!(scene.texts(STATE).await, ["t f"]);
    assert_eq!(
        scene.texts(CONTACTS).await,
        ["other https://three.example discogs"]
    );
}
