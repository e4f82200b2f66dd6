//! Splits the text of a range into its items and their ends.

/// The largest number of tracks that a range of numbers may count; more is a typing error.
const MAX_TRACKS: usize = 10_000;

/// Lower case, with one kind of dash and space, and without brackets and a leading "tracks".
pub(super) fn clean(range: &str) -> String {
    let range: String = range
        .chars()
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '‐' | '‑' | '‒' | '–' | '—' | '−' | '~' => '-',
            '(' | ')' | '[' | ']' | '#' => ' ',
            _ if c.is_whitespace() => ' ',
            _ => c,
        })
        .collect();
    let words: Vec<&str> = range.split(' ').filter(|word| !word.is_empty()).collect();
    let words = match &words[..] {
        ["tracks" | "track" | "tracks:" | "track:", rest @ ..] => rest,
        words => words,
    };
    words.join(" ").trim_matches(['.', ':', ',', ';', ' ']).to_owned()
}

/// The items of a list such as "A1, A3 to B2".
pub(super) fn items(range: &str) -> Vec<&str> {
    range
        .split([',', ';', '&', '+'])
        .flat_map(|part| part.split(" and "))
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .collect()
}

/// The range that follows "all tracks except".
pub(super) fn without_exception(range: &str) -> Option<&str> {
    let range = range.strip_prefix("all ").unwrap_or(range);
    let range = range.strip_prefix("tracks ").unwrap_or(range);
    ["except for ", "except ", "but "]
        .iter()
        .find_map(|word| range.strip_prefix(word))
}

/// The first position of "A1 onwards".
pub(super) fn without_onwards(item: &str) -> Option<&str> {
    [" onwards", " onward", " to end", " to the end"]
        .iter()
        .find_map(|word| item.strip_suffix(word))
}

/// The pairs of ends that an item can be read as: with several dashes, any of them may divide it.
pub(super) fn ends(item: &str) -> Vec<(&str, &str)> {
    for word in [" to ", " bis ", " thru ", " through ", " until "] {
        if let Some((from, to)) = item.split_once(word) {
            return vec![(from.trim(), to.trim())];
        }
    }
    item.match_indices('-')
        .map(|(at, dash)| (item[..at].trim(), item[at + dash.len()..].trim()))
        .filter(|(from, to)| !from.is_empty() && !to.is_empty())
        .collect()
}

/// The numbers of "3" or "2 to 5".
pub(super) fn numbers(item: &str) -> Option<Vec<usize>> {
    if let Ok(number) = item.parse() {
        return Some(vec![number]);
    }
    let (from, to) = ends(item).into_iter().next()?;
    let (from, to) = (from.parse::<usize>().ok()?, to.parse::<usize>().ok()?);
    (from < to && to <= MAX_TRACKS).then(|| (from..=to).collect())
}
