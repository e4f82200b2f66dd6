//! The one place where Genius' lists of people become credits: pure, the wording kept.
//! What a wording means is in [`crate::domain::roles`]; here it only matters whether it says more than "Producer".

use super::titles::clean;
use super::wire;
use crate::domain::credits::StatedCredit;

/// The wording for those whom Genius lists as producers without more words.
const PRODUCER: &str = "Producer";
/// Words that, beside one for production, say what kind of producer somebody was.
const KINDS: &[&str] = &["additional", "assistant", "associate", "co", "vocal", "vocals"];
const PRODUCTION: &[&str] = &["produced", "producer", "producers", "production"];
/// Production of something else than the sound.
const NOT_MUSIC: &[&str] = &["film", "photo", "video", "visual"];

/// The credits of a song, each claim once: its producers, less those of whom a label says what kind of producer they were, and
/// everybody under a label.
pub(super) fn credits_from_song(song: &wire::Song) -> Vec<StatedCredit> {
    let refined = |artist: &wire::Artist| {
        song.custom_performances
            .iter()
            .filter(|performance| says_what_kind_of_producer(&performance.label))
            .flat_map(|performance| &performance.artists)
            .any(|labelled| labelled.id == artist.id)
    };
    let producers = song
        .producer_artists
        .iter()
        .filter(|artist| !refined(artist))
        .map(|artist| (PRODUCER, artist));
    let labelled = song.custom_performances.iter().flat_map(|performance| {
        performance
            .artists
            .iter()
            .map(|artist| (performance.label.trim(), artist))
    });
    let mut credits: Vec<StatedCredit> = Vec::new();
    for credit in producers
        .chain(labelled)
        .filter_map(|(raw_role, artist)| stated_credit(raw_role, artist))
    {
        if !credits.contains(&credit) {
            credits.push(credit);
        }
    }
    credits
}

/// None where it is not said who, or what.
fn stated_credit(raw_role: &str, artist: &wire::Artist) -> Option<StatedCredit> {
    let name = clean(&artist.name);
    (!raw_role.is_empty() && !name.is_empty()).then(|| StatedCredit {
        source_artist_id: Some(artist.id).filter(|&id| id > 0).map(|id| id.to_string()),
        credited_as: name.clone(),
        name,
        raw_role: raw_role.to_owned(),
        raw_range: None,
    })
}

fn says_what_kind_of_producer(label: &str) -> bool {
    let label = label.to_lowercase();
    let has = |words: &[&str]| {
        label
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| words.contains(&word))
    };
    let is_one_word = label.contains("coproduc");
    !has(NOT_MUSIC) && (is_one_word || (has(PRODUCTION) && has(KINDS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_labels_say_what_kind_of_producer_somebody_was() {
        for (label, says) in [
            ("Additional Production", true),
            ("Co-Producer", true),
            ("Coproducer", true),
            ("Vocal Producer", true),
            ("Assistant Producer", true),
            ("Additional Vocal Production By", true),
            ("Producer", false),
            ("Executive Producer", false),
            ("Co-Video Producer", false),
            ("Additional Video Production", false),
            ("Video Producer", false),
            ("Additional Vocals", false),
            ("Assistant Engineer", false),
            ("Production Coordinator", false),
            ("", false),
        ] {
            assert_eq!(says_what_kind_of_producer(label), says, "{label}");
        }
    }
}
