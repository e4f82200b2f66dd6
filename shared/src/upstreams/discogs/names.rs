//! Converts names from the Discogs spelling to the spelling shown to people. Names identify nobody: two names
//! that differ only in their number are two artists.

/// The name without the number that distinguishes namesakes (`Care Company (2)`), and with the article in
/// front, which old data has at the end (`Persuader, The`). A name that would become empty stays as it is.
pub(super) fn display_name(name: &str) -> String {
    let name = name.trim();
    let name = without_number(name)
        .filter(|rest| !rest.is_empty())
        .unwrap_or(name);
    match name.strip_suffix(", The") {
        Some(rest) if !rest.is_empty() => format!("The {rest}"),
        _ => name.to_owned(),
    }
}

/// The name of a label without its number; `None` for the entry that stands for no label, such as
/// `Not On Label (Somebody Self-released)`.
pub(super) fn label_name(name: &str) -> Option<String> {
    let is_no_label = name.trim().to_lowercase().starts_with("not on label");
    Some(display_name(name)).filter(|name| !is_no_label && !name.is_empty())
}

fn without_number(name: &str) -> Option<&str> {
    let (rest, number) = name.strip_suffix(')')?.rsplit_once(" (")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| rest.trim_end())
}

/// The artist and the title in the heading of a search result. A `*` after the artist marks a name that is
/// printed differently.
pub(super) fn artist_and_title(heading: &str) -> (Option<String>, String) {
    match heading.split_once(" - ") {
        Some((artist, title)) => (
            Some(display_name(artist.trim().trim_end_matches('*'))).filter(|artist| !artist.is_empty()),
            title.trim().to_owned(),
        ),
        None => (None, heading.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_namesake_is_removed() {
        for (name, shown) in [
            ("Care Company (2)", "Care Company"),
            ("Force, The (23)", "The Force"),
            ("Persuader, The", "The Persuader"),
            ("The The", "The The"),
            ("(2)", "(2)"),
            (" (2)", "(2)"),
            (", The", ", The"),
            ("Apollo 440", "Apollo 440"),
            ("Sunn O)))", "Sunn O)))"),
            ("Blink (182) Boys", "Blink (182) Boys"),
            ("Prince (and the Revolution)", "Prince (and the Revolution)"),
            ("Tyler, The Creator", "Tyler, The Creator"),
            ("椎名林檎 (3)", "椎名林檎"),
            ("😀", "😀"),
            ("", ""),
        ] {
            assert_eq!(display_name(name), shown, "{name}");
        }
    }

    #[test]
    fn a_release_on_no_label_has_no_label_name() {
        for (name, shown) in [
            ("Svek", Some("Svek")),
            ("Island Records (2)", Some("Island Records")),
            ("Not On Label", None),
            ("Not On Label (Alkebulan (2) Self-released)", None),
            ("not on label", None),
            ("Not On This Label", Some("Not On This Label")),
            (" ", None),
        ] {
            assert_eq!(label_name(name).as_deref(), shown, "{name}");
        }
    }

    #[test]
    fn the_artist_is_before_the_first_dash_of_a_heading() {
        for (heading, artist, title) in [
            ("Nirvana (2) - Nevermind", Some("Nirvana"), "Nevermind"),
            ("Jay-Z* - The Blueprint", Some("Jay-Z"), "The Blueprint"),
            ("A - B - C", Some("A"), "B - C"),
            ("Untitled", None, "Untitled"),
            (" - Untitled", None, "Untitled"),
        ] {
            assert_eq!(
                artist_and_title(heading),
                (artist.map(str::to_owned), title.to_owned())
            );
        }
    }
}
