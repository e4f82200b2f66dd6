//! Maps the JSON of Discogs to our types. Credits stay in the words of Discogs: [`crate::domain::roles`]
//! interprets roles, and track ranges are resolved later, where the tracks are known.

use std::str::FromStr;

use super::credits::{artist_id, non_empty, release_artists, stated_credits, trimmed};
use super::entities::{Artist, RelatedArtist, Release, ReleaseSearchResult, StatedIsrc};
use super::formats::album_type;
use super::names::{artist_and_title, display_name, label_name};
use super::tracklist::entries_from_wire;
use super::wire;
use crate::domain::dates::ReleaseDate;
use crate::domain::ids::{DiscogsArtistId, DiscogsReleaseId};
use crate::domain::links;
use crate::platform::http::Error;
use crate::upstreams::json::from_json;

/// Parses the response to a request for a release.
///
/// # Errors
/// [`Error::Decode`] if it is not a release.
pub fn release_from_json(json: &[u8]) -> Result<Release, Error> {
    from_json(json).map(release_from_wire)
}

/// Parses the response to a request for an artist.
///
/// # Errors
/// [`Error::Decode`] if it is not an artist.
pub fn artist_from_json(json: &[u8]) -> Result<Artist, Error> {
    from_json(json).map(artist_from_wire)
}

/// Parses the response to a search for releases.
///
/// # Errors
/// [`Error::Decode`] if it is not a search result.
pub fn search_results_from_json(json: &[u8]) -> Result<Vec<ReleaseSearchResult>, Error> {
    from_json(json).map(search_results_from_wire)
}

/// Maps a release.
#[must_use]
pub fn release_from_wire(release: wire::Release) -> Release {
    Release {
        id: DiscogsReleaseId(release.id),
        title: trimmed(release.title),
        master_id: release.master_id.filter(|&id| id > 0),
        date: release_date(release.released.as_deref(), release.year),
        barcodes: well_formed(
            identifiers(&release.identifiers, "Barcode").map(|identifier| identifier.value.as_str()),
        ),
        isrcs: identifiers(&release.identifiers, "ISRC")
            .filter_map(isrc)
            .collect(),
        album_type: album_type(&release.formats),
        label: release.labels.iter().find_map(|label| label_name(&label.name)),
        genres: without_repeats(release.genres.into_iter().chain(release.styles)),
        credits: stated_credits(release.extraartists),
        tracklist: entries_from_wire(release.tracklist),
        artists: release_artists(release.artists),
    }
}

/// The date of a master.
pub(super) fn date_from_master(master: wire::Master) -> Option<ReleaseDate> {
    release_date(None, master.year)
}

/// The stated date, precise to the day, month or year. Without a stated date, the year of the release.
fn release_date(released: Option<&str>, year: Option<i32>) -> Option<ReleaseDate> {
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

/// The values that can be parsed, each once.
fn well_formed<'a, T: FromStr + PartialEq>(values: impl Iterator<Item = &'a str>) -> Vec<T> {
    let mut parsed: Vec<T> = Vec::new();
    for value in values.filter_map(|value| value.trim().parse().ok()) {
        if !parsed.contains(&value) {
            parsed.push(value);
        }
    }
    parsed
}

/// The trimmed texts that are not empty, each once.
fn without_repeats(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut unique: Vec<String> = Vec::new();
    for text in texts.filter_map(non_empty) {
        if !unique.contains(&text) {
            unique.push(text);
        }
    }
    unique
}

pub(super) fn search_results_from_wire(response: wire::SearchResponse) -> Vec<ReleaseSearchResult> {
    let results = response.results.unwrap_or_default().into_iter();
    results
        .filter(|result| matches!(result.type_name.as_str(), "release" | ""))
        .map(search_result)
        .collect()
}

fn search_result(result: wire::SearchResult) -> ReleaseSearchResult {
    let (artist, title) = artist_and_title(&result.title);
    ReleaseSearchResult {
        id: DiscogsReleaseId(result.id),
        heading: result.title,
        artist,
        title,
        year: result
            .year
            .and_then(|year| year.trim().parse().ok())
            .filter(|&year| year > 0),
        barcodes: well_formed(result.barcode.iter().map(String::as_str)),
        formats: result.format,
        master_id: result.master_id.filter(|&id| id > 0),
    }
}

/// Maps an artist.
#[must_use]
pub fn artist_from_wire(artist: wire::Artist) -> Artist {
    let name = display_name(&artist.name);
    let mut name_variations = without_repeats(artist.namevariations.into_iter());
    name_variations.retain(|variation| *variation != name);
    let mut artist_links = Vec::new();
    for link in artist.urls.iter().filter_map(|url| links::read(url)) {
        if !artist_links.contains(&link) {
            artist_links.push(link);
        }
    }
    let images = artist.images;
    let image = images
        .iter()
        .find(|image| image.type_name == "primary")
        .or(images.first());
    Artist {
        id: DiscogsArtistId(artist.id),
        real_name: artist.realname.and_then(non_empty),
        name,
        name_variations,
        aliases: related_artists(&artist.aliases),
        members: related_artists(&artist.members),
        groups: related_artists(&artist.groups),
        links: artist_links,
        image_url: image
            .map(|image| image.uri.clone())
            .filter(|uri| uri.starts_with("https://")),
    }
}

/// The related artists that have an id.
fn related_artists(artists: &[wire::ArtistName]) -> Vec<RelatedArtist> {
    artists
        .iter()
        .filter_map(|artist| {
            Some(RelatedArtist {
                id: artist_id(artist.id)?,
                name: display_name(&artist.name),
            })
        })
        .collect()
}
