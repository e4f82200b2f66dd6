#[test]
fn a_guest_is_whom_the_title_features() {
    for (title, artist, expected) in [
        (
            "blazed (feat. Pharrell Williams)",
            "Pharrell Williams",
            true,
        ),
        (
            "borderline ft. Missy Elliott & Somebody",
            "Missy Elliott",
            true,
        ),
        ("Stay (with Justin Bieber)", "Justin Bieber", true),
        ("blazed (feat. Pharrell Williams)", "Ariana Grande", false),
        ("Pharrell Williams Day", "Pharrell Williams", false),
        ("Anything (feat. Abba Teens)", "Abba", true),
        ("Anything (feat. Abbacus)", "Abba", false),
        ("", "Abba", false),
        ("feat. Abba", "", false),
    ] {
        assert_eq!(features(title, artist), expected, "{title} / {artist}");
    }
}
