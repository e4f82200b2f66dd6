//! Candidates for duplicate producers with their evidence, and producers that are never candidates.

use integration::{Database, database};
use pretty_assertions::assert_eq;
use shared::curation::{import, merge, unmerge};
use shared::domain::credits::Source;
use shared::store::producers::producer_contacts::{self, ContactRow};
use shared::store::producers::producer_duplicates;
use shared::store::producers::{self, NameKind, ProducerIdentity, ProducerName};

use super::{DECISION, an_album, credit, producer};

/// Each pair with its evidence, the strongest first.
async fn list_pairs(database: &Database) -> Vec<String> {
    let found = producer_duplicates::list(&database.client().await, 100)
        .await
        .unwrap();
    found
        .iter()
        .map(|pair| {
            let evidence: Vec<String> = pair
                .evidence
                .iter()
                .map(|evidence| format!("{} {} {}", evidence.kind, evidence.detail, evidence.number))
                .collect();
            format!(
                "{}+{} {}: {}",
                pair.kept.id,
                pair.gone.id,
                pair.strength,
                evidence.join(", ")
            )
        })
        .collect()
}

async fn contact(database: &Database, of: ProducerIdentity, source: Source, kind: &str, value: &str) {
    let stated = [ContactRow {
        kind: kind.to_owned(),
        value: value.to_owned(),
        source_id: of.id.to_string(),
        expires_at: None,
    }];
    let client = database.client().await;
    producer_contacts::replace(&client, of.producer_id, source, &stated)
        .await
        .unwrap();
}

#[tokio::test]
async fn candidates_are_listed_with_evidence_and_the_strongest_first() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&client, "album").await;
    // 1 and 2: a link and the same track; 3 and 4: the same account; 5 and 6: the same artist; 7 and 1: an
    // alias.
    let people = [
        (Source::MusicBrainz, "m1", "Quincy Jones"),
        (Source::Discogs, "1", "Quincy Jones"),
        (Source::MusicBrainz, "m3", "Three"),
        (Source::Genius, "4", "Four"),
        (Source::Genius, "unlinked:1:five", "Five"),
        (Source::Discogs, "5", "FIVE"),
        (Source::Genius, "9", "Q"),
    ];
    let mut all = Vec::new();
    for (source, id, name) in people {
        all.push(producer(&client, source, id, name).await);
    }
    let [first, second] = album.tracks.map(Some);
    for (place, track) in [(0, first), (1, first), (4, first), (5, second)] {
        let (source, _, name) = people[place];
        credit(&database, source, &album, track, all[place], name).await;
    }
    contact(&database, all[0], Source::MusicBrainz, "discogs", "1").await;
    contact(&database, all[2], Source::MusicBrainz, "soundcloud", "same").await;
    contact(&database, all[3], Source::Genius, "soundcloud", "same").await;
    database
        .execute(
            "INSERT INTO producer_names (producer_id, name, kind, source, normalized_name)
            VALUES (1, 'Q', 'alias', 'musicbrainz', 'q')",
        )
        .await;
    assert_eq!(
        list_pairs(&database).await,
        [
            "1+2 182: stated_link musicbrainz discogs 1, same_track Quincy Jones 1, same_artist artist of \
                album 1",
            "3+4 80: same_account soundcloud 1",
            "1+7 30: shared_alias Q 1",
            "5+6 21: same_artist artist of album 1",
        ]
    );
    merge(&database.pool, all[0].producer_id, all[1].producer_id, DECISION)
        .await
        .unwrap();
    assert_eq!(list_pairs(&database).await.len(), 3);
    unmerge(&database.pool, all[1].producer_id, "ann").await.unwrap();
    assert_eq!(
        list_pairs(&database).await.len(),
        3,
        "a pair that a person unmerged is no candidate"
    );
}

#[tokio::test]
async fn a_name_alone_is_no_evidence_and_separate_pages_of_one_source_are_no_candidates() {
    let database = database().await;
    let client = database.client().await;
    let (here, there) = (an_album(&client, "here").await, an_album(&client, "there").await);
    // Equal names with different artists, and names that are only similar.
    for (album, source, id, name) in [
        (&here, Source::MusicBrainz, "m1", "John Smith"),
        (&there, Source::Genius, "1", "John Smith"),
        (&here, Source::Genius, "2", "Jon Smith"),
    ] {
        let identity = producer(&client, source, id, name).await;
        credit(&database, source, album, None, identity, name).await;
    }
    assert_eq!(list_pairs(&database).await, [""; 0]);

    // Two Discogs pages of one MusicBrainz artist, with the same name, track and account.
    let artist = producer(&client, Source::MusicBrainz, "m5", "Prince").await;
    let mut pages = Vec::new();
    for id in ["11", "12"] {
        let page = producer(&client, Source::Discogs, id, "Prince").await;
        credit(&database, Source::Discogs, &there, None, page, "Prince").await;
        contact(&database, page, Source::Discogs, "instagram", "prince").await;
        pages.push(page);
    }
    let stated = ["11", "12"].map(|page| ContactRow {
        kind: "discogs".to_owned(),
        value: page.to_owned(),
        source_id: "m5".to_owned(),
        expires_at: None,
    });
    producer_contacts::replace(&client, artist.producer_id, Source::MusicBrainz, &stated)
        .await
        .unwrap();
    assert_eq!(list_pairs(&database).await, [""; 0]);
    // A source that links an alias to its person treats them as two producers.
    let unlinked = producer(&client, Source::Genius, "unlinked:2:prince", "Prince").await;
    credit(&database, Source::Genius, &there, None, unlinked, "Prince").await;
    assert_eq!(list_pairs(&database).await.len(), 2);
    let sql = format!(
        "INSERT INTO producer_links (producer_id, linked_producer_id, kind, source)
            VALUES ({}, {}, 'alias', 'discogs')",
        unlinked.producer_id, pages[0].producer_id
    );
    database.execute(&sql).await;
    assert_eq!(list_pairs(&database).await.len(), 1);
}

#[tokio::test]
async fn printed_names_and_variants_of_a_name_are_candidates_within_one_artist() {
    let database = database().await;
    let client = database.client().await;
    let (here, there) = (an_album(&client, "here").await, an_album(&client, "there").await);
    let people = [
        ("1", "Rick Rubin"),
        ("unlinked:1:other", "Frederick"),
        ("unlinked:1:saw", "Stock, Aitken & Waterman"),
        ("4", "Stock / Aitken / Waterman"),
        ("5", "Los Pericos"),
        ("unlinked:1:pericos", "Pericos"),
        ("7", "Monsters & The Strangerz"),
        ("unlinked:1:ms", "The Monsters and Strangerz"),
    ];
    let mut all = Vec::new();
    for (id, name) in people {
        let identity = producer(&client, Source::Discogs, id, name).await;
        credit(&database, Source::Discogs, &here, None, identity, name).await;
        all.push(identity);
    }
    // Equal names that belong to another artist.
    let elsewhere = producer(&client, Source::Genius, "9", "Pericos").await;
    credit(&database, Source::Genius, &there, None, elsewhere, "Pericos").await;
    let printed = ProducerName {
        producer_id: all[1].producer_id,
        name: "RICK RUBIN".to_owned(),
        kind: NameKind::CreditedAs,
    };
    producers::insert_names(&client, Source::Discogs, &[printed])
        .await
        .unwrap();
    assert_eq!(
        list_pairs(&database).await,
        [
            "1+2 73: same_track Rick Rubin 2, printed_name Rick Rubin 1",
            "3+4 11: name_variant Stock, Aitken & Waterman 1",
            "5+6 11: name_variant Los Pericos 1",
            "7+8 11: name_variant Monsters & The Strangerz 1",
        ]
    );
}

#[tokio::test]
async fn a_joint_name_is_listed_beside_each_of_its_people() {
    let database = database().await;
    let client = database.client().await;
    let (here, there) = (an_album(&client, "here").await, an_album(&client, "there").await);
    let mut credited = Vec::new();
    for (album, id, name) in [
        (&here, "unlinked:1:ann", "Ann"),
        (&here, "unlinked:1:bob", "Bob"),
        (&here, "unlinked:1:annbob", "Ann & Bob"),
        (&here, "unlinked:1:bobann", "Bob / Ann"),
        // One of the people is no producer of this artist.
        (&there, "unlinked:2:annbob", "Ann and Bob"),
        (&there, "unlinked:2:ann", "Ann"),
        (&here, "unlinked:1:ewf", "Earth, Wind & Fire"),
    ] {
        let identity = producer(&client, Source::Discogs, id, name).await;
        credit(&database, Source::Discogs, album, None, identity, name).await;
        credited.push(identity.producer_id.0);
    }
    assert_eq!(credited, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(
        list_pairs(&database).await,
        [
            "1+3 1: joint_name Ann & Bob 1",
            "1+4 1: joint_name Bob / Ann 1",
            "2+3 1: joint_name Ann & Bob 1",
            "2+4 1: joint_name Bob / Ann 1",
        ]
    );
}

#[tokio::test]
async fn a_person_called_new_is_still_listed_beside_the_namesake() {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&client, "album").await;
    let rick = producer(&client, Source::Discogs, "1", "Rick Rubin").await;
    credit(
        &database,
        Source::Discogs,
        &album,
        Some(album.tracks[1]),
        rick,
        "Rick Rubin",
    )
    .await;
    let text = "track,producer,producer_id,role\n1,Rick Rubin,new,producer\n";
    let imported = import(&database.pool, "own.csv", text.as_bytes()).await.unwrap();
    assert_eq!(imported.added, 1);
    assert_eq!(list_pairs(&database).await, ["1+2 11: printed_name Rick Rubin 1"]);
}
