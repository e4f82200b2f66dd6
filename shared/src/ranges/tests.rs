use pretty_assertions::assert_eq;
use proptest::prelude::*;

use super::*;

/// A tracklist of `|`-joined positions; `=Text` is a heading, `A1:Song` has a title.
fn list(entries: &str) -> Vec<Entry<'_>> {
    entries
        .split('|')
        .map(|entry| match (entry.strip_prefix('='), entry.split_once(':')) {
            (Some(title), _) => Entry { position: "", title },
            (_, Some((position, title))) => Entry { position, title },
            _ => Entry {
                position: entry,
                title: "",
            },
        })
        .collect()
}

/// What a range covers, `|`-joined as places.
fn covered(range: &str, entries: &str) -> String {
    let places = resolve(range, &list(entries));
    let places = places.map(|places| places.iter().map(usize::to_string).collect::<Vec<_>>().join(" "));
    places.unwrap_or_else(|| "?".to_owned())
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
        assert_eq!(covered(range, entries), expected, "{range} of {entries}");
    }
}

#[test]
fn a_dash_is_looked_up_before_it_is_a_range() {
    let discs = "1-1|1-2|1-3|1-4|2-1|2-2";
    assert_eq!(covered("1-4", discs), "3");
    assert_eq!(covered("1-2 - 1-4", discs), "1 2 3");
    assert_eq!(covered("1-3-2-1", discs), "2 3 4");
    assert_eq!(covered("1-2 to 4", discs), "1 2 3");
    assert_eq!(covered("CD2", discs), "4 5");
    assert_eq!(covered("CD1-3 to CD2-1", discs), "2 3 4");
    let named = "CD1-1|CD1-2|CD1-10|CD2-1|CD3-1|DVD-1|DVD-2";
    assert_eq!(covered("CD1-1 - CD1-10", named), "0 1 2");
    assert_eq!(covered("CD1-2-CD1-10", named), "1 2");
    assert_eq!(covered("CD1", named), "0 1 2");
    assert_eq!(covered("CD2 Onwards", named), "3 4 5 6");
    assert_eq!(covered("DVD-1 to DVD-2", named), "5 6");
    assert_eq!(covered("CD1 to CD3", named), "0 1 2 3 4");
}

#[test]
fn parts_of_a_track_belong_to_it() {
    assert_eq!(covered("11", "10|11a|11b|12"), "1 2");
    assert_eq!(covered("10 to 11", "10|11.1|11.2|12"), "0 1 2");
    assert_eq!(covered("11", "10|11|11.1|11.2"), "1");
    assert_eq!(covered("1 to 3", "1/2|2|3|4/2"), "0 1 2");
    assert_eq!(covered("1", "1|10|11"), "0");
    assert_eq!(covered("A1", "A1a|A1b|A10"), "0 1");
}

#[test]
fn sides_are_named_whole() {
    assert_eq!(covered("Side A, B2", "A1|A2|B1|B2"), "0 1 3");
    assert_eq!(covered("A", "A1|A2|B1|B2"), "0 1");
    assert_eq!(covered("B to C", "A1|B1|B2|C1|D1"), "1 2 3");
    assert_eq!(covered("A", "A|B1|B2"), "0");
    assert_eq!(covered("A", "A1|AA1"), "0");
    // The second side of a double A side.
    assert_eq!(covered("A2 to B2", "A1|A2|AA1|AA2"), "1 2 3");
}

#[test]
fn numbers_count_where_no_track_has_one() {
    assert_eq!(covered("1", "A|B1|B2"), "0");
    assert_eq!(covered("2 to 3", "A|B1|B2"), "1 2");
    assert_eq!(covered("2", "A:X|B:Y|CD1:X|CD2:Y"), "1 3");
    for (range, entries) in [
        ("4", "A|B1|B2"),
        ("0", "A|B1|B2"),
        ("A, 2", "A|B1|B2"),
        // Two discs of other songs, and parts that may or may not count.
        ("2", "1-1:X|1-2:Y|2-1:Z|2-2:Q"),
        ("2", "CD1-1|CD1-2|CD2-1|CD2-2"),
        ("2", "A1a|A1b|A2"),
    ] {
        assert_eq!(covered(range, entries), "?", "{range} of {entries}");
    }
}

#[test]
fn headings_name_what_stands_below_them() {
    let list = "=Early|A|B|=Late (Bonus)|A|B";
    assert_eq!(covered("Early", list), "1 2");
    assert_eq!(covered("Late (Bonus) A", list), "4");
    assert_eq!(covered("late bonus A-B", list), "4 5");
    assert_eq!(covered("A", list), "?");
    assert_eq!(covered("A to B", list), "?");
    assert_eq!(covered("X", "=X|=Y|A"), "?");
    assert_eq!(covered("", list), "1 2 4 5");
}

#[test]
fn what_cannot_be_told_is_not_guessed() {
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
        assert_eq!(covered(range, list), "?", "{range}");
    }
    assert_eq!(covered("1 to 2", "1|2|1|2"), "?");
    assert_eq!(covered("A1, B4", "1|2|3|4|5"), "?");
    assert_eq!(resolve("A1", &[]), None);
    assert_eq!(resolve("", &[]), Some(vec![]));
    // A number that stands on two discs is no answer, a range that only fits one is.
    assert_eq!(covered("1 to 3", "1|2|3|=DVD|1|2"), "0 1 2");
}

#[test]
fn a_range_of_any_length_is_read() {
    let tracks = ["A1", "A2", "B1"].join("|");
    for part in ["-", "A1-", "(", ", ", "A1, ", " to ", "é", "1", "except "] {
        let _ = covered(&part.repeat(10_000), &tracks);
    }
}

proptest! {
    #[test]
    fn only_tracks_are_covered_in_order(
        range in "[AB1-3 ,to\\-]{0,16}",
        entries in prop::collection::vec(prop::sample::select(vec!["A1", "A2", "B1", "1", "2", "1-1", "CD1", "", "🎹"]), 0..8),
    ) {
        let entries: Vec<Entry> = entries.iter().map(|position| Entry { position, title: "A" }).collect();
        if let Some(places) = resolve(&range, &entries) {
            prop_assert!(places.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(places.iter().all(|&place| !entries[place].position.is_empty()));
        }
    }

    #[test]
    fn any_text_is_read(range in any::<String>(), position in any::<String>()) {
        let entries = [Entry { position: &position, title: "" }];
        prop_assert!(resolve(&range, &entries).is_none_or(|places| places.len() <= 1));
    }

    #[test]
    fn every_position_is_found_by_its_own_name(count in 1_usize..30, from in 0_usize..30, to in 0_usize..30) {
        let names: Vec<String> = (0..count).map(|place| format!("{}{}", ['A', 'B', 'C'][place / 10], place % 10 + 1)).collect();
        let entries: Vec<Entry> = names.iter().map(|position| Entry { position, title: "" }).collect();
        let (from, to) = (from % count, to % count);
        let expected = match from.cmp(&to) {
            std::cmp::Ordering::Greater => None,
            _ => Some((from..=to).collect::<Vec<_>>()),
        };
        prop_assert_eq!(resolve(&format!("{} to {}", names[from], names[to]), &entries), expected);
    }
}
