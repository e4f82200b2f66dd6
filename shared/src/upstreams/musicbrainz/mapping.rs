//! Maps the JSON of MusicBrainz to our types. Relations are mapped in `relations.rs`.

use super::entities::{
    Artist, ArtistCredit, ArtistMatch, ListedMedium, ListedRelease, PAGE_SIZE, Recording, RecordingMatch,
    Release, ReleaseMatch, ReleasePage, ReleaseTrack,
};
use super::relations::{credits_from_relations, links_from_relations, spotify_albums_from_relations};
use super::wire;
use crate::domain::albums::AlbumType;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{Isrc, Upc};
use crate::platform::http::Error;
use crate::upstreams::json::from_json;

/// Parses the response to a request for a release, or a line of a dump.
///
/// # Errors
/// [`Error::Decode`] if it is not a release.
pub fn release_from_json(json: &[u8]) -> Result<Release, Error> {
    from_json(json).map(release_from_wire)
}

/// Parses a release from a line of a dump: as an item of a list and as a whole release.
///
/// # Errors
/// [`Error::Decode`] if it is not a release.
pub fn release_from_dump(json: &[u8]) -> Result<(ListedRelease, Release), Error> {
    let line: wire::Release = from_json(json)?;
    Ok((listed_release(&line), release_from_wire(line)))
}

/// Parses the response to a request for a recording.
///
/// # Errors
/// [`Error::Decode`] if it is not a recording.
pub fn recording_from_json(json: &[u8]) -> Result<Recording, Error> {
    from_json(json).map(recording_from_wire)
}

/// Parses the response to a request for an artist, or a line of a dump.
///
/// # Errors
/// [`Error::Decode`] if it is not an artist.
pub fn artist_from_json(json: &[u8]) -> Result<Artist, Error> {
    from_json(json).map(artist_from_wire)
}

/// Parses the response to a search for artists.
///
/// # Errors
/// [`Error::Decode`] if it has another shape.
pub fn artist_matches_from_json(json: &[u8]) -> Result<Vec<ArtistMatch>, Error> {
    from_json(json).map(artist_matches_from_wire)
}

/// Parses the response to a search for releases.
///
/// # Errors
/// [`Error::Decode`] if it has another shape.
pub fn release_matches_from_json(json: &[u8]) -> Result<Vec<ReleaseMatch>, Error> {
    from_json(json).map(release_matches_from_wire)
}

/// Parses a page of a list of releases that was requested from `offset`.
///
/// # Errors
/// [`Error::Decode`] if it has another shape.
pub fn release_page_from_json(json: &[u8], offset: u32) -> Result<ReleasePage, Error> {
    from_json(json).map(|response| release_page_from_wire(response, offset))
}

/// Parses the response to a search for recordings.
///
/// # Errors
/// [`Error::Decode`] if it has another shape.
pub fn recording_matches_from_json(json: &[u8]) -> Result<Vec<RecordingMatch>, Error> {
    from_json(json).map(recording_matches_from_wire)
}

pub(super) fn release_from_wire(release: wire::Release) -> Release {
    let group = release.release_group.as_ref();
    Release {
        id: release.id,
        title: release.title,
        barcode: release.barcode.and_then(|barcode| barcode.parse().ok()),
        album_type: group.and_then(album_type),
        first_release_date: group.and_then(|group| date(group.first_release_date.as_deref())),
        release_group_id: release.release_group.and_then(|group| group.id),
        date: non_empty(release.date),
        label: release
            .label_info
            .into_iter()
            .find_map(|info| non_empty(info.label?.name)),
        artists: artist_credits(release.artist_credit),
        spotify_album_ids: spotify_albums_from_relations(&release.relations),
        credits: credits_from_relations(&release.relations),
        tracks: (1..)
            .zip(release.media)
            .flat_map(|(place, medium)| tracks(place, medium))
            .collect(),
    }
}

/// The album type by <https://musicbrainz.org/doc/Release_Group/Type>: the primary type of a compilation is
/// album or single, and its secondary type is compilation.
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

/// Maps a page that was requested from `offset`. The next page begins [`PAGE_SIZE`] later, even if this one
/// has fewer releases.
pub(super) fn release_page_from_wire(response: wire::ReleasesResponse, offset: u32) -> ReleasePage {
    let next = offset.saturating_add(PAGE_SIZE);
    ReleasePage {
        releases: response.releases.iter().map(listed_release).collect(),
        next_offset: response
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
                format: non_empty(medium.format.clone()),
                track_count: medium.track_count.unwrap_or(0),
            })
            .collect(),
    }
}

/// The tracks of a medium. `place` is its number if it does not state one.
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
    let recording = recording_from_wire(track.recording);
    let artists = artist_credits(track.artist_credit);
    ReleaseTrack {
        disc_number,
        position: track.position.unwrap_or(place),
        title: non_empty(track.title).unwrap_or_else(|| recording.title.clone()),
        duration_ms: duration_ms(track.length).or(recording.duration_ms),
        artists: if artists.is_empty() {
            recording.artists.clone()
        } else {
            artists
        },
        recording,
    }
}

pub(super) fn recording_from_wire(recording: wire::RecordingJson) -> Recording {
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

/// The recordings in the response to a search by ISRC. Each gets that ISRC, even if the response leaves it
/// out.
pub(super) fn recordings_from_isrc_wire(isrc: &Isrc, response: wire::RecordingsResponse) -> Vec<Recording> {
    let mut recordings: Vec<_> = response.recordings.into_iter().map(recording_from_wire).collect();
    for recording in recordings
        .iter_mut()
        .filter(|recording| !recording.isrcs.contains(isrc))
    {
        recording.isrcs.push(isrc.clone());
    }
    recordings
}

pub(super) fn release_matches_from_wire(response: wire::ReleasesResponse) -> Vec<ReleaseMatch> {
    let release_match = |release: wire::Release| ReleaseMatch {
        id: release.id,
        title: release.title,
        score: release.score.unwrap_or(0),
        artists: artist_credits(release.artist_credit),
        track_count: release.track_count,
        date: non_empty(release.date),
        barcode: release.barcode.and_then(|barcode| barcode.parse().ok()),
        status: release.status,
    };
    response.releases.into_iter().map(release_match).collect()
}

pub(super) fn recording_matches_from_wire(response: wire::RecordingsResponse) -> Vec<RecordingMatch> {
    let recording_match = |recording: wire::RecordingJson| RecordingMatch {
        id: recording.id,
        score: recording.score.unwrap_or(0),
        title: recording.title,
        duration_ms: duration_ms(recording.length),
        artists: artist_credits(recording.artist_credit),
        first_release_date: non_empty(recording.first_release_date),
        video: recording.video.unwrap_or(false),
    };
    response.recordings.into_iter().map(recording_match).collect()
}

pub(super) fn artist_matches_from_wire(response: wire::ArtistsResponse) -> Vec<ArtistMatch> {
    let artist_match = |artist: wire::Artist| ArtistMatch {
        id: artist.id,
        aliases: aliases(&artist.name, artist.aliases),
        name: artist.name,
        disambiguation: artist.disambiguation,
        area: non_empty(artist.area.and_then(|area| area.name)),
    };
    response.artists.into_iter().map(artist_match).collect()
}

fn aliases(name: &str, stated: Vec<wire::Alias>) -> Vec<String> {
    let mut aliases: Vec<String> = Vec::new();
    for alias in stated {
        if !alias.name.is_empty() && alias.name != name && !aliases.contains(&alias.name) {
            aliases.push(alias.name);
        }
    }
    aliases
}

pub(super) fn artist_from_wire(artist: wire::Artist) -> Artist {
    let aliases = aliases(&artist.name, artist.aliases);
    Artist {
        id: artist.id,
        name: artist.name,
        sort_name: artist.sort_name,
        disambiguation: artist.disambiguation,
        aliases,
        links: links_from_relations(&artist.relations),
    }
}

fn artist_credits(credits: Vec<wire::ArtistCreditJson>) -> Vec<ArtistCredit> {
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

/// The duration; `None` for 0, which MusicBrainz has for some unknown durations.
fn duration_ms(length: Option<i64>) -> Option<i32> {
    length
        .and_then(|length| i32::try_from(length).ok())
        .filter(|&length| length > 0)
}

/// The text; `None` if it is empty, which means unknown.
fn non_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
