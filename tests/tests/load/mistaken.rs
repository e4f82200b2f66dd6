//! What the real program says, in a line with what to do, of files and arguments that are not what they should be.

use integration::dumps::Dump;
use integration::program::Program;
use integration::records::person;
use integration::{Database, database};

use crate::dump::{Release, dump, file, gzip};

async fn error(database: &Database, arguments: &[&str], piped: &[u8]) -> String {
    let arguments = [&["load"], arguments].concat();
    let mut program = Program::start(database, &arguments);
    program.write(piped).await;
    program.end().await.error().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_is_one_line_with_what_to_do_and_touches_nothing() {
    let database = database().await;
    let path = |name: &str, bytes: &[u8]| file(name, bytes).to_str().unwrap().to_owned();
    let releases = path("mistaken.xml", dump(&[Release::new(1).xml()]).as_bytes());
    let artists = "<artists><artist><id>5</id></artist></artists>";
    let artists = path("mistaken_artists.xml", artists.as_bytes());
    let musicbrainz = path("mistaken.tar", &Dump::of_artists(&[person(1, "A")]).tar());
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
        (&["discogs", "-", "-"], "name the other one"),
    ];
    for (arguments, expected) in cases {
        let error = error(&database, arguments, b"").await;
        assert!(error.contains(expected), "{arguments:?}: {error}");
        assert!(!error.contains("to go on"), "{error}");
    }
    let error = error(&database, &["musicbrainz", "-"], b"").await;
    let said =
        "error: standard input: it is not a MusicBrainz dump of releases: it is empty: download it again";
    assert_eq!(error, said);
    for table in ["loads", "albums"] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(database.count(&count).await, 0);
    }
}

/// The releases are loaded by then, and what came of them is shown.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_second_file_hides_nothing_of_the_first() {
    let database = database().await;
    let path = file("twice_releases.xml", dump(&[Release::new(1).xml()]).as_bytes());
    let path = path.to_str().unwrap();
    let ended = Program::start(&database, &["load", "discogs", path, path]);
    let ended = ended.end().await;
    assert!(ended.error().contains("not a Discogs dump of artists"));
    let shown: Vec<&str> = ended.stdout.lines().take(3).collect();
    assert_eq!(
        shown,
        ["        Releases", "read           1", "loaded         1"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_answer_is_told() {
    let mut database = database().await;
    database.url = "postgres://me:hunter2@127.0.0.1:1/music".to_owned();
    let path = file("unreachable.xml", dump(&[Release::new(1).xml()]).as_bytes());
    let error = error(&database, &["discogs", path.to_str().unwrap()], b"").await;
    let next = "see that Postgres runs there and that DATABASE_URL is right";
    assert!(error.ends_with(next) && !error.contains("hunter2"), "{error}");
}
