//! The commands by which a person decides, as they are typed: what they print, and what a mistake is answered.
//! What they do is tested with the store.

#![expect(clippy::unwrap_used, reason = "a test says by panicking what did not hold")]

use std::process::{Command, Output, Stdio};

use linernotes::cluster::shared_for_tests;
use serde_json::Value;

struct Machine {
    url: String,
}

impl Machine {
    /// Two who are one by all that is known, credited for a song in two versions.
    async fn start(database: &str) -> Self {
        let scratch = shared_for_tests().await.unwrap();
        let url = scratch.database(database, "template1").await.unwrap();
        let machine = Self { url };
        assert!(machine.run(&["migrate"]).status.success());
        let (client, connection) = tokio_postgres::connect(&machine.url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        client
            .batch_execute(
                "INSERT INTO artists (name) VALUES ('Band');
                 INSERT INTO albums (artist_id, name) VALUES (1, 'Album');
                 INSERT INTO normalized_tracks (artist_id, normalized_name, rules_version) VALUES (1, 'song', 1);
                 INSERT INTO tracks (album_id, track_number, name, normalized_track_id) VALUES (1, 1, 'Song', 1), (1, 2, 'Song (Live)', 1);
                 INSERT INTO producers (name, normalized_name, email) VALUES ('Quincy Jones', 'quincy jones', 'q@example.org'), ('Q. Jones', 'q jones', NULL);
                 INSERT INTO producer_identities (source, source_id, producer_id, name) VALUES ('musicbrainz', 'm1', 1, 'Quincy Jones'), ('discogs', '2', 2, 'Q. Jones');
                 INSERT INTO producer_names (producer_id, name, kind, source, normalized_name) VALUES
                     (1, 'Quincy Jones', 'primary', 'musicbrainz', 'quincy jones'), (1, 'Q. Jones', 'alias', 'musicbrainz', 'q jones'), (2, 'Q. Jones', 'primary', 'discogs', 'q jones');
                 INSERT INTO producer_contacts (producer_id, kind, value, source, source_id) VALUES
                     (1, 'soundcloud', 'qj', 'musicbrainz', 'm1'), (2, 'soundcloud', 'qj', 'discogs', '2');
                 INSERT INTO credits (album_id, source, source_record_kind, source_record_id, producer_identity_id, credited_as, raw_role, role, matched_by, match_score)
                     VALUES (1, 'musicbrainz', 'release', 'r1', 1, 'Quincy Jones', 'producer', 'producer', 'barcode', 1), (1, 'discogs', 'release', '7', 2, 'Q. Jones', 'Producer', 'producer', 'barcode', 1);
                 INSERT INTO track_producers (track_id, producer_id, confidence, source, role) VALUES
                     (1, 1, 0.6, 'musicbrainz', 'producer'), (2, 1, 0.6, 'musicbrainz', 'producer'), (1, 2, 0.75, 'discogs', 'producer'), (2, 2, 0.75, 'discogs', 'producer')",
            )
            .await
            .unwrap();
        machine
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linernotes"));
        for variable in shared::platform::config::VARIABLES {
            command.env_remove(variable.name);
        }
        command.env("DATABASE_URL", &self.url).args(arguments);
        command.stdin(Stdio::null()).output().unwrap()
    }

    /// What is printed where it goes well.
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let failed = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {failed}");
        let said = String::from_utf8(output.stdout).unwrap();
        said.trim_end().to_owned()
    }

    /// The one line that is said where it does not.
    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said.lines().count(), 1, "{said}");
        said.trim_end().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_decided_is_told_with_how_to_take_it_back() {
    let machine = Machine::start("deciding").await;
    assert_eq!(
        machine.says(&["producers", "duplicates"]),
        "\
ID  Producer                ID  May be the same as  Sure  Why
 1  Quincy Jones, 0 tracks   2  Q. Jones, 0 tracks  very  the same account: soundcloud
                                                          both \"Q. Jones\" on 2 same tracks
                                                          an alias: Q. Jones

Make two of them one with: linernotes producers merge 1 2"
    );
    let duplicates: Value =
        serde_json::from_str(&machine.says(&["producers", "duplicates", "--json"])).unwrap();
    assert_eq!(
        duplicates["items"][0]["evidence"][1]["kind"], "same_track",
        "{duplicates}"
    );
    assert_eq!(
        machine.says(&["producers", "merge", "2", "1", "--reason", "his own site"]),
        "Q. Jones (producer 2) is one with Quincy Jones (producer 1) now: 2 tracks. Undo it with: linernotes producers unmerge 2"
    );
    assert_eq!(
        machine.fails(&["producer", "2"]),
        "error: producer 2 is one with Quincy Jones now: linernotes producer 1"
    );
    assert_eq!(
        machine.fails(&["producers", "merge", "1", "2"]),
        "error: 1 and 2 are one already: Quincy Jones (producer 1)"
    );
    assert_eq!(
        machine.fails(&["producers", "merge", "1", "99"]),
        "error: there is no producer 99: `linernotes search NAME` gives the ids"
    );
    assert_eq!(
        machine.says(&["producers", "unmerge", "1"]),
        "Q. Jones (producer 2) is apart from Quincy Jones (producer 1) again."
    );
    assert_eq!(
        machine.says(&["producers", "duplicates"]),
        "no two producers look like one"
    );

    assert_eq!(
        machine.says(&["credits", "reject", "1", "2", "--reason", "a namesake"]),
        "Rejected: Q. Jones (producer 2) did not make \"Song\", in 2 versions of the song. Take it back with: linernotes credits withdraw 1 2"
    );
    machine.says(&["credits", "confirm", "2", "1", "--reason", "the booklet"]);
    let page = machine.says(&["producer", "1"]);
    assert!(
        page.contains("(0.99), confirmed by ") && page.contains(": the booklet"),
        "{page}"
    );
    assert_eq!(
        machine.says(&["credits", "withdraw", "1", "2"]),
        "Withdrawn: whether Q. Jones (producer 2) made \"Song\", in 2 versions of the song is up to the sources again."
    );
    assert_eq!(
        machine.fails(&["credits", "withdraw", "1", "2"]),
        "error: nothing was decided on Q. Jones (producer 2) and \"Song\""
    );
    assert_eq!(
        machine.fails(&["credits", "reject", "99", "2", "--reason", "x"]),
        "error: no track here is 99: bring it in with linernotes ingest"
    );
    assert!(
        machine
            .fails(&["credits", "reject", "1", "2", "--reason", " "])
            .starts_with("error: the reason is empty")
    );

    let file = std::env::temp_dir().join(format!("own-{}.csv", std::process::id()));
    let path = file.to_str().unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    std::fs::write(
        &file,
        "track,producer,role,note\n1,Ann,producer,booklet\n2,Bob,co-producer,\n",
    )
    .unwrap();
    assert_eq!(
        machine.says(&["credits", "import", path]),
        format!("{name}: 2 credits added, from 2 lines, for 2 producers")
    );
    assert_eq!(
        machine.says(&["credits", "import", path]),
        format!("{name}: nothing new, all 2 credits were there already")
    );
    std::fs::write(&file, "track,producer,role\n1,Ann,producer\n77,Bob,boss\n").unwrap();
    assert!(machine.fails(&["credits", "import", path]).starts_with(&format!(
        "error: {name}: nothing was imported: line 3: \"boss\" is no role: give one of"
    )));
    std::fs::remove_file(&file).unwrap();
    assert!(
        machine
            .fails(&["credits", "import", path])
            .starts_with(&format!("error: read {path}: No such file"))
    );
    let page = machine.says(&["producer", "3"]);
    assert!(
        page.contains("1 track for 1 artist")
            && page.contains("a person here credits \"Ann\" as \"producer\" (booklet): file own-"),
        "{page}"
    );

    assert_eq!(
        machine.says(&["producers", "erase-contact", "1"]),
        "Erased 2 facts of how to reach Quincy Jones (producer 1). No source, merge or load brings any of it back."
    );
    assert_eq!(
        machine.says(&["producers", "erase-contact", "1"]),
        "Nothing was known of how to reach Quincy Jones (producer 1). No source, merge or load brings any of it back."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn songs_of_older_rules_are_told_and_read_anew() {
    let machine = Machine::start("renormalizing").await;
    let status = machine.says(&["status"]);
    assert!(
        status.ends_with("1 song told apart by the rules of an earlier linernotes: `linernotes renormalize` reads them anew."),
        "{status}"
    );
    assert_eq!(
        machine.says(&["renormalize"]),
        "1 song of 1 artist read anew: 0 tracks moved, 0 songs joined, 0 songs made"
    );
    assert_eq!(
        machine.says(&["renormalize"]),
        "every song was read by today's rules already"
    );
    let status: Value = serde_json::from_str(&machine.says(&["status", "--json"])).unwrap();
    assert_eq!(status["songs_of_older_rules"], 0);
    assert!(!machine.says(&["status"]).contains("renormalize"));
}
