//! How texts that people type are parsed.

use super::*;

const ID: &str = "6rs1KAoQnFalSqSU4LTh8g";
const MBID: &str = "5b11f4ce-a62d-471e-81fc-a69a8278c7da";

#[test]
fn a_typed_item_is_parsed_and_written_in_the_standard_form() {
    for (typed, written) in [
        (ID, format!("spotify:artist:{ID}")),
        (&format!("spotify:album:{ID}"), format!("spotify:album:{ID}")),
        (
            &format!("https://open.spotify.com/track/{ID}?si=abc"),
            format!("spotify:track:{ID}"),
        ),
        (
            &format!("https://open.spotify.com/intl-de/artist/{ID}"),
            format!("spotify:artist:{ID}"),
        ),
        (
            &format!("open.spotify.com/album/{ID}"),
            format!("spotify:album:{ID}"),
        ),
        ("jppo0-21-00907", "isrc:JPPO02100907".to_owned()),
        ("ISRC: JPPO02100907", "isrc:JPPO02100907".to_owned()),
        ("00602475093060", "upc:602475093060".to_owned()),
        ("upc:602475093060", "upc:602475093060".to_owned()),
        ("  Radiohead ", "name:Radiohead".to_owned()),
        ("112", "name:112".to_owned()),
        ("name:602475093060", "name:602475093060".to_owned()),
        ("Sunn O))): live", "name:Sunn O))): live".to_owned()),
        ("椎名林檎", "name:椎名林檎".to_owned()),
        (
            &format!("mbid: {}", MBID.to_ascii_uppercase()),
            format!("mbid:{MBID}"),
        ),
        (MBID, format!("mbid:{MBID}")),
        (
            &format!("https://musicbrainz.org/artist/{MBID}/releases?page=2"),
            format!("musicbrainz:artist:{MBID}"),
        ),
        (
            &format!("musicbrainz.org/release/{MBID}#disc1"),
            format!("musicbrainz:release:{MBID}"),
        ),
        (
            &format!("https://beta.musicbrainz.org/release-group/{MBID}"),
            format!("musicbrainz:release-group:{MBID}"),
        ),
        // 22 letters without a digit are a name, although an id has the same form.
        ("Thequickbrownfoxjumped", "name:Thequickbrownfoxjumped".to_owned()),
    ] {
        let item: RequestedItem = typed.parse().unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!(item.to_string(), written, "{typed}");
        assert_eq!(written.parse(), Ok(item), "{written}");
    }
}

#[test]
fn an_error_shows_the_accepted_forms() {
    for (typed, message) in [
        (
            "",
            "the request is empty: give an artist's name, a Spotify or MusicBrainz link, an MBID, \
             an ISRC or a UPC",
        ),
        (
            "name:",
            "the name is empty: give an artist's name, a Spotify or MusicBrainz link, an MBID, \
             an ISRC or a UPC",
        ),
        (
            "spotify:artist:short",
            "'short' is not a Spotify id, which has 22 letters and digits",
        ),
        (
            "spotify:playlist:37i9dQZF1DXcBWIGoYBM5M",
            "'spotify:playlist:37i9dQZF1DXcBWIGoYBM5M' is not a Spotify artist, album or track",
        ),
        (
            "https://example.com/artist/1",
            "'https://example.com/artist/1' is not a Spotify or MusicBrainz link, \
             which begins with https://open.spotify.com/ or https://musicbrainz.org/",
        ),
        (
            "https://musicbrainz.org/recording/5b11f4ce-a62d-471e-81fc-a69a8278c7da",
            "'https://musicbrainz.org/recording/5b11f4ce-a62d-471e-81fc-a6…' is not a MusicBrainz artist, \
             release or release group",
        ),
        (
            "mbid:5b11f4ce",
            "'5b11f4ce' is not a MusicBrainz id, which looks like 5b11f4ce-a62d-471e-81fc-a69a8278c7da",
        ),
        ("isrc:123", "'123' is not an ISRC, which looks like USRC17607839"),
        ("upc:12a", "'12a' is not a UPC or EAN, which has up to 14 digits"),
    ] {
        let error = typed.parse::<RequestedItem>().expect_err(typed);
        assert_eq!(error.to_string(), message);
    }
    let long = "x".repeat(5_000);
    assert!(
        long.parse::<RequestedItem>()
            .expect_err("too long")
            .to_string()
            .len()
            < 200
    );
}

#[test]
fn leading_zeros_do_not_make_another_barcode() {
    let upc: Upc = "00602475093060".parse().expect("a barcode");
    assert_eq!(upc, "602475093060".parse().expect("a barcode"));
    assert!("00000000".parse::<Upc>().is_err());
}
