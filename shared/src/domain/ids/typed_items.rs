//! Parses what a person typed or pasted as a requested item.

use std::str::FromStr;

use super::requested_items::RequestedItem;
use super::text_ids::{InvalidId, quoted};
use super::{codes, links};
use crate::domain::names;

/// The accepted forms, for error messages.
const EXPECTED: &str = "an artist's name, a Spotify or MusicBrainz link, an MBID, an ISRC or a UPC";

/// The longest accepted name, in characters; no artist's name is longer.
const MAX_NAME_CHARS: usize = 300;

impl FromStr for RequestedItem {
    type Err = InvalidId;

    /// Parses a link (see `links`), an id or a code (see `codes`). Any other text is an
    /// artist's name, and `name:…` forces that reading. Characters that show nothing are dropped.
    ///
    /// Fails for a text that shows nothing, a link of anything else, and an id or code with a mistake.
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let text = without_unseen_ends(text);
        if !names::is_visible(&text) {
            return Err(InvalidId(format!("the request is empty: give {EXPECTED}")));
        }
        if let Some((label, rest)) = text.split_once(':')
            && label.eq_ignore_ascii_case("name")
        {
            return name(&without_unseen_ends(rest));
        }
        let plain = with_plain_ascii(&text);
        if let Some(item) = links::read_links(&plain) {
            return item;
        }
        codes::read_code(&plain).unwrap_or_else(|| name(&text))
    }
}

/// A text without the marks that only direct its layout, and without other unseen characters at its ends.
/// Inside a text, joiners and variation selectors belong to letters and pictures.
fn without_unseen_ends(text: &str) -> String {
    let text: String = text.chars().filter(|c| !is_layout_mark(*c)).collect();
    let is_selector = |c: char| matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}');
    let is_unseen = |c: char| !names::is_visible(c.encode_utf8(&mut [0; 4])) && !is_selector(c);
    let is_dropped = |c: char| c.is_whitespace() || (is_unseen(c) && !c.is_control());
    text.trim_matches(is_dropped).to_owned()
}

/// Zero-width spaces, soft hyphens, byte order marks and direction marks, which come with copied text.
fn is_layout_mark(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}'
    ) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// A text with full-width letters, digits and signs, as Japanese keyboards write them, replaced by ASCII, and
/// every kind of dash by a hyphen. Other unseen characters are dropped: links and codes have none.
fn with_plain_ascii(text: &str) -> String {
    let plain = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        other => other,
    };
    let is_kept = |c: &char| c.is_whitespace() || names::is_visible(c.encode_utf8(&mut [0; 4]));
    text.chars().filter(is_kept).map(plain).collect()
}

fn name(text: &str) -> Result<RequestedItem, InvalidId> {
    if !names::is_visible(text) {
        return Err(InvalidId(format!("the name is empty: give {EXPECTED}")));
    }
    if let Some(c) = text.chars().find(|c| !is_allowed_in_name(*c)) {
        return Err(InvalidId(format!(
            "{} is not an artist's name: it has the character U+{:04X}, which cannot be part of one",
            quoted(text),
            u32::from(c)
        )));
    }
    if text.chars().count() > MAX_NAME_CHARS {
        return Err(InvalidId(format!(
            "{} is not an artist's name, which has at most {MAX_NAME_CHARS} characters",
            quoted(text)
        )));
    }
    Ok(RequestedItem::Name(text.to_owned()))
}

/// Whether a name can have the character. SQS refuses U+FFFE, U+FFFF and most control characters in a message
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>), and no
/// control character or line break is part of a name.
fn is_allowed_in_name(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{2028}' | '\u{2029}')
}
