//! Importing manual credits from a file: all lines or none, and the same file twice changes nothing.

use integration::{Database, database};
use pretty_assertions::assert_eq;
use shared::curation::{CurationError, ImportResult, import, merge};
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
         1,ANN,,producer,booklet\n\
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
            "1 | New One | Additional Producer | additional_producer | 3 | own.csv",
            "2 | New One | Additional Producer | additional_producer | 3 | own.csv",
            "1 | Nobody | mixer | mixer | own.csv",
        ]
    );
    assert_eq!(
        database.texts(TRACK_PRODUCERS).await,
        [
            "1 1 manual 0.99",
            "1 3 manual 0.99",
            "2 1 manual 0.99",
            "2 3 manual 0.99"
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
async fn one_unusable_line_refuses_the_whole_file() {
    let database = scene().await;
    let before = everything(&database).await;
    let text = format!(
        "track,producer,producer_id,role\n\
         1,Good One,,producer\n\
         99,Ann,,producer\n\
         1,,99,producer\n\
         1,Bob,1,producer\n\
         1,,{MBID},producer\n\
         GBUM70603730,Ann,,producer\n\
         1,Ann,,prodcer\n"
    );
    let error = import_text(&database, &text).await.unwrap_err().to_string();
    let problems: Vec<&str> = error.split("; ").collect();
    assert_eq!(
        problems[..5],
        [
            "nothing was imported: line 3: there is no track 99",
            "line 4: there is no producer 99",
            "line 5: producer 1 is Ann, not Bob: correct the id or the name",
            &format!("line 6: no producer here has the MBID {MBID}: give the name as well"),
            "line 7: no track here has this ISRC: ingest it first",
        ]
    );
    assert!(
        problems[5].starts_with("line 8: \"prodcer\" is not a role"),
        "{error}"
    );
    assert!(!error.contains('\n'));
    assert_eq!(everything(&database).await, before);
    let many = format!("track,producer,role\n{}", "99,A,producer\n".repeat(25));
    let error = import_text(&database, &many).await.unwrap_err().to_string();
    assert!(error.ends_with("; and 15 more"), "{error}");
    for nothing in ["", "track,producer,role\n"] {
        assert!(import_text(&database, nothing).await.is_err());
    }
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
