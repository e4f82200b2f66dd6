//! From MusicBrainz's shapes to ours: pure, whole entities at a time.
//! What their relations become is in `relations.rs`.

use super::PAGE_SIZE;
use super::entities::{
    Artist, ArtistCredit, ListedMedium, ListedRelease, Recording, RecordingMatch, Release, ReleaseMatch,
    ReleasePage, ReleaseTrack,
};
use super::relations::{credits_from_relations, links_from_relations, spotify_albums_from_relations};
use super::wire;
use crate::domain::albums::AlbumType;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{Isrc, Upc};
use crate::upstreams::{Error, from_json};

/// Reads a release as a lookup or a line of a dump has it.
///
/// # Errors
/// [`Error::Decode`] where it is no release.
pub fn release_from_json(json: &[u8]) -> Result<Release, Error> {
    from_json(json).map(release)
}

/// Reads a release as a line of a dump has it: as a list of its group's shows it, and with its tracks.
///
/// # Errors
/// [`Error::Decode`] where it is no release.
pub fn release_from_dump(json: &[u8]) -> Result<(ListedRelease, Release), Error> {
    let line: wire::Release = from_json(json)?;
    Ok((listed_release(&line), release(line)))
}

/// Reads a recording as a lookup has it.
///
/// # Errors
/// [`Error::Decode`] where it is no recording.
pub fn recording_from_json(json: &[u8]) -> Result<Recording, Error> {
    from_json(json).map(recording)
}

/// Reads an artist as a lookup or a line of a dump has it.
///
/// # Errors
/// [`Error::Decode`] where it is no artist.
pub fn artist_from_json(json: &[u8]) -> Result<Artist, Error> {
    from_json(json).map(artist)
}

/// Reads the answer to a search for releases.
///
/// # Errors
/// [`Error::Decode`] where it is no such answer.
pub fn release_matches_from_json(json: &[u8]) -> Result<Vec<ReleaseMatch>, Error> {
    from_json(json).map(release_matches)
}

/// Reads a page of a list of releases that was asked for from `offset`.
///
/// # Errors
/// [`Error::Decode`] where it is no such answer.
pub fn release_page_from_json(json: &[u8], offset: u32) -> Result<ReleasePage, Error> {
    from_json(json).map(|answer| release_page(answer, offset))
}

/// Reads the answer to a search for recordings.
///
/// # Errors
/// [`Error::Decode`] where it is no such answer.
pub fn recording_matches_from_json(json: &[u8]) -> Result<Vec<RecordingMatch>, Error> {
    from_json(json).map(recording_matches)
}

pub(super) fn release(release: wire::Release) -> Release {
    let group = release.release_group.as_ref();
    Release {
        id: release.id,
        title: release.title,
        barcode: release.barcode.and_then(|barcode| barcode.parse().ok()),
        album_type: group.and_then(album_type),
        first_release_date: group.and_then(|group| date(group.first_release_date.as_deref())),
        release_group_id: release.release_group.and_then(|group| group.id),
        date: stated(release.date),
        label: release
            .label_info
            .into_iter()
            .find_map(|info| stated(info.label?.name)),
        artists: artist_credits(release.artist_credit),
        spotify_album_ids: spotify_albums_from_relations(&release.relations),
        credits: credits_from_relations(&release.relations),
        tracks: (1..)
            .zip(release.media)
            .flat_map(|(place, medium)| tracks(place, medium))
            .collect(),
    }
}

/// MusicBrainz's types, of <https://musicbrainz.org/doc/Release_Group/Type>: a compilation is an album or single by its
/// first type and a compilation by its second.
fn album_type(group: &wire::ReleaseGroup) -> Option<AlbumType> {
    if group.secondary_types.iter().any(|kind| kind == "Compilation") {
        return Some(AlbumType::Compilation);
    }
    group.primary_type.as_deref().map(|kind| match kind {
        "Album" => AlbumType::Album,
        "Single" | "EP" => AlbumType::Single,
        _ => AlbumType::Other,
    })
}

fn date(text: Option<&str>) -> Option<ReleaseDate> {
    ReleaseDate::from_text(text?)
}

/// A page of a list that was asked for from `offset`. The next one begins where MusicBrainz would have gone on, however
/// few came.
pub(super) fn release_page(answer: wire::Releases, offset: u32) -> ReleasePage {
    let next = offset.saturating_add(PAGE_SIZE);
    ReleasePage {
        releases: answer.releases.iter().map(listed_release).collect(),
        next_offset: answer
            .release_count
            .is_some_and(|count| count > next)
            .then_some(next),
    }
}

fn listed_release(release: &wire::Release) -> ListedRelease {
    let barcode = release.barcode.as_ref();
    let barcode = barcode.and_then(|code| code.parse::<Upc>().ok());
    let group = release.release_group.as_ref();
    ListedRelease {
        id: release.id.clone(),
        release_group_id: group.and_then(|group| group.id.clone()),
        is_official: release.status.as_deref() == Some("Official"),
        date: date(release.date.as_deref()),
        has_barcode: barcode.is_some(),
        media: release
            .media
            .iter()
            .map(|medium| ListedMedium {
                format: stated(medium.format.clone()),
                track_count: medium.track_count.unwrap_or(0),
            })
            .collect(),
    }
}

/// The tracks of the medium in that place among its release's.
fn tracks(place: i32, medium: wire::Medium) -> Vec<ReleaseTrack> {
    let disc_number = medium.position.unwrap_or(place);
    let pregap = medium.pregap.map(|track| (0, track));
    pregap
        .into_iter()
        .chain((1..).zip(medium.tracks))
        .map(|(place, track)| release_track(disc_number, place, track))
        .collect()
}

fn release_track(disc_number: i32, place: i32, track: wire::Track) -> ReleaseTrack {
    let recording = recording(track.recording);
    let artists = artist_credits(track.artist_credit);
    ReleaseTrack {
        disc_number,
        position: track.position.unwrap_or(place),
        title: stated(track.title).unwrap_or_else(|| recording.title.clone()),
        duration_ms: duration_ms(track.length).or(recording.duration_ms),
        artists: if artists.is_empty() {
            recording.artists.clone()
        } else {
            artists
        },
        recording,
    }
}

pub(super) fn recording(recording: wire::Recording) -> Recording {
    Recording {
        id: recording.id,
        title: recording.title,
        duration_ms: duration_ms(recording.length),
        artists: artist_credits(recording.artist_credit),
        isrcs: recording
            .isrcs
            .iter()
            .filter_map(|isrc| isrc.parse().ok())
            .collect(),
        credits: credits_from_relations(&recording.relations),
        video: recording.video.unwrap_or(false),
    }
}

/// The recordings that answer to an ISRC; each has it, whether or not the answer repeats it.
pub(super) fn recordings_of_isrc(isrc: &Isrc, answer: wire::Recordings) -> Vec<Recording> {
    let mut recordings: Vec<_> = answer.recordings.into_iter().map(recording).collect();
    for recording in recordings
        .iter_mut()
        .filter(|recording| !recording.isrcs.contains(isrc))
    {
        recording.isrcs.push(isrc.clone());
    }
    recordings
}

pub(super) fn release_matches(answer: wire::Releases) -> Vec<ReleaseMatch> {
    let release_match = |release: wire::Release| ReleaseMatch {
        id: release.id,
        title: release.title,
        score: release.score.unwrap_or(0),
        artists: artist_credits(release.artist_credit),
        track_count: release.track_count,
        date: stated(release.date),
        barcode: release.barcode.and_then(|barcode| barcode.parse().ok()),
        status: release.status,
    };
    answer.releases.into_iter().map(release_match).collect()
}

pub(super) fn recording_matches(answer: wire::Recordings) -> Vec<RecordingMatch> {
    let recording_match = |recording: wire::Recording| RecordingMatch {
        id: recording.id,
        score: recording.score.unwrap_or(0),
        title: recording.title,
        duration_ms: duration_ms(recording.length),
        artists: artist_credits(recording.artist_credit),
        first_release_date: stated(recording.first_release_date),
        video: recording.video.unwrap_or(false),
    };
    answer.recordings.into_iter().map(recording_match).collect()
}

pub(super) fn artist(artist: wire::Artist) -> Artist {
    let mut aliases: Vec<String> = Vec::new();
    for alias in artist.aliases {
        if !alias.name.is_empty() && alias.name != artist.name && !aliases.contains(&alias.name) {
            aliases.push(alias.name);
        }
    }
    Artist {
        id: artist.id,
        name: artist.name,
        sort_name: artist.sort_name,
        disambiguation: artist.disambiguation,
        aliases,
        links: links_from_relations(&artist.relations),
    }
}

fn artist_credits(credits: Vec<wire::ArtistCredit>) -> Vec<ArtistCredit> {
    credits
        .into_iter()
        .map(|credit| ArtistCredit {
            mbid: credit.artist.id,
            credited_as: if credit.name.is_empty() {
                credit.artist.name.clone()
            } else {
                credit.name
            },
            name: credit.artist.name,
            join: credit.joinphrase,
        })
        .collect()
}

/// A length that can be one: MusicBrainz has 0 for some it does not know.
fn duration_ms(length: Option<i64>) -> Option<i32> {
    length
        .and_then(|length| i32::try_from(length).ok())
        .filter(|&length| length > 0)
}

/// Empty stands for unknown.
fn stated(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
