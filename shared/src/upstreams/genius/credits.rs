//! Maps the producers and labels of a song to credits. The wording stays as it is; [`crate::domain::roles`]
//! interprets it.

use super::titles::clean_text;
use super::wire;
use crate::domain::credits::StatedCredit;

/// The wording for the artists in the list of producers.
const PRODUCER: &str = "Producer";
/// Words that, together with a word for production, make a label more specific than "Producer".
const SPECIFIC_WORDS: &[&str] = &["additional", "assistant", "associate", "co", "vocal", "vocals"];
/// Words for production.
const PRODUCTION_WORDS: &[&str] = &["produced", "producer", "producers", "production"];
/// Words for the production of something other than the sound.
const VISUAL_WORDS: &[&str] = &["film", "photo", "video", "visual"];

/// The credits of a song, each once: its producers and the artists under a label. Artists under a label that
/// is more specific than "Producer" are left out of the producers.
pub(super) fn credits_from_song(song: &wire::SongJson) -> Vec<StatedCredit> {
    let has_specific_label = |artist: &wire::Artist| {
        song.custom_performances
            .iter()
            .filter(|performance| is_specific_producer_label(&performance.label))
            .flat_map(|performance| &performance.artists)
            .any(|labeled| labeled.id == artist.id)
    };
    let producers = song
        .producer_artists
        .iter()
        .filter(|artist| !has_specific_label(artist))
        .map(|artist| (PRODUCER, artist));
    let labeled = song.custom_performances.iter().flat_map(|performance| {
        performance
            .artists
            .iter()
            .map(|artist| (performance.label.trim(), artist))
    });
    let mut credits: Vec<StatedCredit> = Vec::new();
    for credit in producers
        .chain(labeled)
        .filter_map(|(raw_role, artist)| stated_credit(raw_role, artist))
    {
        if !credits.contains(&credit) {
            credits.push(credit);
        }
    }
    credits
}

/// `None` if the name or the role is missing.
fn stated_credit(raw_role: &str, artist: &wire::Artist) -> Option<StatedCredit> {
    let name = clean_text(&artist.name);
    (!raw_role.is_empty() && !name.is_empty()).then(|| StatedCredit {
        source_artist_id: Some(artist.id).filter(|&id| id > 0).map(|id| id.to_string()),
        credited_as: name.clone(),
        name,
        raw_role: raw_role.to_owned(),
        raw_range: None,
    })
}

fn is_specific_producer_label(label: &str) -> bool {
    let label = label.to_lowercase();
    let has = |words: &[&str]| {
        label
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| words.contains(&word))
    };
    let is_one_word = label.contains("coproduc");
    !has(VISUAL_WORDS) && (is_one_word || (has(PRODUCTION_WORDS) && has(SPECIFIC_WORDS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_for_a_specific_kind_of_producer_are_recognized() {
        for (label, expected) in [
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
            assert_eq!(is_specific_producer_label(label), expected, "{label}");
        }
    }
}
