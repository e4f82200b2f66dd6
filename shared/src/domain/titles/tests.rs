use pretty_assertions::assert_eq;
use proptest::prelude::*;

use super::VersionKind::{self, *};
use super::*;

fn key(title: &str) -> String {
    read(title).key
}

/// The key for a name that a test writes with spaces.
fn without_spaces(key: &str) -> String {
    names::compact(key)
}

fn kind(title: &str) -> Option<VersionKind> {
    read(title).version.map(|version| version.kind)
}

#[test]
fn a_title_without_a_suffix_is_its_name() {
    for (title, expected) in [
        ("(I Can't Get No) Satisfaction", "i cant get no satisfaction"),
        ("Live Forever", "live forever"),
        ("Live and Let Die", "live and let die"),
        ("The Way I Live", "way i live"),
        ("The Man", "the man"),
        ("The The Song", "the the song"),
        ("Demons", "demons"),
        ("Mono", "mono"),
        ("Take Cover", "take cover"),
        ("Version of Me", "version of me"),
        ("The Remix", "the remix"),
        ("Club Mix", "club mix"),
        ("50 Ft. Queenie", "50 ft queenie"),
        ("A Feat of Strength", "a feat of strength"),
        ("Rain / Reign", "rain reign"),
        ("Peek-A-Boo", "peek a boo"),
        ("1999", "1999"),
        ("The Part I Play", "part i play"),
        ("Class of 1984", "class of 1984"),
        ("Summer 1999", "summer 1999"),
        ("My Interlude 2004", "my interlude 2004"),
        ("July 4, 2004", "july 4 2004"),
        ("7 11", "7 11"),
        ("Disco 2000", "disco 2000"),
        (
            "Jon Voight (Live Fast, Die Young)",
            "jon voight live fast die young",
        ),
        ("Song (The Way I Live)", "song the way i live"),
        ("Song (Long Live)", "song long live"),
        ("Song (Take Cover)", "song take cover"),
        ("Song (In the Mix)", "song in the mix"),
        ("Song (Stereo Hearts)", "song stereo hearts"),
        ("Song (With or Without You)", "song with or without you"),
        ("(Live) Forever", "live forever"),
        ("(W)e (A)re (R)eady", "w e a re r eady"),
    ] {
        assert_eq!(
            read(title),
            Title {
                key: without_spaces(expected),
                version: None
            },
            "{title}"
        );
    }
}

#[test]
fn a_part_or_interlude_has_a_name_of_its_own() {
    for (title, expected) in [
        (
            "Another Brick in the Wall, Pt. 2",
            "another brick in the wall pt 2",
        ),
        ("Song (Pt. 2)", "song pt 2"),
        ("Song, Part II", "song pt 2"),
        ("Song (Part Two)", "song pt 2"),
        ("Song - Part Two", "song pt 2"),
        ("Song (II)", "song ii"),
        ("Song (Interlude)", "song interlude"),
        ("Song - \"interlude\"", "song interlude"),
        ("Song (Reprise)", "song reprise"),
        ("Song - SKIT", "song skit"),
        ("Song - Track Commentary", "song track commentary"),
        ("Song- Commentary", "song commentary"),
        (
            "Song (Bini & Martini Live Reprise)",
            "song bini and martini live reprise",
        ),
    ] {
        assert_eq!(
            read(title),
            Title {
                key: without_spaces(expected),
                version: None
            },
            "{title}"
        );
    }
    assert_eq!(key("Song (Reprise) - Live"), "songreprise");
    assert_eq!(key("Song - Live (Pts. 6-9)"), key("Song (Pts. 6-9) - Live"));
    assert_ne!(key("Song, Pt. 1 - Live"), key("Song, Pt. 2 - Live"));
}

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
fn a_translation_is_left_out_of_the_key() {
    for (a, b) in [
        ("봄날 (Spring Day)", "Spring Day"),
        ("빨간 맛 Red Flavor", "Red Flavor"),
        ("빨간 맛 Red Flavor - Japanese Ver.", "Red Flavor (Live)"),
        (
            "작은 것들을 위한 시 (Boy With Luv) (feat. Halsey)",
            "Boy With Luv",
        ),
        ("Lemon (レモン)", "Lemon"),
        ("Группа крови (Blood Type)", "Blood Type"),
        (
            "La Copa de la Vida y el Sol (The Cup of Life)",
            "La Copa de la Vida y el Sol",
        ),
        ("Waiting for Tonight (Una Noche Más)", "Waiting for Tonight"),
        ("You Said (Cuando Volverás) - Remix", "You Said"),
    ] {
        assert_eq!(key(a), key(b), "{a} / {b}");
    }
    for (a, b) in [
        ("봄날 (Interlude)", "Interlude"),
        ("인사 Intro", "Intro"),
        ("사랑 (Pt. 2)", "사랑"),
        ("사랑 II", "II"),
        ("봄날 (가을)", "봄날"),
        ("Oceans (Where Feet May Fail)", "Oceans"),
        ("The Magic Flute (Der Vogelfänger bin ich ja)", "The Magic Flute"),
        (
            "The Barber of Seville (Largo al factotum)",
            "The Barber of Seville",
        ),
        ("Cuando Volverás (Otra Noche)", "Cuando Volverás"),
    ] {
        assert_ne!(key(a), key(b), "{a} / {b}");
    }
}

#[test]
fn spelling_variants_have_one_key() {
    for (a, b) in [
        ("Rock 'n' Roll Heart", "Rock and Roll Heart"),
        ("Rock & Roll Heart", "Rock N Roll Heart"),
        ("The Long Way Home", "Long Way Home"),
        ("F**k It All", "Fuck It All"),
        ("Holy Sh*t!", "Holy Shit!"),
        ("B****", "Bitch"),
        ("Song Prod. Somebody", "Song"),
        ("T.N.T.", "TNT"),
    ] {
        assert_eq!(key(a), key(b), "{a} / {b}");
    }
    for (a, b) in [
        ("The River", "River"),
        ("The The", "The"),
        ("N", "And"),
        ("2 * 3", "2 3 fuck"),
        ("***", "Ass"),
        ("E*MC", "EMC2"),
    ] {
        assert_ne!(key(a), key(b), "{a} / {b}");
    }
}

#[test]
fn keys_ignore_spaces() {
    for (a, b) in [
        ("Lock Jaw", "Lockjaw"),
        ("Good Night", "Goodnight - Live"),
        ("W.A.P.", "WAP"),
        ("Peek-A-Boo", "Peekaboo"),
    ] {
        assert_eq!(key(a), key(b), "{a} / {b}");
    }
    assert_ne!(key("Take 1 12"), key("Take 11 2"));
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
fn featured_artists_are_not_part_of_the_name() {
    for title in [
        "Song (feat. A)",
        "Song [ft. A & B]",
        "Song (Featuring A)",
        "Song feat. A",
        "Song ft A",
        "Song featuring A",
        "Song - feat. A",
        "Song (with Ann)",
        "Song - with Midland",
        "Song (with The Band)",
        "Song (& A)",
        "Song (w/ A)",
        "Song (prod. by A)",
        "Song (con Wisin)",
        "Song (A feat. B)",
        "Song (feat. A) (feat. B)",
    ] {
        assert_eq!(
            read(title),
            Title {
                key: "song".to_owned(),
                version: None
            },
            "{title}"
        );
    }
}

#[test]
fn a_title_that_is_only_a_suffix_is_a_name() {
    for (title, key) in [
        ("Live", "live"),
        ("(Live)", "live"),
        ("[Radio Edit]", "radio edit"),
        ("feat. Nobody", "feat nobody"),
        ("!!!", "!!!"),
        ("()", "()"),
        ("((((", "(((("),
        (")))", ")))"),
        ("- - -", "- - -"),
        ("", ""),
        (" \t ", ""),
    ] {
        let read = read(title);
        assert_eq!((read.key, read.version), (without_spaces(key), None), "{title}");
    }
    assert_eq!(
        (key("(Live) - Remastered").as_str(), kind("(Live) - Remastered")),
        ("live", Some(Remaster))
    );
    assert_eq!(
        (key("!!! (Live)").as_str(), kind("!!! (Live)")),
        ("!!!", Some(Live))
    );
}

#[test]
fn a_title_of_any_length_is_read() {
    for part in [
        "(",
        ")",
        "(Live)",
        " - ",
        " - Live",
        "mix ",
        "Remix ",
        "live at ",
        "feat. ",
        "é",
        "ライブ",
        "a, ",
        "'s ",
        " - A Mix",
        "()",
    ] {
        let of = |count: usize| part.repeat(count);
        let title = of(50_000 / part.chars().count());
        assert!(!read(&title).key.is_empty());
    }
}

#[test]
fn version_kinds_match_the_enum_of_the_database() {
    let words: Vec<&str> = VersionKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let sql = include_str!("../../../../migrations/V1__catalog.sql");
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

fn any_title() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "Song",
        "Two Words",
        "Live",
        "Remix",
        "feat. A",
        "ft",
        "(Live)",
        "(feat. B)",
        "[C Remix]",
        " - ",
        "–",
        "(",
        ")",
        "Version",
        "2011",
        "Remastered",
        "The",
        "Pt. 2",
        "(Reprise)",
        "夜に駆ける",
        "Édith",
        "!!!",
        "Radio Edit",
        "with",
        "of",
        "/",
        ",",
        "'s",
        "&",
        "Mix",
        "Club",
        "봄날",
        "(Spring Day)",
        "(봄날)",
        "n",
        "F**k",
        "prod.",
        "el",
        "(Una Noche Más)",
    ]);
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.join(" "))
}

proptest! {
    #[test]
    fn a_key_of_numbers_and_marks_is_its_own_key(
        title in "(pt|part|i|ii|two|2004|1|song|ft|mix|re|[カ\\p{M}]| |\\-|\\(|\\)){0,12}"
    ) {
        let key = key(&title);
        prop_assert_eq!(&read(&key).key, &key);
    }

    #[test]
    fn a_key_is_its_own_key(title in any_title()) {
        let key = key(&title);
        prop_assert_eq!(&read(&key).key, &key);
    }

    #[test]
    fn a_key_is_folded_and_only_a_blank_one_is_empty(title in any::<String>()) {
        let key = key(&title);
        prop_assert_eq!(names::fold(&key), key.clone());
        prop_assert_eq!(key.is_empty(), title.trim().is_empty());
        prop_assert_eq!(&read(&key).key, &key);
    }

    #[test]
    fn a_version_has_a_label(title in any_title()) {
        if let Some(version) = read(&title).version {
            prop_assert!(!version.label.trim().is_empty());
        }
    }

    #[test]
    fn a_suffix_does_not_change_the_key(name in "[A-Z][a-z]{2,8}( [a-z]{5,8}y)?") {
        for suffix in [
            " - Remastered 2011", " (Live)", " [Radio Edit]", " (feat. Somebody)", " - Somebody Remix",
        ] {
            prop_assert_eq!(key(&format!("{name}{suffix}")), without_spaces(&names::fold(&name)));
        }
    }
}

#[test]
fn a_guest_is_an_artist_that_the_title_features() {
    for (title, artist, expected) in [
        ("blazed (feat. Pharrell Williams)", "Pharrell Williams", true),
        ("borderline ft. Missy Elliott & Somebody", "Missy Elliott", true),
        ("Stay (with Justin Bieber)", "Justin Bieber", true),
        ("blazed (feat. Pharrell Williams)", "Ariana Grande", false),
        ("Pharrell Williams Day", "Pharrell Williams", false),
        ("Anything (feat. Abba Teens)", "Abba", true),
        ("Anything (feat. Abbacus)", "Abba", false),
        ("", "Abba", false),
        ("feat. Abba", "", false),
    ] {
        assert_eq!(features_artist(title, artist), expected, "{title} / {artist}");
    }
}
