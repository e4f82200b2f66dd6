//! The name of the song: which titles have one key, and which have keys of their own.

use pretty_assertions::assert_eq;

use super::super::{Title, VersionKind::*, read};
use super::{key, kind, without_spaces};

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
                names_only_place: false,
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
                names_only_place: false,
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
