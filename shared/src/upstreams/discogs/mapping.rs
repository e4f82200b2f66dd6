//! From Discogs' shapes to ours: pure, whole entities at a time.
//! What its credits say is kept as text: roles are read by [`crate::domain::roles`], and ranges against the tracklist by whoever needs the tracks.

use super::entities::{
    Artist, EntryKind, RelatedArtist, Release, ReleaseArtist, ReleaseSearchResult, StatedIsrc,
    TracklistEntry, is_special_artist,
};
use super::formats::album_type;
use super::names::{artist_and_title, displayed, label};
use super::wire;
use crate::domain::credits::StatedCredit;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{DiscogsArtistId, DiscogsReleaseId};
use crate::domain::links;
use crate::domain::names;
use crate::upstreams::{Error, from_json};

/// Reads a release.
///
/// # Errors
/// [`Error::Decode`] where it is no release.
pub fn release_from_json(json: &[u8]) -> Result<Release, Error> {
    from_json(json).map(release)
}

/// Reads an artist.
///
/// # Errors
/// [`Error::Decode`] where it is no artist.
pub fn artist_from_json(json: &[u8]) -> Result<Artist, Error> {
    from_json(json).map(artist)
}

/// Reads the releases of an answer to a search.
///
/// # Errors
/// [`Error::Decode`] where it is no such answer.
pub fn search_results_from_json(json: &[u8]) -> Result<Vec<ReleaseSearchResult>, Error> {
    from_json(json).map(release_matches)
}

pub fn release(release: wire::Release) -> Release {
    Release {
        id: DiscogsReleaseId(release.id),
        title: trimmed(release.title),
        master_id: release.master_id.filter(|&id| id > 0),
        date: date(release.released.as_deref(), release.year),
        barcodes: well_formed(
            identifiers(&release.identifiers, "Barcode").map(|identifier| identifier.value.as_str()),
        ),
        isrcs: identifiers(&release.identifiers, "ISRC")
            .filter_map(isrc)
            .collect(),
        album_type: album_type(&release.formats),
        label: release.labels.iter().find_map(|stated| label(&stated.name)),
        genres: genres(release.genres, release.styles),
        credits: stated_credits(release.extraartists),
        tracklist: tracklist(release.tracklist),
        artists: artist_credits(release.artists),
    }
}

/// The day, month or year it came out, else the year that Discogs files it under.
fn date(released: Option<&str>, year: Option<i32>) -> Option<ReleaseDate> {
    released
        .and_then(ReleaseDate::from_text)
        .or_else(|| ReleaseDate::from_text(&format!("{:04}", year?)))
}

fn identifiers<'a>(
    identifiers: &'a [wire::Identifier],
    type_name: &str,
) -> impl Iterator<Item = &'a wire::Identifier> {
    let all = identifiers.iter();
    all.filter(move |identifier| identifier.type_name == type_name)
}

fn isrc(identifier: &wire::Identifier) -> Option<StatedIsrc> {
    Some(StatedIsrc {
        isrc: identifier.value.trim().parse().ok()?,
        description: identifier.description.trim().to_owned(),
    })
}

/// The genres, then the styles, which are finer ones.
fn genres(genres: Vec<String>, styles: Vec<String>) -> Vec<String> {
    let mut once: Vec<String> = Vec::with_capacity(genres.len() + styles.len());
    for genre in genres.into_iter().chain(styles).filter_map(stated) {
        if !once.contains(&genre) {
            once.push(genre);
        }
    }
    once
}

fn well_formed<'a, T: std::str::FromStr + PartialEq>(values: impl Iterator<Item = &'a str>) -> Vec<T> {
    let mut known: Vec<T> = Vec::new();
    for value in values.filter_map(|value| value.trim().parse().ok()) {
        if !known.contains(&value) {
            known.push(value);
        }
    }
    known
}

/// The credits of a release or track in its source's words: of those who have a name and did something, each claim once.
fn stated_credits(credits: Vec<wire::Credit>) -> Vec<StatedCredit> {
    let mut stated: Vec<StatedCredit> = Vec::with_capacity(credits.len());
    for credit in credits.into_iter().filter_map(stated_credit) {
        if !stated.contains(&credit) {
            stated.push(credit);
        }
    }
    stated
}

fn stated_credit(mut credit: wire::Credit) -> Option<StatedCredit> {
    let (role, tracks) = (
        std::mem::take(&mut credit.role),
        std::mem::take(&mut credit.tracks),
    );
    let artist = artist_credit(credit)?;
    if artist.id.is_some_and(is_special_artist) {
        return None;
    }
    Some(StatedCredit {
        source_artist_id: artist.id.map(|id| id.to_string()),
        name: artist.name,
        credited_as: artist.credited_as,
        raw_role: stated(role)?,
        raw_range: stated(tracks),
    })
}

fn artist_credits(credits: Vec<wire::Credit>) -> Vec<ReleaseArtist> {
    credits.into_iter().filter_map(artist_credit).collect()
}

/// None for who has neither a name nor is called anything.
fn artist_credit(credit: wire::Credit) -> Option<ReleaseArtist> {
    let credited_as = stated(credit.anv).filter(|name| names::is_visible(name));
    let name = stated(credit.name)
        .map(|name| displayed(&name))
        .or_else(|| credited_as.clone())?;
    Some(ReleaseArtist {
        id: artist_id(credit.id),
        credited_as: credited_as.unwrap_or_else(|| name.clone()),
        name,
        join: trimmed(credit.join),
    })
}

/// 0 leads to no artist.
fn artist_id(id: Option<i64>) -> Option<DiscogsArtistId> {
    id.filter(|&id| id > 0).map(DiscogsArtistId)
}

fn trimmed(text: String) -> String {
    match text.trim() {
        trimmed if trimmed.len() == text.len() => text,
        trimmed => trimmed.to_owned(),
    }
}

fn stated(text: String) -> Option<String> {
    Some(trimmed(text)).filter(|text| !text.is_empty())
}

/// A tracklist in one piece: a work in parts, then its parts.
fn tracklist(tracks: Vec<wire::Track>) -> Vec<TracklistEntry> {
    let mut entries = Vec::with_capacity(tracks.len());
    for mut track in tracks {
        let parts = std::mem::take(&mut track.sub_tracks);
        let kind = kind(&track, !parts.is_empty());
        let work = entry(kind, track, &[]);
        if parts.is_empty() {
            entries.push(work);
            continue;
        }
        let of_work = work.artists.clone();
        entries.push(work);
        entries.extend(
            parts
                .into_iter()
                .map(|part| entry(EntryKind::Part, part, &of_work)),
        );
    }
    entries
}

/// Where it is not said, what is nowhere and lasts no time is a heading.
fn kind(track: &wire::Track, has_parts: bool) -> EntryKind {
    let is_nowhere = track.position.trim().is_empty() && track.duration.trim().is_empty();
    match track.type_name.as_str() {
        "index" => EntryKind::Index,
        _ if has_parts => EntryKind::Index,
        "heading" => EntryKind::Heading,
        "" if is_nowhere => EntryKind::Heading,
        _ => EntryKind::Track,
    }
}

fn entry(kind: EntryKind, track: wire::Track, of_work: &[ReleaseArtist]) -> TracklistEntry {
    let own = artist_credits(track.artists);
    TracklistEntry {
        kind,
        position: trimmed(track.position),
        title: trimmed(track.title),
        duration_ms: duration_ms(&track.duration),
        artists: if own.is_empty() { of_work.to_vec() } else { own },
        credits: stated_credits(track.extraartists),
    }
}

/// Reads `3:42` and `1:02:03`; 0 is no length.
fn duration_ms(text: &str) -> Option<i32> {
    let parts: Vec<&str> = text.trim().split(':').collect();
    if !(2..=3).contains(&parts.len()) {
        return None;
    }
    let mut seconds: i32 = 0;
    for (place, part) in parts.iter().enumerate() {
        let number: i32 = Some(part)
            .filter(|part| part.bytes().all(|byte| byte.is_ascii_digit()))?
            .parse()
            .ok()
            .filter(|&number| place == 0 || number < 60)?;
        seconds = seconds.checked_mul(60)?.checked_add(number)?;
    }
    seconds.checked_mul(1_000).filter(|&duration| duration > 0)
}

pub fn release_matches(answer: wire::Search) -> Vec<ReleaseSearchResult> {
    answer
        .results
        .unwrap_or_default()
        .into_iter()
        .filter(|found| matches!(found.type_name.as_str(), "release" | ""))
        .map(release_match)
        .collect()
}

fn release_match(found: wire::Found) -> ReleaseSearchResult {
    let (artist, title) = artist_and_title(&found.title);
    ReleaseSearchResult {
        id: DiscogsReleaseId(found.id),
        heading: found.title,
        artist,
        title,
        year: found
            .year
            .and_then(|year| year.trim().parse().ok())
            .filter(|&year| year > 0),
        barcodes: well_formed(found.barcode.iter().map(String::as_str)),
        formats: found.format,
        master_id: found.master_id.filter(|&id| id > 0),
    }
}

pub fn artist(artist: wire::Artist) -> Artist {
    let name = displayed(&artist.name);
    let mut name_variations: Vec<String> = Vec::new();
    for variation in artist.namevariations.into_iter().filter_map(stated) {
        if variation != name && !name_variations.contains(&variation) {
            name_variations.push(variation);
        }
    }
    let mut stated_links = Vec::new();
    for link in artist.urls.iter().filter_map(|url| links::read(url)) {
        if !stated_links.contains(&link) {
            stated_links.push(link);
        }
    }
    let images = artist.images;
    let image = images
        .iter()
        .find(|image| image.type_name == "primary")
        .or(images.first());
    Artist {
        id: DiscogsArtistId(artist.id),
        real_name: artist.realname.and_then(stated),
        name,
        name_variations,
        aliases: related(&artist.aliases),
        members: related(&artist.members),
        groups: related(&artist.groups),
        links: stated_links,
        image_url: image
            .map(|image| image.uri.clone())
            .filter(|uri| uri.starts_with("https://")),
    }
}

fn related(artists: &[wire::ArtistName]) -> Vec<RelatedArtist> {
    artists
        .iter()
        .filter_map(|artist| {
            Some(RelatedArtist {
                id: artist_id(artist.id)?,
                name: displayed(&artist.name),
            })
        })
        .collect()
}
