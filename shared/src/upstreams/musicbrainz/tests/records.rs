//! The mapping of single recordings, releases and artists.

use pretty_assertions::assert_eq;

use super::super::*;
use super::{
    ARTIST_BARE, ARTIST_LINKS, RECORDING_BARE, RECORDING_CREDITS, RELEASE_ALBUM, RELEASE_BARE, id, mbid,
    names,
};
use crate::domain::albums::AlbumType;
use crate::domain::credits::Credit;
use crate::domain::dates::ReleaseDate;

/// One line per credit: role, name, name as printed, and wording of the role.
fn credit_lines(credits: &[Credit]) -> Vec<String> {
    credits
        .iter()
        .map(|credit| {
            format!(
                "{} | {} | {} | {}",
                credit.role, credit.name, credit.credited_as, credit.raw_role
            )
        })
        .collect()
}

#[test]
fn the_relations_of_a_recording_become_credits() {
    let recording = recording_from_json(RECORDING_CREDITS).expect("a recording");
    assert_eq!(
        credit_lines(&recording.credits),
        [
            "producer | 島田テスト | 島田 テスト | producer",
            "executive_producer | Second Producer | Second Producer | producer [co, executive]",
            "additional_producer | Second Producer | Second Producer | producer [additional]",
            "vocal_producer | Third Producer | Third Producer | producer [task: vocal production]",
            "assistant_producer | Fourth Producer | Fourth Producer | producer [assistant, task: drums]",
            "producer | [unknown] | [unknown] | producer",
            "mixer | Second Producer | Second Producer | mix",
            "engineer | Some Engineer | Some Engineer | engineer [assistant]",
            "performer | Guest Singer | Guest Singer | instrument [guitar, piano]",
            "other | Test Band | Test Band | phonographic copyright",
            "other | Some Director | Some Director | video director [co]",
        ]
    );
    assert_eq!(recording.credits[0].source_artist_id, Some(mbid(11)));
    assert!(
        recording.credits[5]
            .source_artist_id
            .as_deref()
            .is_some_and(is_special_artist)
    );
    assert!(!is_special_artist(&mbid(11)));
    assert_eq!(recording.id, id(101));
    assert_eq!(recording.duration_ms, Some(242_640));
    assert_eq!(
        recording.isrcs,
        [
            "ZZAAA9900001".parse().expect("an ISRC"),
            "ZZAAA9900002".parse().expect("an ISRC")
        ]
    );
    assert_eq!(names(&recording.artists), "Test Band feat. The Guest");
    assert_eq!(
        (recording.artists[1].name.as_str(), &recording.artists[1].mbid),
        ("Guest Singer", &id(2))
    );
}

#[test]
fn a_recording_may_have_almost_no_data() {
    let recording = recording_from_json(RECORDING_BARE).expect("a recording");
    assert_eq!(
        credit_lines(&recording.credits),
        [
            "co_producer | 島田テスト | 島田テスト | producer [co]",
            "producer | Printed Name | Printed Name | producer"
        ],
        "relations without a name or a role make no credit"
    );
    assert_eq!((recording.duration_ms, recording.video), (None, false));
    assert!(recording.artists.is_empty() && recording.isrcs.is_empty());
}

#[test]
fn a_release_has_its_tracks_by_disc_and_position() {
    let release = release_from_json(RELEASE_ALBUM).expect("a release");
    let tracks: Vec<String> = release
        .tracks
        .iter()
        .map(|track| {
            let video = if track.recording.video { " (video)" } else { "" };
            let (disc, position, title) = (track.disc_number, track.position, &track.title);
            format!(
                "{disc}.{position} {title} {:?} {}{video}",
                track.duration_ms,
                names(&track.artists)
            )
        })
        .collect();
    assert_eq!(
        tracks,
        [
            "1.0 Hidden Song Some(60000) Test Band",
            "1.1 First Song (album version) Some(243000) Test Band & Guest",
            "1.2 Second Song Some(200000) Test Band",
            "2.1 First Song (video) Some(250000)  (video)",
        ]
    );
    assert_eq!(
        credit_lines(&release.credits),
        [
            "executive_producer | Design Studio | Design Studio | producer [executive]",
            "engineer | Some Engineer | Some Engineer | mastering",
        ]
    );
    assert_eq!(
        credit_lines(&release.tracks[1].recording.credits),
        ["producer | 島田テスト | 島田 テスト | producer"]
    );
    assert_eq!(release.barcode, Some("602475093060".parse().expect("a barcode")));
    assert_eq!(
        (release.release_group_id, release.date),
        (Some(id(301)), Some("1999-03".to_owned()))
    );
    assert_eq!(names(&release.artists), "Test Band");
    assert_eq!(
        (release.album_type, release.first_release_date),
        (Some(AlbumType::Single), ReleaseDate::from_text("1998-11-02"))
    );
    assert_eq!(release.label.as_deref(), Some("Test Label"));
    let spotify: Vec<_> = release
        .spotify_album_ids
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(spotify, ["0000000000000000000201"], "the other link has ended");
}

#[test]
fn a_release_may_have_almost_no_data() {
    let release = release_from_json(RELEASE_BARE).expect("a release");
    assert_eq!(
        (release.barcode, release.release_group_id, release.date),
        (None, None, None)
    );
    assert!(release.artists.is_empty() && release.credits.is_empty());
    assert_eq!(
        (release.album_type, release.first_release_date, release.label),
        (None, None, None)
    );
    let places: Vec<_> = release
        .tracks
        .iter()
        .map(|track| (track.disc_number, track.position, track.title.as_str()))
        .collect();
    assert_eq!(
        places,
        [(1, 1, "Second Song"), (3, 1, ""), (3, 2, "")],
        "a medium or track without a number is numbered by its place"
    );
    assert_eq!(
        release.tracks[0].duration_ms, None,
        "0 means that the duration is unknown"
    );
}

#[test]
fn an_artist_has_only_its_own_current_links() {
    let artist = artist_from_json(ARTIST_LINKS).expect("an artist");
    let links: Vec<_> = artist
        .links
        .iter()
        .map(|link| format!("{} {}", link.kind, link.value))
        .collect();
    assert_eq!(
        links,
        [
            "instagram second.producer",
            "website https://second-producer.example/",
            "bandcamp second-producer",
            "discogs 1234",
            "genius Second-producer",
            "spotify 0000000000000000000001",
            "wikidata Q1",
            "other http://musicmoz.example/second-producer",
        ]
    );
    assert_eq!(artist.aliases, ["2nd Producer", "Secnod Producer"]);
    assert_eq!(
        (artist.sort_name.as_str(), artist.disambiguation.as_str()),
        ("Producer, Second", "test data")
    );

    let bare = artist_from_json(ARTIST_BARE).expect("an artist");
    assert_eq!(
        (bare.name.as_str(), bare.sort_name.as_str()),
        ("Second Producer", "")
    );
    assert!(bare.aliases.is_empty() && bare.links.is_empty());
}

#[test]
fn a_body_of_another_shape_is_an_error() {
    for body in [
        &b"<html>"[..],
        b"",
        b"[]",
        br#"{"error":"Not Found"}"#,
        br#"{"id":"not an MBID","title":"x"}"#,
        &RELEASE_ALBUM[..500],
    ] {
        assert!(
            matches!(release_from_json(body), Err(Error::Decode(_))),
            "{}",
            String::from_utf8_lossy(body)
        );
        assert!(matches!(recording_from_json(body), Err(Error::Decode(_))));
        assert!(matches!(artist_from_json(body), Err(Error::Decode(_))));
    }
}

#[test]
fn special_artists_are_recognized_by_id_not_by_name() {
    for (name, mbid) in [
        ("Various Artists", "89ad4ac3-39f7-470e-963a-56509c546377"),
        ("[unknown]", "125ec42a-7229-4250-afc5-e057484327fe"),
        ("[anonymous]", "f731ccc4-e22a-43af-a747-64213329e088"),
        ("[traditional]", "9be7f096-97ec-4615-8957-8d40b5dcbc41"),
        ("[no artist]", "eec63d3c-3b81-4ad4-b1e4-7c147d4d2b61"),
        ("[data]", "33cf029c-63b0-41a0-9855-be2a3665fb3b"),
    ] {
        assert!(is_special_artist(mbid), "{name}");
    }
    assert!(!is_special_artist("Various Artists"));
}
