//! How fast titles and names are read, on one core, beside lower-casing and taking apart (NFKD) the same texts and nothing more.
//! How well they are read is `eval`'s matter.

use std::hint::black_box;
use std::time::Instant;

use serde::Serialize;
use shared::domain::{names, titles};
use unicode_normalization::UnicodeNormalization as _;

/// Texts of each kind.
const TEXTS: usize = 1_000_000;

/// What was measured, in texts per second.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Read {
    /// Texts of each kind that were read.
    pub texts: usize,
    /// What a million titles take; at most 2 seconds are wanted.
    pub titles_seconds: f64,
    /// What a million names take; at most 2 seconds are wanted.
    pub names_seconds: f64,
    /// Titles, into song key and version.
    pub titles_per_second: u64,
    /// The same titles, taken apart and lower-cased only.
    pub titles_baseline_per_second: u64,
    /// Names, into what a producer without an id is known by.
    pub names_per_second: u64,
    /// The same names, taken apart and lower-cased only.
    pub names_baseline_per_second: u64,
    /// Whether the compiler optimised what was measured.
    pub optimised: bool,
}

/// Measures on this thread.
#[must_use]
pub fn text() -> Read {
    let titles: Vec<String> = (0..TEXTS).map(title).collect();
    let names: Vec<String> = (0..TEXTS).map(name).collect();
    let titles_seconds = seconds(&titles, |title| {
        black_box(titles::read(title));
    });
    let names_seconds = seconds(&names, |name| {
        black_box(names::unlinked_key(name));
    });
    Read {
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

/// About one text in eight is not plain ASCII, as in catalogs.
const WORDS: [&str; 16] = [
    "Golden", "River", "Midnight", "Paper", "Silver", "Morning", "Hollow", "Electric", "Winter", "Burning",
    "Echo", "Harbor", "Velvet", "Thunder", "Corazón", "Avenue",
];

/// Suffixes about as common as in catalogs: none on half of the titles.
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
