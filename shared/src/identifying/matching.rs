//! Whether a record of a source is a track or an album of ours. Pure; a score is 0 (it is not) to 1 (everything that can
//! be compared is equal), and never the first hit.

use crate::names;
use crate::store::albums::Album;
use crate::store::tracks::Track;
use crate::store::twins::Twin;
use crate::titles::{self, Title, VersionKind};
use crate::upstreams::musicbrainz::{ArtistCredit, Recording, RecordingMatch, ReleaseMatch};
use crate::upstreams::{discogs, genius};
use serde_json::json;

/// Below this, what was searched for is not ours.
pub const SEARCH_THRESHOLD: f32 = 0.8;
/// Titles less alike than this are other titles.
const ALIKE: f64 = 0.85;
/// Lengths that differ by more belong to other recordings.
const OTHER_LENGTH_MS: i32 = 20_000;

/// How well a release that has our barcode fits: barcodes get reused, so the title or the number of tracks must agree.
#[must_use]
pub fn release(album: &Album, track_count: usize, release: &ReleaseMatch) -> f32 {
    // An edition's words ("Deluxe") make no other album of it.
    let title = titles::read(&album.name).key == titles::read(&release.title).key;
    let count = release
        .track_count
        .is_some_and(|count| count as usize == track_count);
    let artist = album.is_various || has_artist(&release.artists, &album.artist_name);
    match (title, count, artist) {
        (true, true, true) => 1.0,
        (true, true, false) | (true, false, true) | (false, true, true) => 0.9,
        _ => 0.0,
    }
}

/// How well a track of a release that is our album fits, by its title and length: if not in its place then for a title that
/// no other track has.
#[must_use]
pub fn release_track(
    track: &Track,
    their_title: &str,
    their_duration_ms: Option<i32>,
    same_place: bool,
) -> f32 {
    let title = title(&titles::read(&track.name), &titles::read(their_title));
    let length = length(track.duration_ms, their_duration_ms);
    match (same_place, title > 0.0) {
        (true, true) => title * length.max(0.7),
        // A title in another language or script, at the place and of the length of ours.
        (true, false) if length >= 1.0 => 0.8,
        (false, true) if title >= 1.0 => 0.9 * length,
        _ => 0.0,
    }
}

/// How well a release that a search of Discogs' found may fit, before its tracks are known: a barcode says most, and its
/// title must be ours; 0 where it cannot be ours. An unofficial release is the worst of all that fit.
#[must_use]
pub fn discogs_match(album: &Album, found: &discogs::ReleaseMatch, has_barcode: bool) -> f32 {
    let title = album_title(&album.name, &found.title);
    let artist = album.is_various
        || found
            .artist
            .as_deref()
            .is_some_and(|artist| is_artist(&[artist], &album.artist_name));
    let official = if found
        .formats
        .iter()
        .any(|format| format == "Unofficial Release")
    {
        0.9
    } else {
        1.0
    };
    match (has_barcode, title > 0.0, artist) {
        (true, _, _) => official * (0.8 + 0.1 * title + if artist { 0.1 } else { 0.0 }),
        (false, true, true) => official * title * near_year(album.year, found.year),
        _ => 0.0,
    }
}

/// How well a release of Discogs' fits, all told: `tracks` of ours are on it.
#[must_use]
pub fn discogs_release(
    album: &Album,
    track_count: usize,
    release: &discogs::Release,
    tracks: usize,
    has_barcode: bool,
) -> f32 {
    let title = album_title(&album.name, &release.title);
    let artists: Vec<&str> = release
        .artists
        .iter()
        .flat_map(|artist| [artist.name.as_str(), artist.credited_as.as_str()])
        .collect();
    let artist = album.is_various || is_artist(&artists, &album.artist_name);
    let share = tracks as f32 / track_count.max(1) as f32;
    if has_barcode {
        // Barcodes get reused: one more thing has to agree.
        return match (title > 0.0, share >= 0.5, artist) {
            (true, true, true) => 1.0,
            (true, true, false) | (true, false, true) | (false, true, true) => 0.9,
            _ => 0.0,
        };
    }
    let year = release
        .date
        .map(|known| chrono::Datelike::year(&known.date));
    if artist {
        title * share * near_year(album.year, year)
    } else {
        0.0
    }
}

/// A pressing of another year is another pressing, and mostly the same record.
fn near_year(ours: Option<i32>, theirs: Option<i32>) -> f32 {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) if ours.abs_diff(theirs) > 1 => 0.95,
        _ => 1.0,
    }
}

/// An edition's words ("Deluxe") make no other album of it.
fn album_title(ours: &str, theirs: &str) -> f32 {
    let (ours, theirs) = (titles::read(ours).key, titles::read(theirs).key);
    if ours == theirs {
        return 1.0;
    }
    let alike = strsim::normalized_levenshtein(&ours, &theirs);
    if alike >= ALIKE { alike as f32 } else { 0.0 }
}

/// How well a song of Genius' fits by what its page says of itself: title, version and artist must agree, and it cannot
/// have come out long after our album.
#[must_use]
pub fn genius_song(track: &Track, year: Option<i32>, song: &genius::SongSummary) -> f32 {
    if song.kind != genius::PageKind::Song {
        return 0.0;
    }
    let artists: Vec<&str> = song
        .primary_artists
        .iter()
        .map(|artist| artist.name.as_str())
        .collect();
    let artist = match track
        .artist_names
        .iter()
        .position(|name| is_artist(&artists, name))
    {
        Some(0) => 1.0,
        Some(_) => 0.9,
        None => 0.0,
    };
    let theirs = song.date.map(|known| chrono::Datelike::year(&known.date));
    let year = match (year, theirs) {
        (Some(ours), Some(theirs)) if theirs > ours + 1 => 0.8,
        _ => 1.0,
    };
    title(&titles::read(&track.name), &titles::read(&song.title)) * artist * year
}

/// Whether a song made from another one is no version of that kind in our eyes: a remix, live version or translation is ours
/// only where our title says so. A cover by our artist is our artist's recording.
#[must_use]
pub fn is_other_version(track: &Track, song: &genius::Song) -> bool {
    let ours = version(&titles::read(&track.name));
    song.made_from.iter().any(|from| match from.relation {
        genius::Relation::RemixOf => ours != Some(VersionKind::Remix),
        genius::Relation::LiveVersionOf => ours != Some(VersionKind::Live),
        genius::Relation::TranslationOf => ours != Some(VersionKind::Language),
        genius::Relation::CoverOf => false,
    })
}

/// What was compared of a song of Genius' and a track, as a lookup keeps it.
#[must_use]
pub fn compared(track: &Track, year: Option<i32>, song: &genius::SongSummary) -> serde_json::Value {
    let artists: Vec<&String> = song
        .primary_artists
        .iter()
        .map(|artist| &artist.name)
        .collect();
    json!({
        "title": [track.name, song.title],
        "artists": [track.artist_names, artists],
        "year": [year, song.date.map(|known| chrono::Datelike::year(&known.date))],
    })
}

/// Whether a track of ours is the same recording as another one of ours, with an artist in common: by ISRC of about one
/// length, which labels reuse, else the same version of the song to the second.
#[must_use]
pub fn twin(track: &Track, other: &Twin) -> bool {
    let apart = match (track.duration_ms, other.duration_ms) {
        (Some(ours), Some(theirs)) => ours.abs_diff(theirs),
        _ => return false,
    };
    let (ours, theirs) = (titles::read(&track.name), titles::read(&other.name));
    if other.same_isrc {
        apart <= 10_000 && (ours.key == theirs.key || apart <= 1_000)
    } else {
        let labels = [&ours, &theirs].map(|title| {
            let version = title.version.as_ref().filter(|_| version(title).is_some());
            version.map(|version| names::fold(&version.label))
        });
        apart <= 1_000 && ours.key == theirs.key && labels[0] == labels[1]
    }
}

fn is_artist(theirs: &[&str], ours: &str) -> bool {
    theirs.iter().any(|name| names::is_same_name(name, ours))
}

/// How well a recording that has our ISRC fits: labels reuse ISRCs, so the artist or the title must agree, and the length.
#[must_use]
pub fn recording_by_isrc(track: &Track, recording: &Recording) -> f32 {
    let title = title(&titles::read(&track.name), &titles::read(&recording.title)) > 0.0;
    let artist = track
        .artist_names
        .iter()
        .any(|name| has_artist(&recording.artists, name));
    let length = length(track.duration_ms, recording.duration_ms);
    match (title, artist) {
        (true, true) => length.min(1.0),
        (true, false) | (false, true) => 0.9 * length,
        (false, false) => 0.0,
    }
}

/// How well a recording that was searched for fits: title, version, artist and length must all agree.
#[must_use]
pub fn recording_by_search(track: &Track, candidate: &RecordingMatch) -> f32 {
    let artist = match track
        .artist_names
        .iter()
        .position(|name| has_artist(&candidate.artists, name))
    {
        Some(0) => 1.0,
        Some(_) => 0.9,
        None => 0.0,
    };
    title(&titles::read(&track.name), &titles::read(&candidate.title))
        * artist
        * length(track.duration_ms, candidate.duration_ms)
}

fn has_artist(artists: &[ArtistCredit], name: &str) -> bool {
    artists.iter().any(|artist| {
        names::is_same_name(&artist.name, name) || names::is_same_name(&artist.credited_as, name)
    })
}

/// Equal songs in the same version; a remaster, a mono or a clean edit is the recording it was made from.
fn title(ours: &Title, theirs: &Title) -> f32 {
    if version(ours) != version(theirs) {
        return 0.0;
    }
    if ours.key == theirs.key {
        return 1.0;
    }
    let alike = strsim::normalized_levenshtein(&ours.key, &theirs.key);
    if alike >= ALIKE { alike as f32 } else { 0.0 }
}

/// The kind of version, where it makes another recording.
fn version(title: &Title) -> Option<VersionKind> {
    title
        .version
        .as_ref()
        .map(|version| version.kind)
        .filter(|kind| {
            !matches!(
                kind,
                VersionKind::Remaster
                    | VersionKind::Mono
                    | VersionKind::Stereo
                    | VersionKind::Explicit
                    | VersionKind::Clean
                    | VersionKind::Bonus
                    | VersionKind::Other
            )
        })
}

fn length(ours: Option<i32>, theirs: Option<i32>) -> f32 {
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return 0.95;
    };
    match ours.abs_diff(theirs) {
        0..=3_000 => 1.0,
        3_001..=10_000 => 0.9,
        difference if difference <= OTHER_LENGTH_MS.unsigned_abs() => 0.7,
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use crate::ids::TrackId;

    use super::*;

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
            mbid: "5b11f4ce-a62d-471e-81fc-a69a8278c7da"
                .parse()
                .expect("an id"),
            name: name.to_owned(),
            credited_as: name.to_owned(),
            join: String::new(),
        }
    }

    fn searched(title: &str, artists: &[&str], duration_ms: Option<i32>) -> RecordingMatch {
        RecordingMatch {
            id: "5b11f4ce-a62d-471e-81fc-a69a8278c7da"
                .parse()
                .expect("an id"),
            score: 100,
            title: title.to_owned(),
            duration_ms,
            artists: artists.iter().map(|name| credit(name)).collect(),
            first_release_date: None,
            video: false,
        }
    }

    #[test]
    fn a_searched_recording_must_agree_in_everything_that_is_known() {
        let ours = track("Mixed Nuts", &["Official HIGE DANdism"], Some(213_000));
        for (candidate, fits, case) in [
            (
                searched("Mixed Nuts", &["Official HIGE DANdism"], Some(213_500)),
                true,
                "the same",
            ),
            (
                searched("mixed nuts!", &["Official Hige Dandism"], None),
                true,
                "another spelling, no length",
            ),
            (
                searched("Mixed Nuts", &["[unknown]"], Some(213_000)),
                false,
                "another artist",
            ),
            (
                searched(
                    "Mixed Nuts (live)",
                    &["Official HIGE DANdism"],
                    Some(213_000),
                ),
                false,
                "a live version",
            ),
            (
                searched("Mixed Nuts", &["Official HIGE DANdism"], Some(300_000)),
                false,
                "another length",
            ),
            (
                searched("Mixed Up", &["Official HIGE DANdism"], Some(213_000)),
                false,
                "another title",
            ),
        ] {
            let score = recording_by_search(&ours, &candidate);
            assert_eq!(score >= SEARCH_THRESHOLD, fits, "{case}: {score}");
        }
    }

    #[test]
    fn a_remaster_is_the_recording_it_was_made_from_and_a_remix_is_not() {
        let ours = track("Black Dog - Remaster", &["Led Zeppelin"], None);
        assert!(
            recording_by_search(&ours, &searched("Black Dog", &["Led Zeppelin"], None))
                >= SEARCH_THRESHOLD
        );
        let remix = track("Black Dog - Somebody Remix", &["Led Zeppelin"], None);
        assert_eq!(
            recording_by_search(&remix, &searched("Black Dog", &["Led Zeppelin"], None)),
            0.0
        );
    }

    #[test]
    fn an_isrc_that_was_reused_is_not_ours() {
        let ours = track("One", &["A"], Some(200_000));
        let recording = |title: &str, artist: &str, duration_ms| Recording {
            id: "5b11f4ce-a62d-471e-81fc-a69a8278c7da"
                .parse()
                .expect("an id"),
            title: title.to_owned(),
            duration_ms,
            artists: vec![credit(artist)],
            isrcs: Vec::new(),
            credits: Vec::new(),
            video: false,
        };
        assert!(recording_by_isrc(&ours, &recording("One", "A", Some(200_000))) > 0.99);
        assert!(
            recording_by_isrc(&ours, &recording("Eins", "A", Some(200_000))) > 0.8,
            "a translated title"
        );
        assert_eq!(
            recording_by_isrc(&ours, &recording("Two", "B", Some(200_000))),
            0.0
        );
        assert_eq!(
            recording_by_isrc(&ours, &recording("One", "A", Some(400_000))),
            0.0
        );
    }

    #[test]
    fn the_same_recording_elsewhere_has_our_length_and_version() {
        let ours = track("One", &["A"], Some(200_000));
        let twin_of = |name: &str, duration_ms, same_isrc| Twin {
            track_id: TrackId(1),
            twin_id: TrackId(2),
            name: name.to_owned(),
            duration_ms,
            same_isrc,
        };
        for (other, is_one, case) in [
            (twin_of("One", Some(205_000), true), true, "one ISRC"),
            (
                twin_of("Eins", Some(200_500), true),
                true,
                "one ISRC, a translated title",
            ),
            (
                twin_of("Else", Some(205_000), true),
                false,
                "an ISRC that was reused",
            ),
            (twin_of("One", Some(260_000), true), false, "another length"),
            (
                twin_of("One - Remaster", Some(200_500), false),
                true,
                "a remaster",
            ),
            (
                twin_of("One (Live)", Some(200_500), false),
                false,
                "a live version",
            ),
            (
                twin_of("One", Some(204_000), false),
                false,
                "perhaps another take",
            ),
            (twin_of("One", None, true), false, "nobody knows its length"),
        ] {
            assert_eq!(twin(&ours, &other), is_one, "{case}");
        }
    }

    #[test]
    fn a_song_that_came_out_later_fits_less_and_a_cover_by_our_artist_is_ours() {
        let song = |title: &str, artist: &str, year: &str| genius::SongSummary {
            id: crate::ids::GeniusSongId(1),
            title: title.to_owned(),
            title_with_featured: title.to_owned(),
            primary_artists: vec![genius::ArtistRef {
                id: crate::ids::GeniusArtistId(1),
                name: artist.to_owned(),
            }],
            featured_artists: Vec::new(),
            date: crate::dates::ReleaseDate::from_text(year),
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
            let fits = genius_song(&ours, Some(2001), &song(title, artist, year));
            assert!(
                (fits - score).abs() < 1e-6,
                "{title} by {artist}, {year}: {fits}"
            );
        }
        let made_from = |relation| genius::Song {
            summary: song("One", "A", ""),
            album: None,
            spotify_track_ids: Vec::new(),
            made_from: vec![genius::RelatedSong {
                relation,
                id: crate::ids::GeniusSongId(2),
                title: "One".to_owned(),
            }],
            credits: Vec::new(),
        };
        assert!(!is_other_version(
            &ours,
            &made_from(genius::Relation::CoverOf)
        ));
        assert!(is_other_version(
            &ours,
            &made_from(genius::Relation::RemixOf)
        ));
        let remix = track("One - C Remix", &["A"], None);
        assert!(!is_other_version(
            &remix,
            &made_from(genius::Relation::RemixOf)
        ));
    }
}
