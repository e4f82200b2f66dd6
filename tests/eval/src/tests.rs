use std::fs;
use std::path::PathBuf;

use super::*;

const TABLES: [(&str, &str); 6] = [
    (
        "version_pairs",
        "artist_a\ttitle_a\tartist_b\ttitle_b\tlabel\tkind\n\
         A\tSong\tA\tSong - Live\tsame\tlive\n\
         A\tSong\tA\tOther\tsame\thard\n\
         A\tSong\tB\tSong\tdifferent\tcross\n\
         A\t\"Say \"\"Song\"\"\"\tA\tSay Song (Live)\tdifferent\ttrap\n",
    ),
    (
        "name_pairs_sample",
        "canonical\tvariant\tlabel\tkind\n\
         The Act\tAct\tsame\tspelling\n\
         Act\tOther\tsame\tspelling\n\
         Some Body\tSomeBody\talias\talias\n",
    ),
    ("name_negatives", "name_a\tname_b\tkind\nJef\tJef (2)\thomonym\n"),
    (
        "credit_roles",
        "role\toccurrences\tlabel\n\
         Producer\t9\tproducer\n\
         \"Producer, Executive-Producer\"\t2\texecutive_producer+producer\n\
         Film Producer\t5\tother_producer\n\
         Mixed By\t4\tproducer\n",
    ),
    (
        "track_ranges",
        "release_id\tpositions\ttitles\ttracks\texpected\n\
         1\tA1|A2|B1\ta|b|c\tA2 to B1\tA2|B1\n\
         1\tA1|A2|B1\ta|b|c\tNobody\t?\n\
         1\tA1|A2|B1\ta|b|c\tNobody\tA1\n\
         1\tA1|A2|B1\ta|b|c\tA1\tA2\n",
    ),
    (
        "anv",
        "release_id\tartist_id\tname\tname_as_credited\n2\t26\tAlexi Delano\tA. Delano\n",
    ),
];

/// A temporary folder with these tables.
struct TableFolder(PathBuf);

impl TableFolder {
    fn new(name: &str, tables: &[(&str, &str)]) -> Self {
        let path = std::env::temp_dir().join(format!("linernotes-eval-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        for (table, rows) in tables {
            fs::write(path.join(format!("{table}.tsv")), rows).expect("a table");
        }
        Self(path)
    }
}

impl Drop for TableFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn scores_and_report_compare_the_code_with_the_labels() {
    let credits = (
        "discogs_credits_sample",
        "role\nTea\n\"Tea, Producer [Nobody]\"\n",
    );
    let folder = TableFolder::new("measured", &[&TABLES[..], &[credits]].concat());
    let (scores, report) = evaluate(&folder.0).expect("scores");
    let scores = serde_json::to_string(&scores).expect("JSON");
    let (scores, shares) = scores.split_once(r#","shares":["#).expect("the shares");
    let first = r#"{"measure":"right song, of pairs called the same song","right":1,"n":2,"low":0.0945,"#;
    assert!(shares.starts_with(first), "{shares}");
    assert_eq!(
        scores,
        concat!(
            r#"{"version_pairs":{"precision":0.5,"recall":0.5,"#,
            r#""by_kind":{"cross":1.0,"hard":0.0,"live":1.0,"trap":0.0}},"#,
            r#""names":{"same_recall":0.5,"false_merges":1,"pairs_different":2},"#,
            r#""credit_roles":{"accuracy":0.8},"track_ranges":{"exact":0.5,"wrong":0.25},"#,
            r#""anv":{"right":1.0}"#
        )
    );
    let report = report.to_string();
    for expected in [
        "Song | Other",
        "Some Body | SomeBody",
        "Mixed By ×4",
        "1: Nobody",
        "left open",
        "1 of 1 attached",
        "Producer [Nobody] ×1",
        "Tea ×2",
    ] {
        assert!(report.contains(expected), "{expected}: {report}");
    }
}

#[test]
fn a_missing_table_row_or_column_is_named() {
    let error_of = |name: &str, tables: &[(&str, &str)]| {
        let folder = TableFolder::new(name, tables);
        format!("{:#}", evaluate(&folder.0).expect_err("it succeeded"))
    };
    let error = error_of("missing", &TABLES[1..]);
    assert!(error.contains("has no table version_pairs"), "{error}");
    let replace = |name: &'static str, rows: &'static str| {
        let mut tables = TABLES.to_vec();
        for table in &mut tables {
            if table.0 == name {
                table.1 = rows;
            }
        }
        tables
    };
    let error = error_of(
        "column",
        &replace("anv", "release_id\tartist_id\tname\n2\t26\tA\n"),
    );
    assert!(
        error.contains("anv.tsv") && error.contains("name_as_credited"),
        "{error}"
    );
    let error = error_of(
        "number",
        &replace("credit_roles", "role\toccurrences\tlabel\nA\tmany\tproducer\n"),
    );
    assert!(
        error.contains("credit_roles.tsv") && error.contains("line: 2"),
        "{error}"
    );
    let error = error_of(
        "empty",
        &replace("anv", "release_id\tartist_id\tname\tname_as_credited\n"),
    );
    assert!(error.contains("it has no rows"), "{error}");
    let both = [&TABLES[..], &[("anv_sample", TABLES[5].1)]].concat();
    let error = error_of("both", &both);
    assert!(error.contains("remove one of them"), "{error}");
}
