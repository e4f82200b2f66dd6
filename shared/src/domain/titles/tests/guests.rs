//! Artists that a title features: they are not part of the name, and can be asked for.

use pretty_assertions::assert_eq;

use super::super::{Title, features_artist, read};

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
                names_only_place: false,
                version: None
            },
            "{title}"
        );
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
