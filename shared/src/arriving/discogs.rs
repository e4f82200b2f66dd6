//! Where the tracks of a release of Discogs' stand on an album, told from what is printed as their positions. What a
//! position means to a credit is [`crate::ranges`]' matter.

use crate::upstreams::discogs::{EntryKind, Release};

/// Of each track or part its index in the tracklist, its disc and its number there. `2-5` and `CD2-5` are on a disc each of
/// their own; the sides of vinyl are no discs, as albums elsewhere have none.
#[must_use]
pub fn places_of_release(release: &Release) -> Vec<(usize, i16, i32)> {
    let mut discs: Vec<(&str, i32)> = Vec::new();
    release
        .tracklist
        .iter()
        .enumerate()
        .filter(|(_, entry)| matches!(entry.kind, EntryKind::Track | EntryKind::Part))
        .filter_map(|(index, entry)| {
            let label = disc_label(&entry.position);
            let disc = match discs.iter().position(|(known, _)| *known == label) {
                Some(disc) => disc,
                None => {
                    discs.push((label, 0));
                    discs.len() - 1
                }
            };
            discs[disc].1 += 1;
            Some((index, i16::try_from(disc + 1).ok()?, discs[disc].1))
        })
        .collect()
}

/// What stands before the number: `CD2` of `CD2-5`; nothing where no disc is named.
fn disc_label(position: &str) -> &str {
    let Some((label, number)) = position.rsplit_once('-') else {
        return "";
    };
    let is_number = number.starts_with(|c: char| c.is_ascii_digit());
    let is_disc = label.ends_with(|c: char| c.is_ascii_digit()) || label.chars().count() > 1;
    if is_number && is_disc {
        label.trim()
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstreams::discogs::release_from_xml;

    #[test]
    fn discs_are_told_by_what_stands_before_the_number() {
        for (positions, places) in [
            (&["A1", "A2", "B1"][..], &[(1, 1), (1, 2), (1, 3)][..]),
            (&["1-1", "1-2", "2-1"], &[(1, 1), (1, 2), (2, 1)]),
            (&["CD1-1", "CD2-1", "DVD-1"], &[(1, 1), (2, 1), (3, 1)]),
            (&["1", "2", ""], &[(1, 1), (1, 2), (1, 3)]),
            (&["A-1", "B-1"], &[(1, 1), (1, 2)]),
            (&["7-9a", "7-9b"], &[(1, 1), (1, 2)]),
        ] {
            let tracks: String = positions
                .iter()
                .map(|position| format!("<track><position>{position}</position><title>T</title><duration>1:00</duration></track>"))
                .collect();
            let xml = format!("<release id='1'><tracklist>{tracks}</tracklist></release>");
            let release = release_from_xml(xml.as_bytes()).expect("a release");
            let found: Vec<(i16, i32)> = places_of_release(&release)
                .into_iter()
                .map(|(_, disc, number)| (disc, number))
                .collect();
            assert_eq!(found, places, "{positions:?}");
        }
    }
}
