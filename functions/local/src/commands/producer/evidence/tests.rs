use chrono::{NaiveDate, Utc};
use shared::domain::ids::{AlbumId, ArtistId, TrackId};
use shared::store::producers::producer_tracks::{Album, SongArtist, TrackPlace};

use super::*;

fn evidence(track: &str, album: &str, records: &[(&str, &str)]) -> TrackEvidence {
    let credit = |(kind, id): &(&str, &str)| TrackCredit {
        track_range: None,
        covers: "track".to_owned(),
        counts: true,
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
    TrackEvidence {
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
            roles: vec!["producer".to_owned()],
            source: "musicbrainz".to_owned(),
            confidence: 0.9,
            place: TrackPlace {
                date: NaiveDate::MIN,
                album: 1,
                position: -1,
                song: 1,
            },
        },
        credits: records.iter().map(credit).collect(),
        verdict: None,
    }
}

#[test]
fn equal_evidence_is_printed_once_with_every_record() {
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
      MusicBrainz credits \"Rick Rubin\" as \"producer\" (recording matched by barcode)
      MusicBrainz credits \"Rick Rubin\" as \"producer\" (release matched by barcode): \
https://musicbrainz.org/release/b
        Hard as a Rock  https://musicbrainz.org/recording/r1
        The Furor       https://musicbrainz.org/recording/r2
1995  Another · AC/DC: producer (0.90)
        Elsewhere";
    assert_eq!(lines(&tracks, &|_| None).join("\n"), expected);
}

#[test]
fn a_stand_in_is_named_and_tracks_are_grouped_by_real_source() {
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
      the stand-in for MusicBrainz credits \"Rick Rubin\" as \"producer\" (recording matched by barcode)
      real source: Wikipedia: A
        One · Three
1995  Ballbreaker · AC/DC: producer (0.90)
      the stand-in for MusicBrainz credits \"Rick Rubin\" as \"producer\" (recording matched by barcode)
      real source: Wikipedia: B
        Two";
    assert_eq!(lines(&tracks, &fact).join("\n"), expected);
}

#[test]
fn two_roles_on_a_track_are_one_line() {
    let record = [("release", "b"), ("release", "b"), ("release", "b")];
    let mut twice = evidence("The Furor", "Ballbreaker", &record);
    twice.track.roles = vec!["producer".to_owned(), "co_producer".to_owned()];
    twice.credits[1].raw_role = "producer [co]".to_owned();
    twice.credits[2].covers = "album".to_owned();
    let expected = "\
1995  Ballbreaker · AC/DC: producer, co-producer (0.90)
      MusicBrainz credits \"Rick Rubin\" as \"producer\" and \"producer [co]\" (release matched by barcode): \
https://musicbrainz.org/release/b
        The Furor";
    assert_eq!(lines(&[twice], &|_| None).join("\n"), expected);

    let mut late = evidence("The Furor", "Ballbreaker", &[("release", "b"), ("release", "b")]);
    late.credits[1].raw_role = "supervised by".to_owned();
    late.credits[1].counts = false;
    let text = lines(&[late], &|_| None).join("\n");
    let uncounted = "as \"supervised by\" (release matched by barcode), which does not count: https";
    assert!(text.contains(uncounted), "{text}");
}

#[test]
fn titles_are_wrapped() {
    let titles: Vec<String> = (0..9).map(|number| format!("{number:015}")).collect();
    let lines = wrapped(titles.iter());
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| line.width() <= MAX_WIDTH), "{lines:?}");
}
