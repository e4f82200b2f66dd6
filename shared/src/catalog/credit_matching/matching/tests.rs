//! Tables of records that match and records that do not.

use super::*;
use crate::domain::ids::{AlbumId, ArtistId, TrackId};
use crate::store::catalog::albums::Album;
use crate::store::catalog::same_recordings::{SameBarcodeAlbum, SimilarTrack};
use crate::store::catalog::tracks::Track;
use crate::upstreams::genius;
use crate::upstreams::musicbrainz::{ArtistCredit, Recording, RecordingMatch};

fn track(name: &str, artists: &[&str], duration_ms: Option<i32>) -> Track {
    Track {
        id: TrackId(1),
        spotify_track_id: None,
        name: name.to_owned(),
        disc_number: 1,
        track_number: 1,
        duration_ms,
        isrc: None,
        artist_names: artists.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn credit(name: &str) -> ArtistCredit {
    ArtistCredit {
        mbid: "5b11f4ce-a62d-471e-81fc-a69a8278c7da".parse().expect("an MBID"),
        name: name.to_owned(),
        credited_as: name.to_owned(),
        join: String::new(),
    }
}

fn searched(title: &str, artists: &[&str], duration_ms: Option<i32>) -> RecordingMatch {
    RecordingMatch {
        id: "5b11f4ce-a62d-471e-81fc-a69a8278c7da".parse().expect("an MBID"),
        score: 100,
        title: title.to_owned(),
        duration_ms,
        artists: artists.iter().map(|name| credit(name)).collect(),
        first_release_date: None,
        video: false,
    }
}

#[test]
fn similar_titles_with_other_numbers_are_different() {
    let key_score = |ours: &str, theirs: &str| {
        let key = |title| crate::domain::titles::read(title).key;
        comparisons::key_score(&key(ours), &key(theirs))
    };
    for (ours, theirs) in [
        ("Cutscene 5", "Cutscene 6"),
        ("The Mirror, Pt. 1", "The Mirror, Pt. 2"),
        ("Pistolet Rose 2", "Pistolet Rose"),
        ("Glory of Music", "Glory of Music II"),
        ("Glory of Music II", "Glory of Music III"),
        ("Greatest Hits Volume One", "Greatest Hits Volume Two"),
    ] {
        assert_eq!(key_score(ours, theirs), 0.0, "{ours} | {theirs}");
    }
    for (ours, theirs) in [
        ("Estás Tentádome", "Estás Tentándome"),
        ("Kogda ty uydesh'", "Kogda ty uydjosh'"),
        ("99 Problms", "99 Problems"),
        ("Symphonic Variations II", "Symfonic Variations II"),
        ("Alibi for Two", "Aliby for Two"),
    ] {
        assert!(key_score(ours, theirs) > 0.0, "{ours} | {theirs}");
    }
}

#[test]
fn a_searched_recording_must_agree_in_all_known_properties() {
    let ours = track("Mixed Nuts", &["Official HIGE DANdism"], Some(213_000));
    let same = ["Official HIGE DANdism"];
    for (title, artists, duration_ms, fits, case) in [
        ("Mixed Nuts", same, Some(213_500), true, "the same"),
        (
            "mixed nuts!",
            ["Official Hige Dandism"],
            None,
            true,
            "another spelling",
        ),
        (
            "Mixed Nuts",
            ["[unknown]"],
            Some(213_000),
            false,
            "another artist",
        ),
        ("Mixed Nuts (live)", same, Some(213_000), false, "a live version"),
        ("Mixed Nuts", same, Some(300_000), false, "another duration"),
        ("Mixed Up", same, Some(213_000), false, "another title"),
    ] {
        let score = score_searched_recording(&ours, &searched(title, &artists, duration_ms));
        assert_eq!(score >= SEARCH_THRESHOLD, fits, "{case}: {score}");
    }
}

#[test]
fn a_remaster_matches_its_original_recording_but_a_remix_does_not() {
    let ours = track("Black Dog - Remaster", &["Led Zeppelin"], None);
    assert!(
        score_searched_recording(&ours, &searched("Black Dog", &["Led Zeppelin"], None)) >= SEARCH_THRESHOLD
    );
    let remix = track("Black Dog - Somebody Remix", &["Led Zeppelin"], None);
    assert_eq!(
        score_searched_recording(&remix, &searched("Black Dog", &["Led Zeppelin"], None)),
        0.0
    );
}

#[test]
fn a_recording_with_a_reused_isrc_does_not_match() {
    let ours = track("One", &["A"], Some(200_000));
    let recording = |title: &str, artist: &str, duration_ms| Recording {
        id: "5b11f4ce-a62d-471e-81fc-a69a8278c7da".parse().expect("an MBID"),
        title: title.to_owned(),
        duration_ms,
        artists: vec![credit(artist)],
        isrcs: Vec::new(),
        credits: Vec::new(),
        video: false,
    };
    assert!(score_recording_with_isrc(&ours, &recording("One", "A", Some(200_000))) > 0.99);
    assert!(
        score_recording_with_isrc(&ours, &recording("Eins", "A", Some(200_000))) > 0.8,
        "a translated title"
    );
    assert_eq!(
        score_recording_with_isrc(&ours, &recording("Two", "B", Some(200_000))),
        0.0
    );
    assert_eq!(
        score_recording_with_isrc(&ours, &recording("One", "A", Some(400_000))),
        0.0
    );
}

#[test]
fn the_same_recording_has_the_same_duration_and_version() {
    let ours = track("One", &["A"], Some(200_000));
    for (name, duration_ms, same_isrc, is_same, case) in [
        ("One", Some(205_000), true, true, "the same ISRC"),
        (
            "Eins",
            Some(200_500),
            true,
            true,
            "the same ISRC, a translated title",
        ),
        ("Else", Some(205_000), true, false, "a reused ISRC"),
        ("One", Some(260_000), true, false, "another duration"),
        ("One - Remaster", Some(200_500), false, true, "a remaster"),
        ("One (Live)", Some(200_500), false, false, "a live version"),
        ("One", Some(204_000), false, false, "possibly another take"),
        ("One", None, true, false, "an unknown duration"),
    ] {
        let other = SimilarTrack {
            track_id: TrackId(1),
            similar_track_id: TrackId(2),
            album_id: AlbumId(2),
            name: name.to_owned(),
            duration_ms,
            same_isrc,
        };
        assert_eq!(is_same_recording(&ours, &other), is_same, "{case}");
    }
}

#[test]
fn a_later_song_scores_lower_and_a_cover_by_the_artist_matches() {
    let song = |title: &str, artist: &str, year: &str| genius::SongSummary {
        id: crate::domain::ids::GeniusSongId(1),
        title: title.to_owned(),
        title_with_featured: title.to_owned(),
        primary_artists: vec![genius::PageArtist {
            id: crate::domain::ids::GeniusArtistId(1),
            name: artist.to_owned(),
        }],
        featured_artists: Vec::new(),
        date: crate::domain::dates::ReleaseDate::from_text(year),
        url: None,
        kind: genius::PageKind::Song,
    };
    let ours = track("One", &["A", "B"], None);
    for (title, artist, year, score) in [
        ("One", "A", "2001", 1.0),
        ("One", "A", "1971-05", 1.0),
        ("One", "B", "", 0.9),
        ("One", "A", "2019", 0.8),
        ("One", "C", "2001", 0.0),
        ("One (Live)", "A", "2001", 0.0),
    ] {
        let fits = score_genius_song(&ours, Some(2001), &song(title, artist, year));
        assert!((fits - score).abs() < 1e-6, "{title} by {artist}, {year}: {fits}");
    }
    let made_from = |relation| genius::Song {
        summary: song("One", "A", ""),
        album: None,
        spotify_track_ids: Vec::new(),
        made_from: vec![genius::RelatedSong {
            relation,
            id: crate::domain::ids::GeniusSongId(2),
            title: "One".to_owned(),
        }],
        credits: Vec::new(),
    };
    assert!(!is_other_version(
        &ours,
        &made_from(genius::SongRelation::CoverOf)
    ));
    assert!(is_other_version(&ours, &made_from(genius::SongRelation::RemixOf)));
    let remix = track("One - C Remix", &["A"], None);
    assert!(!is_other_version(
        &remix,
        &made_from(genius::SongRelation::RemixOf)
    ));
}

#[test]
fn with_a_barcode_two_of_title_tracks_and_artist_must_agree() {
    let ours = Album {
        id: AlbumId(1),
        name: "Album".to_owned(),
        upc: None,
        artist_id: ArtistId(1),
        artist_name: "A".to_owned(),
        is_various: false,
        year: None,
        updated_at: chrono::DateTime::UNIX_EPOCH,
    };
    for (name, artist, tracks, expected) in [
        ("Album", "A", 4, 1.0),
        ("Album (Remastered)", "A", 2, 1.0),
        ("Album", "A", 1, 0.9),
        ("Album", "Somebody", 4, 0.9),
        ("Something", "A", 4, 0.9),
        ("Something", "A", 1, 0.0),
        ("Something", "Somebody", 4, 0.0),
        ("Album", "Somebody", 0, 0.0),
    ] {
        let other = SameBarcodeAlbum {
            album_id: AlbumId(2),
            name: name.to_owned(),
            artist_name: artist.to_owned(),
        };
        let score = score_album_with_barcode(&ours, 4, &other, tracks);
        assert!((score - expected).abs() < 1e-6, "{name} by {artist}: {score}");
    }
}

#[test]
fn a_track_is_matched_by_position_or_by_a_unique_title() {
    let ours = |id, number, name: &str| Track {
        id: TrackId(id),
        track_number: number,
        ..track(name, &["A"], Some(200_000))
    };
    let tracks = [ours(1, 1, "One"), ours(2, 2, "Two"), ours(3, 3, "Three")];
    let entry = |place: i64, title| ListedTrack {
        track_in_place: (place <= 3).then_some(TrackId(place)),
        title,
        duration_ms: Some(200_000),
    };
    let placed = |entries: &[ListedTrack<'_>]| -> Vec<(i64, usize)> {
        let found = match_tracks(&tracks, entries).into_iter();
        found.map(|(id, (at, _))| (id.0, at)).collect()
    };
    let translated = [entry(1, "One"), entry(2, "Deux"), entry(3, "Three")];
    assert_eq!(placed(&translated), [(1, 0), (2, 1), (3, 2)]);
    let moved = [
        entry(1, "Intro"),
        entry(2, "Two"),
        entry(3, "One"),
        entry(4, "Bonus"),
    ];
    assert_eq!(
        placed(&moved),
        [(1, 2), (2, 1)],
        "a title at another position counts more than the position and duration"
    );
    let twice = [entry(7, "One"), entry(8, "One"), entry(9, "Two")];
    assert_eq!(placed(&twice), [(2, 2)], "two fitting entries match nothing");
}

#[test]
fn a_part_of_an_artist_or_title_does_not_match() {
    let ours = track("I", &["I"], None);
    for (title, artist) in [("I Want You", "I"), ("I", "Iggy Pop"), ("I", "I Am Kloot")] {
        let score = score_searched_recording(&ours, &searched(title, &[artist], None));
        assert!(score < SEARCH_THRESHOLD, "{title} by {artist}: {score}");
    }
    assert!(score_searched_recording(&ours, &searched("I", &["I"], None)) >= SEARCH_THRESHOLD);
}
