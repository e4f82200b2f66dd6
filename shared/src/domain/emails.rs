//! Finds e-mail addresses in a text that people wrote about themselves. Only text in the form of an address
//! counts; `name at site dot com` is not pieced together, and whether the address works is not checked.

/// The longest local part and address of RFC 5321, in bytes.
const MAX_LOCAL_PART_BYTES: usize = 64;
const MAX_ADDRESS_BYTES: usize = 254;

/// The first e-mail address in a text, as written. Handles (`@name@server`), passwords in links and addresses
/// next to letters of other scripts do not count.
#[must_use]
pub fn email_from_text(text: &str) -> Option<String> {
    text.match_indices('@')
        .find_map(|(at, _)| address_around(text, at))
        .map(str::to_owned)
}

/// The address around the `@` at byte index `at`.
fn address_around(text: &str, at: usize) -> Option<&str> {
    let before = &text[..at];
    let start = before
        .char_indices()
        .rev()
        .take_while(|&(_, c)| is_local_part_character(c))
        .last()?
        .0;
    let after = &text[at + 1..];
    let length = after
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.')))
        .unwrap_or(after.len());
    // A full stop or dash at the end belongs to the sentence.
    let domain = after[..length].trim_end_matches(['.', '-']);
    let (previous, next) = (
        before[..start].chars().next_back(),
        after[length..].chars().next(),
    );
    let stands_alone = !previous.is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '/' | '\\'))
        && !next.is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '_' | ':'))
        && !is_in_a_link(&before[..start]);
    let address = &text[start..at + 1 + domain.len()];
    let is_address =
        is_local_part(&before[start..]) && is_domain(domain) && address.len() <= MAX_ADDRESS_BYTES;
    (stands_alone && is_address).then_some(address)
}

fn is_local_part_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-')
}

/// Whether the text before is the beginning of a web address in the same word: `https://name:password@…`.
fn is_in_a_link(before: &str) -> bool {
    before
        .rsplit(char::is_whitespace)
        .next()
        .is_some_and(|word| word.contains("://"))
}

fn is_local_part(text: &str) -> bool {
    text.len() <= MAX_LOCAL_PART_BYTES
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && !text.ends_with('.')
        && !text.contains("..")
}

/// Whether a text is a domain: at least two labels, and a top-level domain of letters or an encoded script.
fn is_domain(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let [.., name, top] = labels.as_slice() else {
        return false;
    };
    let is_top =
        (top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic())) || top.starts_with("xn--");
    let is_reserved = name.eq_ignore_ascii_case("example")
        && ["com", "net", "org"]
            .iter()
            .any(|reserved| top.eq_ignore_ascii_case(reserved));
    is_top
        && !is_reserved
        && labels
            .iter()
            .all(|label| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_in_the_form_of_an_address_is_found() {
        for (text, address) in [
            ("me@studio.de", "me@studio.de"),
            (
                "Bookings: first.last+tag@mail.studio.co.uk.",
                "first.last+tag@mail.studio.co.uk",
            ),
            ("mgmt:me@studio.de", "me@studio.de"),
            ("mailto:me@studio.de?subject=hi", "me@studio.de"),
            ("<me@studio.de>", "me@studio.de"),
            ("📧me@studio.de📧", "me@studio.de"),
            ("（me@studio.de）", "me@studio.de"),
            ("a@studio.de/b@studio.de", "a@studio.de"),
            ("@someone me@studio.de", "me@studio.de"),
            ("at home: not.an@address, but me@studio.de is", "me@studio.de"),
            ("https://studio.de me@studio.de", "me@studio.de"),
            ("me@studio.xn--p1ai", "me@studio.xn--p1ai"),
            ("Me@Studio.DE", "Me@Studio.DE"),
            ("x_1@a-b.io\nsecond line", "x_1@a-b.io"),
            ("me@studio.de-", "me@studio.de"),
        ] {
            assert_eq!(email_from_text(text).as_deref(), Some(address), "{text}");
        }
    }

    #[test]
    fn other_notations_are_not_guessed() {
        for text in [
            "",
            "@",
            "someone",
            "@someone",
            "@someone.studio",
            "@someone@mastodon.social",
            "name at gmail dot com",
            "name [at] gmail.com",
            "name(at)gmail.com",
            "name@gmail dot com",
            "name @ gmail.com",
            "name＠gmail.com",
            "name@gmail",
            "name@.com",
            "name@gmail..com",
            "name@-gmail.com",
            "name@gmail.c",
            "name@127.0.0.1",
            "name@2x.3",
            ".name@gmail.com",
            "name.@gmail.com",
            "na..me@gmail.com",
            "имяname@gmail.com",
            "name@gmail.comпочта",
            "https://name:secret@gmail.com/",
            "https://site.de/name@gmail.com",
            "ssh git@host.de:repository",
            "name@host.com@other.com",
            "name@example.com",
            "you@Example.org",
        ] {
            assert_eq!(email_from_text(text), None, "{text}");
        }
        let long = format!("{}@studio.de", "x".repeat(65));
        assert_eq!(email_from_text(&long), None);
    }

    proptest! {
        #[test]
        fn a_found_address_is_part_of_the_text(text in "[a-z@. :/é📧-]{0,60}") {
            if let Some(address) = email_from_text(&text) {
                prop_assert!(text.contains(&address));
                prop_assert_eq!(address.matches('@').count(), 1);
                prop_assert_eq!(email_from_text(&address), Some(address));
            }
        }

        #[test]
        fn any_text_is_accepted(text in ".{0,200}") {
            let _ = email_from_text(&text);
        }
    }

    #[test]
    fn a_long_text_is_accepted() {
        for piece in ["a", "a@", ",a@b", "@", "a.@"] {
            assert_eq!(email_from_text(&piece.repeat(5_000)), None, "{piece}");
        }
    }
}
