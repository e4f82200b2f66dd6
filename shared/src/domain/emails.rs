//! E-mail addresses that people wrote into a text about themselves. Only what is plainly written as an address is one: nothing is
//! put together from `name at site dot com`, and whether it still works is not asked.

/// Longest local part and address, of RFC 5321.
const LONGEST_LOCAL_PART: usize = 64;
const LONGEST_ADDRESS: usize = 254;

/// The first e-mail address written in a text, as it is written. Handles (`@name@server`), passwords in links and addresses
/// next to letters of other scripts are none.
#[must_use]
pub fn email_from_text(text: &str) -> Option<String> {
    text.match_indices('@')
        .find_map(|(at, _)| address_around(text, at))
        .map(str::to_owned)
}

/// The address whose `@` is there.
fn address_around(text: &str, at: usize) -> Option<&str> {
    let before = &text[..at];
    let start = before
        .char_indices()
        .rev()
        .take_while(|&(_, c)| is_of_local_part(c))
        .last()?
        .0;
    let after = &text[at + 1..];
    let length = after
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.')))
        .unwrap_or(after.len());
    // A full stop or dash after it ends the sentence.
    let domain = after[..length].trim_end_matches(['.', '-']);
    let (previous, next) = (
        before[..start].chars().next_back(),
        after[length..].chars().next(),
    );
    let stands_alone = !previous.is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '/' | '\\'))
        && !next.is_some_and(|c| c.is_alphanumeric() || matches!(c, '@' | '_' | ':'))
        && !is_in_a_link(&before[..start]);
    let address = &text[start..at + 1 + domain.len()];
    (stands_alone && is_local_part(&before[start..]) && is_domain(domain) && address.len() <= LONGEST_ADDRESS)
        .then_some(address)
}

fn is_of_local_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-')
}

/// Whether what goes before belongs to the same word and is the beginning of a web address: `https://name:password@…`.
fn is_in_a_link(before: &str) -> bool {
    before
        .rsplit(char::is_whitespace)
        .next()
        .is_some_and(|word| word.contains("://"))
}

fn is_local_part(text: &str) -> bool {
    text.len() <= LONGEST_LOCAL_PART
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && !text.ends_with('.')
        && !text.contains("..")
}

/// Two labels at least, of which the last is one that the internet may have: letters, or an encoded script.
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
            .any(|of| top.eq_ignore_ascii_case(of));
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
    fn what_is_written_as_an_address_is_one() {
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
    fn what_would_have_to_be_guessed_is_none() {
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
        fn an_address_is_always_found_in_the_text_itself(text in "[a-z@. :/é📧-]{0,60}") {
            if let Some(address) = email_from_text(&text) {
                prop_assert!(text.contains(&address));
                prop_assert_eq!(address.matches('@').count(), 1);
                prop_assert_eq!(email_from_text(&address), Some(address));
            }
        }

        #[test]
        fn any_text_can_be_read(text in ".{0,200}") {
            let _ = email_from_text(&text);
        }
    }

    #[test]
    fn a_long_text_can_be_read() {
        for piece in ["a", "a@", ",a@b", "@", "a.@"] {
            assert_eq!(email_from_text(&piece.repeat(5_000)), None, "{piece}");
        }
    }
}
