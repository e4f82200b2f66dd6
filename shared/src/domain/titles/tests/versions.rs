//! The version that a title states: its kind, its label, its year and whose version it is.

use pretty_assertions::assert_eq;

use super::super::{
    Version,
    VersionKind::{self, *},
    read,
};
use super::{key, kind, without_spaces};

#[test]
fn a_suffix_states_the_kind_of_version() {
    for (suffix, expected) in [
        ("Remix", Remix),
        ("Club Mix", Remix),
        ("Dub", Remix),
        ("Live", Live),
        ("LIVE", Live),
        ("Live at Wembley", Live),
        ("Live @ Paradiso Amsterdam", Live),
        ("Live: O2 Arena, London", Live),
        ("Live 1986 Denver, CO", Live),
        ("Live from the Hall with the City Symphony Orchestra", Live),
        ("Garage Gigs Live", Live),
        ("BBC Live Lounge", Live),
        ("Acoustic", Acoustic),
        ("UK Acoustic Version", Acoustic),
        ("Stripped Back", Acoustic),
        ("MTV Unplugged, 2012", Acoustic),
        ("Remastered", Remaster),
        ("2011 Remaster", Remaster),
        ("24-Bit Digitally Remastered 04", Remaster),
        ("Radio Edit", RadioEdit),
        ("Single Version", RadioEdit),
        ("Short Version", RadioEdit),
        ("Edit", RadioEdit),
        ("Extended Mix", Extended),
        ("12\" Extended Version", Extended),
        ("Instrumental", Instrumental),
        ("Karaoke Version", Karaoke),
        ("Demo", Demo),
        ("Work Tape", Demo),
        ("A Cappella", Acapella),
        ("Acapella", Acapella),
        ("Mono", Mono),
        ("Stereo Mix", Stereo),
        ("BBC Session / July 25th 1973, Langham 1 Studio", Session),
        ("Tour Rehearsal 1994", Session),
        ("Re-Recorded", Rerecording),
        ("Taylor's Version", Rerecording),
        ("...Revisited", Rerecording),
        ("Originally Performed by Somebody", Cover),
        ("Japanese ver.", Language),
        ("Spanish", Language),
        ("Explicit", Explicit),
        ("Clean", Clean),
        ("Bonus Track", Bonus),
        ("Album Version", Other),
        ("Alternate Take 2", Other),
        ("From \"The Graduate\" Soundtrack", Other),
        ("Sped Up", Other),
        ("Slowed + Reverb", Other),
        ("Chopped & Screwed", Other),
        ("One Take, One Microphone", Other),
        ("Director's Cut", Other),
        ("Lyric Video", Other),
        ("Deluxe", Other),
        ("8D", Other),
        ("Previously Unreleased", Other),
        ("From \"The Big Hits, Vol. 1\"", Other),
        ("Re-Mastered 2004", Remaster),
    ] {
        for title in [
            format!("Some Song - {suffix}"),
            format!("Some Song ({suffix})"),
            format!("Some Song [{suffix}]"),
        ] {
            let read = read(&title);
            assert_eq!(read.key, without_spaces("some song"), "{title}");
            let version = read.version.expect(&title);
            assert_eq!(
                (version.kind, version.label.as_str()),
                (expected, suffix),
                "{title}"
            );
        }
    }
}

#[test]
fn version_suffixes_in_other_languages_are_recognised() {
    for (title, expected, kind) in [
        ("Amantes - Versión Salsa", "amantes", Other),
        ("Superhéroe - En Vivo", "superheroe", Live),
        ("Chega de Saudade (Ao Vivo)", "chega de saudade", Live),
        ("Volare (Dal Vivo)", "volare", Live),
        ("Song (Remasterizado 2003)", "song", Remaster),
        ("Song (Version Acoustique)", "song", Acoustic),
        ("Du hast (Englische Version)", "du hast", Language),
        ("Song - En Español", "song", Language),
        ("Группа крови (Ремастер)", "группа крови", Remaster),
        (
            "Звезда по имени Солнце (Акустика)",
            "звезда по имени солнце",
            Acoustic,
        ),
        ("夜に駆ける（English Version）", "夜に駆ける", Language),
        ("紅蓮華 -Instrumental-", "紅蓮華", Instrumental),
        ("うっせぇわ ～Live Ver.～", "うっせぇわ", Live),
        ("群青【ライブ音源】", "群青", Live),
        ("群青 (日本語版)", "群青", Language),
        ("月亮代表我的心 (现场版)", "月亮代表我的心", Live),
        ("봄날 (라이브)", "봄날", Live),
    ] {
        let read = read(title);
        assert_eq!(
            (read.key, read.version.map(|version| version.kind)),
            (without_spaces(expected), Some(kind)),
            "{title}"
        );
    }
}

#[test]
fn dashes_and_brackets_of_every_kind_separate_a_suffix() {
    for title in [
        "Song - Live",
        "Song – Live",
        "Song — Live",
        "Song—Live",
        "Song- Live",
        "Song -Live-",
        "Song ~ Live",
        "Song (Live)",
        "Song [Live]",
        "Song {Live}",
        "Song（Live）",
        "Song【Live】",
        "Song(Live)",
        "Song (Live",
        "Song ((Live))",
        "  Song   -   Live  ",
    ] {
        assert_eq!(
            (key(title).as_str(), kind(title)),
            ("song", Some(Live)),
            "{title}"
        );
    }
}

#[test]
fn several_suffixes_make_one_version() {
    for (title, kind, label, year) in [
        (
            "Song (Live) - Remastered 2011",
            Live,
            "Live / Remastered 2011",
            Some(2011),
        ),
        (
            "Song - Live at Wembley, London - July 1986",
            Live,
            "Live at Wembley, London / July 1986",
            Some(1986),
        ),
        (
            "Song - En Vivo [Un Azteca en el Azteca]",
            Live,
            "En Vivo / Un Azteca en el Azteca",
            None,
        ),
        ("Song - 2019 remix [Live]", Remix, "2019 remix / Live", Some(2019)),
        (
            "Song (feat. A) - Demo / Bonus Track",
            Demo,
            "Demo / Bonus Track",
            None,
        ),
        (
            "Song - Single Version [Remastered]",
            RadioEdit,
            "Single Version / Remastered",
            None,
        ),
        ("Song - Live - 1991", Live, "Live / 1991", Some(1991)),
        ("Song Remix (feat. A)", Remix, "Remix", None),
        ("Song (feat. A) Radio Edit", RadioEdit, "Radio Edit", None),
    ] {
        let read = read(title);
        assert_eq!(read.key, "song", "{title}");
        assert_eq!(
            read.version,
            Some(Version {
                kind,
                label: label.to_owned(),
                by: None,
                year
            }),
            "{title}"
        );
    }
}

#[test]
fn a_year_after_a_name_is_a_version() {
    for title in [
        "Blue Night 2004",
        "Blue Night - 2004 Remix",
        "Blue Night 2004 (feat. A)",
    ] {
        let read = read(title);
        assert_eq!(
            (read.key.as_str(), read.version.and_then(|version| version.year)),
            ("bluenight", Some(2004)),
            "{title}"
        );
    }
}

#[test]
fn a_remix_names_its_remixer() {
    for (suffix, by) in [
        ("Kasbo Remix", Some("Kasbo")),
        ("Lights & Motion Remix", Some("Lights & Motion")),
        ("The Glitch Mob Remix", Some("The Glitch Mob")),
        ("50 Cent Remix", Some("50 Cent")),
        ("Tiësto’s Big Room Remix", Some("Tiësto")),
        ("Basement Jaxx Vocal Mix", Some("Basement Jaxx")),
        ("Sam Feldt Edit", Some("Sam Feldt")),
        ("Jack Dangers Remix Edit", Some("Jack Dangers")),
        ("Z-Trip Remix featuring Lee “Scratch” Perry", Some("Z-Trip")),
        ("Remixed by Kygo feat. Somebody", Some("Kygo")),
        ("Remix", None),
        ("The Remix", None),
        ("2014 Remix", None),
        ("Extended Club Mix", None),
        ("Re-mixed Version", None),
    ] {
        let version = read(&format!("Song ({suffix})")).version.expect(suffix);
        assert_eq!((version.kind, version.by.as_deref()), (Remix, by), "{suffix}");
    }
    let by = |title| read(title).version.and_then(|version| version.by);
    assert_eq!(by("Song (Taylor’s Version)").as_deref(), Some("Taylor"));
    assert_eq!(by("Song - Daryl's Version").as_deref(), Some("Daryl"));
    assert_eq!(by("Song (Director's Cut Version)"), None);
    assert_eq!(by("Song - Live at Joe's"), None);
}

#[test]
fn version_kinds_match_the_enum_of_the_database() {
    let words: Vec<&str> = VersionKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let sql = include_str!("../../../../../migrations/V1__catalog.sql");
    let list = sql
        .split_once("CREATE TYPE version_kind AS ENUM (")
        .and_then(|(_, rest)| rest.split_once(')'))
        .expect("the type")
        .0;
    let stored: Vec<&str> = list
        .split(',')
        .map(|word| word.trim().trim_matches('\''))
        .collect();
    assert_eq!(words, stored);
}
