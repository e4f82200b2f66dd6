//! The database that `DATABASE_URL` names.

use linernotes::cluster::shared_for_tests;

use super::{assert_fails_in_one_line, program, text};

#[test]
fn an_unreachable_database_is_reported_in_one_line() {
    let output = program(&["status"])
        .env("DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/music")
        .output()
        .unwrap();
    assert_fails_in_one_line(&output, "check that Postgres is running there");
    assert!(!text(&output.stderr).contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_of_database_url_is_migrated_on_request() {
    let scratch = shared_for_tests().await.unwrap();
    let run = |arguments: &[&str]| {
        let mut command = program(arguments);
        command.env("DATABASE_URL", scratch.url()).output().unwrap()
    };
    assert_fails_in_one_line(&run(&["status"]), "migrate the database with: linernotes migrate");
    let migrated = run(&["migrate"]);
    let printed = text(&migrated.stdout);
    assert!(
        printed.starts_with("applied V1__") && printed.contains("\nthe schema is up to date"),
        "{printed}"
    );
    let fingerprint = run(&["fingerprint"]);
    assert_eq!(text(&fingerprint.stdout).trim().len(), 64);

    let made = run(&[
        "keys",
        "create",
        "website",
        "--scope",
        "read,write",
        "--days",
        "30",
    ]);
    assert!(text(&made.stderr).contains("with the scopes: read, write. It expires at "));
    let forever = run(&["keys", "create", "reader", "--no-expiry"]);
    assert!(text(&forever.stderr).contains("with the scopes: read. It does not expire"));
    let key = text(&made.stdout).trim();
    assert!(key.starts_with("ln_") && !key.contains('\n'), "{key}");
    let listed = run(&["keys", "list"]);
    assert!(text(&listed.stdout).contains("website") && !text(&listed.stdout).contains(key));
    assert!(run(&["keys", "revoke", "1"]).status.success());
    assert_fails_in_one_line(&run(&["keys", "revoke", "1"]), "there is no active key 1");
}
