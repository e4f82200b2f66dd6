//! A malformed duration is left out, and a body of another shape is an error.

use pretty_assertions::assert_eq;

use super::super::{Error, artist_from_json, release_from_json, search_results_from_json};
use super::{RELEASE_RANGES, release};

#[test]
fn malformed_durations_are_none() {
    for duration in [
        "",
        "0:00",
        "4",
        "4:60",
        "1:2:3:4",
        ":",
        "-1:20",
        "a:b",
        "99999999999:00",
        "4'20",
    ] {
        let json =
            format!(r#"{{"id":1,"tracklist":[{{"position":"1","title":"x","duration":"{duration}"}}]}}"#);
        assert_eq!(
            release(json.as_bytes()).tracklist[0].duration_ms,
            None,
            "{duration}"
        );
    }
}

#[test]
fn a_body_of_another_shape_is_an_error() {
    for body in [
        &b"<html>"[..],
        b"",
        b"[]",
        br#"{"message":"Release not found."}"#,
        br#"{"id":"x"}"#,
        &RELEASE_RANGES[..500],
    ] {
        assert!(matches!(release_from_json(body), Err(Error::Decode(_))));
        assert!(matches!(artist_from_json(body), Err(Error::Decode(_))));
    }
    assert!(search_results_from_json(b"<html>").is_err());
}
