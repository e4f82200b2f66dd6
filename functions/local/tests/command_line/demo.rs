//! `linernotes demo`: the directory that it keeps or refuses. For what the demo stores see the integration
//! tests.

use serde_json::Value;

use super::{TestDataDir, assert_fails_in_one_line, postgres_is_gone, text};

#[test]
fn a_kept_demo_can_be_looked_into() {
    let dir = TestDataDir::new();
    let kept = dir.program(&["demo", "--once", "--keep"]).output().unwrap();
    let printed = text(&kept.stdout);
    assert!(kept.status.success(), "{}", text(&kept.stderr));
    assert!(
        printed.contains(&format!("The database is kept in {}.", dir.0.display())),
        "{printed}"
    );
    assert!(postgres_is_gone(&dir.0));

    let prints = |arguments: &[&str]| {
        let output = dir.program(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    let found: Value = serde_json::from_str(&prints(&["search", "--json", "rick rubin"])).unwrap();
    let id = found["items"][0]["id"].to_string();
    assert!(prints(&["producer", &id]).starts_with("Rick Rubin"));
    assert!(prints(&["status"]).starts_with("21 artists, "));
    assert_eq!(prints(&["fingerprint"]).trim().len(), 64);
    assert!(!prints(&["producers", "duplicates"]).is_empty());
    assert!(prints(&["migrate"]).starts_with("the schema is up to date"));

    let again = dir.program(&["demo", "--keep"]).output().unwrap();
    assert_fails_in_one_line(&again, "has a database already");
}

#[test]
fn a_data_directory_is_refused_where_nothing_is_kept() {
    for arguments in [&["demo"][..], &["demo", "--once"], &["demo", "--once", "--json"]] {
        let dir = TestDataDir::new();
        let refused = dir.program(arguments).output().unwrap();
        assert_fails_in_one_line(&refused, "add --keep to keep it in the data directory");
        assert!(!dir.0.exists(), "{arguments:?}");
    }
}
