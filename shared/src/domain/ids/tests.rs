//! What people type, by what it is read as. Looking anything up stays out.

use super::*;

const ID: &str = "6rs1KAoQnFalSqSU4LTh8g";
const MBID: &str = "5b11f4ce-a62d-471e-81fc-a69a8278c7da";

#[test]
fn what_people_type_is_read_once_and_written_one_way() {
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
        // 22 letters without a digit are a name, for all that it has the form of an id.
        ("Thequickbrownfoxjumped", "name:Thequickbrownfoxjumped".to_owned()),
    ] {
        let what: RequestedItem = typed.parse().unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!(what.to_string(), written, "{typed}");
        assert_eq!(written.parse(), Ok(what), "{written}");
    }
}

#[test]
fn what_cannot_be_read_says_what_could() {
    for (typed, message) in [
        (
            "",
            "nothing was asked for: give an artist's name, a link of Spotify or MusicBrainz, an MBID, an ISRC or a UPC",
        ),
        (
            "name:",
            "the name is empty: give an artist's name, a link of Spotify or MusicBrainz, an MBID, an ISRC or a UPC",
        ),
        (
            "spotify:artist:short",
            "'short' is no Spotify id: one has 22 letters and digits",
        ),
        (
            "spotify:playlist:37i9dQZF1DXcBWIGoYBM5M",
            "'spotify:playlist:37i9dQZF1DXcBWIGoYBM5M' is no Spotify artist, album or track",
        ),
        (
            "https://example.com/artist/1",
            "'https://example.com/artist/1' is no link of Spotify or MusicBrainz: one begins with https://open.spotify.com/ or https://musicbrainz.org/",
        ),
        (
            "https://musicbrainz.org/recording/5b11f4ce-a62d-471e-81fc-a69a8278c7da",
            "'https://musicbrainz.org/recording/5b11f4ce-a62d-471e-81fc-a6…' is no artist, release or release group of MusicBrainz",
        ),
        (
            "mbid:5b11f4ce",
            "'5b11f4ce' is no MusicBrainz id: one looks like 5b11f4ce-a62d-471e-81fc-a69a8278c7da",
        ),
        ("isrc:123", "'123' is no ISRC: one looks like USRC17607839"),
        ("upc:12a", "'12a' is no UPC or EAN: one has up to 14 digits"),
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
