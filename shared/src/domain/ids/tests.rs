//! How texts that people type are parsed.

use proptest::prelude::*;

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
fn a_link_is_read_wherever_it_stands_in_a_text() {
    let track = format!("spotify:track:{ID}");
    for typed in [
        format!("Hear this: <https://open.spotify.com/track/{ID}>!"),
        format!("[Song](https://open.spotify.com/track/{ID}?si=1&utm_source=copy-link)"),
        format!("[https://open.spotify.com/track/{ID}](https://open.spotify.com/track/{ID})"),
        format!("„https://play.spotify.com/track/{ID}“"),
        format!("\u{2060}OPEN.Spotify.com/track/{ID}\u{200e}"),
        format!("url=open.spotify.com:443/embed/intl-de/track/{ID}/"),
        format!("https//open.spotify.com/track/{ID}."),
        format!("HTTP:\\\\open.spotify.com\\track\\{ID}"),
        format!("www.open.spotify.com//track/{ID}%3Fsi%3Dabc"),
        format!("https://embed.spotify.com/?uri=spotify%3Atrack%3A{ID}&theme=0"),
        format!("https://open.spotify.com/oembed?url=https://open.spotify.com/track/{ID}"),
        format!("Spotify:Track:{ID}#0:30"),
        format!("spotify://track/{ID}"),
        format!("ｏｐｅｎ．ｓｐｏｔｉｆｙ．ｃｏｍ／ｔｒａｃｋ／{ID}"),
    ] {
        let item: RequestedItem = typed.parse().unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!(item.to_string(), track, "{typed}");
    }
    for (typed, written) in [
        (
            "www.musicbrainz.org/ws/2/release/{}?inc=isrcs",
            "musicbrainz:release:",
        ),
        ("//Beta.MusicBrainz.Org/artist/{}.html", "musicbrainz:artist:"),
        ("https://musicbrainz.org/mbid/{}", "mbid:"),
        ("(musicbrainz:artist:{})", "musicbrainz:artist:"),
    ] {
        let item: RequestedItem = typed.replace("{}", MBID).parse().expect(typed);
        assert_eq!(item.to_string(), format!("{written}{MBID}"));
    }
}

#[test]
fn another_link_is_refused_and_says_why() {
    let others = "is not a Spotify or MusicBrainz link";
    for (typed, cause) in [
        ("ftp://open.spotify.com/track/x", others),
        ("soundcloud.com/somebody/song", others),
        ("See Example.co.uk:8080/x", others),
        ("www.example.com", others),
        ("spotify-web:artist:6rs1KAoQnFalSqSU4LTh8g", others),
        ("mailto:me@example.com", others),
        ("http://", "is not a URL"),
        ("https://bit.ly/3abc", "is a short link: open it"),
        ("spoti.fi/3abc", "is a short link: open it"),
        ("open.spotify.com", "is not a Spotify artist, album or track"),
        (
            "https://open.spotify.com/show/6rs1KAoQnFalSqSU4LTh8g",
            "is not a Spotify artist",
        ),
        ("https://open.spotify.com/track/", "is not a Spotify artist"),
        (
            "open.spotify.com/track/6rs1KAoQnFalSqSU4LTh8",
            "letters and digits: it has 21",
        ),
        (
            "musicbrainz.org/work/5b11f4ce-a62d-471e-81fc-a69a8278c7da",
            "is not a MusicBrainz artist",
        ),
        ("musicbrainz.org/artist/5b11f4ce", "it has 8 digits instead of 32"),
        ("discogs.com/x musicbrainz.org/y", "has several links"),
    ] {
        let error = typed.parse::<RequestedItem>().expect_err(typed).to_string();
        assert!(error.contains(cause), "{typed}: {error}");
    }
}

#[test]
fn a_name_with_dots_slashes_colons_and_digits_stays_a_name() {
    for typed in [
        "AC/DC",
        "N.W.A/Eazy-E",
        "Pig&Dan.com",
        "R.E.M. / U2",
        "feat./with",
        "Re:Zero",
        "Spotify: The Band",
        "+/-",
        "867-5309",
        "1349",
        "20041998",
        "Barcode Brothers",
        "Jan: 1999",
        "Blink182OfficialChannel",
        "MC 900 Ft Jesus",
        "\"Weird Al\" Yankovic",
        "!!!",
        "T.A.T.u.",
    ] {
        assert_eq!(typed.parse(), Ok(RequestedItem::Name(typed.to_owned())));
    }
}

#[test]
fn unseen_characters_are_dropped_and_others_refused() {
    for (typed, name) in [
        ("\u{feff}Radiohead\u{200b}", "Radiohead"),
        ("Sigur\u{ad} Rós\u{3000}", "Sigur Rós"),
        ("\u{202a}Beyoncé\u{202c}", "Beyoncé"),
        ("name:\u{200d}Low", "Low"),
        ("می\u{200c}خوام", "می\u{200c}خوام"),
        ("❤\u{fe0f}", "❤\u{fe0f}"),
    ] {
        assert_eq!(typed.parse(), Ok(RequestedItem::Name(name.to_owned())));
    }
    for (typed, cause) in [
        ("\u{200b}\u{2060}", "the request is empty"),
        ("\u{3164} \u{2800}", "the request is empty"),
        ("name:\u{feff}", "the name is empty"),
        ("Radio\u{ffff}head", "the character U+FFFF"),
        ("Radio\u{fffe}head", "the character U+FFFE"),
        ("\u{1}Radiohead", "the character U+0001"),
        ("Radiohead\tCreep", "the character U+0009"),
        ("Radio\u{2028}head", "the character U+2028"),
    ] {
        let error = typed.parse::<RequestedItem>().expect_err(typed).to_string();
        assert!(error.contains(cause), "{typed:?}: {error}");
        assert!(
            !error.contains(|c: char| c.is_control() || c >= '\u{fffe}'),
            "{error:?}"
        );
    }
}

#[test]
fn codes_are_read_as_they_are_printed() {
    for (typed, written) in [
        ("ISRC GB-UM7-06-03730", "isrc:GBUM70603730"),
        ("(isrc: gb um7 06 03730)", "isrc:GBUM70603730"),
        ("ISRC Code: SE.VJE.19.00101", "isrc:SEVJE1900101"),
        ("us–rc1–76–07839", "isrc:USRC17607839"),
        ("ＵＳＲＣ１７６０７８３９", "isrc:USRC17607839"),
        ("https://musicbrainz.org/isrc/USRC17607839", "isrc:USRC17607839"),
        ("6 02475 09306 0", "upc:602475093060"),
        ("4 050538 176254 >", "upc:4050538176254"),
        ("EAN-13: 5-099749-994324", "upc:5099749994324"),
        ("UPC/EAN 0042284229524", "upc:42284229524"),
        ("42284229524", "upc:42284229524"),
        ("gtin-14: 00602475093060", "upc:602475093060"),
        ("UPC-E: 04252614", "upc:42100005264"),
        ("barcode: 96385074", "upc:96385074"),
        (
            "{5B11F4CE-A62D-471E-81FC-A69A8278C7DA}",
            "mbid:5b11f4ce-a62d-471e-81fc-a69a8278c7da",
        ),
        (
            "5b11f4cea62d471e81fca69a8278c7da",
            "mbid:5b11f4ce-a62d-471e-81fc-a69a8278c7da",
        ),
        (
            "urn:uuid:5b11f4ce-a62d-471e-81fc-a69a8278c7da",
            "mbid:5b11f4ce-a62d-471e-81fc-a69a8278c7da",
        ),
    ] {
        let item: RequestedItem = typed.parse().unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!(item.to_string(), written, "{typed}");
        assert_eq!(written.parse(), Ok(item), "{written}");
    }
}

#[test]
fn a_broken_code_says_what_is_wrong_with_it() {
    for (typed, cause) in [
        (
            "isrc:123",
            "'123' is not an ISRC, which looks like USRC17607839: it has 3 characters instead of 12",
        ),
        (
            "GB-UM7-06-0373",
            "it has 11 characters instead of 12 (for an artist of this name write name:…)",
        ),
        ("GBUM7O603730", "'O' at place 6 is not a digit"),
        ("isrc: 1SRC17607839", "'1' at place 1 is not a letter"),
        (
            "602475093061",
            "its last digit is 1, but the check digit of the others is 0",
        ),
        ("EAN 4050538176245", "the check digit of the others is"),
        ("60247509306O", "'O' is not a digit"),
        ("upc:12a", "'a' is not a digit"),
        ("6024750930600000", "it has 16"),
        (
            "mbid:5b11f4ce",
            "'5b11f4ce' is not a MusicBrainz id, which looks like 5b11f4ce-a62d-471e-81fc-a69a8278c7da: \
             it has 8 digits instead of 32",
        ),
        (
            "5b11f4ce-a62d-471e-81fc-a69a8278c7d",
            "it has 31 digits instead of 32",
        ),
        (
            "5b11f4ce-a62d-471e-81fc-a69a8278c7dg",
            "'g' is not a hexadecimal digit",
        ),
        (
            "spotify:artist:short",
            "'short' is not a Spotify id, which has 22 letters and digits: it has 5",
        ),
        (
            "spotify:artist:6rs1KAoQnFal_qSU4LTh8g",
            "it has the character '_'",
        ),
        (
            "6rs1KAoQnFalSqSU4LTh8",
            "it has 21 (for an artist of this name write name:…)",
        ),
        (
            "",
            "the request is empty: give an artist's name, a Spotify or MusicBrainz link, an MBID, an ISRC \
             or a UPC",
        ),
        (&"x".repeat(5_000), "has at most 300 characters"),
    ] {
        let error = typed.parse::<RequestedItem>().expect_err(typed).to_string();
        assert!(error.contains(cause) && error.len() < 300, "{typed}: {error}");
    }
}

proptest! {
    #[test]
    fn an_item_is_parsed_from_its_standard_form(typed in ".{0,40}|[0-9 -]{8,20}|[a-z0-9:./-]{5,40}") {
        if let Ok(item) = typed.parse::<RequestedItem>() {
            prop_assert_eq!(item.to_string().parse(), Ok(item));
        }
    }
}

#[test]
fn leading_zeros_do_not_make_another_barcode() {
    let upc: Upc = "00602475093060".parse().expect("a barcode");
    assert_eq!(upc, "602475093060".parse().expect("a barcode"));
    assert!("00000000".parse::<Upc>().is_err());
}
