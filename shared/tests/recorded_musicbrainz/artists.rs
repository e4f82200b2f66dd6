//! Artists: links, aliases, and the roles in their relations.

use std::collections::BTreeMap;

use pretty_assertions::assert_eq;
use shared::domain::credits::Role;
use shared::domain::roles::role_from_relation;
use shared::upstreams::musicbrainz::{Artist, is_special_artist};

use super::{artist, bytes};

#[test]
fn an_artists_links_bridge_to_other_sources() {
    let known = |artist: &Artist| -> Vec<String> {
        let known = artist.links.iter().filter(|link| link.kind.as_str() != "other");
        known
            .map(|link| format!("{} {}", link.kind, link.value))
            .collect()
    };
    let amon_amarth = artist("artist_5b687684_url_rels.json");
    assert_eq!(
        known(&amon_amarth),
        [
            "bandcamp amonamarth",
            "discogs 256076",
            "spotify 3pulcT2wt7FEG10lQlqDJL",
            "imdb nm4572137",
            "genius Amon-amarth",
            "website https://www.amonamarth.com/",
            "twitter amonamarthband",
            "facebook OfficialAmonAmarth",
            "instagram amonamarth",
            "threads amonamarth",
            "tiktok amonamarthband",
            "soundcloud amon-amarth",
            "wikidata Q192863",
            "youtube user/AmonAmarthOfficial",
            "youtube channel/UCOtqJNbDV4s4HI1h1YStWIw",
        ]
    );
    let ended = ["plus.google.com", "play.google.com", "http://www.amonamarth.de/"];
    for link in &amon_amarth.links {
        assert!(!ended.iter().any(|url| link.url.contains(url)), "{link:?}");
    }

    let biafra = artist("artist_2280ca0e_url_rels.json");
    assert_eq!(
        known(&biafra),
        [
            "bandcamp jellobiafra",
            "discogs 37752",
            "spotify 1ddbFlSqbqp2vuJd5CuRcE",
            "imdb nm0080470",
            "genius Jello-biafra",
            "twitter jello_biafra",
            "facebook jbiafra",
            "instagram jello_biafra_gsm",
            "wikidata Q334288",
            "youtube channel/UCGUn4rXMmMSuqfNFi80Ty1Q",
        ]
    );
}

#[test]
fn an_artist_has_the_aliases_stated() {
    assert_eq!(
        artist("picard_artist.json").aliases,
        ["Shearan", "Ed Sheeran (en)", "Ed Sheeran (en_CA)"]
    );
    let mounir = artist("picard_artist_arabic.json");
    assert_eq!(mounir.aliases, ["Mohamed Moneer", "Mohamed Mounir"]);
    assert_eq!(mounir.sort_name, "Mounir, Mohamed");
    assert!(!is_special_artist(mounir.id.as_str()));
}

#[test]
fn the_roles_of_a_long_career_are_distinguished() {
    let body = bytes("artist_nakata_recording_rels.json");
    let artist: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    let relations = artist["relations"].as_array().expect("relations");
    let mut counts = BTreeMap::new();
    for relation in relations
        .iter()
        .filter(|relation| relation["target-type"] == "recording")
    {
        let attributes: Vec<&str> = relation["attributes"]
            .as_array()
            .expect("attributes")
            .iter()
            .filter_map(serde_json::Value::as_str)
            .collect();
        let type_name = relation["type"].as_str().expect("a type");
        let by_id = role_from_relation(relation["type-id"].as_str(), type_name, &attributes, None);
        assert_eq!(
            by_id,
            role_from_relation(None, type_name, &attributes, None),
            "{type_name}"
        );
        *counts.entry(by_id).or_insert(0) += 1;
    }
    let expected = [
        (Role::Producer, 169),
        (Role::AdditionalProducer, 3),
        (Role::Remixer, 17),
        (Role::Mixer, 88),
        (Role::Engineer, 76),
        (Role::Arranger, 366),
        (Role::Programmer, 1),
        (Role::Performer, 12),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
}
