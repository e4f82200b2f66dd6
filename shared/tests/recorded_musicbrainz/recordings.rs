//! Recordings and their credits.

use std::collections::BTreeMap;

use pretty_assertions::assert_eq;
use shared::domain::credits::Role;

use super::{lines, printed, producers, recording};

#[test]
fn two_of_abba_produced_knowing_me_knowing_you() {
    let recording = recording("picard_recording_credits.json");
    assert_eq!(
        lines(&recording.credits),
        [
            "arranger: Benny Andersson (arranger)",
            "arranger: Björn Ulvaeus (arranger)",
            "engineer: Michael B. Tretow (engineer)",
            "performer: Lasse Wellander (instrument [electric guitar])",
            "performer: Rutger Gunnarsson (instrument [bass])",
            "performer: Ola Brunkert (instrument [membranophone])",
            "producer: Benny Andersson (producer)",
            "producer: Björn Ulvaeus (producer)",
            "performer: Anni-Frid Lyngstad as Frida (vocal [solo])",
            "performer: Michael Brecker (instrument [EWI])",
        ]
    );
    assert_eq!(
        producers(&recording.credits),
        [
            ("Benny Andersson", "2f031686-3f01-4f33-a4fc-fb3944532efa"),
            ("Björn Ulvaeus", "ffb77292-9712-4d03-94aa-bdb1d4771d38"),
        ]
    );
    assert_eq!(recording.duration_ms, Some(242_640));
}

#[test]
fn a_composer_is_no_producer() {
    let recording = recording("picard_recording_composer.json");
    assert_eq!(
        lines(&recording.credits),
        [
            "performer: Charles Dutoit (conductor)",
            "engineer: Colin Moorfoot (engineer)",
            "performer: Orchestre symphonique de Montréal (performing orchestra)",
            "producer: Ray Minshull (producer)",
        ]
    );
    assert_eq!(printed(&recording.artists), "Pyotr Ilyich Tchaikovsky");
    assert_eq!(recording.artists[0].name, "Пётр Ильич Чайковский");
}

#[test]
fn a_differently_printed_name_is_the_same_producer() {
    let recording = recording("recording_suiheisen.json");
    assert_eq!(
        producers(&recording.credits),
        [("島田昌典", "38463ce8-bc1f-4eb3-a855-d8b5e648ab50")]
    );
    assert_eq!(recording.credits.len(), 29);
    let of_shimada: Vec<String> = recording
        .credits
        .iter()
        .filter(|credit| credit.name == "島田昌典")
        .flat_map(|credit| lines(std::slice::from_ref(credit)))
        .collect();
    assert_eq!(
        of_shimada,
        [
            "arranger: 島田昌典 as 島田 昌典 (arranger)",
            "performer: 島田昌典 as 島田 昌典 (instrument [piano])",
            "arranger: 島田昌典 as 島田 昌典 (instrument arranger [strings])",
            "producer: 島田昌典 as 島田 昌典 (producer)",
        ]
    );
    let mut counts = BTreeMap::new();
    for credit in &recording.credits {
        *counts.entry(credit.role).or_insert(0) += 1;
    }
    let expected = [
        (Role::Producer, 1),
        (Role::Mixer, 1),
        (Role::Engineer, 3),
        (Role::Arranger, 3),
        (Role::Performer, 18),
        (Role::Other, 3),
    ];
    assert_eq!(counts, BTreeMap::from(expected));
    assert!(
        lines(&recording.credits)
            .contains(&"other: 久富美紗代 as 久富 美紗代 (misc [task: musician coordination])".to_owned())
    );
    assert_eq!(recording.isrcs, ["JPPO02100907".parse().expect("an ISRC")]);
}

#[test]
fn an_artist_can_be_their_own_producer() {
    let recording = recording("recording_butter_sugar_cream.json");
    assert_eq!(
        lines(&recording.credits),
        ["mixer: Tomggg (mix)", "producer: Tomggg (producer)"]
    );
    assert_eq!(printed(&recording.artists), "Tomggg feat. tsvaci");
    assert_eq!(
        producers(&recording.credits)[0].1,
        recording.artists[0].mbid.as_str()
    );
    assert_eq!(recording.isrcs, []);
}

#[test]
fn recordings_without_a_producer_get_none() {
    let crazy = recording("recording_crazy_no_producer.json");
    assert_eq!(
        lines(&crazy.credits),
        ["arranger: 小室哲哉 (arranger)", "performer: TRF (performer)"]
    );
    let sheeran = recording("picard_recording.json");
    assert_eq!(
        lines(&sheeran.credits),
        [
            "performer: Ed Sheeran (performer)",
            "performer: Ed Sheeran (vocal [lead vocals])",
            "performer: Ed Sheeran (instrument [guitar family])",
        ]
    );
    let video = recording("picard_recording_generic_instrument.json");
    assert_eq!(
        lines(&video.credits),
        [
            "other: ilhamdz (animation)",
            "other: Xeapher (illustration)",
            "performer: SixteenInMono (instrument)",
            "mixer: QueenPb (mix)",
            "engineer: Todd Barriage (sound)",
            "performer: Camila (vocal)",
            "performer: Michi Mochievee (vocal)",
        ]
    );
    assert!(video.video && !crazy.video);
    assert_eq!(recording("picard_recording_artist_aliases.json").credits, []);
}
