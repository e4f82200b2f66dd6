use super::*;
use shared::domain::ids::{Isrc, SpotifyAlbumId, SpotifyArtistId, SpotifyTrackId, Upc};

fn real() -> Catalog {
    Catalog::real().expect("the tables are valid")
}

#[test]
fn the_catalog_has_its_minimum_size() {
    let catalog = real();
    let tracks = catalog.tracks().count();
    let credited: BTreeSet<&str> = catalog.producers().into_iter().map(|(track, _)| track).collect();
    assert!(catalog.artists.len() >= 12, "{}", catalog.artists.len());
    assert!(catalog.albums.len() >= 30, "{}", catalog.albums.len());
    assert!(tracks >= 250, "{tracks}");
    assert!(
        credited.len() >= 130 && credited.len() * 2 >= tracks,
        "{} of {tracks}",
        credited.len()
    );
    assert!(
        credited.len() < tracks,
        "the demo needs a track without a producer"
    );
    assert!(
        catalog
            .albums_unknown_by_barcode()
            .any(|album| album.known_by == LookupKey::Isrc)
    );
    assert!(
        catalog
            .albums_unknown_by_barcode()
            .any(|album| album.known_by == LookupKey::Search)
    );
}

#[test]
fn every_album_is_complete_and_by_a_requested_artist() {
    let catalog = real();
    for album in &catalog.albums {
        let numbers: Vec<u32> = album.tracks.iter().map(|track| track.number).collect();
        assert!(
            !numbers.is_empty() && numbers.iter().copied().eq(1..=numbers.len() as u32),
            "{}: {numbers:?}",
            album.name
        );
        assert!(catalog.artists.contains(&album.artists[0]), "{}", album.name);
        assert!([4, 7, 10].contains(&album.release_date.len()), "{}", album.name);
    }
    let with_albums: BTreeSet<&Artist> = catalog.albums.iter().flat_map(|album| &album.artists).collect();
    assert_eq!(with_albums.len(), catalog.artists.len());
}

#[test]
fn every_key_is_valid_reserved_and_unique() {
    let catalog = real();
    let mut keys = BTreeSet::new();
    let mut unique = |key: String| assert!(keys.insert(key.clone()), "{key} is duplicated");
    for artist in &catalog.artists {
        artist.id.parse::<SpotifyArtistId>().expect("a Spotify id");
        unique(artist.id.clone());
        unique(artist.mbid().to_string());
    }
    for album in &catalog.albums {
        album.id.parse::<SpotifyAlbumId>().expect("a Spotify id");
        let upc: Upc = album.padded_upc().parse().expect("a barcode");
        assert_eq!(upc.as_str(), album.upc());
        assert!(album.upc().starts_with('2') && album.upc().len() == 12);
        unique(album.id.clone());
        unique(album.mbid().to_string());
        unique(album.upc());
    }
    for (_, track) in catalog.tracks() {
        track.id.parse::<SpotifyTrackId>().expect("a Spotify id");
        let isrc: Isrc = track.isrc().parse().expect("an ISRC");
        assert_eq!(isrc.as_str(), track.isrc());
        assert!(track.isrc().starts_with("ZZ"));
        assert_eq!(track.mbid().get_version_num(), 5);
        unique(track.id.clone());
        unique(track.mbid().to_string());
        unique(track.isrc());
    }
}

#[test]
fn the_check_digit_of_every_upc_is_valid() {
    for album in real().albums {
        let digits: Vec<u32> = album
            .upc()
            .chars()
            .filter_map(|digit| digit.to_digit(10))
            .collect();
        let odd: u32 = digits.iter().step_by(2).sum();
        let even: u32 = digits.iter().skip(1).step_by(2).sum();
        assert_eq!((3 * odd + even) % 10, 0, "{}", album.upc());
    }
}

#[test]
fn every_credit_and_link_names_its_source() {
    let catalog = real();
    for (album, track) in catalog.tracks() {
        for credit in &track.credits {
            assert!(
                credit.source.contains(' ') && !credit.producer.is_empty(),
                "{} on {}",
                credit.producer,
                album.name
            );
            assert_eq!(
                catalog.credit_source(&track.id, &credit.producer),
                Some(credit.source.as_str())
            );
        }
    }
    let producers = catalog.producer_mbids();
    for link in &catalog.links {
        assert!(
            !link.source.is_empty() && link.url.starts_with("https://"),
            "{}",
            link.url
        );
        assert!(
            producers.contains_key(&link.producer),
            "{} has no credit",
            link.producer
        );
    }
}

#[test]
fn executive_producers_are_credited_but_not_producers() {
    let catalog = real();
    let (_, track) = catalog
        .tracks()
        .find(|(_, track)| {
            track
                .credits
                .iter()
                .any(|credit| credit.role == Role::ExecutiveProducer)
        })
        .expect("the catalog has one");
    let credit = track
        .credits
        .iter()
        .find(|credit| credit.role == Role::ExecutiveProducer)
        .expect("just found");
    assert!(
        !catalog
            .producers()
            .contains(&(track.id.as_str(), credit.producer.as_str()))
    );
    assert!(catalog.credit_source(&track.id, &credit.producer).is_some());
}

#[test]
fn an_artist_who_produces_keeps_the_mbid() {
    let catalog = real();
    let artist = catalog
        .artists
        .iter()
        .find(|artist| artist.name == "Tyler, The Creator")
        .expect("an artist");
    assert_eq!(catalog.producer_mbids()["Tyler, The Creator"], artist.mbid());
}

#[test]
fn a_remaster_note_is_not_part_of_the_recording_title() {
    let mut track = real().albums.swap_remove(0).tracks.swap_remove(0);
    for (name, title) in [
        ("Poor Tom - 1990 Remaster", "Poor Tom"),
        ("Get Back - Naked Version / Remastered 2013", "Get Back"),
        ("Black Mambo - Stripped", "Black Mambo - Stripped"),
        ("Perth", "Perth"),
    ] {
        name.clone_into(&mut track.name);
        assert_eq!(track.recording_title(), title);
    }
}
