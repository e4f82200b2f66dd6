//! Producers: their identities at the sources, names, contacts, and the search.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{TimeDelta, Utc};
use integration::{database, rows};
use shared::domain::contacts;
use shared::domain::credits::Source;
use shared::domain::ids::ProducerId;
use shared::store::producers::producer_contacts::{self, ContactRow};
use shared::store::producers::producer_links::{self, ProducerRelation, RelatedIdentity};
use shared::store::producers::{self, NameKind, ProducerName};

fn named(ids: &[&str]) -> BTreeMap<String, String> {
    ids.iter()
        .map(|id| ((*id).to_owned(), format!("Producer {id}")))
        .collect()
}

#[tokio::test]
async fn a_producer_is_inserted_once_for_each_id_of_a_source() {
    let database = database().await;
    let client = database.client().await;
    let long = format!("unlinked:7:{}", "å".repeat(5000));
    let longer = format!("{long} as well");
    let ids = named(&["m1", "m2", &long, &longer]);
    let first = producers::upsert_identities(&client, Source::MusicBrainz, &ids)
        .await
        .unwrap();
    assert_eq!(first.keys().collect::<Vec<_>>(), ids.keys().collect::<Vec<_>>());
    let again = producers::upsert_identities(&client, Source::MusicBrainz, &ids)
        .await
        .unwrap();
    assert_eq!(again, first);
    let at_discogs = producers::upsert_identities(&client, Source::Discogs, &named(&["m1"]))
        .await
        .unwrap();
    assert_ne!(
        at_discogs["m1"].producer_id, first["m1"].producer_id,
        "a name is not an identity"
    );
    assert_eq!(database.count("SELECT count(*) FROM producers").await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn producers_of_concurrent_albums_are_inserted_once() {
    let database = database().await;
    let albums = (0..24_usize).map(|album| {
        let pool = database.pool.clone();
        tokio::spawn(async move {
            let ids: Vec<String> = (0..20)
                .filter(|id| (id + album) % 3 != 0)
                .map(|id| format!("m{id}"))
                .collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let mut client = pool.client().await.unwrap();
            let transaction = client.transaction().await.unwrap();
            let found = producers::upsert_identities(&transaction, Source::MusicBrainz, &named(&ids))
                .await
                .unwrap();
            transaction.commit().await.unwrap();
            assert_eq!(found.len(), ids.len());
            found
                .into_values()
                .map(|identity| identity.producer_id)
                .collect::<Vec<_>>()
        })
    });
    let found = futures::future::try_join_all(albums).await.unwrap();
    let distinct: BTreeSet<ProducerId> = found.into_iter().flatten().collect();
    assert_eq!(distinct.len(), 20);
    assert_eq!(database.count("SELECT count(*) FROM producers").await, 20);
}

#[tokio::test]
async fn the_name_is_that_of_the_smallest_id_at_the_best_source() {
    let database = database().await;
    let client = database.client().await;
    let id = rows::producer(&client, "m1").await.producer_id;
    let others = "INSERT INTO producer_identities (source, source_id, producer_id, name)
        SELECT n.source::source, n.id, p.id, name
        FROM producers p, (VALUES ('musicbrainz', 'm2'), ('discogs', '1')) n (source, id)";
    database.execute(others).await;
    for (source, source_id, written) in [
        (Source::MusicBrainz, "m1", 1),
        (Source::MusicBrainz, "m1", 0),
        (Source::MusicBrainz, "m2", 0),
        (Source::Discogs, "1", 0),
    ] {
        let name = format!("{source} {source_id}");
        assert_eq!(
            producers::rename(&client, id, source, source_id, &name)
                .await
                .unwrap(),
            written,
            "{name}"
        );
    }
    assert_eq!(
        database
            .texts("SELECT name || '/' || normalized_name FROM producers")
            .await,
        ["musicbrainz m1/musicbrainz m1"]
    );
    assert_eq!(
        database
            .texts("SELECT name FROM producer_identities ORDER BY name")
            .await,
        ["discogs 1", "musicbrainz m1", "musicbrainz m2"]
    );
    let ids = producers::find_source_ids(&client, id, Source::MusicBrainz)
        .await
        .unwrap();
    assert_eq!(ids.unwrap(), ["m1", "m2"]);
    let unknown = producers::find_source_ids(&client, ProducerId(id.0 + 1), Source::MusicBrainz)
        .await
        .unwrap();
    assert_eq!(unknown, None);
}

pub(crate) fn name(producer_id: ProducerId, name: &str, kind: NameKind) -> ProducerName {
    ProducerName {
        producer_id,
        name: name.to_owned(),
        kind,
    }
}

#[tokio::test]
async fn names_that_a_source_removed_are_deleted_and_names_as_printed_stay() {
    let database = database().await;
    let client = database.client().await;
    let id = rows::producer(&client, "m1").await.producer_id;
    let printed = name(id, "P. One", NameKind::CreditedAs);
    let (primary, alias) = (
        name(id, "Producer One", NameKind::Primary),
        name(id, "One", NameKind::Alias),
    );
    let all = [printed, primary.clone(), alias];
    for written in [3, 0] {
        assert_eq!(
            producers::insert_names(&client, Source::MusicBrainz, &all)
                .await
                .unwrap(),
            written
        );
    }
    producers::insert_names(&client, Source::Discogs, &all[2..])
        .await
        .unwrap();
    for written in [1, 0] {
        let stated = std::slice::from_ref(&primary);
        assert_eq!(
            producers::replace_names(&client, id, Source::MusicBrainz, stated)
                .await
                .unwrap(),
            written
        );
    }
    assert_eq!(
        database
            .texts("SELECT name || ' ' || source FROM producer_names ORDER BY name")
            .await,
        ["One discogs", "P. One musicbrainz", "Producer One musicbrainz"]
    );
}

fn contact(kind: &str, value: &str) -> ContactRow {
    ContactRow {
        kind: kind.to_owned(),
        value: value.to_owned(),
        source_id: "m1".to_owned(),
        expires_at: None,
    }
}

#[tokio::test]
async fn contacts_are_replaced_per_source_and_the_handle_is_that_of_the_best_source() {
    let database = database().await;
    let client = database.client().await;
    let id = rows::producer(&client, "m1").await.producer_id;
    let replace = async |source, contacts: &[ContactRow]| {
        producer_contacts::replace(&client, id, source, contacts)
            .await
            .unwrap()
    };
    let both = [
        contact("instagram", "one"),
        contact("website", "https://one.example"),
    ];
    assert_eq!(replace(Source::MusicBrainz, &both).await, 2);
    assert_eq!(replace(Source::MusicBrainz, &both).await, 0);
    assert_eq!(
        replace(Source::Discogs, &[contact("instagram", "another")]).await,
        1
    );
    let moved = ContactRow {
        source_id: "m2".to_owned(),
        ..both[0].clone()
    };
    assert_eq!(
        replace(Source::MusicBrainz, &[moved]).await,
        2,
        "one changed and one was deleted"
    );
    let now = Utc::now();
    let state = "SELECT COALESCE(instagram_handle, '-') || ' ' || enrichment_failed || ' ' || (enriched_at >
        now() - interval '1 hour') FROM producers";
    let show = async || {
        let stated = producer_contacts::list(&client, id).await.unwrap();
        let shown = contacts::choose_shown(&stated, Some(7), now);
        producers::update_shown_contacts(&client, id, &shown)
            .await
            .unwrap()
    };
    assert_eq!(
        (show().await, show().await),
        (1, 0),
        "an unchanged contact is not written"
    );
    for (failed, at, expected, written) in [
        (true, now - TimeDelta::hours(2), "one true false", 1),
        (true, now, "one true true", 1),
        (false, now - TimeDelta::hours(3), "one false true", 1),
        (false, now, "one false true", 0),
    ] {
        let finished = producers::finish_enrichment(&client, id, Some(at), failed).await;
        assert_eq!(finished.unwrap(), written);
        assert_eq!(database.texts(state).await, [expected]);
    }
    let untouched = producers::finish_enrichment(&client, id, None, false).await;
    assert_eq!(untouched.unwrap(), 0);
    replace(Source::MusicBrainz, &[]).await;
    show().await;
    assert_eq!(database.texts(state).await, ["another false true"]);
    let followers = "SELECT metadata::text FROM producers";
    assert_eq!(database.texts(followers).await, [r#"{"instagram_followers": 7}"#]);
    replace(Source::Discogs, &[]).await;
    show().await;
    assert_eq!(database.texts(state).await, ["- false true"]);
    assert_eq!(database.texts(followers).await, ["{}"]);
}

#[tokio::test]
async fn related_producers_are_linked_if_they_are_known() {
    let database = database().await;
    let client = database.client().await;
    let mut ids = Vec::new();
    for source_id in ["m1", "m2", "m3"] {
        ids.push(rows::producer(&client, source_id).await.producer_id);
    }
    let related = |relation, source_id: &str| RelatedIdentity {
        relation,
        source_id: source_id.to_owned(),
    };
    let replace = async |of: usize, all: &[RelatedIdentity], is_all| {
        producer_links::replace(&client, ids[of], Source::MusicBrainz, all, is_all)
            .await
            .unwrap();
        database
            .texts(
                "SELECT concat_ws(' ', producer_id, linked_producer_id, kind) FROM producer_links ORDER BY 1",
            )
            .await
    };
    let [one, two, three] = [ids[0], ids[1], ids[2]];
    let alias = format!("{one} {two} alias");
    let member = format!("{three} {one} member_of");
    let all = [
        related(ProducerRelation::Alias, "m2"),
        related(ProducerRelation::Member, "m3"),
        related(ProducerRelation::Alias, "m1"),
        related(ProducerRelation::Group, "nobody"),
    ];
    assert_eq!(replace(0, &all, true).await, [alias.clone(), member.clone()]);
    let seen_from_there = [related(ProducerRelation::Alias, "m1")];
    assert_eq!(
        replace(1, &seen_from_there, true).await,
        [alias.clone(), member.clone()]
    );
    let group = [related(ProducerRelation::Group, "m1")];
    assert_eq!(replace(2, &group, true).await, [alias, member.clone()]);
    assert_eq!(
        replace(0, &[], false).await.len(),
        2,
        "an incomplete list deletes nothing"
    );
    assert_eq!(replace(1, &[], true).await, [member]);
}
