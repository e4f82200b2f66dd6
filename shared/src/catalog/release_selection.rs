//! Chooses the release of a MusicBrainz release group that becomes the album, online and from a dump. Pure.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{ReleaseGroupMbid, ReleaseMbid};
use crate::upstreams::musicbrainz::{ListedMedium, ListedRelease};
use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

/// A release that may become an album. Its JSON is stored in lookups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseCandidate {
    /// The release.
    pub release: ReleaseMbid,
    group: Option<ReleaseGroupMbid>,
    rank: ReleaseRank,
}

/// The order of releases, the best one first: an official release; one with a barcode, by which other sources
/// know it; one on CD or as files, whose tracks are numbered as on streaming services and have ISRCs; the
/// earliest one, which is the original edition, and within a year the one with the most precise date.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct ReleaseRank {
    is_unofficial: bool,
    is_without_barcode: bool,
    is_on_other_media: bool,
    is_undated: bool,
    year: i32,
    precision: Reverse<u8>,
    date: Option<NaiveDate>,
}

impl ReleaseCandidate {
    /// `None` for a release without audible tracks: its tracks are unknown, or all media are videos.
    #[must_use]
    pub fn new(release: ListedRelease) -> Option<Self> {
        let audible: Vec<&ListedMedium> = release
            .media
            .iter()
            .filter(|medium| medium.track_count > 0 && !is_video(medium))
            .collect();
        if audible.is_empty() {
            return None;
        }
        let date = release.date;
        Some(Self {
            release: release.id,
            group: release.release_group_id,
            rank: ReleaseRank {
                is_unofficial: !release.is_official,
                is_without_barcode: !release.has_barcode,
                is_on_other_media: !audible.iter().all(|medium| is_disc_or_files(medium)),
                is_undated: date.is_none(),
                year: date.map_or(0, |date| date.date.year()),
                precision: Reverse(date.map_or(0, |date| date.precision as u8)),
                date: date.map(|date: ReleaseDate| date.date),
            },
        })
    }

    /// The id of the release group. A release without a group is a group of its own, under its own id.
    #[must_use]
    pub fn group(&self) -> &str {
        let group = self.group.as_ref().map(ReleaseGroupMbid::as_str);
        group.unwrap_or(self.release.as_str())
    }

    /// Whether this release is preferred over another one of its group.
    #[must_use]
    pub fn is_better_than(&self, other: &Self) -> bool {
        (&self.rank, &self.release) < (&other.rank, &other.release)
    }
}

fn is_video(medium: &ListedMedium) -> bool {
    const VIDEO: &[&str] = &[
        "DVD-Video",
        "Blu-ray",
        "VHS",
        "LaserDisc",
        "HD-DVD",
        "VCD",
        "SVCD",
        "UMD",
    ];
    let format = medium.format.as_deref().unwrap_or_default();
    VIDEO.contains(&format)
}

fn is_disc_or_files(medium: &ListedMedium) -> bool {
    let format = medium.format.as_deref().unwrap_or_default();
    format == "Digital Media" || format.ends_with("CD")
}

/// The best release of each group, newest first.
#[must_use]
pub fn best_of_each_group(candidates: Vec<ReleaseCandidate>) -> Vec<ReleaseCandidate> {
    let mut best: BTreeMap<String, ReleaseCandidate> = BTreeMap::new();
    for candidate in candidates {
        let best_so_far = best.get(candidate.group());
        if best_so_far.is_none_or(|other| candidate.is_better_than(other)) {
            best.insert(candidate.group().to_owned(), candidate);
        }
    }
    let mut chosen: Vec<ReleaseCandidate> = best.into_values().collect();
    chosen.sort_by_key(|candidate| Reverse(candidate.rank.date));
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mbid<T: std::str::FromStr<Err: std::fmt::Debug>>(number: u32) -> T {
        format!("00000000-0000-4000-8000-{number:012}")
            .parse()
            .expect("an MBID")
    }

    fn medium(format: &str) -> ListedMedium {
        ListedMedium {
            format: Some(format.to_owned()),
            track_count: 10,
        }
    }

    /// An official CD with a barcode.
    fn listed(number: u32, group: u32, date: &str) -> ListedRelease {
        ListedRelease {
            id: mbid(number),
            release_group_id: Some(mbid(1_000 + group)),
            is_official: true,
            date: ReleaseDate::from_text(date),
            has_barcode: true,
            media: vec![medium("CD")],
        }
    }

    fn chosen(listed: Vec<ListedRelease>) -> Vec<u32> {
        let candidates = listed.into_iter().filter_map(ReleaseCandidate::new).collect();
        best_of_each_group(candidates)
            .iter()
            .map(|candidate| candidate.release.as_str()[24..].parse().expect("a number"))
            .collect()
    }

    #[test]
    fn the_best_release_of_a_group_is_chosen() {
        let first = listed(9, 1, "1999-03-08");
        let cases: [(&str, ListedRelease); 8] = [
            ("a later release", listed(1, 1, "2009-01-01")),
            (
                "a release of the same day with a larger id",
                listed(10, 1, "1999-03-08"),
            ),
            ("a release with an unknown day", listed(1, 1, "1999")),
            ("a release without a date", listed(1, 1, "")),
            (
                "a release without a barcode",
                ListedRelease {
                    has_barcode: false,
                    ..listed(1, 1, "1998-01-01")
                },
            ),
            (
                "vinyl",
                ListedRelease {
                    media: vec![medium("12\" Vinyl")],
                    ..listed(1, 1, "1998-01-01")
                },
            ),
            (
                "a bootleg",
                ListedRelease {
                    is_official: false,
                    ..listed(1, 1, "1998-01-01")
                },
            ),
            (
                "a video",
                ListedRelease {
                    media: vec![medium("DVD-Video")],
                    ..listed(1, 1, "1998-01-01")
                },
            ),
        ];
        for (case, other) in cases {
            assert_eq!(chosen(vec![first.clone(), other.clone()]), [9], "{case}");
            assert_eq!(chosen(vec![other, first.clone()]), [9], "{case}, listed first");
        }
    }

    #[test]
    fn each_group_has_one_release_and_a_release_without_a_group_is_its_own() {
        let alone = |number, date| ListedRelease {
            release_group_id: None,
            ..listed(number, 0, date)
        };
        let with_video = ListedRelease {
            media: vec![medium("CD"), medium("DVD-Video")],
            ..listed(4, 3, "2003")
        };
        assert_eq!(
            chosen(vec![
                listed(1, 1, "2001"),
                alone(2, "2005"),
                alone(3, ""),
                with_video
            ]),
            [2, 4, 1, 3],
            "newest first"
        );
    }

    #[test]
    fn releases_without_tracks_are_not_chosen() {
        let without_media = ListedRelease {
            media: Vec::new(),
            ..listed(1, 1, "2001")
        };
        let mut without_tracks = listed(2, 2, "2001");
        without_tracks.media[0].track_count = 0;
        assert_eq!(chosen(vec![without_media, without_tracks]), [0_u32; 0]);
    }
}
