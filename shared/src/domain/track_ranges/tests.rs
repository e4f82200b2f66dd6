use pretty_assertions::assert_eq;
use proptest::prelude::*;

use super::*;

/// A tracklist of `|`-joined positions; `=Text` is a heading, `A1:Song` has a title.
fn list(entries: &str) -> Vec<TracklistEntry<'_>> {
    entries
        .split('|')
        .map(|entry| match (entry.strip_prefix('='), entry.split_once(':')) {
            (Some(title), _) => TracklistEntry { position: "", title },
            (_, Some((position, title))) => TracklistEntry { position, title },
            _ => TracklistEntry {
                position: entry,
                title: "",
            },
        })
        .collect()
}

/// The indexes that a range covers, joined by spaces; "?" if it is not resolved.
fn resolved(range: &str, entries: &str) -> String {
    let indexes = resolve(range, &list(entries));
    let indexes = indexes.map(|indexes| indexes.iter().map(usize::to_string).collect::<Vec<_>>().join(" "));
    indexes.unwrap_or_else(|| "?".to_owned())
}

#[test]
fn ranges_follow_the_tracklist() {
    for (range, entries, expected) in [
        ("", "A1|A2", "0 1"),
        ("A1, A3 to B2", "A1|A2|A3|A4|B1|B2|B3", "0 2 3 4 5"),
        ("1 to 4, 6", "1|2|3|4|5|6|7", "0 1 2 3 5"),
        ("A1; A2", "A1|A2|A3", "0 1"),
        ("A1, B1 and B3", "A1|B1|B2|B3", "0 1 3"),
        ("A2 & B1 + B3", "A1|A2|B1|B2|B3", "1 2 4"),
        ("B1,A1,A1", "A1|B1", "0 1"),
        ("(tracks: 2, 6) ", "1|2|3|4|5|6", "1 5"),
        ("Tracks 2 – 3", "1|2|3", "1 2"),
        ("1-2", "1|2|3", "0 1"),
        ("a1 TO a2", "A1|A2|A3", "0 1"),
        ("01 to 03", "1|2|3", "0 1 2"),
        ("2", "01|02", "1"),
        ("B3", "A1|B. 1|B. 2|B. 3", "3"),
        ("A1-7", "A1|A2|A3|A4|A5|A6|A7|B1", "0 1 2 3 4 5 6"),
        ("Y1-AB2", "Y1|Z1|AA1|AB1|AB2|AC1", "0 1 2 3 4"),
        ("Except B1, B3", "A1|B1|B2|B3|C1", "0 2 4"),
        ("All tracks except A1", "A1|A2|B1", "1 2"),
    ] {
        assert_eq!(resolved(range, entries), expected, "{range} of {entries}");
    }
}

#[test]
fn a_position_with_a_dash_takes_precedence_over_a_range() {
    let discs = "1-1|1-2|1-3|1-4|2-1|2-2";
    assert_eq!(resolved("1-4", discs), "3");
    assert_eq!(resolved("1-2 - 1-4", discs), "1 2 3");
    assert_eq!(resolved("1-3-2-1", discs), "2 3 4");
    assert_eq!(resolved("1-2 to 4", discs), "1 2 3");
    assert_eq!(resolved("CD2", discs), "4 5");
    assert_eq!(resolved("CD1-3 to CD2-1", discs), "2 3 4");
    let named = "CD1-1|CD1-2|CD1-10|CD2-1|CD3-1|DVD-1|DVD-2";
    assert_eq!(resolved("CD1-1 - CD1-10", named), "0 1 2");
    assert_eq!(resolved("CD1-2-CD1-10", named), "1 2");
    assert_eq!(resolved("CD1", named), "0 1 2");
    assert_eq!(resolved("CD2 Onwards", named), "3 4 5 6");
    assert_eq!(resolved("DVD-1 to DVD-2", named), "5 6");
    assert_eq!(resolved("CD1 to CD3", named), "0 1 2 3 4");
}

#[test]
fn a_track_includes_its_parts() {
    assert_eq!(resolved("11", "10|11a|11b|12"), "1 2");
    assert_eq!(resolved("10 to 11", "10|11.1|11.2|12"), "0 1 2");
    assert_eq!(resolved("11", "10|11|11.1|11.2"), "1");
    assert_eq!(resolved("1 to 3", "1/2|2|3|4/2"), "0 1 2");
    assert_eq!(resolved("1", "1|10|11"), "0");
    assert_eq!(resolved("A1", "A1a|A1b|A10"), "0 1");
}

#[test]
fn a_side_includes_all_its_tracks() {
    assert_eq!(resolved("Side A, B2", "A1|A2|B1|B2"), "0 1 3");
    assert_eq!(resolved("A", "A1|A2|B1|B2"), "0 1");
    assert_eq!(resolved("B to C", "A1|B1|B2|C1|D1"), "1 2 3");
    assert_eq!(resolved("A", "A|B1|B2"), "0");
    assert_eq!(resolved("A", "A1|AA1"), "0");
    // The second side of a double A side.
    assert_eq!(resolved("A2 to B2", "A1|A2|AA1|AA2"), "1 2 3");
}

#[test]
fn numbers_count_tracks_if_no_position_is_a_number() {
    assert_eq!(resolved("1", "A|B1|B2"), "0");
    assert_eq!(resolved("2 to 3", "A|B1|B2"), "1 2");
    assert_eq!(resolved("2", "A:X|B:Y|CD1:X|CD2:Y"), "1 3");
    for (range, entries) in [
        ("4", "A|B1|B2"),
        ("0", "A|B1|B2"),
        ("A, 2", "A|B1|B2"),
        // Two discs with different songs, and parts that may or may not be counted.
        ("2", "1-1:X|1-2:Y|2-1:Z|2-2:Q"),
        ("2", "CD1-1|CD1-2|CD2-1|CD2-2"),
        ("2", "A1a|A1b|A2"),
    ] {
        assert_eq!(resolved(range, entries), "?", "{range} of {entries}");
    }
}

#[test]
fn neighbours_with_one_position_are_meant_together() {
    for (range, entries, expected) in [
        ("2", "1|2|2|2|3", "1 2 3"),
        ("C1 to C2", "B1|C1|C1|C2|C2|C3", "1 2 3 4"),
        ("C2", "C1|C2|C2", "1 2"),
        ("B1 to C2", "B1|C1|C1|C2|C2|C3", "0 1 2 3 4"),
        ("1-1 to 1-2", "1-1|1-2|1-2|1-3", "0 1 2"),
        ("3 onwards", "1|2|3|3|4", "2 3 4"),
        ("A", "A1|A1|A2|B1", "0 1 2"),
        ("Except 2", "1|2|2|3", "0 3"),
        // Copies that stand apart.
        ("1 to 3", "1|2|3|1|2|3", "?"),
        ("1", "1|2|1", "?"),
        ("1", "=Live|1|=Studio|1|2", "?"),
        ("1 to 2", "=Live|1|=Studio|1|2", "?"),
        ("A1 to B1", "A1|A2|A1|B1", "?"),
    ] {
        assert_eq!(resolved(range, entries), expected, "{range} of {entries}");
    }
}

#[test]
fn all_items_of_a_list_are_read_in_one_way() {
    let disc = "1-1|1-2|1-3|1-4|1-5|1-6";
    for (range, expected) in [
        ("1-2", "1"),
        ("1-2, 1-5", "1 4"),
        ("1-2, 4", "?"),
        ("5, 1-2", "?"),
        ("1-2, 3-6", "?"),
        ("2, 4-6", "1 3 4 5"),
        ("2 to 3, 6", "1 2 5"),
        ("1-2 to 1-3, 6", "?"),
    ] {
        assert_eq!(resolved(range, disc), expected, "{range}");
    }
    assert_eq!(resolved("2, 3", "1|2|A|B"), "?");
}

#[test]
fn songs_of_a_side_may_have_letters() {
    for (range, entries, expected) in [
        ("C", "B1|B2|Ca|Cb|Cc", "2 3 4"),
        ("B2 to C", "B1|B2|Ca|Cb|Cc", "1 2 3 4"),
        ("Side C, B1", "B1|B2|Ca|Cb|Cc", "0 2 3 4"),
        ("Ca-c", "B1|B2|Ca|Cb|Cc", "2 3 4"),
        ("A", "Aa|Ab|Ac|B", "0 1 2"),
        ("Side A: b, c", "Aa|Ab|Ac|B", "1 2"),
        ("3a-c", "2|3a|3b|3c|4", "1 2 3"),
        // Double letters name sides.
        ("A", "A1|AA", "0"),
        ("A", "AA|B", "?"),
        ("AA", "A|AA", "1"),
        ("C", "CD|DVD", "?"),
        ("B", "Aa|Ab", "?"),
    ] {
        assert_eq!(resolved(range, entries), expected, "{range} of {entries}");
    }
}

#[test]
fn all_tracks_are_covered_with_their_exceptions() {
    let list = "A1|A2|A3|B1|B2";
    for (range, expected) in [
        ("All", "0 1 2 3 4"),
        ("all tracks", "0 1 2 3 4"),
        ("Alle Titel", "0 1 2 3 4"),
        ("Todas las faixas", "0 1 2 3 4"),
        ("All songs from Side A", "0 1 2"),
        ("All except B", "0 1 2"),
        ("All tracks but A1, B1", "1 2 4"),
        ("A1 to B2 except A3", "0 1 3 4"),
        ("A1 to B2 (excluding A2, B1)", "0 2 4"),
        ("Side A, but not A2", "0 2"),
        ("A, B1 without A1 to A2", "2 3"),
        ("A1 to A2 except B1", "?"),
        ("A1 except A1", "?"),
        ("A1 to C4 except A3", "?"),
        ("A1 to B2 except", "?"),
        ("All others", "?"),
    ] {
        assert_eq!(resolved(range, list), expected, "{range}");
    }
}

#[test]
fn sides_may_have_numbers() {
    let list = "A1|A2|B1|B2";
    for (range, expected) in [
        ("Side 1", "0 1"),
        ("Side Two", "2 3"),
        ("Side II", "2 3"),
        ("Seite 2", "2 3"),
        ("Lado B", "2 3"),
        ("Face 1, B2", "0 1 3"),
        ("Side 1 to Side 2", "0 1 2 3"),
        ("Side 2: 1", "2"),
        ("Side 3", "?"),
    ] {
        assert_eq!(resolved(range, list), expected, "{range}");
    }
    // The first side of a disc is not its first track.
    assert_eq!(resolved("Side 1", "1|2|3"), "?");
    assert_eq!(resolved("Side 1", "Side 1|Side 2"), "0");
}

#[test]
fn items_may_stand_behind_the_name_of_a_disc_or_side() {
    let discs = "CD1-1|CD1-2|CD1-3|CD2-1|CD2-2";
    for (range, entries, expected) in [
        ("CD1: 1 to 2", discs, "0 1"),
        ("CD1: 1, 3; CD2: 2", discs, "0 2 4"),
        ("Disc 2: tracks 1-2", discs, "3 4"),
        ("CD2 1 to 2", discs, "3 4"),
        ("CD1: CD1-2", discs, "1"),
        ("CD2: 3", discs, "?"),
        ("CD3: 1", discs, "?"),
        ("CD1: 1 to 2", "1-1|1-2|1-3|2-1", "0 1"),
        // Position 1-2, or the first two tracks.
        ("CD1: 1-2", "1-1|1-2|1-3|2-1", "?"),
        ("CD2: 1 to 2", "=CD1|1|2|=CD2|1|2|3", "4 5"),
        ("CD1: 2, CD2: 1", "=CD1|1|2|=CD2|1|2|3", "2 4"),
        ("B: 1-2", "A1|A2|B1|B2|B3", "2 3"),
        ("Side A: A1, A2", "A1|A2|B1|B2|B3", "0 1"),
    ] {
        assert_eq!(resolved(range, entries), expected, "{range} of {entries}");
    }
}

#[test]
fn a_heading_names_the_tracks_below_it() {
    let list = "=Early|A|B|=Late (Bonus)|A|B";
    assert_eq!(resolved("Early", list), "1 2");
    assert_eq!(resolved("Late (Bonus) A", list), "4");
    assert_eq!(resolved("late bonus A-B", list), "4 5");
    assert_eq!(resolved("A", list), "?");
    assert_eq!(resolved("A to B", list), "?");
    assert_eq!(resolved("X", "=X|=Y|A"), "?");
    assert_eq!(resolved("", list), "1 2 4 5");
}

#[test]
fn an_ambiguous_range_is_not_guessed() {
    let list = "A1|A2|A3|B1|B2";
    for range in [
        "B1 to A1",
        "A3-A1",
        "A4",
        "A1 to A4",
        "Somebody",
        "A1, Somebody",
        "C",
        "A1 to",
        "to A1",
        "-",
        "A1 - B2 - B1",
        "🎹",
        "Except C1",
        "CD1",
        "9999999999999999999999",
        "1 to 99999999999",
        "4-2",
        "A1-A2-A3",
        "(((",
        ", ;",
        "()",
        "(tracks: )",
        "except",
        "Except ,",
    ] {
        assert_eq!(resolved(range, list), "?", "{range}");
    }
    assert_eq!(resolved("1 to 2", "1|2|1|2"), "?");
    assert_eq!(resolved("A1, B4", "1|2|3|4|5"), "?");
    assert_eq!(resolve("A1", &[]), None);
    assert_eq!(resolve("", &[]), Some(vec![]));
    // A number on two discs is ambiguous; a range that fits only one of them is not.
    assert_eq!(resolved("1 to 3", "1|2|3|=DVD|1|2"), "0 1 2");
}

#[test]
fn a_range_of_any_length_is_accepted() {
    let tracks = ["A1", "A2", "B1"].join("|");
    for part in ["-", "A1-", "(", ", ", "A1, ", " to ", "é", "1", "except "] {
        let _ = resolved(&part.repeat(10_000), &tracks);
    }
}

proptest! {
    #[test]
    fn only_tracks_are_covered_in_order(
        range in "[AB1-3 ,to\\-]{0,16}",
        entries in prop::collection::vec(
            prop::sample::select(vec!["A1", "A2", "B1", "1", "2", "1-1", "CD1", "", "🎹"]),
            0..8,
        ),
    ) {
        let entry = |position: &&'static str| TracklistEntry { position, title: "A" };
        let entries: Vec<TracklistEntry> = entries.iter().map(entry).collect();
        if let Some(indexes) = resolve(&range, &entries) {
            prop_assert!(indexes.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(indexes.iter().all(|&index| !entries[index].position.is_empty()));
        }
    }

    #[test]
    fn any_text_is_accepted(range in any::<String>(), position in any::<String>()) {
        let entries = [TracklistEntry { position: &position, title: "" }];
        prop_assert!(resolve(&range, &entries).is_none_or(|indexes| indexes.len() <= 1));
    }

    #[test]
    fn every_position_is_found_by_its_own_name(count in 1_usize..30, from in 0_usize..30, to in 0_usize..30) {
        let name = |index| format!("{}{}", ['A', 'B', 'C'][index / 10], index % 10 + 1);
        let names: Vec<String> = (0..count).map(name).collect();
        let entries: Vec<TracklistEntry> =
            names.iter().map(|position| TracklistEntry { position, title: "" }).collect();
        let (from, to) = (from % count, to % count);
        let expected = match from.cmp(&to) {
            std::cmp::Ordering::Greater => None,
            _ => Some((from..=to).collect::<Vec<_>>()),
        };
        prop_assert_eq!(resolve(&format!("{} to {}", names[from], names[to]), &entries), expected);
    }
}
