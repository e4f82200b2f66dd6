//! A load writes the same rows for a release as online ingestion.

use std::collections::BTreeMap;

use chrono::Utc;
use integration::{Database, database};
use load::discogs::release_from_xml;
use pretty_assertions::assert_eq;
use shared::catalog::album_import::{self, ArrivingAlbum, track_positions};
use shared::catalog::credit_matching::discogs::credits_from_release;
use shared::catalog::credit_matching::{ALBUM, MatchedRecord, SourceFindings, TRACK, lookup_of_record};
use shared::catalog::identification::{self, AlbumSnapshot};
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::TrackId;

use crate::dump::{Release, credits, details, dump, file, load, load_file, track};

/// One release of every kind.
pub(crate) fn releases() -> Vec<String> {
    let mut all = vec![Release {
        details: details("Island Records (2)", "LP", "Deep House"),
        isrcs: vec![("Track A1", "IT-J04-01-00240"), ("Both", "ITJ040100241")],
        ..Release::new(1)
    }];
    all.push(Release {
        title: "A title of & <many> words (Deluxe)".to_owned(),
        barcode: Some("0 12345 67890 5".to_owned()),
        details: details("Not On Label (Singer (2) Self-released)", "Compilation", ""),
        isrcs: vec![
            ("1-2", "USSM18200001"),
            ("Track 2-1", "gbaye0000351"),
            ("2-2", "none"),
        ],
        artists: credits(
            "artists",
            &[(20, "Singer (2)", "", ""), (21, "Guest, The", "", "")],
        )
        .replacen("<join/>", "<join>Feat.</join>", 1),
        credits: credits(
            "extraartists",
            &[
                (5, "A Producer", "Producer, Mixed By, Written-By", ""),
                (6, "Another (3)", "Co-producer [Additional]", "1-1, 2-1 to 2-2"),
                (6, "Another (3)", "Producer", "nobody knows which"),
                (0, "No Number", "Producer", "1-2"),
                (0, "A Producer & Another", "Producer", "2-2"),
                (194, "Various", "Producer", ""),
                (5, "A Producer", "Producer, Mixed By, Written-By", ""),
            ],
        )
        .replacen(
            "<name>A Producer</name><anv/>",
            "<name>A Producer</name><anv>A. Prod</anv>",
            1,
        ),
        tracks: vec![
            "<track><position/><title>Side one</title><duration/></track>".to_owned(),
            track(
                "1-1",
                "Song",
                &credits(
                    "extraartists",
                    &[
                        (7, "Third", "Producer", ""),
                        (5, "A Producer", "Executive-Producer", ""),
                    ],
                ),
            ),
            track(
                "1-2",
                "Song (Live)",
                &credits(
                    "artists",
                    &[
                        (22, "Somebody Else", "", ""),
                        (
                            22,
                            "Somebody \
                Else",
                            "",
                            "",
                        ),
                    ],
                ),
            ),
            format!(
                "<track><position/><title>Suite</title><duration>9:00</duration>{}\
                 <sub_tracks>{}{}</sub_tracks></track>",
                credits("extraartists", &[(8, "Of The Suite", "Producer", "")]),
                track("2-1", "i", ""),
                track(
                    "2-2",
                    "",
                    &credits("extraartists", &[(9, "Of A Part", "Vocal Producer", "")])
                ),
            ),
        ],
        ..Release::new(2)
    });
    all.push(Release {
        artists: credits("artists", &[(194, "Various", "", "")]),
        tracks: vec![
            track("1", "Song", &credits("artists", &[(20, "Singer (2)", "", "")])),
            track(
                "2",
                "Whose",
                &credits("artists", &[(355, "Unknown Artist", "", "")]),
            ),
        ],
        released: "2001".to_owned(),
        ..Release::new(3)
    });
    all.push(Release {
        artists: credits("artists", &[(0, "Without A Number", "", "")]),
        released: String::new(),
        ..Release::new(4)
    });
    all.push(Release {
        tracks: Vec::new(),
        ..Release::new(5)
    });
    // An earlier release of the same song by the same singer.
    all.push(Release {
        artists: credits("artists", &[(20, "Singer (2)", "", "")]),
        tracks: vec![track("A", "song", ""), track("B", "Song (Dub Mix)", "")],
        details: details("R&B", "Maxi-Single", "Dub"),
        released: "1983-05-17".to_owned(),
        ..Release::new(16)
    });
    all.iter().map(Release::xml).collect()
}

/// Writes a release the way the functions write a release that they request.
pub(crate) async fn write_online(database: &Database, xml: &str) {
    let release = release_from_xml(xml.as_bytes()).unwrap();
    let id = release.id.to_string();
    let mut client = database.client().await;
    let transaction = client.transaction().await.unwrap();
    let arriving = ArrivingAlbum::from_discogs(&release);
    let album_id = album_import::write(&transaction, &id, &arriving)
        .await
        .unwrap()
        .id;
    let snapshot = AlbumSnapshot::load(&transaction, album_id)
        .await
        .unwrap()
        .unwrap();
    let ours = &snapshot.tracks;
    let record = MatchedRecord {
        kind: "release".to_owned(),
        id,
        matched_by: MatchMethod::Own,
        score: 1.0,
    };
    let places: BTreeMap<TrackId, (usize, f32)> = ours
        .iter()
        .zip(track_positions(&release))
        .map(|(track, (index, ..))| (track.id, (index, 1.0)))
        .collect();
    let mut found = SourceFindings::new(Source::Discogs);
    found.credits = credits_from_release(&release, &record, &places, ours.len());
    let now = Utc::now();
    found.lookups = vec![lookup_of_record(
        Source::Discogs,
        ALBUM,
        album_id,
        Some(&record),
        now,
    )];
    let of_track = |id: &TrackId| lookup_of_record(Source::Discogs, TRACK, id, Some(&record), now);
    found.lookups.extend(places.keys().map(of_track));
    found.album = Some(record);
    let written = identification::write(&transaction, &snapshot, &[], &[found])
        .await
        .unwrap();
    assert!(written.is_some());
    transaction.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_writes_the_same_rows_as_online_ingestion() {
    let (loaded, loaded_in_use, online) = (database().await, database().await, database().await);
    let all = releases();
    let path = file("online.xml", dump(&all).as_bytes());
    let outcome = load_file(&loaded, &path, true).await.unwrap();
    assert_eq!(outcome.counts.loaded, all.len() as u64);
    assert!(outcome.is_complete);
    // A load into tables in use: the first release is already stored.
    load(&loaded_in_use, "first.xml", &all[..1]).await;
    load_file(&loaded_in_use, &path, true).await.unwrap();
    for xml in &all {
        write_online(&online, xml).await;
    }
    let expected = online.fingerprint().await;
    assert_eq!(loaded.fingerprint().await.parts, expected.parts);
    assert_eq!(loaded_in_use.fingerprint().await.parts, expected.parts);
    let stated = "SELECT concat_ws(' | ', album_type, label, genres) FROM albums ORDER BY id";
    assert_eq!(
        loaded.texts(stated).await,
        [
            "album | Island Records | {Electronic,\"Deep House\"}",
            "compilation | {Electronic}",
            "other | {}",
            "other | {}",
            "other | {}",
            "single | R&B | {Electronic,Dub}",
        ]
    );
    let isrcs =
        "SELECT album_id || ' ' || name || ' ' || isrc FROM tracks WHERE isrc IS NOT NULL ORDER BY id";
    assert_eq!(
        loaded.texts(isrcs).await,
        [
            "1 First Song ITJ040100240",
            "2 Song (Live) USSM18200001",
            "2 i GBAYE0000351"
        ]
    );
    assert!(
        expected
            .parts
            .iter()
            .any(|part| part.table == "track_producers" && part.rows > 8)
    );
    let uncounted = "SELECT count(*) FROM producers p WHERE EXISTS (SELECT FROM track_producers t
        WHERE t.producer_id = p.id)
        AND NOT EXISTS (SELECT FROM producer_statistics_stale s WHERE s.producer_id = p.id)";
    assert_eq!(loaded.count(uncounted).await, 0);
    assert_eq!(loaded_in_use.count(uncounted).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_that_are_written_again_one_by_one_do_not_change() {
    let database = database().await;
    let path = file("again.xml", dump(&releases()).as_bytes());
    load_file(&database, &path, true).await.unwrap();
    let before = database.fingerprint().await;
    database
        .execute("UPDATE loaded_records SET content_hash = 0")
        .await;
    let again = load_file(&database, &path, true).await.unwrap();
    assert_eq!(again.counts.changed, releases().len() as u64);
    assert_eq!(database.fingerprint().await.parts, before.parts);
}

const DDL: &str = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || convalidated || ' ' ||
    pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0
    ORDER BY 1";

#[tokio::test(flavor = "multi_thread")]
async fn every_key_and_index_exists_after_a_load() {
    let database = database().await;
    let before = database.texts(DDL).await;
    assert!(before.len() > 150, "{}", before.len());
    load(&database, "ddl.xml", &releases()).await;
    assert_eq!(database.texts(DDL).await, before);
    let left = "SELECT count(*) FROM loads WHERE pending_ddl <> '[]' OR state <> 'done' OR mode <> 'empty'";
    assert_eq!(database.count(left).await, 0);
}
