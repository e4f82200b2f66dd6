//! How Discogs writes names, and how people are shown them. Identity stays with the id: two names that differ in their
//! number only are two artists.

/// The name without the number that tells namesakes apart (`Care Company (2)`), and with its article in front where old data has
/// it behind (`Persuader, The`). What would leave nothing is kept.
pub(super) fn displayed(name: &str) -> String {
    let name = name.trim();
    let name = without_number(name)
        .filter(|rest| !rest.is_empty())
        .unwrap_or(name);
    match name.strip_suffix(", The") {
        Some(rest) if !rest.is_empty() => format!("The {rest}"),
        _ => name.to_owned(),
    }
}

/// A label's name without its number; None for what Discogs files under no label, `Not On Label (Somebody Self-released)`.
pub(super) fn label(name: &str) -> Option<String> {
    let is_none = name.trim().to_lowercase().starts_with("not on label");
    Some(displayed(name)).filter(|name| !is_none && !name.is_empty())
}

fn without_number(name: &str) -> Option<&str> {
    let (rest, number) = name.strip_suffix(')')?.rsplit_once(" (")?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| rest.trim_end())
}

/// The artist and the title of a search result's heading, which has `*` after an artist who is printed otherwise.
pub(super) fn artist_and_title(heading: &str) -> (Option<String>, String) {
    match heading.split_once(" - ") {
        Some((artist, title)) => (
            Some(displayed(artist.trim().trim_end_matches('*'))).filter(|artist| !artist.is_empty()),
            title.trim().to_owned(),
        ),
        None => (None, heading.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namesakes_number_is_not_shown() {
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
            assert_eq!(displayed(name), shown, "{name}");
        }
    }

    #[test]
    fn what_is_on_no_label_has_none() {
        for (name, shown) in [
            ("Svek", Some("Svek")),
            ("Island Records (2)", Some("Island Records")),
            ("Not On Label", None),
            ("Not On Label (Alkebulan (2) Self-released)", None),
            ("not on label", None),
            ("Not On This Label", Some("Not On This Label")),
            (" ", None),
        ] {
            assert_eq!(label(name).as_deref(), shown, "{name}");
        }
    }

    #[test]
    fn a_heading_has_an_artist_before_its_first_dash() {
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
