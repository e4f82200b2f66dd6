//! The evidence for a producer's tracks in words: what is said alike of several tracks of an album is said once.
//! What the claims add up to is computed elsewhere.

use serde::Serialize;
use shared::domain::credits::Source;
use shared::store::credits::credit_overrides::CreditOverride;
use shared::store::credits::track_credits::TrackCredit;
use shared::store::producers::producer_tracks::ProducedSong;
use unicode_width::UnicodeWidthStr as _;

use crate::output::{self, one_line_of};

/// How wide lines of titles get, for a terminal of a hundred columns.
const WIDEST: usize = 98;
const TITLES: &str = "        ";

/// A track with the claims that say that the producer made it.
#[derive(Debug, Serialize)]
pub(super) struct Evidence {
    #[serde(flatten)]
    pub(super) track: ProducedSong,
    pub(super) credits: Vec<TrackCredit>,
    /// What a person decided: that the producer did make it.
    pub(super) verdict: Option<CreditOverride>,
}

/// Tracks of which the same is said, but for the record that says it.
struct Group {
    heading: String,
    said: Vec<String>,
    fact: Option<String>,
    /// Each with where every claim can be looked up.
    tracks: Vec<(String, Vec<String>)>,
}

/// The evidence by album, in the order of the tracks. `fact` says where a credit of a stand-in upstream really is from.
pub(super) fn lines(tracks: &[Evidence], fact: &dyn Fn(&ProducedSong) -> Option<String>) -> Vec<String> {
    let mut groups: Vec<Group> = Vec::new();
    for evidence in tracks {
        let group = Group::of(evidence, fact(&evidence.track));
        match groups.iter_mut().find(|other| other.says_as(&group)) {
            Some(alike) => alike.tracks.extend(group.tracks),
            None => groups.push(group),
        }
    }
    groups.iter().flat_map(Group::lines).collect()
}

impl Group {
    fn of(evidence: &Evidence, fact: Option<String>) -> Self {
        let (track, credits) = (&evidence.track, &evidence.credits);
        let said = credits.iter().map(|claim| says(claim, fact.is_some()));
        let records = credits.iter().map(record);
        Self {
            heading: heading(track, evidence.verdict.as_ref()),
            said: said.collect(),
            tracks: vec![(one_line_of(&track.name), records.collect())],
            fact,
        }
    }

    fn says_as(&self, other: &Self) -> bool {
        (&self.heading, &self.said, &self.fact) == (&other.heading, &other.said, &other.fact)
    }

    fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.heading.clone()];
        if let Some(fact) = &self.fact {
            // The stand-in's records are on no page.
            lines.extend(self.said.iter().map(|said| format!("      {said}")));
            lines.push(format!("      the fact is from {fact}"));
            lines.extend(wrapped(self.tracks.iter().map(|(title, _)| title)));
            return lines;
        }
        for (place, said) in self.said.iter().enumerate() {
            lines.push(match self.record_of_all(place) {
                Some(record) => format!("      {said}: {record}"),
                None => format!("      {said}"),
            });
        }
        let widest = self.tracks.iter().map(|(title, _)| title.width()).max();
        for (title, records) in &self.tracks {
            let own = records
                .iter()
                .enumerate()
                .filter(|(place, _)| self.record_of_all(*place).is_none());
            let own: Vec<&str> = own.map(|(_, record)| record.as_str()).collect();
            let padding = " ".repeat(widest.unwrap_or(0) - title.width());
            let line = format!("{TITLES}{title}{padding}  {}", own.join(" "));
            lines.push(line.trim_end().to_owned());
        }
        lines
    }

    /// The record that makes a claim for all tracks, where that is one.
    fn record_of_all(&self, place: usize) -> Option<&str> {
        let mut records = self.tracks.iter().map(|(_, records)| &records[place]);
        let first = records.next()?;
        records.all(|record| record == first).then_some(first)
    }
}

fn heading(track: &ProducedSong, verdict: Option<&CreditOverride>) -> String {
    let year = track.album.release_date.as_deref();
    let artists: Vec<_> = track
        .artists
        .iter()
        .map(|artist| one_line_of(&artist.name))
        .collect();
    let decided = verdict.map_or_else(String::new, |verdict| {
        format!(
            ", {} by {}: {}",
            verdict.verdict,
            one_line_of(&verdict.decided_by),
            one_line_of(&verdict.reason)
        )
    });
    format!(
        "{}  {} · {}: {} ({:.2}){decided}",
        year.and_then(|date| date.get(..4)).unwrap_or("    "),
        one_line_of(&track.album.name),
        artists.join(", "),
        track
            .role
            .parse()
            .map_or_else(|_| track.role.clone(), output::role),
        track.confidence
    )
}

fn says(claim: &TrackCredit, is_stand_in: bool) -> String {
    let note = claim
        .note
        .as_deref()
        .map_or_else(String::new, |note| format!(" ({})", one_line_of(note)));
    // Nothing was looked for where a person names the track.
    let found = if claim.source == Source::Manual.as_str() {
        note
    } else {
        let found = match &claim.known_from {
            Some(ours) => format!("known from {ours} of ours"),
            None => recognised(&claim.matched_by),
        };
        format!(" ({} {found})", claim.record_kind)
    };
    format!(
        "{}{} credits \"{}\" as \"{}\"{found}",
        if is_stand_in { "the stand-in for " } else { "" },
        source_name(&claim.source),
        one_line_of(&claim.credited_as),
        one_line_of(&claim.raw_role),
    )
}

/// How a record was recognised as ours.
fn recognised(matched_by: &str) -> String {
    match matched_by {
        "own" => "known to be this one".to_owned(),
        other => format!("found by {}", other.replace('_', " ")),
    }
}

/// The page of the record that makes the claim, else its name.
fn record(claim: &TrackCredit) -> String {
    let page = claim
        .source
        .parse()
        .ok()
        .and_then(|source: Source| source.record_url(&claim.record_kind, &claim.record_id));
    page.unwrap_or_else(|| one_line_of(&format!("{} {}", claim.record_kind, claim.record_id)))
}

/// A source by its name.
pub(super) fn source_name(word: &str) -> &str {
    match word.parse() {
        Ok(source) => output::source(source),
        Err(_) => word,
    }
}

/// Titles one after another, on as many lines as they need.
fn wrapped<'a>(titles: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for title in titles {
        match lines.last_mut() {
            Some(line) if line.width() + 3 + title.width() <= WIDEST => {
                line.push_str(" · ");
                line.push_str(title);
            }
            _ => lines.push(format!("{TITLES}{title}")),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, Utc};
    use shared::domain::ids::{AlbumId, ArtistId, TrackId};
    use shared::store::producers::producer_tracks::{Album, SongArtist, TrackPlace};

    use super::*;

    fn evidence(track: &str, album: &str, records: &[(&str, &str)]) -> Evidence {
        let claim = |(kind, id): &(&str, &str)| TrackCredit {
            track_range: None,
            covers: "track".to_owned(),
            source: "musicbrainz".to_owned(),
            record_kind: (*kind).to_owned(),
            record_id: (*id).to_owned(),
            producer_id: None,
            credited_as: "Rick Rubin".to_owned(),
            raw_role: "producer".to_owned(),
            role: "producer".to_owned(),
            matched_by: "barcode".to_owned(),
            match_score: 1.0,
            known_from: None,
            note: None,
            first_seen_at: Utc::now(),
        };
        Evidence {
            track: ProducedSong {
                track_id: TrackId(1),
                name: track.to_owned(),
                spotify_id: None,
                normalized_track_id: None,
                version_count: 1,
                artists: vec![SongArtist {
                    id: ArtistId(1),
                    name: "AC/DC".to_owned(),
                }],
                album: Album {
                    id: AlbumId(1),
                    name: album.to_owned(),
                    release_date: Some("1995".to_owned()),
                },
                role: "producer".to_owned(),
                source: "musicbrainz".to_owned(),
                confidence: 0.9,
                place: TrackPlace {
                    date: NaiveDate::MIN,
                    album: 1,
                    position: -1,
                    song: 1,
                },
            },
            credits: records.iter().map(claim).collect(),
            verdict: None,
        }
    }

    #[test]
    fn what_is_said_alike_is_said_once_and_every_record_is_named() {
        let tracks = [
            evidence(
                "Hard as a Rock",
                "Ballbreaker",
                &[("recording", "r1"), ("release", "b")],
            ),
            evidence("Elsewhere", "Another", &[]),
            evidence(
                "The Furor",
                "Ballbreaker",
                &[("recording", "r2"), ("release", "b")],
            ),
        ];
        let expected = "\
1995  Ballbreaker · AC/DC: producer (0.90)
      MusicBrainz credits \"Rick Rubin\" as \"producer\" (recording found by barcode)
      MusicBrainz credits \"Rick Rubin\" as \"producer\" (release found by barcode): https://musicbrainz.org/release/b
        Hard as a Rock  https://musicbrainz.org/recording/r1
        The Furor       https://musicbrainz.org/recording/r2
1995  Another · AC/DC: producer (0.90)
        Elsewhere";
        assert_eq!(lines(&tracks, &|_| None).join("\n"), expected);
    }

    #[test]
    fn a_stand_in_is_called_one_and_the_real_source_tells_tracks_apart() {
        let tracks = [
            evidence("One", "Ballbreaker", &[("recording", "r1")]),
            evidence("Two", "Ballbreaker", &[("recording", "r2")]),
            evidence("Three", "Ballbreaker", &[("recording", "r3")]),
        ];
        let fact = |track: &ProducedSong| {
            let article = if track.name == "Two" { "B" } else { "A" };
            Some(format!("Wikipedia: {article}"))
        };
        let expected = "\
1995  Ballbreaker · AC/DC: producer (0.90)
      the stand-in for MusicBrainz credits \"Rick Rubin\" as \"producer\" (recording found by barcode)
      the fact is from Wikipedia: A
        One · Three
1995  Ballbreaker · AC/DC: producer (0.90)
      the stand-in for MusicBrainz credits \"Rick Rubin\" as \"producer\" (recording found by barcode)
      the fact is from Wikipedia: B
        Two";
        assert_eq!(lines(&tracks, &fact).join("\n"), expected);
    }

    #[test]
    fn titles_go_on_on_the_next_line() {
        let titles: Vec<String> = (0..9).map(|number| format!("{number:015}")).collect();
        let lines = wrapped(titles.iter());
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.width() <= WIDEST), "{lines:?}");
    }
}
