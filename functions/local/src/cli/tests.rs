use clap::CommandFactory as _;

use super::*;

#[test]
fn command_definitions_are_valid() {
    Cli::command().debug_assert();
}

#[test]
fn requested_items_are_parsed() {
    let cli = Cli::try_parse_from(["linernotes", "ingest", "Amy Winehouse", "isrc:GB-UM7-06-03730"]);
    let Ok(Cli {
        command: Command::Ingest(ingest),
        ..
    }) = cli
    else {
        panic!("{cli:?}");
    };
    let items = ingest.what.into_iter().map(|typed| typed.item.expect("an item"));
    let items: Vec<_> = items.map(|item| item.to_string()).collect();
    assert_eq!(items, ["name:Amy Winehouse", "isrc:GBUM70603730"]);
}

#[test]
fn an_argument_error_says_what_is_expected() {
    for (typed, expected) in [
        (&["ingest"][..], "<WHAT>..."),
        (&["search", "x", "--limit", "0"], "1..=100"),
        (&["producer", "quincy"], "invalid digit"),
        (&["producers", "merge", "1"], "<OTHER_ID>"),
        (&["credits", "reject", "1", "2"], "--reason <TEXT>"),
        (
            &["credits", "reject", "1", "2", "--reason", " "],
            "the reason is empty",
        ),
        (&["dead", "drop", "--all", "--reason", ""], "the reason is empty"),
        (&["issues", "resolve", "1", "--reason", ""], "the reason is empty"),
        (&["dead", "list", "--older-than", "soon"], "90s, 30m, 12h or 7d"),
        (
            &["keys", "create", "x", "--scope", "all"],
            "read, write, contacts, operate",
        ),
        (&["keys", "create", "x", "--days", "0"], "1..=3650"),
        (&["api", "PATCH", "/v1/health"], "GET, POST, DELETE"),
        (&["up", "--listen", "8080"], "--listen"),
    ] {
        let error = Cli::try_parse_from([&["linernotes"], typed].concat()).expect_err("parsing succeeded");
        assert_eq!(error.exit_code(), 2, "{typed:?}");
        assert!(error.to_string().contains(expected), "{typed:?}: {error}");
    }
}
