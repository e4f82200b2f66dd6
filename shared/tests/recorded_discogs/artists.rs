//! Artists, and searches for their releases.

use pretty_assertions::assert_eq;
use shared::upstreams::discogs::search_results_from_json;

use super::{artist, bytes};

#[test]
fn artists_have_names_aliases_groups_and_links() {
    let persuader = artist("artist_1.json");
    assert_eq!(persuader.name, "The Persuader");
    assert_eq!(persuader.real_name.as_deref(), Some("Jesper Dahlbäck"));
    assert_eq!(persuader.name_variations, ["Persuader", "Presuader, The"]);
    assert_eq!(persuader.aliases.len(), 7);
    assert_eq!(persuader.aliases[6].name, "The Pinguin Man");
    assert!(persuader.links.is_empty());
    assert_eq!(persuader.image_url, None, "relative: recorded without one");

    let wink = artist("artist_3.json");
    assert_eq!(wink.name_variations.len(), 22);
    let groups: Vec<_> = wink.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(
        groups,
        [
            "Abundance Of Cups",
            "E-Culture",
            "The Force",
            "Jack Jones",
            "Just King And Wink"
        ]
    );
    let links: Vec<_> = wink
        .links
        .iter()
        .map(|link| format!("{} {}", link.kind, link.value))
        .collect();
    assert_eq!(links.len(), 6);
    assert_eq!(links[5], "twitter joshwink1");
}

#[test]
fn a_search_gives_candidates_and_no_artists() {
    let found = search_results_from_json(&bytes("search_artist.json")).expect("a search");
    assert_eq!(found.len(), 12);
    let first = &found[0];
    assert_eq!(
        (first.artist.as_deref(), first.title.as_str(), first.year),
        (Some("Trash80"), "Icarus", Some(2008))
    );
    assert_eq!(
        (first.id.0, first.formats.as_slice()),
        (1_743_771, &["CDr".to_owned()][..])
    );
}
