//! What an artist becomes: names, links, and members or groups.

use pretty_assertions::assert_eq;

use super::super::{Artist, DiscogsArtistId, RelatedArtist, artist_from_json};
use super::ARTIST;

const ARTIST_GROUP: &[u8] = include_bytes!("../fixtures/artist_group.json");
const ARTIST_BARE: &[u8] = include_bytes!("../fixtures/artist_bare.json");

#[test]
fn an_artist_has_names_and_links() {
    let artist = artist_from_json(ARTIST).expect("an artist");
    assert_eq!(
        (artist.name.as_str(), artist.real_name.as_deref()),
        ("Test Producer", Some("Test Q. Producer"))
    );
    assert_eq!(artist.name_variations, ["T. Producer"]);
    let links: Vec<_> = artist
        .links
        .iter()
        .map(|link| format!("{} {}", link.kind, link.value))
        .collect();
    assert_eq!(
        links,
        [
            "instagram test.producer",
            "other https://www.instagram.com/p/abc123/",
            "twitter testproducer",
            "other test-producer.example",
        ]
    );
    assert_eq!(
        artist.aliases,
        [RelatedArtist {
            id: DiscogsArtistId(900_502),
            name: "The Other Alias".to_owned()
        }]
    );
    assert_eq!(artist.groups.len(), 1, "a group without an id is left out");
    assert_eq!(
        artist.image_url.as_deref(),
        Some("https://i.discogs.com/first.jpeg")
    );
}

#[test]
fn a_group_has_members_and_an_artist_may_have_no_data() {
    let group = artist_from_json(ARTIST_GROUP).expect("an artist");
    let members: Vec<_> = group.members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(members, ["Mike Stock", "Matt Aitken", "Pete Waterman"]);
    assert_eq!(
        group.image_url, None,
        "without a token, the URL of the picture is empty"
    );

    let bare = artist_from_json(ARTIST_BARE).expect("an artist");
    assert_eq!(
        bare,
        Artist {
            id: DiscogsArtistId(900_508),
            name: String::new(),
            real_name: None,
            name_variations: vec![],
            aliases: vec![],
            members: vec![],
            groups: vec![],
            links: vec![],
            image_url: None,
        }
    );
}
