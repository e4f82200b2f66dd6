//! Where the tracks of a release of Discogs' stand on an album, told from what is printed as their positions, and what is
//! said of those that a range names. How a range is read is [`crate::ranges`]' matter.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::Isrc;
use crate::ranges;
use crate::upstreams::discogs::{EntryKind, Release};

/// Of each track or part its index in the tracklist, its disc and its number there. `2-5` and `CD2-5` are on a disc each of
/// their own; the sides of vinyl are no discs, as albums elsewhere have none.
#[must_use]
pub fn track_positions(release: &Release) -> Vec<(usize, i16, i32)> {
    let mut discs: Vec<(&str, i32)> = Vec::new();
    release
        .tracklist
        .iter()
        .enumerate()
        .filter(|(_, entry)| matches!(entry.kind, EntryKind::Track | EntryKind::Part))
        .filter_map(|(index, entry)| {
            let label = disc_label(&entry.position);
            // Mostly that of the track before.
            let disc = match discs.iter().rposition(|(known, _)| *known == label) {
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

/// The indexes in the tracklist of the tracks and parts that a range of positions covers; None where that cannot be told.
pub(crate) fn covered(release: &Release, range: &str) -> Option<BTreeSet<usize>> {
    // A work in parts would look like a heading; its parts stand for it.
    let (indexes, entries): (Vec<usize>, Vec<ranges::Entry<'_>>) = release
        .tracklist
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.kind != EntryKind::Index)
        .map(|(index, entry)| {
            let entry = ranges::Entry {
                position: &entry.position,
                title: &entry.title,
            };
            (index, entry)
        })
        .unzip();
    let covered = ranges::resolve(range, &entries)?;
    Some(covered.into_iter().map(|at| indexes[at]).collect())
}

/// The ISRCs of tracks and parts by their indexes in the tracklist. Of which track one is, Discogs says in free text: it is
/// told where that names one position, or where there is one track and one ISRC. Of several of a track the first holds.
pub(super) fn isrcs<'a>(release: &'a Release, places: &[(usize, i16, i32)]) -> BTreeMap<usize, &'a Isrc> {
    let mut isrcs = BTreeMap::new();
    for stated in &release.isrcs {
        let named = Some(stated.description.as_str()).filter(|text| !text.is_empty());
        let named = named.and_then(|text| covered(release, text));
        if let Some(named) = named.filter(|named| named.len() == 1) {
            for index in named {
                isrcs.entry(index).or_insert(&stated.isrc);
            }
        }
    }
    if let ([(index, ..)], [first, others @ ..]) = (places, &release.isrcs[..])
        && others.iter().all(|other| other.isrc == first.isrc)
    {
        isrcs.insert(*index, &first.isrc);
    }
    isrcs
}

/// What stands before the number: `CD2` of `CD2-5`; nothing where no disc is named.
fn disc_label(position: &str) -> &str {
    let Some((label, number)) = position.rsplit_once('-') else {
        return "";
    };
    let is_number = number.starts_with(|c: char| c.is_ascii_digit());
    let is_disc = label.ends_with(|c: char| c.is_ascii_digit()) || label.chars().count() > 1;
    if is_number && is_disc { label.trim() } else { "" }
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
            let found: Vec<(i16, i32)> = track_positions(&release)
                .into_iter()
                .map(|(_, disc, number)| (disc, number))
                .collect();
            assert_eq!(found, places, "{positions:?}");
        }
    }

    #[test]
    fn an_isrc_is_of_the_one_track_that_it_names() {
        let sides: &[&str] = &["A1", "A2", "B1"];
        for (positions, stated, told) in [
            (
                sides,
                &[("Track A1", "IT-J04-01-00240"), ("b1", "itj040100241")][..],
                &[(0, "ITJ040100240"), (2, "ITJ040100241")][..],
            ),
            (
                &["1-1", "1-2", "2-1"],
                &[("TRACK 2-1", "ITJ040100240")],
                &[(2, "ITJ040100240")],
            ),
            (&["1", "2"], &[("02", "ITJ040100240")], &[(1, "ITJ040100240")]),
            (
                sides,
                &[("A2", "ITJ040100240"), ("A2", "ITJ040100249")],
                &[(1, "ITJ040100240")],
            ),
            // Nobody can tell of which track these are.
            (sides, &[("A1 to A2", "ITJ040100240")], &[]),
            (sides, &[("Side A", "ITJ040100240")], &[]),
            (sides, &[("", "ITJ040100240")], &[]),
            (sides, &[("Track", "ITJ040100240")], &[]),
            (sides, &[("C1", "ITJ040100240")], &[]),
            (sides, &[("Radio Edit", "ITJ040100240")], &[]),
            (&["A", "A"], &[("A", "ITJ040100240")], &[]),
            (&["A1", ""], &[("", "ITJ040100240")], &[]),
            // Nor is that one.
            (sides, &[("A1", "ITJ0401")], &[]),
            (
                &[""],
                &[("", "ITJ040100240"), ("Sleeve", "IT-J04-01-00240")],
                &[(0, "ITJ040100240")],
            ),
            (&["1"], &[("", "ITJ040100240"), ("", "ITJ040100241")], &[]),
            (sides, &[], &[]),
        ] {
            let tracks: String = positions
                .iter()
                .map(|position| format!("<track><position>{position}</position><title>T</title><duration>1:00</duration></track>"))
                .collect();
            let identifiers: String = stated
                .iter()
                .map(|(description, value)| {
                    format!("<identifier type='ISRC' description='{description}' value='{value}'/>")
                })
                .collect();
            let xml = format!(
                "<release id='1'><tracklist>{tracks}</tracklist><identifiers>{identifiers}</identifiers></release>"
            );
            let release = release_from_xml(xml.as_bytes()).expect("a release");
            let isrcs = isrcs(&release, &track_positions(&release));
            let found: Vec<(usize, &str)> = isrcs
                .iter()
                .map(|(index, isrc)| (*index, isrc.as_str()))
                .collect();
            assert_eq!(found, told, "{positions:?} {stated:?}");
        }
    }
}
