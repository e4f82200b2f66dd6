//! Links to the pages on which people can add a missing credit at each source.

use serde::Serialize;

use crate::domain::credits::Source;
use crate::store::credits::track_lookups::RecordLink;

/// A page of a source on which people can add a missing credit.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct EditLink {
    /// The source.
    pub source: Source,
    /// URL of the page.
    pub url: String,
}

/// One page per source: the one that edits the track's record, otherwise the album's record, otherwise the
/// one that creates a record.
#[must_use]
pub fn edit_links(links: &[RecordLink]) -> Vec<EditLink> {
    let link = |source, about: &str| {
        let mut links = links
            .iter()
            .filter(|link| link.source == source && link.about == about);
        links.next().map(|link| link.source_id.as_str())
    };
    let recording =
        link(Source::MusicBrainz, "track").map(|id| format!("https://musicbrainz.org/recording/{id}/edit"));
    let release = link(Source::MusicBrainz, "album")
        .map(|id| format!("https://musicbrainz.org/release/{id}/edit-relationships"));
    let discogs_release =
        link(Source::Discogs, "album").map(|id| format!("https://www.discogs.com/release/edit/{id}"));
    let song = link(Source::Genius, "track").map(|id| format!("https://genius.com/songs/{id}"));
    let page = |source, url: Option<String>, fallback: &str| EditLink {
        source,
        url: url.unwrap_or_else(|| fallback.to_owned()),
    };
    vec![
        page(
            Source::MusicBrainz,
            recording.or(release),
            "https://musicbrainz.org/release/add",
        ),
        page(
            Source::Discogs,
            discogs_release,
            "https://www.discogs.com/release/add",
        ),
        page(Source::Genius, song, "https://genius.com/new"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_belongs_to_the_most_specific_record() {
        let link = |source, about: &str, id: &str| RecordLink {
            source,
            about: about.to_owned(),
            source_id: id.to_owned(),
        };
        let urls = |links: &[RecordLink]| -> Vec<String> {
            edit_links(links).into_iter().map(|page| page.url).collect()
        };
        assert_eq!(
            urls(&[]),
            [
                "https://musicbrainz.org/release/add",
                "https://www.discogs.com/release/add",
                "https://genius.com/new"
            ]
        );
        let album_link = link(Source::MusicBrainz, "album", "b");
        assert_eq!(
            urls(&[
                album_link.clone(),
                link(Source::Discogs, "album", "7"),
                link(Source::Genius, "track", "8")
            ]),
            [
                "https://musicbrainz.org/release/b/edit-relationships",
                "https://www.discogs.com/release/edit/7",
                "https://genius.com/songs/8"
            ]
        );
        assert_eq!(
            urls(&[album_link, link(Source::MusicBrainz, "track", "a")])[0],
            "https://musicbrainz.org/recording/a/edit"
        );
    }
}
