//! Searches for releases and recordings.

use pretty_assertions::assert_eq;
use shared::upstreams::musicbrainz::{recording_matches_from_json, release_matches_from_json};

use super::{bytes, printed};

#[test]
fn searches_give_candidates() {
    let releases = release_matches_from_json(&bytes("release_search.json")).expect("a search");
    assert_eq!(releases.len(), 1);
    assert_eq!(releases[0].id.as_str(), "e47d04a4-7460-427d-a731-cc82386d85f1");
    assert_eq!(printed(&releases[0].artists), "Jeff Mills");
    assert_eq!((releases[0].score, releases[0].track_count), (100, Some(3)));
    assert_eq!((&releases[0].date, &releases[0].barcode), (&None, &None));

    let recordings =
        recording_matches_from_json(&bytes("recording_search_mixednuts.json")).expect("a search");
    let found: Vec<_> = recordings
        .iter()
        .map(|found| (found.score, printed(&found.artists), found.duration_ms))
        .collect();
    assert_eq!(
        found,
        [
            (100, "Official髭男dism".to_owned(), Some(213_000)),
            (75, "乙三.".to_owned(), None),
            (55, "Piano Echoes".to_owned(), Some(211_000)),
        ]
    );
    let nothing = recording_matches_from_json(&bytes("recording_search_empty.json")).expect("a search");
    assert_eq!(nothing, []);
}
