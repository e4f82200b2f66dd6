//! The messages that move work along: commands that hold ids only. How they travel is in [`crate::work::queue`], what comes
//! of one is an [`Outcome`].

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::ids::{
    AlbumId, ArtistMbid, ProducerId, ReleaseMbid, RequestedItem, SpotifyAlbumId, SpotifyArtistId,
};
use crate::domain::text_enums::text_enum;

text_enum! {
    /// The queues, in the order that music passes them.
    QueueName {
        /// What to bring in from Spotify or MusicBrainz.
        Catalog = "catalog",
        /// Albums whose producers are to be found.
        Identification = "identification",
        /// Producers whose contacts are to be found.
        Enrichment = "enrichment",
    }
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// Find what a person asked for in the catalog and bring it in.
    Resolve {
        /// What was asked for.
        what: RequestedItem,
        /// Whether albums that an artist only appears on are wanted too.
        #[serde(default)]
        appears_on: bool,
    },
    /// Bring in one page of an artist's albums.
    IngestArtist {
        /// The artist.
        spotify_artist_id: SpotifyArtistId,
        /// Where the page begins.
        offset: u32,
        /// Whether albums that the artist only appears on are wanted too.
        #[serde(default)]
        appears_on: bool,
    },
    /// Bring in an album with all its tracks.
    IngestAlbum {
        /// The album.
        spotify_album_id: SpotifyAlbumId,
    },
    /// List one page of an artist's releases at MusicBrainz, and after the last one bring in an album of each release group.
    ListReleases {
        /// The artist.
        artist_mbid: ArtistMbid,
        /// Where the page begins.
        offset: u32,
        /// Whether it is of the releases that the artist only appears on, instead of the artist's own.
        #[serde(default)]
        appears_on: bool,
    },
    /// Bring in a release of MusicBrainz's as an album with all its tracks.
    IngestRelease {
        /// The release.
        release_mbid: ReleaseMbid,
    },
    /// Find who produced an album's tracks.
    IdentifyAlbum {
        /// The album.
        album_id: AlbumId,
    },
    /// Find how to reach a producer.
    EnrichProducer {
        /// The producer.
        producer_id: ProducerId,
    },
}

impl Message {
    /// The queue it travels on.
    #[must_use]
    pub fn queue(&self) -> QueueName {
        match self {
            Message::Resolve { .. }
            | Message::IngestArtist { .. }
            | Message::IngestAlbum { .. }
            | Message::ListReleases { .. }
            | Message::IngestRelease { .. } => QueueName::Catalog,
            Message::IdentifyAlbum { .. } => QueueName::Identification,
            Message::EnrichProducer { .. } => QueueName::Enrichment,
        }
    }

    /// What kind of step it is, wherever it is taken: the `kind` of its ingestion tasks and lookups.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Message::Resolve { .. } => "resolve",
            Message::IngestArtist { .. } | Message::ListReleases { .. } => "ingest_artist",
            Message::IngestAlbum { .. } | Message::IngestRelease { .. } => "ingest_album",
            Message::IdentifyAlbum { .. } => "identify_album",
            Message::EnrichProducer { .. } => "enrich_producer",
        }
    }

    /// What it is about, within its kind: the `subject` of its ingestion tasks and lookups.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Message::Resolve { what, appears_on } => {
                format!("{what}{}", if *appears_on { " +appears_on" } else { "" })
            }
            Message::IngestArtist {
                spotify_artist_id,
                offset,
                appears_on,
            } => {
                format!(
                    "{spotify_artist_id}:{offset}{}",
                    if *appears_on { "+appears_on" } else { "" }
                )
            }
            Message::IngestAlbum { spotify_album_id } => spotify_album_id.to_string(),
            Message::ListReleases {
                artist_mbid,
                offset,
                appears_on,
            } => {
                format!(
                    "{artist_mbid}:{offset}{}",
                    if *appears_on { "+appears_on" } else { "" }
                )
            }
            Message::IngestRelease { release_mbid } => release_mbid.to_string(),
            Message::IdentifyAlbum { album_id } => album_id.to_string(),
            Message::EnrichProducer { producer_id } => producer_id.to_string(),
        }
    }

    /// Equal for two messages that ask for the same work.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}", self.kind(), self.subject())
    }
}

/// A message as it travels: the command and how it is to be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The command.
    #[serde(flatten)]
    pub message: Message,
    /// Work looked up after this time is done; null takes whatever is not due to be looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_after: Option<DateTime<Utc>>,
    /// What goes first when there is a choice.
    #[serde(default)]
    pub priority: Priority,
    /// When it was first put off, and how often since; null for one that never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed: Option<SnoozeHistory>,
}

/// How long a message has been put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnoozeHistory {
    /// When it was first put off.
    pub since: DateTime<Utc>,
    /// How often.
    pub count: u32,
}

/// What people asked for goes before what keeps things fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Refreshing what is known.
    Background,
    /// A person waits for it.
    #[default]
    Requested,
}

impl Envelope {
    /// A message that a person waits for.
    #[must_use]
    pub fn requested(message: Message, fresh_after: Option<DateTime<Utc>>) -> Self {
        Self {
            message,
            fresh_after,
            priority: Priority::Requested,
            snoozed: None,
        }
    }

    /// A message that keeps things fresh when there is time.
    #[must_use]
    pub fn background(message: Message) -> Self {
        Self {
            message,
            fresh_after: None,
            priority: Priority::Background,
            snoozed: None,
        }
    }

    /// What comes next of this one: another command, to be taken in the same way.
    #[must_use]
    pub fn follow_up(&self, message: Message) -> Self {
        Self {
            message,
            snoozed: None,
            ..self.clone()
        }
    }

    /// The body that travels.
    #[must_use]
    pub fn body(&self) -> String {
        serde_json::to_string(self).expect("a message has no map with keys that are not text")
    }
}

/// What comes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done, and what comes next is written.
    Done,
    /// Something failed that may pass: it is received again after a while, and that counts as an attempt.
    Retry {
        /// What failed, in one line.
        cause: String,
        /// How long to wait at least, where the upstream says.
        after_seconds: Option<u32>,
    },
    /// It cannot run before a known time: it waits in Postgres, and that costs no attempt.
    Snooze {
        /// The time.
        until: DateTime<Utc>,
        /// The budget that has to have room.
        bucket: &'static str,
        /// Why, as people are shown it.
        reason: String,
    },
    /// It can never be done: it goes to the dead letters with an issue.
    Discard {
        /// Why, in one line.
        reason: String,
    },
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Outcome::Done => "done",
            Outcome::Retry { .. } => "retry",
            Outcome::Snooze { .. } => "snooze",
            Outcome::Discard { .. } => "discard",
        })
    }
}

/// A message as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What the queue calls it.
    pub message_id: String,
    /// What this receive of it is called.
    pub receipt: String,
    /// The body.
    pub body: String,
    /// How often it has been received, this time included.
    pub receive_count: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_its_travels() {
        let artist = "6rs1KAoQnFalSqSU4LTh8g".parse().expect("an id");
        for message in [
            Message::Resolve {
                what: RequestedItem::Name("Ólafur, Arnalds: \"live\"".to_owned()),
                appears_on: true,
            },
            Message::IngestArtist {
                spotify_artist_id: artist,
                offset: 10,
                appears_on: false,
            },
            Message::IngestAlbum {
                spotify_album_id: "32nryzA6XBCX9ZUspVc1yz".parse().expect("an id"),
            },
            Message::ListReleases {
                artist_mbid: "5b11f4ce-a62d-471e-81fc-a69a8278c7da".parse().expect("an id"),
                offset: 100,
                appears_on: true,
            },
            Message::IngestRelease {
                release_mbid: "5b11f4ce-a62d-471e-81fc-a69a8278c7da".parse().expect("an id"),
            },
            Message::IdentifyAlbum { album_id: AlbumId(7) },
            Message::EnrichProducer {
                producer_id: ProducerId(9),
            },
        ] {
            let envelope = Envelope::requested(message, Some(Utc::now()));
            assert_eq!(
                serde_json::from_str::<Envelope>(&envelope.body()).expect("what was written"),
                envelope
            );
        }
    }

    #[test]
    fn a_body_holds_ids_and_little_else() {
        let envelope = Envelope::background(Message::IdentifyAlbum { album_id: AlbumId(7) });
        assert_eq!(
            envelope.body(),
            r#"{"type":"identify_album","album_id":7,"priority":"background"}"#
        );
    }

    #[test]
    fn a_body_of_another_kind_is_not_taken() {
        for body in [
            "",
            "null",
            "{}",
            r#"{"type":"rename_artist"}"#,
            r#"{"type":"identify_album"}"#,
            r#"{"type":"ingest_album","spotify_album_id":"short"}"#,
        ] {
            assert!(serde_json::from_str::<Envelope>(body).is_err(), "{body}");
        }
    }
}
