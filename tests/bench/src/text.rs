//! Measures how fast titles are parsed and names folded on one core. The baseline only decomposes (NFKD) and
//! lower-cases the same texts.

use std::hint::black_box;
use std::time::Instant;

use serde::Serialize;
use shared::domain::{names, titles};
use unicode_normalization::UnicodeNormalization as _;

/// Texts of each kind.
const TEXTS: usize = 1_000_000;

/// The speed of parsing titles and folding names.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct TextFigures {
    /// Titles and names measured, of each.
    pub(crate) texts: usize,
    /// Time for a million titles; the goal is at most 2 seconds.
    pub(crate) titles_seconds: f64,
    /// Time for a million names; the goal is at most 2 seconds.
    pub(crate) names_seconds: f64,
    /// Titles parsed into song key and version.
    pub(crate) titles_per_second: u64,
    /// The same titles, only decomposed and lower-cased.
    pub(crate) titles_baseline_per_second: u64,
    /// Names turned into the key of a producer without an id.
    pub(crate) names_per_second: u64,
    /// The same names, only decomposed and lower-cased.
    pub(crate) names_baseline_per_second: u64,
    /// Whether this is an optimised build.
    pub(crate) optimised: bool,
}

/// Measures on the current thread.
#[must_use]
pub(crate) fn measure_text() -> TextFigures {
    let titles: Vec<String> = (0..TEXTS).map(title).collect();
    let names: Vec<String> = (0..TEXTS).map(name).collect();
    let titles_seconds = seconds(&titles, |title| {
        black_box(titles::read(title));
    });
    let names_seconds = seconds(&names, |name| {
        black_box(names::unlinked_key(name));
    });
    TextFigures {
        texts: TEXTS,
        titles_seconds,
        names_seconds,
        titles_per_second: per_second(titles_seconds),
        titles_baseline_per_second: per_second(seconds(&titles, baseline)),
        names_per_second: per_second(names_seconds),
        names_baseline_per_second: per_second(seconds(&names, baseline)),
        optimised: !cfg!(debug_assertions),
    }
}

fn baseline(text: &str) {
    black_box(text.nfkd().flat_map(char::to_lowercase).collect::<String>());
}

fn seconds(texts: &[String], read: impl Fn(&str)) -> f64 {
    let start = Instant::now();
    for text in texts {
        read(black_box(text));
    }
    (start.elapsed().as_secs_f64() * 1000.0).round() / 1000.0
}

fn per_second(seconds: f64) -> u64 {
    (TEXTS as f64 / seconds) as u64
}

/// About one text in eight is not ASCII, as in real catalogs.
const WORDS: [&str; 16] = [
    "Golden", "River", "Midnight", "Paper", "Silver", "Morning", "Hollow", "Electric", "Winter", "Burning",
    "Echo", "Harbor", "Velvet", "Thunder", "Corazón", "Avenue",
];

/// Suffixes about as common as in real catalogs: half of the titles have none.
const SUFFIXES: [&str; 16] = [
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    " - Remastered 2011",
    " (feat. Somebody & Somebody Else)",
    " - Live at the Rainbow, London / 1974",
    " (Kasbo Remix)",
    " - Radio Edit",
    ", Pt. 2",
    " [Acoustic Version]",
    " (Interlude)",
];

fn title(number: usize) -> String {
    let word = |number: usize| WORDS[number % WORDS.len()];
    format!(
        "{} {} {number}{}",
        word(number),
        word(number / WORDS.len()),
        SUFFIXES[number % SUFFIXES.len()]
    )
}

fn name(number: usize) -> String {
    let (first, last) = (
        WORDS[number % WORDS.len()],
        WORDS[number / WORDS.len() % WORDS.len()],
    );
    match number % 8 {
        0 => format!("The {first} {last}s {number}"),
        1 => format!("{first} \"{last}\" O’{number}"),
        2 => format!("{first} {number} & {last}"),
        3 => format!("{first} {last} ({})", number % 300 + 2),
        4 => format!("{first} {number} {last}, Jr."),
        _ => format!("{first} {last} {number}"),
    }
}
