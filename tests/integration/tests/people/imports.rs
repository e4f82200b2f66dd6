//! Importing manual credits from a file: a line that cannot be used spoils no other, and the same file twice
//! changes nothing.

use integration::{Database, database};
use pretty_assertions::assert_eq;
use shared::curation::{CurationError, ImportResult, import, merge, merge_automatically};
use shared::domain::credits::Source;

use super::{DECISION, TRACK_PRODUCERS, an_album, credit, everything, producer};

const MBID: &str = "5b11f4ce-a62d-471e-81fc-a69a8278c7da";
const OWN: &str = "SELECT concat_ws(' | ', c.track_id, c.credited_as, c.raw_role, c.role, i.producer_id,
    c.source_record_id, c.note)
    FROM credits c LEFT JOIN producer_identities i ON i.id = c.producer_identity_id WHERE c.source = 'manual'
    ORDER BY c.id";

async fn import_text(database: &Database, text: &str) -> Result<ImportResult, CurationError> {
    import(&database.pool, "own.csv", text.as_bytes()).await
}

/// An album whose tracks share an ISRC, and Ann, whom MusicBrainz credits for the first track.
async fn scene() -> Database {
    let database = database().await;
    let client = database.client().await;
    let album = an_album(&client, "album").await;
    let ann = producer(&client, Source::MusicBrainz, "m1", "Ann").await;
    let first = Some(album.tracks[0]);
    credit(&database, Source::MusicBrainz, &album, first, ann, "Ann").await;
    database
        .execute("UPDATE tracks SET isrc = 'USSM18300503', spotify_id = lpad(id::text, 22, '0')")
        .await;
    database
}

#[tokio::test]
async fn every_form_of_a_track_and_a_producer_is_read_and_importing_twice_changes_nothing() {
    let database = scene().await;
    let text = format!(
        "track,producer,producer_id,role,note\n\
         1,ANN,1,producer,booklet\n\
         0000000000000000000002,,1,co-producer,\n\
         us-sm1-83-00503,New One,{MBID},Additional Producer,\n\
         1,Nobody,,mixer,\n\
         1,Nobody,,mixer,\n"
    );
    let first = import_text(&database, &text).await.unwrap();
    assert_eq!((first.lines, first.credits, first.added), (5, 5, 5));
    assert_eq!(
        database.texts(OWN).await,
        [
            "1 | ANN | producer | producer | 1 | own.csv | booklet",
            "2 | Ann | co-producer | co_producer | 1 | own.csv",
            "1 | New One | Additional Producer | additional_producer | 2 | own.csv",
            "2 | New One | Additional Producer | additional_producer | 2 | own.csv",
            "1 | Nobody | mixer | mixer | own.csv",
        ]
    );
    assert_eq!(
        database.texts(TRACK_PRODUCERS).await,
        [
            "1 1 manual 0.99",
            "1 2 manual 0.99",
            "2 1 manual 0.99",
            "2 2 manual 0.99"
        ]
    );
    let before = everything(&database).await;
    let again = import_text(&database, &text).await.unwrap();
    assert_eq!((again.credits, again.added), (5, 0));
    assert_eq!(everything(&database).await, before);
    // The file may have another name. A changed note is stored.
    let renamed = import(&database.pool, "copy.csv", text.as_bytes()).await;
    assert_eq!(renamed.unwrap().added, 0);
    let noted = text.replace("booklet", "\"booklet, page 4\"");
    assert_eq!(import_text(&database, &noted).await.unwrap().added, 0);
    assert!(database.texts(OWN).await[0].ends_with("own.csv | booklet, page 4"));
}

#[tokio::test]
async fn unusable_lines_are_named_and_the_others_are_imported() {
    let database = scene().await;
    let text = format!(
        "track,producer,producer_id,role\n\
         1,Good One,,producer\n\
         99,Ann,,producer\n\
         1,,99,producer\n\
         1,Bob,1,producer\n\
         1,,{MBID},producer\n\
         GBUM70603730,Ann,,producer\n\
         1,Ann,,prodcer\n\
         1,,new,producer\n\
         2,Good Two,,producer\n"
    );
    let imported = import_text(&database, &text).await.unwrap();
    assert_eq!((imported.lines, imported.credits, imported.added), (2, 2, 2));
    let refused: Vec<String> = imported
        .refused
        .iter()
        .map(|error| format!("line {}: {}", error.line, error.message))
        .collect();
    let role = &refused[5];
    assert!(role.starts_with("line 8: \"prodcer\" is not a role"), "{role}");
    assert_eq!(
        [&refused[..5], &refused[6..]].concat(),
        [
            "line 3: there is no track 99",
            "line 4: there is no producer 99",
            "line 5: producer 1 is Ann, not Bob: correct the id or the name",
            &format!("line 6: no producer here has the MBID {MBID}: give the name as well"),
            "line 7: no track here has this ISRC: ingest it first",
            "line 9: it names no producer",
        ]
    );
    let names = "SELECT credited_as FROM credits WHERE source = 'manual' ORDER BY id";
    assert_eq!(database.texts(names).await, ["Good One", "Good Two"]);
    let before = everything(&database).await;
    let again = import_text(&database, &text).await.unwrap();
    assert_eq!((again.added, again.refused.len()), (0, 7));
    assert_eq!(everything(&database).await, before);
}

#[tokio::test]
async fn a_file_without_a_usable_line_is_refused() {
    let database = scene().await;
    let before = everything(&database).await;
    let many = format!("track,producer,role\n{}", "99,A,producer\n".repeat(25));
    let error = import_text(&database, &many).await.unwrap_err().to_string();
    assert!(
        error.starts_with("nothing was imported: line 2: there is no track 99"),
        "{error}"
    );
    assert!(error.ends_with("; and 15 more"), "{error}");
    assert!(!error.contains('\n'));
    for nothing in ["", "track,producer,role\n"] {
        assert!(import_text(&database, nothing).await.is_err());
    }
    assert_eq!(everything(&database).await, before);
}

#[tokio::test]
async fn a_name_that_is_here_needs_the_id_or_new() {
    let database = scene().await;
    let before = everything(&database).await;
    for name in ["Ann", "ANN", "The Ann"] {
        let text = format!("track,producer,role\n1,{name},producer\n");
        let error = import_text(&database, &text).await.unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "nothing was imported: line 2: \"{name}\" is here already, as producer 1 (Ann, 1 track): put \
                 the id into the column producer_id, or new if this is another person"
            )
        );
    }
    assert_eq!(everything(&database).await, before);
    // A role that makes nobody a producer needs no answer.
    let text = "track,producer,producer_id,role\n1,Ann,,mixer\n1,Ann,new,co-producer\n2,Ann,1,producer\n";
    let imported = import_text(&database, text).await.unwrap();
    assert_eq!((imported.added, imported.refused.len()), (3, 0));
    // Both are credited for the first track, and still are two people.
    let expected = ["1 1 musicbrainz 0.95", "1 2 manual 0.99", "2 1 manual 0.99"];
    assert_eq!(database.texts(TRACK_PRODUCERS).await, expected);
    let before = everything(&database).await;
    assert_eq!(import_text(&database, text).await.unwrap().added, 0);
    for producer in [1, 2] {
        let id = shared::domain::ids::ProducerId(producer);
        let left = merge_automatically(&database.pool, id).await.unwrap();
        assert_eq!(left, id);
    }
    assert_eq!(everything(&database).await, before);
}

#[tokio::test]
async fn a_new_name_stands_for_one_person_in_a_file_whoever_the_artists_are() {
    let database = scene().await;
    let client = database.client().await;
    let other = an_album(&client, "other").await;
    let others_track = format!("{},Zoé,producer\n", other.tracks[0]);
    let text = format!("track,producer,role\n1,Zoe,producer\n2,zoe,producer\n{others_track}");
    for added in [3, 0] {
        let imported = import_text(&database, &text).await.unwrap();
        assert_eq!(imported.refused, []);
        assert_eq!((imported.added, imported.producer_ids.len()), (added, 1));
    }
    // Another file says nothing about who its Zoe is.
    let alone = format!("track,producer,role\n{others_track}");
    let error = import_text(&database, &alone).await.unwrap_err().to_string();
    assert!(
        error.contains("is here already, as producer 2 (Zoe, 3 tracks)"),
        "{error}"
    );
}

#[tokio::test]
async fn importing_the_same_file_after_a_merge_changes_nothing() {
    let database = scene().await;
    let text = "track,producer,producer_id,role\n2,Zoe,,producer\n2,,1,producer\n";
    assert_eq!(import_text(&database, text).await.unwrap().added, 2);
    let zoe = database
        .count("SELECT id FROM producers WHERE name = 'Zoe'")
        .await;
    let one = shared::domain::ids::ProducerId(1);
    merge(
        &database.pool,
        one,
        shared::domain::ids::ProducerId(zoe),
        DECISION,
    )
    .await
    .unwrap();
    let before = everything(&database).await;
    assert_eq!(import_text(&database, text).await.unwrap().added, 0);
    assert_eq!(everything(&database).await, before);
}
