//! The subject of a message as a text, and the message of a kind and subject: the two texts identify a step
//! in the tables of ingestions and lookups.

use std::str::FromStr;

use super::Message;
use crate::domain::ids::{AlbumId, ProducerId};

/// Ends the subject of a step that includes the albums that an artist only appears on.
const APPEARS_ON: &str = "+appears_on";

impl Message {
    /// The item that the step is about, unique within its kind: the `subject` of its ingestion tasks and
    /// lookups.
    #[must_use]
    pub fn subject(&self) -> String {
        let suffix = |appears_on: bool| if appears_on { APPEARS_ON } else { "" };
        match self {
            Message::Resolve {
                what,
                appears_on: true,
            } => format!("{what} {APPEARS_ON}"),
            Message::Resolve { what, .. } => what.to_string(),
            Message::IngestArtist {
                spotify_artist_id,
                offset,
                appears_on,
            } => format!("{spotify_artist_id}:{offset}{}", suffix(*appears_on)),
            Message::IngestAlbum { spotify_album_id } => spotify_album_id.to_string(),
            Message::ListReleases {
                artist_mbid,
                offset,
                appears_on,
            } => format!("{artist_mbid}:{offset}{}", suffix(*appears_on)),
            Message::IngestRelease { release_mbid } => release_mbid.to_string(),
            Message::IdentifyAlbum { album_id } => album_id.to_string(),
            Message::EnrichProducer { producer_id } => producer_id.to_string(),
        }
    }

    /// The message with this kind and subject; `None` if no message has them.
    #[must_use]
    pub fn from_step(kind: &str, subject: &str) -> Option<Self> {
        let (item, appears_on) = match subject.strip_suffix(APPEARS_ON) {
            Some(item) => (item.trim_end(), true),
            None => (subject, false),
        };
        match kind {
            "resolve" => parse(item).map(|what| Message::Resolve { what, appears_on }),
            "ingest_artist" => {
                let (id, offset) = item.rsplit_once(':')?;
                let offset = parse(offset)?;
                let spotify = parse(id).map(|spotify_artist_id| Message::IngestArtist {
                    spotify_artist_id,
                    offset,
                    appears_on,
                });
                spotify.or_else(|| {
                    parse(id).map(|artist_mbid| Message::ListReleases {
                        artist_mbid,
                        offset,
                        appears_on,
                    })
                })
            }
            "ingest_album" => {
                let spotify = parse(item).map(|spotify_album_id| Message::IngestAlbum { spotify_album_id });
                spotify.or_else(|| parse(item).map(|release_mbid| Message::IngestRelease { release_mbid }))
            }
            "identify_album" => parse(item).map(|id| Message::IdentifyAlbum {
                album_id: AlbumId(id),
            }),
            "enrich_producer" => parse(item).map(|id| Message::EnrichProducer {
                producer_id: ProducerId(id),
            }),
            _ => None,
        }
    }
}

fn parse<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::every_kind;
    use super::*;

    #[test]
    fn a_message_follows_from_its_kind_and_subject() {
        for message in every_kind() {
            let parsed = Message::from_step(message.kind(), &message.subject());
            assert_eq!(parsed, Some(message));
        }
        for what in ["name:Radiohead", "isrc:USRC17607839", "upc:602475093060"] {
            for appears_on in [false, true] {
                let what = what.parse().expect("an item");
                let message = Message::Resolve { what, appears_on };
                let parsed = Message::from_step(message.kind(), &message.subject());
                assert_eq!(parsed, Some(message));
            }
        }
    }

    #[test]
    fn no_message_follows_from_other_texts() {
        for (kind, subject) in [
            ("resolve", ""),
            ("ingest_artist", "6rs1KAoQnFalSqSU4LTh8g"),
            ("ingest_artist", "short:0"),
            ("ingest_album", "short"),
            ("identify_album", "x"),
            ("rename_artist", "7"),
        ] {
            assert_eq!(Message::from_step(kind, subject), None, "{kind} {subject}");
        }
    }
}
