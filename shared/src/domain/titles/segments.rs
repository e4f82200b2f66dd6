//! Cuts a title into segments at its brackets and dashes.

/// What separates a segment from the text before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delimiter {
    /// Nothing: the segment begins the title or follows a closed bracket.
    None,
    /// A pair of brackets. A bracket that is never closed ends with the title.
    Bracket,
    /// A dash with a space on at least one side, or a long dash.
    Dash,
}

/// A part of a title, without its delimiters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    pub(super) delimiter: Delimiter,
    pub(super) text: &'a str,
}

/// Cuts a title at its outermost brackets and at dashes outside them. Blank segments are left out.
pub(super) fn cut(title: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let (mut delimiter, mut start, mut depth) = (Delimiter::None, 0, 0_usize);
    let mut before = ' ';
    let mut rest = title.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let end = at + c.len_utf8();
        let after = rest.peek().map_or(' ', |(_, next)| *next);
        let next = match c {
            _ if is_opening(c) => {
                depth += 1;
                (depth == 1).then_some(Delimiter::Bracket)
            }
            _ if is_closing(c) && depth > 0 => {
                depth -= 1;
                (depth == 0).then_some(Delimiter::None)
            }
            _ if depth == 0
                && is_dash(c)
                && (c == '—' || before.is_whitespace() || after.is_whitespace()) =>
            {
                Some(Delimiter::Dash)
            }
            _ => None,
        };
        if let Some(next) = next {
            push(&mut segments, delimiter, &title[start..at]);
            (delimiter, start) = (next, end);
        }
        before = c;
    }
    push(&mut segments, delimiter, &title[start..]);
    segments
}

fn push<'a>(segments: &mut Vec<Segment<'a>>, delimiter: Delimiter, text: &'a str) {
    let text = text.trim();
    if !text.is_empty() {
        segments.push(Segment { delimiter, text });
    }
}

/// Whether a text consists of delimiters and spaces only.
pub(super) fn is_only_delimiters(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_whitespace() || is_opening(c) || is_closing(c) || is_dash(c))
}

fn is_opening(c: char) -> bool {
    matches!(c, '(' | '[' | '{' | '（' | '［' | '｛' | '【' | '〔' | '〖')
}

fn is_closing(c: char) -> bool {
    matches!(c, ')' | ']' | '}' | '）' | '］' | '｝' | '】' | '〕' | '〗')
}

fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '－' | '~' | '～' | '〜'
    )
}
