//! Maps the tracklist of a release to a flat list of entries.

use super::credits::{release_artists, stated_credits, trimmed};
use super::entities::{EntryKind, ReleaseArtist, ReleaseEntry};
use super::wire;

/// The tracklist as a flat list: an index track is followed by its parts.
pub(super) fn entries_from_wire(tracks: Vec<wire::Track>) -> Vec<ReleaseEntry> {
    let mut entries = Vec::with_capacity(tracks.len());
    for mut track in tracks {
        let parts = std::mem::take(&mut track.sub_tracks);
        let kind = entry_kind(&track, !parts.is_empty());
        let work = entry(kind, track, &[]);
        if parts.is_empty() {
            entries.push(work);
            continue;
        }
        let work_artists = work.artists.clone();
        entries.push(work);
        entries.extend(
            parts
                .into_iter()
                .map(|part| entry(EntryKind::Part, part, &work_artists)),
        );
    }
    entries
}

/// The kind of a line. A line without type, position and duration is a heading.
fn entry_kind(track: &wire::Track, has_parts: bool) -> EntryKind {
    let is_bare = track.position.trim().is_empty() && track.duration.trim().is_empty();
    match track.type_name.as_str() {
        "index" => EntryKind::Index,
        _ if has_parts => EntryKind::Index,
        "heading" => EntryKind::Heading,
        "" if is_bare => EntryKind::Heading,
        _ => EntryKind::Track,
    }
}

fn entry(kind: EntryKind, track: wire::Track, work_artists: &[ReleaseArtist]) -> ReleaseEntry {
    let own_artists = release_artists(track.artists);
    ReleaseEntry {
        kind,
        position: trimmed(track.position),
        title: trimmed(track.title),
        duration_ms: duration_ms(&track.duration),
        artists: if own_artists.is_empty() {
            work_artists.to_vec()
        } else {
            own_artists
        },
        credits: stated_credits(track.extraartists),
    }
}

/// Parses `3:42` and `1:02:03`. `None` for 0 and for malformed text.
fn duration_ms(text: &str) -> Option<i32> {
    let parts: Vec<&str> = text.trim().split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let mut seconds: i32 = 0;
    for (index, part) in parts.iter().enumerate() {
        let number: i32 = Some(part)
            .filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?
            .parse()
            .ok()
            .filter(|&number| index == 0 || number < 60)?;
        seconds = seconds.checked_mul(60)?.checked_add(number)?;
    }
    seconds.checked_mul(1_000).filter(|&duration| duration > 0)
}
