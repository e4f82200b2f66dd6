//! Where people can add a credit that no source has: the page of each source on which the track's or album's record is
//! edited, or made where there is none. Which records are ours was settled when the sources were asked.

use serde::Serialize;

use crate::domain::credits::Source;
use crate::store::credits::track_credits::RecordLink;

/// A page of a source on which a missing credit can be added.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct EditLink {
    /// The source.
    pub source: Source,
    /// The page.
    pub url: String,
}

/// One page a source: of the track's record, else of the album's, else the one that makes a record.
#[must_use]
pub fn edit_links(links: &[RecordLink]) -> Vec<EditLink> {
    let link = |source, about: &str| {
        let ours = |link: &&RecordLink| link.source == source && link.about == about;
        links.iter().find(ours).map(|link| link.source_id.as_str())
    };
    let of_recording =
        link(Source::MusicBrainz, "track").map(|id| format!("https://musicbrainz.org/recording/{id}/edit"));
    let of_release = link(Source::MusicBrainz, "album")
        .map(|id| format!("https://musicbrainz.org/release/{id}/edit-relationships"));
    let of_discogs =
        link(Source::Discogs, "album").map(|id| format!("https://www.discogs.com/release/edit/{id}"));
    let of_song = link(Source::Genius, "track").map(|id| format!("https://genius.com/songs/{id}"));
    let page = |source, url: Option<String>, blank: &str| EditLink {
        source,
        url: url.unwrap_or_else(|| blank.to_owned()),
    };
    vec![
        page(
            Source::MusicBrainz,
            of_recording.or(of_release),
            "https://musicbrainz.org/release/add",
        ),
        page(Source::Discogs, of_discogs, "https://www.discogs.com/release/add"),
        page(Source::Genius, of_song, "https://genius.com/new"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_that_of_the_nearest_record() {
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
        let of_album = link(Source::MusicBrainz, "album", "b");
        assert_eq!(
            urls(&[
                of_album.clone(),
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
            urls(&[of_album, link(Source::MusicBrainz, "track", "a")])[0],
            "https://musicbrainz.org/recording/a/edit"
        );
    }
}
