//! The program's one-line error messages for wrong files and arguments. Each says what to do.

use integration::dumps::MusicBrainzDump;
use integration::program::Program;
use integration::records::person;
use integration::{Database, database};

use crate::dump::{Release, dump, file, gzip};

async fn error(database: &Database, arguments: &[&str], piped: &[u8]) -> String {
    let arguments = [&["load"], arguments].concat();
    let mut program = Program::start(database, &arguments);
    program.write(piped).await;
    program.exit().await.error().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_reported_in_one_line_and_changes_nothing() {
    let database = database().await;
    let path = |name: &str, bytes: &[u8]| file(name, bytes).to_str().unwrap().to_owned();
    let releases = path("mistaken.xml", dump(&[Release::new(1).xml()]).as_bytes());
    let artists = "<artists><artist><id>5</id></artist></artists>";
    let artists = path("mistaken_artists.xml", artists.as_bytes());
    let musicbrainz = path(
        "mistaken.tar",
        &MusicBrainzDump::of_artists(&[person(1, "A")]).tar(),
    );
    let mut damaged = gzip(&dump(&[Release::new(1).xml()]));
    damaged[12..20].fill(0xff);
    let damaged = path("damaged.xml.gz", &damaged);
    let empty = path("empty.xml", b"");
    let folder = std::env::temp_dir();
    let folder = folder.to_str().unwrap();
    let order = "in this order: linernotes load discogs RELEASES.xml.gz ARTISTS.xml.gz";
    let cases: [(&[&str], &str); 10] = [
        (&["discogs", "/nowhere/x.xml"], "No such file or directory"),
        (&["discogs", "/nowhere/x.xml"], "linernotes help load discogs"),
        (&["discogs", &releases, "/nowhere/y.xml"], "open /nowhere/y.xml"),
        (&["musicbrainz", folder], "it is a directory: name the file in it"),
        (&["discogs", &artists], order),
        (&["discogs", &musicbrainz], "linernotes load musicbrainz"),
        (&["musicbrainz", &releases], "linernotes load discogs"),
        (&["discogs", &damaged], "it is damaged: download it again"),
        (&["discogs", &empty], "it is empty: download it again"),
        (&["discogs", "-", "-"], "give the path of the other one"),
    ];
    for (arguments, expected) in cases {
        let error = error(&database, arguments, b"").await;
        assert!(error.contains(expected), "{arguments:?}: {error}");
        assert!(!error.contains("to resume"), "{error}");
    }
    let error = error(&database, &["musicbrainz", "-"], b"").await;
    let expected =
        "error: standard input: it is not a MusicBrainz dump of releases: it is empty: download it again";
    assert_eq!(error, expected);
    for table in ["loads", "albums"] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(database.count(&count).await, 0);
    }
}

/// The releases are loaded first, so their result is printed.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_second_file_does_not_hide_the_result_of_the_first() {
    let database = database().await;
    let path = file("twice_releases.xml", dump(&[Release::new(1).xml()]).as_bytes());
    let path = path.to_str().unwrap();
    let program = Program::start(&database, &["load", "discogs", path, path]);
    let exit = program.exit().await;
    assert!(exit.error().contains("not a Discogs dump of artists"));
    let shown: Vec<&str> = exit.stdout.lines().take(3).collect();
    assert_eq!(
        shown,
        ["        Releases", "read           1", "loaded         1"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_is_reported() {
    let mut database = database().await;
    database.url = "postgres://me:hunter2@127.0.0.1:1/music".to_owned();
    let path = file("unreachable.xml", dump(&[Release::new(1).xml()]).as_bytes());
    let error = error(&database, &["discogs", path.to_str().unwrap()], b"").await;
    let next = "check that Postgres is running there and that DATABASE_URL is correct";
    assert!(error.ends_with(next) && !error.contains("hunter2"), "{error}");
}
