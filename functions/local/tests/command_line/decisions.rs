//! Runs the commands on producers, credits and songs: what they print, also for mistakes.

use serde_json::Value;

use crate::runner::CommandRunner;

/// Two producers who are probably one person, credited for a song in two versions.
const TWO_PRODUCERS: &str = "
    INSERT INTO artists (name) VALUES ('Band');
    INSERT INTO albums (artist_id, name) VALUES (1, 'Album');
    INSERT INTO normalized_tracks (artist_id, normalized_name, rules_version)
        VALUES (1, 'song', 1);
    INSERT INTO tracks (album_id, track_number, name, normalized_track_id) VALUES
        (1, 1, 'Song', 1), (1, 2, 'Song (Live)', 1);
    INSERT INTO producers (name, normalized_name, email) VALUES
        ('Quincy Jones', 'quincy jones', 'q@example.org'), ('Q. Jones', 'q jones', NULL);
    INSERT INTO producer_identities (source, source_id, producer_id, name) VALUES
        ('musicbrainz', 'm1', 1, 'Quincy Jones'), ('discogs', '2', 2, 'Q. Jones');
    INSERT INTO producer_names (producer_id, name, kind, source, normalized_name) VALUES
        (1, 'Quincy Jones', 'primary', 'musicbrainz', 'quincy jones'),
        (1, 'Q. Jones', 'alias', 'musicbrainz', 'q jones'),
        (2, 'Q. Jones', 'primary', 'discogs', 'q jones');
    INSERT INTO producer_contacts (producer_id, kind, value, source, source_id) VALUES
        (1, 'soundcloud', 'qj', 'musicbrainz', 'm1'), (2, 'soundcloud', 'qj', 'discogs', '2');
    INSERT INTO credits (
        album_id, source, source_record_kind, source_record_id, producer_identity_id,
        credited_as, raw_role, role, matched_by, match_score
    ) VALUES
        (1, 'musicbrainz', 'release', 'r1', 1, 'Quincy Jones', 'producer', 'producer',
         'barcode', 1),
        (1, 'discogs', 'release', '7', 2, 'Q. Jones', 'Producer', 'producer', 'barcode', 1);
    INSERT INTO track_producers (track_id, producer_id, confidence, source, role) VALUES
        (1, 1, 0.6, 'musicbrainz', 'producer'), (2, 1, 0.6, 'musicbrainz', 'producer'),
        (1, 2, 0.75, 'discogs', 'producer'), (2, 2, 0.75, 'discogs', 'producer')";

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_printed_with_how_to_undo_it() {
    let runner = CommandRunner::start("deciding", TWO_PRODUCERS).await;
    assert_eq!(
        runner.prints(&["producers", "duplicates"]),
        "\
ID  Producer                ID  Possible duplicate  Certainty  Evidence
 1  Quincy Jones, 0 tracks   2  Q. Jones, 0 tracks  high       same account:
                                                               soundcloud
                                                               both \"Q. Jones\"
                                                               on 2 shared
                                                               tracks
                                                               shared alias: Q.
                                                               Jones

Merge a pair with: linernotes producers merge 1 2"
    );
    let duplicates: Value =
        serde_json::from_str(&runner.prints(&["producers", "duplicates", "--json"])).unwrap();
    assert_eq!(
        duplicates["items"][0]["evidence"][1]["kind"], "same_track",
        "{duplicates}"
    );
    assert_eq!(
        runner.prints(&["producers", "merge", "2", "1", "--reason", "his own site"]),
        "Merged Q. Jones (producer 2) into Quincy Jones (producer 1): 2 tracks.\n\
         Undo with: linernotes producers unmerge 2"
    );
    assert_eq!(
        runner.fails(&["producer", "2"]),
        "error: producer 2 was merged into Quincy Jones: linernotes producer 1"
    );
    assert_eq!(
        runner.fails(&["producers", "merge", "1", "2"]),
        "error: 1 and 2 are already the same producer: Quincy Jones (producer 1)"
    );
    assert_eq!(
        runner.fails(&["producers", "merge", "1", "99"]),
        "error: there is no producer 99: find the id with `linernotes search NAME`"
    );
    assert_eq!(
        runner.prints(&["producers", "unmerge", "1"]),
        "Split Q. Jones (producer 2) from Quincy Jones (producer 1)."
    );
    assert_eq!(
        runner.prints(&["producers", "duplicates"]),
        "No possible duplicates were found."
    );

    assert_eq!(
        runner.prints(&["credits", "reject", "1", "2", "--reason", "a namesake"]),
        "Rejected: Q. Jones (producer 2) did not make \"Song\" (2 versions of the song).\n\
         Undo with: linernotes credits withdraw 1 2"
    );
    runner.prints(&["credits", "confirm", "2", "1", "--reason", "the booklet"]);
    let page = runner.prints(&["producer", "1"]);
    assert!(
        page.contains("(0.99), confirmed by ") && page.contains(": the booklet"),
        "{page}"
    );
    assert_eq!(
        runner.prints(&["credits", "withdraw", "1", "2"]),
        "Withdrawn: the sources decide again whether Q. Jones (producer 2) made \"Song\" \
         (2 versions of the song)."
    );
    assert_eq!(
        runner.fails(&["credits", "withdraw", "1", "2"]),
        "error: there is no verdict on Q. Jones (producer 2) and \"Song\""
    );
    assert_eq!(
        runner.fails(&["credits", "reject", "99", "2", "--reason", "x"]),
        "error: there is no track 99: import it with linernotes ingest"
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
        runner.prints(&["credits", "import", path]),
        format!("{name}: added 2 credits from 2 lines for 2 producers")
    );
    assert_eq!(
        runner.prints(&["credits", "import", path]),
        format!("{name}: nothing added, all 2 credits were imported before")
    );
    std::fs::write(&file, "track,producer,role\n1,Ann,producer\n77,Bob,boss\n").unwrap();
    assert!(runner.fails(&["credits", "import", path]).starts_with(&format!(
        "error: {name}: 1 line not imported: line 3: \"boss\" is not a role: use one of"
    )));
    std::fs::write(&file, "track,producer,role\n1,Quincy Jones,producer\n").unwrap();
    let asked = runner.fails(&["credits", "import", path]);
    assert!(
        asked.starts_with(&format!(
            "error: {name}: nothing was imported: line 2: \"Quincy Jones\" is here already, as producer 1"
        )) && asked.ends_with("put the id into the column producer_id, or new if this is another person"),
        "{asked}"
    );
    std::fs::remove_file(&file).unwrap();
    assert!(
        runner
            .fails(&["credits", "import", path])
            .starts_with(&format!("error: read {path}: No such file"))
    );
    let page = runner.prints(&["producer", "3"]);
    assert!(
        page.contains("1 track for 1 artist")
            && page.contains("a manual entry credits \"Ann\" as \"producer\" (booklet): file own-"),
        "{page}"
    );

    erase_and_restore(&runner);
}

fn erase_and_restore(runner: &CommandRunner) {
    let erase = ["producers", "erase-contact", "1", "--reason", "she asked for it"];
    let with = |flag: &'static str| [&erase[..], &[flag]].concat();
    let dry_run = runner.prints(&["producers", "erase-contact", "1", "--dry-run"]);
    let shown: Vec<&str> = dry_run.lines().collect();
    assert_eq!(
        shown[0].split_whitespace().collect::<Vec<_>>(),
        ["Kind", "Value"],
        "{dry_run}"
    );
    assert_eq!(shown.len(), 5, "{dry_run}");
    assert_eq!(
        shown[4],
        "Would hide 2 contact details of Quincy Jones (producer 1), and delete them 24 hours later."
    );
    assert_eq!(
        runner.fails(&erase),
        "error: This hides 2 contact details of Quincy Jones (producer 1) and deletes them permanently in 24 \
         hours: add --yes to do it without being asked"
    );
    let hidden = "Hid 2 contact details of Quincy Jones (producer 1). They are deleted permanently in 24 \
        hours.\nUndo until then with: linernotes producers restore-contact 1 --reason TEXT";
    assert_eq!(runner.prints(&with("--yes")), hidden);
    let restore = ["producers", "restore-contact", "1", "--reason", "a mistake"];
    assert_eq!(
        runner.fails(&restore),
        "error: This brings back the erased contact details of producer 1: add --yes to do it without being \
         asked"
    );
    let restore = [&restore[..], &["--yes"]].concat();
    assert_eq!(
        runner.prints(&restore),
        "Brought back 2 contact details of Quincy Jones (producer 1). The sources are asked again."
    );
    assert_eq!(
        runner.fails(&restore),
        "error: no contact details of Quincy Jones (producer 1) were erased"
    );
    assert_eq!(runner.prints(&with("--yes")), hidden);
    let now = [&with("--yes")[..], &["--now"]].concat();
    assert_eq!(
        runner.prints(&now),
        "Deleted 2 contact details of Quincy Jones (producer 1) permanently.\n\
         No source, merge or load will restore any."
    );
    let refused = runner.fails(&restore);
    let expected = "error: the contact details of Quincy Jones (producer 1) were deleted permanently at ";
    assert!(refused.starts_with(expected), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn songs_of_older_title_rules_are_reported_and_regrouped() {
    let runner = CommandRunner::start("renormalizing", TWO_PRODUCERS).await;
    let status = runner.prints(&["status"]);
    assert!(
        status.ends_with("1 song grouped by older title rules. Regroup with: linernotes renormalize"),
        "{status}"
    );
    assert_eq!(
        runner.prints(&["renormalize"]),
        "regrouped 1 song of 1 artist: 0 tracks moved, 0 songs merged, 0 songs created"
    );
    assert_eq!(
        runner.prints(&["renormalize"]),
        "all songs follow the current title rules already"
    );
    let status: Value = serde_json::from_str(&runner.prints(&["status", "--json"])).unwrap();
    assert_eq!(status["songs_of_older_rules"], 0);
    assert!(!runner.prints(&["status"]).contains("renormalize"));
}
