//! Errors in a dump are counted or reported with advice, and the other lines are loaded.

use integration::database;
use integration::dumps::{MusicBrainzDump, file, load_artists, load_file, pool, xz};
use integration::records::{mbid, person, recording, release};
use load::{LoadControl, ReleaseOptions, SkipReason, discogs, input};
use pretty_assertions::assert_eq;
use serde_json::json;

use crate::online::releases;

#[tokio::test(flavor = "multi_thread")]
async fn malformed_lines_are_reported_and_the_others_are_loaded() {
    let database = database().await;
    let mut dump = MusicBrainzDump::of_releases(&releases()[..3]);
    dump.lines.insert(1, b"no JSON at all".to_vec());
    dump.lines.insert(2, dump.lines[0][..40].to_vec());
    dump.lines
        .insert(3, br#"{"id": "not-an-mbid", "title": "x"}"#.to_vec());
    dump.lines.insert(4, b"\xff\xfe\0".to_vec());
    dump.lines.insert(5, Vec::new());
    // The same line again, and text that Postgres cannot store.
    dump.lines.push(dump.lines[0].clone());
    let (band, title) = (person(1, "The \0Band"), "x\0".repeat(5_000));
    let ann = integration::records::produced_by(&person(11, "Ann\0"));
    let odd = recording(190, &title, &band, vec![ann]);
    let odd = release(29, &title, &band, &[&odd]);
    dump.lines.extend(MusicBrainzDump::of_releases(&[odd]).lines);
    let path = file("malformed.tar.xz", &dump.xz());
    let loaded = load_file(&database, &path, false).await.unwrap();
    assert_eq!((loaded.counts.read, loaded.counts.loaded), (9, 4));
    let malformed = &loaded.counts.skipped[&SkipReason::Malformed];
    assert_eq!(malformed.count, 4);
    assert_eq!(malformed.ids, ["not-an-mbid"]);
    assert_eq!(loaded.counts.skipped[&SkipReason::Repeated].ids, [mbid(21)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_of_20_megabytes_is_loaded() {
    let database = database().await;
    let mut all = releases();
    all[0]["annotation"] = json!("x".repeat(20 << 20));
    let path = file("long.tar.xz", &MusicBrainzDump::of_releases(&all).xz());
    let loaded = load_file(&database, &path, false).await.unwrap();
    assert_eq!((loaded.counts.read, loaded.counts.loaded), (5, 3));
    assert_eq!(loaded.counts.skipped(SkipReason::Malformed), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_wrong_kind_is_reported_before_any_change() {
    let database = database().await;
    let dump = || MusicBrainzDump::of_releases(&releases());
    let other_form = MusicBrainzDump {
        schema: "2",
        ..dump()
    };
    let formless = MusicBrainzDump { schema: "", ..dump() };
    let labels = MusicBrainzDump {
        entity: "label",
        ..dump()
    };
    let artists = MusicBrainzDump::of_artists(&[person(1, "The Band")]);
    let mut without_member = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(2);
    without_member
        .append_data(&mut header, "JSON_DUMPS_SCHEMA_NUMBER", &b"1\n"[..])
        .unwrap();
    let without_member = without_member.into_inner().unwrap();
    let discogs_dump = b"<releases><release id=\"1\"><title>A</title></release></releases>";
    let order = "in this order: linernotes load musicbrainz release.tar.xz artist.tar.xz";
    let cases: [(&str, Vec<u8>, &str); 10] = [
        ("form.tar.xz", other_form.xz(), "have format 2"),
        ("formless.tar", formless.tar(), "no JSON_DUMPS_SCHEMA_NUMBER"),
        ("artist.tar.xz", artists.xz(), order),
        ("label.tar.xz", labels.xz(), "its archive has mbdump/label"),
        (
            "memberless.tar.xz",
            xz(&without_member),
            "its archive has no mbdump/release",
        ),
        ("discogs.xml", discogs_dump.to_vec(), "linernotes load discogs"),
        ("discogs.xml.xz", xz(discogs_dump), "linernotes load discogs"),
        ("release", dump().lines[0].clone(), "outside of a tar archive"),
        ("noise.bin", vec![7; 5_000], "not a tar archive"),
        ("nothing.tar", Vec::new(), "empty"),
    ];
    for (name, bytes, expected) in cases {
        let path = file(name, &bytes);
        let error = load_file(&database, &path, true).await.unwrap_err();
        let error = format!("{error:#}");
        assert!(error.contains(name) && error.contains(expected), "{error}");
    }
    // The files in reverse order, and releases in place of artists.
    let path = file("release.tar.xz", &dump().xz());
    let (pool, input) = (pool(&database), input::open(&path).unwrap());
    let error =
        discogs::load_releases(&pool, input, ReleaseOptions::default(), &LoadControl::default()).await;
    let error = format!("{:#}", error.unwrap_err());
    assert!(error.contains("linernotes load musicbrainz"), "{error}");
    let error = load_artists(&database, &path).await.unwrap_err();
    let error = format!("{error:#}");
    assert!(error.contains(order), "{error}");
    assert_eq!(database.count("SELECT count(*) FROM loads").await, 0);
}
