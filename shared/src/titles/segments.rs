//! A title cut into its name, its brackets and what stands behind dashes. What a segment means stays out.

/// What sets a segment off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing: the beginning, or words behind a bracket.
    Text,
    /// A pair of brackets; one that is never closed ends with the title.
    Bracket,
    /// A dash with a space on one of its sides, or a long dash.
    Dash,
}

/// A part of a title, without what sets it off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment<'a> {
    pub(super) mark: Mark,
    pub(super) text: &'a str,
}

/// Cuts a title at its outermost brackets and at dashes outside them; blank parts are left out.
pub(super) fn cut(title: &str) -> Vec<Segment<'_>> {
    let mut segments = Vec::new();
    let (mut mark, mut start, mut depth) = (Mark::Text, 0, 0_usize);
    let mut before = ' ';
    let mut rest = title.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let end = at + c.len_utf8();
        let after = rest.peek().map_or(' ', |(_, next)| *next);
        let next = match c {
            _ if is_opening(c) => {
                depth += 1;
                (depth == 1).then_some(Mark::Bracket)
            }
            _ if is_closing(c) && depth > 0 => {
                depth -= 1;
                (depth == 0).then_some(Mark::Text)
            }
            _ if depth == 0
                && is_dash(c)
                && (c == '—' || before.is_whitespace() || after.is_whitespace()) =>
            {
                Some(Mark::Dash)
            }
            _ => None,
        };
        if let Some(next) = next {
            push(&mut segments, mark, &title[start..at]);
            (mark, start) = (next, end);
        }
        before = c;
    }
    push(&mut segments, mark, &title[start..]);
    segments
}

fn push<'a>(segments: &mut Vec<Segment<'a>>, mark: Mark, text: &'a str) {
    let text = text.trim();
    if !text.is_empty() {
        segments.push(Segment { mark, text });
    }
}

/// Whether a text is nothing but what sets segments off.
pub(super) fn is_only_marks(text: &str) -> bool {
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
