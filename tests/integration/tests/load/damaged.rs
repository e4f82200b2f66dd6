//! Files that are damaged, end oddly, or are made to take all memory.

use integration::{Database, database};
use load::{LoadControl, LoadOutcome, SkipReason, discogs, input};
use pretty_assertions::assert_eq;

use crate::dump::{Release, credits, dump, file, gzip, load, load_file, pool, track};

fn releases(ids: &[i64]) -> Vec<String> {
    ids.iter().map(|id| Release::new(*id).xml()).collect()
}

async fn load_bytes(database: &Database, name: &str, bytes: &[u8]) -> anyhow::Result<LoadOutcome> {
    load_file(database, &file(name, bytes), false).await
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_behind_the_end_of_a_read_dump_do_not_damage_it() {
    let database = database().await;
    let whole = dump(&releases(&[1, 2]));
    let zeros = [gzip(&whole), vec![0; 4_096]].concat();
    let junk = [gzip(&whole), b"\r\n--end of part--\r\n".to_vec()].concat();
    let text = format!("{whole}--end of part--");
    let gzip_note = "19 bytes behind the end of its gzip data were ignored";
    let text_note = "16 bytes behind its end </releases> were ignored";
    for (name, bytes, note) in [
        ("zeros.xml.gz", zeros, None),
        ("junk.xml.gz", junk, Some(gzip_note)),
        ("junk.xml", text.into_bytes(), Some(text_note)),
    ] {
        let loaded = load_bytes(&database, name, &bytes).await.unwrap();
        assert_eq!((loaded.counts.read, loaded.is_complete), (2, true), "{name}");
        assert_eq!(Vec::from_iter(note), loaded.counts.notes, "{name}");
    }
    let pages = "<artists><artist><id>5</id><name>A Producer</name></artist></artists>";
    let path = file("junk_pages.xml.gz", &[gzip(pages), vec![7; 30]].concat());
    let input = input::open(&path).unwrap();
    let loaded = discogs::load_artists(&pool(&database), input, &LoadControl::default()).await;
    let note = "30 bytes behind the end of its gzip data were ignored";
    assert_eq!(loaded.unwrap().counts.notes, [note]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_cut_or_joined_is_an_error_and_removes_nothing() {
    let database = database().await;
    load(&database, "all.xml", &releases(&[1, 2, 3, 4])).await;
    let (some, others) = (dump(&releases(&[1, 2])), dump(&releases(&[4])));
    let open = some.replace("</releases>", "");
    let mut cut = gzip(&format!("{some}{}", " ".repeat(10_000)));
    cut.truncate(cut.len() - 5);
    let junk = [gzip(&open), b"--end of part--".to_vec()].concat();
    for (name, bytes, error) in [
        ("cut_text.xml", open.clone().into_bytes(), "it is cut off"),
        ("cut.xml.gz", cut, "it is cut off"),
        (
            "junk_inside.xml.gz",
            junk,
            "15 bytes behind the end of its gzip data",
        ),
        (
            "doubled.xml",
            format!("<releases>{some}").into_bytes(),
            "a second root element",
        ),
        (
            "joined.xml.gz",
            [gzip(&some), gzip(&others)].concat(),
            "a second root element",
        ),
        (
            "rootless.xml",
            releases(&[1]).concat().into_bytes(),
            "it begins with <release>",
        ),
    ] {
        let loaded = load_bytes(&database, name, &bytes).await;
        let message = format!("{:#}", loaded.unwrap_err());
        assert!(message.contains(name) && message.contains(error), "{message}");
    }
    assert_eq!(database.count("SELECT count(*) FROM albums").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_releases_are_named_and_the_others_are_loaded() {
    let database = database().await;
    let keys = "SELECT count(*) FROM pg_constraint";
    let keys_before = database.count(keys).await;
    let depth = 200_000;
    let nested = format!(
        "{}{}",
        "<sub_tracks><track><title>x</title>".repeat(depth),
        "</track></sub_tracks>".repeat(depth)
    );
    let nested = Release {
        tracks: vec![track("1", "Nested", &nested)],
        ..Release::new(2)
    };
    let long = Release {
        title: "x".repeat(100_000),
        ..Release::new(3)
    };
    let credited = Release {
        credits: format!(
            "<extraartists>{}</extraartists>",
            "<artist><name>x</name><role>Producer</role></artist>".repeat(100_001)
        ),
        ..Release::new(4)
    };
    let endless = Release {
        details: format!("<notes>{}</notes>", "x".repeat(20 << 20)),
        ..Release::new(5)
    };
    let hostile = [nested, long, credited, endless].map(|release| release.xml());
    let all = [releases(&[1]), hostile.to_vec(), releases(&[6])].concat();
    for (loaded_before, loaded) in [(0, 2), (2, 0)] {
        let outcome = load(&database, "hostile.xml", &all).await;
        assert_eq!(
            (outcome.counts.unchanged, outcome.counts.loaded),
            (loaded_before, loaded)
        );
        let problems = outcome.counts.skipped[&SkipReason::Malformed].problems.iter();
        let problems: Vec<_> = problems
            .map(|record| (record.id.as_deref().unwrap_or_default(), record.problem.as_str()))
            .collect();
        let expected = [
            ("2", "its elements are nested more than 32 deep"),
            ("3", "a text is longer than 64 kB"),
            ("4", "it has more than 100000 credits"),
            ("5", "it is longer than 16 MB"),
        ];
        assert_eq!(problems, expected);
    }
    assert_eq!(database.count(keys).await, keys_before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_with_very_many_credits_is_loaded_in_parts() {
    let database = database().await;
    let credit = |id: i64| (id, "A Producer", "Producer", "");
    let work_credits: Vec<_> = (1..=150).map(credit).collect();
    let parts: Vec<String> = (1..=200)
        .map(|part| track(&part.to_string(), &format!("Part {part}"), ""))
        .collect();
    let work = format!(
        "{}<sub_tracks>{}</sub_tracks>",
        credits("extraartists", &work_credits),
        parts.concat()
    );
    let release = |id| Release {
        credits: String::new(),
        tracks: vec![track("", &format!("Work {id}"), &work)],
        ..Release::new(id)
    };
    let all: Vec<String> = [1, 2, 3].map(|id| release(id).xml()).into();
    let loaded = load(&database, "parts.xml", &all).await;
    assert_eq!((loaded.counts.read, loaded.counts.loaded), (3, 3));
    assert_eq!(loaded.counts.credits, 3 * 150 * 200);
    let again = load(&database, "parts.xml", &all).await;
    assert_eq!((again.counts.unchanged, again.rows), (3, 0));
}
