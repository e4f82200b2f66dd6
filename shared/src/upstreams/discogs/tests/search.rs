//! What a search finds, and the forms of a barcode that are searched for.

use pretty_assertions::assert_eq;

use super::super::{DiscogsReleaseId, ReleaseSearchResult, barcode_forms, search_results_from_json};
use super::SEARCH;

const SEARCH_NULLS: &[u8] = include_bytes!("../fixtures/search_nulls.json");

#[test]
fn search_results_contain_only_releases() {
    let found = search_results_from_json(SEARCH).expect("a search");
    assert_eq!(
        found,
        [
            ReleaseSearchResult {
                id: DiscogsReleaseId(900_100),
                heading: "Michael Jackson - Thriller".to_owned(),
                artist: Some("Michael Jackson".to_owned()),
                title: "Thriller".to_owned(),
                year: Some(1982),
                barcodes: vec!["7464381121".parse().expect("a barcode")],
                formats: ["Vinyl", "LP", "Album"].map(str::to_owned).to_vec(),
                master_id: Some(900_101),
            },
            ReleaseSearchResult {
                id: DiscogsReleaseId(900_102),
                heading: "Michael Jackson* - Thriller - 25th Anniversary".to_owned(),
                artist: Some("Michael Jackson".to_owned()),
                title: "Thriller - 25th Anniversary".to_owned(),
                year: None,
                barcodes: vec![],
                formats: ["CD", "Album", "Unofficial Release"].map(str::to_owned).to_vec(),
                master_id: None,
            },
        ],
        "masters and artists are left out"
    );
    let bare = &search_results_from_json(SEARCH_NULLS).expect("a search")[0];
    assert_eq!(
        (bare.artist.as_deref(), bare.title.as_str(), bare.year),
        (None, "", None)
    );
    for empty in [&br#"{"results":[]}"#[..], br#"{"results":null}"#, b"{}"] {
        assert_eq!(search_results_from_json(empty).expect("a search"), []);
    }
}

#[test]
fn a_barcode_is_searched_for_with_and_without_leading_zeros() {
    for (upc, forms) in [
        ("7464381121", &["007464381121", "0007464381121", "7464381121"][..]),
        ("602475093060", &["602475093060", "0602475093060"]),
        ("4050538176254", &["4050538176254"]),
        ("14050538176254", &["14050538176254"]),
    ] {
        assert_eq!(barcode_forms(&upc.parse().expect("a barcode")), forms);
    }
}
