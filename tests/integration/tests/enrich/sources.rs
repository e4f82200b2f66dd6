//! Several sources of one producer: the facts that each adds, agreement, and links between sources.

use integration::scene::Scene;
use pretty_assertions::assert_eq;
use serde_json::json;
use shared::domain::credits::Source;
use shared::domain::messages::Outcome;
use shared::store::producers::producer_pages;

use crate::{CONTACTS, LINKS, LOOKUPS, SHOWN, STATE, ann, enrich, enrich_due_lookups, producer};

/// Gives Ann a page at every source.
fn give_ann(scene: &Scene) {
    let upstream = &scene.upstream;
    let home = [
        ("official homepage", "https://ann.example/"),
        ("social network", "https://www.instagram.com/ann.prod/"),
    ];
    upstream.give_person(2, "Ann", &home);
    let pages = ["http://instagram.com/ann.prod", "https://ann.example/shop"];
    let more = json!({
        "namevariations": ["A. Nn"], "realname": "Ann Other",
        "images": [{"type": "primary", "uri": "https://i.discogs.example/ann.jpeg"}],
    });
    upstream.give_discogs_artist(5, "Ann (2)", &pages, &more);
    let more = json!({
        "alternate_names": ["Annie"], "url": "https://genius.com/artists/Ann", "twitter_name": "@ann_prod",
        "instagram_name": "https://www.instagram.com/Ann.Prod/?hl=en",
            "image_url": "https://images.genius.example/ann.jpg",
    });
    upstream.give_genius_artist(7, "Ann", &more);
}

#[tokio::test]
async fn every_source_adds_its_facts_and_agreement_verifies_them() {
    let scene = Scene::with_all_contacts().await;
    let id = ann(&scene).await;
    give_ann(&scene);
    let unknown = r#"{"error": {"message": "Invalid user id", "code": 110}}"#;
    let answer = integration::upstream::Answer::new(400, unknown);
    scene.upstream.give_account("ann.prod", answer);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    assert_eq!(
        scene.texts(CONTACTS).await,
        [
            "genius Ann genius",
            "image https://images.genius.example/ann.jpg genius",
            "instagram ann.prod discogs",
            "instagram ann.prod genius",
            "instagram ann.prod musicbrainz",
            "other https://ann.example/shop discogs",
            "twitter ann_prod genius",
            "website https://ann.example/ musicbrainz",
        ],
        "Discogs' picture may not be stored"
    );
    assert_eq!(
        scene.texts(SHOWN).await,
        ["ann.prod | - | https://images.genius.example/ann.jpg | -"]
    );
    let names = "SELECT concat_ws(' ', name, kind, source) FROM producer_names ORDER BY 1";
    assert_eq!(
        scene.texts(names).await,
        [
            "A. Nn alias discogs",
            "Ann primary discogs",
            "Ann primary genius",
            "Ann primary musicbrainz",
            "Annie alias genius",
        ]
    );
    assert_eq!(scene.texts(STATE).await, ["t f"]);
    let client = scene.database.client().await;
    let contacts = producer_pages::find_contacts(&client, id).await.unwrap();
    let contacts = contacts.unwrap().contacts;
    let verified = contacts.iter().filter(|contact| contact.verified);
    let verified: Vec<_> = verified
        .map(|contact| (contact.value.as_str(), contact.sources.len()))
        .collect();
    assert_eq!(verified, [("ann.prod", 3)]);
}

#[tokio::test]
async fn disagreeing_facts_are_all_stored_and_that_of_the_majority_is_shown() {
    let mut scene = Scene::with_all_contacts().await;
    scene
        .machine
        .set(&[("INSTAGRAM_TOKEN", ""), ("INSTAGRAM_USER_ID", "")]);
    let id = ann(&scene).await;
    let page = [("social network", "https://instagram.com/of_musicbrainz")];
    scene.upstream.give_person(2, "Ann", &page);
    scene
        .upstream
        .give_discogs_artist(5, "Ann", &["https://instagram.com/of_discogs"], &json!({}));
    let handle = |stated: &str| {
        let more = json!({"instagram_name": stated, "image_url": null});
        scene.upstream.give_genius_artist(7, "Ann", &more);
    };
    for (stated, shown, stored_count) in [
        ("@Of_Discogs", "of_discogs", 3),
        ("of_musicbrainz/", "of_musicbrainz", 3),
        ("somebody.else", "of_musicbrainz", 3),
        ("not a handle!", "of_musicbrainz", 2),
        ("https://www.instagram.com/p/abc123/", "of_musicbrainz", 2),
        ("", "of_musicbrainz", 2),
    ] {
        handle(stated);
        assert_eq!(enrich(&scene, id).await, Outcome::Done);
        assert_eq!(
            scene.texts(SHOWN).await,
            [format!("{shown} | - | - | -")],
            "{stated}"
        );
        let count = "SELECT count(*) FROM producer_contacts WHERE kind = 'instagram'";
        assert_eq!(scene.database.count(count).await, stored_count, "{stated}");
    }
}

#[tokio::test]
async fn two_genius_ids_of_one_person_are_both_looked_up() {
    let scene = Scene::with_all_contacts().await;
    let ids = [
        (Source::Genius, "7"),
        (Source::Genius, "8"),
        (Source::Genius, "no number"),
    ];
    let id = producer(&scene, "Ann", &ids).await;
    let more = json!({"twitter_name": "ann"});
    scene.upstream.give_genius_artist(7, "Ann", &more);
    let more = json!({"twitter_name": "ann", "facebook_name": "ann.page"});
    scene.upstream.give_genius_artist(8, "Annie", &more);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    let contacts = "SELECT concat_ws(' ', kind, value, source_id) FROM producer_contacts ORDER BY 1";
    let both = ["facebook ann.page 8", "twitter ann 7"];
    assert_eq!(scene.texts(contacts).await, both);
    // The facts that only the deleted page stated are deleted.
    scene.upstream.give_genius_artist(7, "Ann", &json!({}));
    let not_found = integration::upstream::Answer::new(404, r#"{"meta": {"status": 404}}"#);
    scene.upstream.give("/genius/artists/8", not_found);
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    assert_eq!(scene.texts(contacts).await, [""; 0]);
    assert_eq!(
        scene.texts(LOOKUPS).await,
        ["genius artist found", "genius artist not_found"]
    );
}

#[tokio::test]
async fn known_aliases_and_groups_of_discogs_are_linked_and_counted_separately() {
    let scene = Scene::with_all_contacts().await;
    let one = producer(&scene, "Ann", &[(Source::Discogs, "5")]).await;
    let alias = producer(&scene, "DJ Ann", &[(Source::Discogs, "6")]).await;
    let group = producer(&scene, "The Anns", &[(Source::Discogs, "7")]).await;
    let related = json!({
        "aliases": [{"id": 6, "name": "DJ Ann"}, {"id": 66, "name": "Nobody we know"}],
        "groups": [{"id": 7, "name": "The Anns"}, {"id": 0, "name": "Unlinked"}],
    });
    let upstream = &scene.upstream;
    upstream.give_discogs_artist(5, "Ann", &[], &related);
    let back = json!({"aliases": [{"id": 5, "name": "Ann"}]});
    upstream.give_discogs_artist(6, "DJ Ann", &[], &back);
    let members = json!({"members": [{"id": 5, "name": "Ann"}]});
    upstream.give_discogs_artist(7, "The Anns", &[], &members);
    let links = [format!("{one} {alias} alias"), format!("{one} {group} member_of")];
    for id in [one, alias, group] {
        assert_eq!(enrich(&scene, id).await, Outcome::Done);
        assert_eq!(scene.texts(LINKS).await, links);
    }
    assert_eq!(scene.database.count("SELECT count(*) FROM producers").await, 3);
    upstream.give_discogs_artist(5, "Ann", &[], &json!({}));
    assert_eq!(enrich(&scene, one).await, Outcome::Done);
    assert_eq!(scene.texts(LINKS).await, [""; 0], "the page no longer names them");
}

#[tokio::test]
async fn a_link_between_two_sources_joins_their_producers() {
    for turned in [false, true] {
        let scene = Scene::with_all_contacts().await;
        let known = crate::mbid(2);
        let mut ids = [(Source::MusicBrainz, known.as_str()), (Source::Genius, "7")];
        if turned {
            ids.reverse();
        }
        let one = producer(&scene, "Ann", &[ids[0]]).await;
        let other = producer(&scene, "Annie", &[ids[1]]).await;
        producer(&scene, "Ann", &[(Source::Genius, "8")]).await;
        let upstream = &scene.upstream;
        upstream.give_person(2, "Ann", &[("lyrics", "https://genius.com/artists/Ann")]);
        let page = json!({"url": "https://genius.com/artists/Ann"});
        upstream.give_genius_artist(7, "Annie", &page);
        let namesake = json!({"url": "https://genius.com/artists/Ann-de"});
        upstream.give_genius_artist(8, "Ann", &namesake);
        for id in [one, other] {
            assert_eq!(enrich(&scene, id).await, Outcome::Done);
        }
        let identities = "SELECT string_agg(source_id, ' ' ORDER BY source) FROM producer_identities
            GROUP BY producer_id ORDER BY producer_id";
        assert_eq!(
            scene.texts(identities).await,
            [format!("{} 7", crate::mbid(2)), "8".to_owned()]
        );
    }
}

/// Every row that enriching writes, with the transaction that wrote it.
const ROWS: &str = "SELECT concat_ws(' ', xmin, name, instagram_handle, image_url, metadata) FROM producers
    UNION ALL SELECT concat_ws(' ', xmin, name, kind, source) FROM producer_names
    UNION ALL SELECT concat_ws(' ', xmin, kind, value, source) FROM producer_contacts
    UNION ALL SELECT concat_ws(' ', xmin, kind) FROM producer_links
    UNION ALL SELECT concat_ws(' ', xmin, subject, looked_up_at) FROM lookups
    ORDER BY 1";

#[tokio::test]
async fn known_facts_are_not_requested_again_and_an_equal_answer_writes_nothing() {
    let scene = Scene::with_all_contacts().await;
    let id = ann(&scene).await;
    producer(&scene, "DJ Ann", &[(Source::Discogs, "6")]).await;
    give_ann(&scene);
    let alias = json!({"aliases": [{"id": 6, "name": "DJ Ann"}]});
    let page = ["https://instagram.com/ann.prod"];
    scene.upstream.give_discogs_artist(5, "Ann", &page, &alias);
    let profile = json!({"biography": "Beats", "followers_count": 7});
    scene.upstream.give_profile("ann.prod", "17841", &profile);
    assert_eq!(enrich_due_lookups(&scene, id).await, Outcome::Done);
    let before = scene.texts(ROWS).await;
    scene.upstream.forget_calls();
    assert_eq!(enrich_due_lookups(&scene, id).await, Outcome::Done);
    assert_eq!(scene.upstream.calls("/"), 0);
    assert_eq!(scene.texts(ROWS).await, before);
    let unchanged = "SELECT string_agg(concat_ws(' ', xmin, kind, value), ' ' ORDER BY kind, value, source)
        FROM producer_contacts
        UNION ALL SELECT string_agg(concat_ws(' ', xmin, name, kind), ' ' ORDER BY name, kind, source)
        FROM producer_names
        UNION ALL SELECT string_agg(concat_ws(' ', xmin, kind), ' ') FROM producer_links";
    let before = scene.texts(unchanged).await;
    assert_eq!(enrich(&scene, id).await, Outcome::Done);
    assert_eq!(scene.upstream.calls("/"), 4);
    assert_eq!(scene.texts(unchanged).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_runs_give_the_rows_of_one_run() {
    let scene = Scene::with_all_contacts().await;
    let id = ann(&scene).await;
    let other = producer(&scene, "DJ Ann", &[(Source::Discogs, "6")]).await;
    give_ann(&scene);
    let back = json!({"aliases": [{"id": 5, "name": "Ann"}]});
    let upstream = &scene.upstream;
    let page = ["https://instagram.com/ann.prod"];
    upstream.give_discogs_artist(6, "DJ Ann", &page, &back);
    let alias = json!({"aliases": [{"id": 6, "name": "DJ Ann"}]});
    upstream.give_discogs_artist(5, "Ann", &page, &alias);
    upstream.give_profile("ann.prod", "17841", &json!({"biography": "me@ann.example"}));
    let runs = (0..12).map(|run| enrich(&scene, if run % 3 == 0 { other } else { id }));
    let outcomes = futures::future::join_all(runs).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Done));
    assert_eq!(
        scene.texts(SHOWN).await,
        [
            "ann.prod | me@ann.example | https://images.genius.example/ann.jpg | me@ann.example",
            "ann.prod | me@ann.example | - | me@ann.example"
        ]
    );
    assert_eq!(scene.texts(LINKS).await, ["1 2 alias"]);
    assert_eq!(scene.texts(STATE).await, ["t f", "t f"]);
}
