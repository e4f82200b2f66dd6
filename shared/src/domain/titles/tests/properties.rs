//! What holds for every title, whatever its text and length.

use proptest::prelude::*;

use super::super::{names, read};
use super::{key, without_spaces};

fn any_title() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "Song",
        "Two Words",
        "Live",
        "Remix",
        "feat. A",
        "ft",
        "(Live)",
        "(feat. B)",
        "[C Remix]",
        " - ",
        "–",
        "(",
        ")",
        "Version",
        "2011",
        "Remastered",
        "The",
        "Pt. 2",
        "(Reprise)",
        "夜に駆ける",
        "Édith",
        "!!!",
        "Radio Edit",
        "with",
        "of",
        "/",
        ",",
        "'s",
        "&",
        "Mix",
        "Club",
        "봄날",
        "(Spring Day)",
        "(봄날)",
        "n",
        "F**k",
        "prod.",
        "el",
        "(Una Noche Más)",
    ]);
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.join(" "))
}

proptest! {
    #[test]
    fn a_key_of_numbers_and_marks_is_its_own_key(
        title in "(pt|part|i|ii|two|2004|1|song|ft|mix|re|[カ\\p{M}]| |\\-|\\(|\\)){0,12}"
    ) {
        let key = key(&title);
        prop_assert_eq!(&read(&key).key, &key);
    }

    #[test]
    fn a_key_is_its_own_key(title in any_title()) {
        let key = key(&title);
        prop_assert_eq!(&read(&key).key, &key);
    }

    #[test]
    fn a_key_is_folded_and_only_a_blank_one_is_empty(title in any::<String>()) {
        let key = key(&title);
        prop_assert_eq!(names::fold(&key), key.clone());
        prop_assert_eq!(key.is_empty(), title.trim().is_empty());
        prop_assert_eq!(&read(&key).key, &key);
    }

    #[test]
    fn a_version_has_a_label(title in any_title()) {
        if let Some(version) = read(&title).version {
            prop_assert!(!version.label.trim().is_empty());
        }
    }

    #[test]
    fn a_suffix_does_not_change_the_key(name in "[A-Z][a-z]{2,8}( [a-z]{5,8}y)?") {
        for suffix in [
            " - Remastered 2011", " (Live)", " [Radio Edit]", " (feat. Somebody)", " - Somebody Remix",
        ] {
            prop_assert_eq!(key(&format!("{name}{suffix}")), without_spaces(&names::fold(&name)));
        }
    }
}

#[test]
fn a_title_of_any_length_is_read() {
    for part in [
        "(",
        ")",
        "(Live)",
        " - ",
        " - Live",
        "mix ",
        "Remix ",
        "live at ",
        "feat. ",
        "é",
        "ライブ",
        "a, ",
        "'s ",
        " - A Mix",
        "()",
    ] {
        let of = |count: usize| part.repeat(count);
        let title = of(50_000 / part.chars().count());
        assert!(!read(&title).key.is_empty());
    }
}
