use pretty_assertions::assert_eq;
use proptest::prelude::*;

use super::*;

#[test]
fn discogs_additions_are_not_part_of_a_name() {
    for (name, shown, number) in [
        ("Dave Stewart (2)", "Dave Stewart", Some(2)),
        ("Mike Walsh (12)", "Mike Walsh", Some(12)),
        ("Persuader, The", "The Persuader", None),
        ("Persuader, The (3)", "The Persuader", Some(3)),
        ("A. Delano*", "A. Delano", None),
        ("Blink-182", "Blink-182", None),
        ("(2)", "(2)", None),
        (" (2)", "(2)", None),
        ("Sunn O)))", "Sunn O)))", None),
        ("Somebody (DJ)", "Somebody (DJ)", None),
        ("Somebody(2)", "Somebody(2)", None),
        ("Somebody (99999999)", "Somebody (99999999)", None),
        (", The", ", The", None),
        ("*", "*", None),
        ("", "", None),
    ] {
        assert_eq!(
            (display(name).as_str(), discogs_number(name)),
            (shown, number),
            "{name}"
        );
    }
}

#[test]
fn spellings_of_one_name_have_one_key() {
    for (a, b) in [
        ("Simon & Garfunkel", "Simon and Garfunkel"),
        ("The Neptunes", "Neptunes"),
        ("Neptunes, The", "The Neptunes"),
        ("Metro Boomin", "MetroBoomin"),
        ("Mike WiLL Made-It", "Mike Will Made It"),
        ("D.J. Premier", "DJ Premier"),
        ("Beyoncé", "Beyonce\u{301}"),
        ("Lee \"Scratch\" Perry", "Lee Perry"),
        ("Lee “Scratch” Perry", "Lee 'Scratch' Perry"),
        ("Harry Connick, Jr.", "Harry Connick Junior"),
        ("A. Delano*", "A. Delano"),
        ("ＹＯＡＳＯＢＩ", "Yoasobi"),
        ("Florence + The Machine", "Florence and the Machine"),
        ("Huey Lewis & The News", "Huey Lewis and News"),
        ("Koch, Weber & Lang", "Koch / Weber / Lang"),
        ("Jam und Lewis", "Jam & Lewis"),
        ("Y.A.", "YA"),
        ("e.s.t.", "E.S.T"),
        ("R. E. M.", "REM"),
        ("T.J. Hooker", "TJ Hooker"),
        ("Rob.e.Rob", "ROB.E.ROB"),
        ("Will I Am", "will.i.am"),
    ] {
        assert_eq!(unlinked_key(a), unlinked_key(b), "{a} / {b}");
    }
}

#[test]
fn different_names_have_different_keys() {
    for (a, b) in [
        ("Dave Stewart", "Dave Stewart (2)"),
        ("Dave Stewart (2)", "Dave Stewart (3)"),
        ("Dave Stewart (2)", "Dave Stewart 2"),
        ("The The", "The"),
        ("Hank Williams", "Hank Williams Jr."),
        ("Hank Williams Sr.", "Hank Williams Jr."),
        ("中田ヤスタカ", "Yasutaka Nakata"),
        ("Иван", "Ivan"),
        ("ガ", "カ"),
        ("!!!", "???"),
        ("🎹", "🎸"),
        ("Unit 1 1", "Unit 11"),
        ("George Martin", "Max Martin"),
        ("J. Smith", "John Smith"),
        ("Guns 'N' Roses", "Guns Roses"),
        ("A.N.A.", "Ana"),
        ("L.E.O", "Leo"),
        ("TED", "Ted"),
        ("Jo.e.Ann", "Joeann"),
        ("Will.I.Am", "William"),
        ("Koch & Weber", "Koch"),
        ("Et", "And"),
    ] {
        assert_ne!(unlinked_key(a), unlinked_key(b), "{a} / {b}");
    }
}

#[test]
fn an_id_takes_precedence_over_the_name() {
    assert_eq!(source_identity(Some("26"), "7", "A. Delano"), "26");
    assert_eq!(source_identity(Some("26"), "7", "Somebody Else"), "26");
    for none in [None, Some(""), Some("0"), Some(" ")] {
        assert_eq!(source_identity(none, "7", "A. Delano"), "unlinked:7:adelano");
    }
    assert_ne!(source_identity(None, "7", "A"), source_identity(None, "8", "A"));
}

#[test]
fn a_joint_credit_is_split_if_all_names_are_known() {
    let known = [
        "Ann",
        "Bob",
        "Stock, Aitken & Waterman",
        "Earth, Wind & Fire",
        "Earth",
        "Wind",
        "Fire",
        "Cy And Dee",
    ];
    let split = |name| split_joint(name, |part: &str| known.contains(&part));
    for (name, expected) in [
        ("Ann & Bob", &["Ann", "Bob"][..]),
        ("Ann, Bob", &["Ann", "Bob"]),
        ("Ann, and Bob", &["Ann", "Bob"]),
        ("Ann AND Bob", &["Ann", "Bob"]),
        ("Ann/Bob + Ann", &["Ann", "Bob", "Ann"]),
        (
            "Ann & Stock, Aitken & Waterman",
            &["Ann", "Stock, Aitken & Waterman"],
        ),
        ("Earth, Wind & Fire", &["Earth, Wind & Fire"]),
        ("Cy And Dee & Ann", &["Cy And Dee", "Ann"]),
        ("Ann & Eve", &["Ann & Eve"]),
        ("Eve & Ann", &["Eve & Ann"]),
        ("Stock & Aitken", &["Stock & Aitken"]),
        ("Ann", &["Ann"]),
        ("Nobody", &["Nobody"]),
        ("Ann &", &["Ann &"]),
        ("", &[""]),
    ] {
        assert_eq!(split(name), expected, "{name}");
    }
}

#[test]
fn a_name_of_any_length_is_accepted() {
    for part in [
        "a",
        "\u{200b}",
        "🎹",
        " & ",
        "\"a\" ",
        "مرحبا ",
        "(2) ",
        ", The",
        "' ",
    ] {
        let name = part.repeat(10_000);
        assert_eq!(unlinked_key(&name).is_empty(), name.trim().is_empty(), "{part}");
        assert_eq!(split_joint(&name, |_| true).len(), 1);
        assert_eq!(split_joint(&name, |_| false).len(), 1);
    }
}

proptest! {
    #[test]
    fn only_a_blank_name_has_an_empty_key(name in any::<String>()) {
        prop_assert_eq!(unlinked_key(&name).is_empty(), name.trim().is_empty());
    }

    #[test]
    fn different_numbers_are_different_people(
        name in "[A-Za-z]{1,12}( [A-Za-z]{1,12})?", a in 1_u16..300, b in 1_u16..300
    ) {
        let key = |number: u16| unlinked_key(&format!("{name} ({number})"));
        prop_assert_eq!(key(a) == key(b), a == b);
        prop_assert_ne!(key(a), unlinked_key(&name));
    }

    #[test]
    fn a_split_keeps_every_name(names in prop::collection::vec("[A-Z][a-z]{3,8}", 1..6)) {
        let joint = names.join(" & ");
        prop_assert_eq!(split_joint(&joint, |part| !part.contains('&')), names);
    }
}
