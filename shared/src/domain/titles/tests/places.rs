//! Titles that only name a place on the record.

use super::super::read;
use crate::domain::ids::AlbumId;

#[test]
fn a_title_may_only_name_a_place_on_the_record() {
    for title in [
        "Intro",
        "INTRO",
        "The Intro",
        "Intro (Live)",
        "Intro - Remastered 2011",
        "Intro (feat. Somebody)",
        "Album Intro",
        "Outro 2",
        "Interlude",
        "Interlude #3",
        "Interlude II",
        "Interlude B",
        "Skit",
        "Skit No. 1",
        "Prelude",
        "Prélude",
        "Vorspiel",
        "Zwischenspiel 2",
        "Introducción",
        "Интро",
        "イントロ",
        "[untitled]",
        "Untitled",
        "Untitled #4",
        "No Title",
        "Ohne Titel",
        "[unknown]",
        "(Unknown)",
        "[silence]",
        "Track 1",
        "Track 01",
        "Piste 3",
        "Side A",
        "Hidden Track",
        "Main Title",
        "Part 1",
        "Pt. II",
        "Parts 1 & 2",
        "Teil 3",
        "Act II",
        "Second Movement",
        "II",
        "03",
    ] {
        assert!(read(title).names_only_place, "{title}");
    }
    for title in [
        "",
        "!!!",
        "Song",
        "Introvert",
        "Intro (The Beginning Of It All)",
        "Skit #2 - Kanye West",
        "Prelude in C Minor",
        "Prelude to a Kiss",
        "Interlude: Sunset",
        "Untitled (How Does It Feel)",
        "untitled 02 | 06.23.2014.",
        "Unknown",
        "Silence",
        "Song 2",
        "Part of Me",
        "Part 1: Dawn",
        "Track of My Tears",
        "No One",
        "One",
        "7",
        "22",
        "1999",
        "X",
        "The End",
        "Hundred",
    ] {
        assert!(!read(title).names_only_place, "{title}");
    }
}

#[test]
fn a_title_that_only_names_a_place_makes_a_song_of_its_record_alone() {
    let key = |title: &str, album, place| read(title).song_key(AlbumId(album), place).into_owned();
    assert_eq!(key("Intro", 1, (1, 1)), key("intro (Live)", 1, (1, 1)));
    assert_ne!(key("Intro", 1, (1, 1)), key("Intro", 2, (1, 1)), "another record");
    assert_ne!(key("Intro", 1, (1, 1)), key("Intro", 1, (1, 12)), "another place");
    assert_eq!(key("Intruder", 1, (1, 1)), key("Intruder", 2, (1, 2)));
}
