//! The commands that the functions send each other, as JSON that contains little more than ids.
//! [`crate::work::queue`] transports them, and an [`Outcome`] is the result of handling one.

mod subjects;

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::ids::{
    AlbumId, ArtistMbid, IngestionId, ProducerId, ReleaseMbid, RequestedItem, SpotifyAlbumId, SpotifyArtistId,
};
use crate::domain::text_enums::text_enum;

text_enum! {
    /// The queues, in the order of the steps.
    QueueName {
        /// Imports from Spotify or MusicBrainz.
        Catalog = "catalog",
        /// Albums whose producers are to be identified.
        Identification = "identification",
        /// Producers whose contacts are to be looked up.
        Enrichment = "enrichment",
    }
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Message {
    /// Find the requested item in a source's catalog and import it.
    Resolve {
        /// The requested item.
        what: RequestedItem,
        /// Whether albums that an artist only appears on are imported too.
        #[serde(default)]
        appears_on: bool,
    },
    /// Import one page of an artist's albums.
    IngestArtist {
        /// The artist.
        spotify_artist_id: SpotifyArtistId,
        /// The offset of the page.
        offset: u32,
        /// Whether albums that the artist only appears on are imported too.
        #[serde(default)]
        appears_on: bool,
    },
    /// Import an album with all its tracks.
    IngestAlbum {
        /// The album.
        spotify_album_id: SpotifyAlbumId,
    },
    /// List one page of an artist's releases at MusicBrainz. After the last page, import one release of each
    /// release group.
    ListReleases {
        /// The artist.
        artist_mbid: ArtistMbid,
        /// The offset of the page.
        offset: u32,
        /// Whether to list the releases that the artist only appears on, instead of the artist's own.
        #[serde(default)]
        appears_on: bool,
    },
    /// Import a MusicBrainz release as an album with all its tracks.
    IngestRelease {
        /// The release.
        release_mbid: ReleaseMbid,
    },
    /// Identify the producers of an album's tracks.
    IdentifyAlbum {
        /// The album.
        album_id: AlbumId,
    },
    /// Look up a producer's contacts.
    EnrichProducer {
        /// The producer.
        producer_id: ProducerId,
    },
}

impl Message {
    /// The queue that the message is sent on.
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

    /// The kind of step, whatever the source: the `kind` of its ingestion tasks and lookups.
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

    /// A key that is equal for two messages that request the same work.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}", self.kind(), self.subject())
    }
}

/// A message as it is sent: the command and how to handle it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The command.
    #[serde(flatten)]
    pub message: Message,
    /// Lookups made after this time are fresh enough. With `None`, only items that are due are looked up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh_after: Option<DateTime<Utc>>,
    /// Which messages take precedence.
    #[serde(default)]
    pub priority: Priority,
    /// The ingestions that wait for this message, in ascending order of their ids. If the message is
    /// discarded, its step fails for each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ingestions: Vec<IngestionId>,
    /// When it was first snoozed, and how often since; `None` if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed: Option<SnoozeHistory>,
}

/// How long and how often a message has been snoozed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnoozeHistory {
    /// When it was first snoozed.
    pub since: DateTime<Utc>,
    /// How often it was snoozed.
    pub count: u32,
}

/// Whether a person waits for a message. Requests take precedence over refreshing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Refreshes known items.
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
            ingestions: Vec::new(),
            snoozed: None,
        }
    }

    /// A message that refreshes known items.
    #[must_use]
    pub fn background(message: Message) -> Self {
        Self {
            message,
            fresh_after: None,
            priority: Priority::Background,
            ingestions: Vec::new(),
            snoozed: None,
        }
    }

    /// A follow-up message that is handled in the same way as this one.
    #[must_use]
    pub fn follow_up(&self, message: Message) -> Self {
        Self {
            message,
            snoozed: None,
            ..self.clone()
        }
    }

    /// The newest ingestion that waits for this message. Queues hand out messages in turns by this ingestion.
    #[must_use]
    pub fn newest_ingestion(&self) -> Option<IngestionId> {
        self.ingestions.last().copied()
    }

    /// The same message, which these ingestions wait for as well. A person waits for it then.
    #[must_use]
    pub fn awaited_by(mut self, ingestions: &[IngestionId]) -> Self {
        self.ingestions.extend(ingestions);
        self.ingestions.sort_unstable();
        self.ingestions.dedup();
        if !ingestions.is_empty() {
            self.priority = Priority::Requested;
        }
        self
    }

    /// The message as JSON.
    #[must_use]
    pub fn body(&self) -> String {
        serde_json::to_string(self).expect("a message has no map with keys other than strings")
    }
}

/// The result of handling a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The work is done, and follow-up messages are written.
    Done,
    /// A temporary failure: the message is received again later, which counts as an attempt.
    Retry {
        /// The cause, in one line.
        cause: String,
        /// The minimum delay, if the upstream states one.
        after_seconds: Option<u32>,
    },
    /// It cannot run before a known time. It waits in Postgres, which does not count as an attempt.
    Snooze {
        /// The earliest time.
        until: DateTime<Utc>,
        /// The budget that it waits for.
        bucket: &'static str,
        /// The reason, shown to people.
        reason: String,
    },
    /// It can never succeed. It goes to the dead letters, and an issue is raised.
    Discard {
        /// The reason, in one line.
        reason: String,
    },
}

impl Outcome {
    /// The outcome of a message that another function handles.
    #[must_use]
    pub fn misdirected(message: &Message, function: &str) -> Self {
        Self::Discard {
            reason: format!("{} is not for the {function} function", message.kind()),
        }
    }
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

/// A message as received from a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The queue's id of the message.
    pub message_id: String,
    /// The receipt of this delivery.
    pub receipt: String,
    /// The body.
    pub body: String,
    /// How often it has been received, including this time.
    pub receive_count: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message of each kind.
    pub(super) fn every_kind() -> Vec<Message> {
        let artist = "6rs1KAoQnFalSqSU4LTh8g".parse().expect("an id");
        vec![
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
        ]
    }

    #[test]
    fn a_message_is_unchanged_after_serialization() {
        for message in every_kind() {
            let envelope = Envelope::requested(message, Some(Utc::now()));
            let envelope = envelope.awaited_by(&[IngestionId(3), IngestionId(1)]);
            assert_eq!(
                serde_json::from_str::<Envelope>(&envelope.body()).expect("a valid body"),
                envelope
            );
        }
    }

    #[test]
    fn a_body_has_only_characters_that_sqs_accepts() {
        let is_accepted = |c: char| !c.is_ascii_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
        for c in ('\0'..=char::MAX).filter(|c| !is_accepted(*c)) {
            assert!(format!("Radio{c}head").parse::<RequestedItem>().is_err(), "{c:?}");
        }
        for what in [
            "Björk",
            "椎名林檎",
            "name:\u{10ffff}",
            "\"Weird Al\" Yankovic \\o/",
        ] {
            let what = what.parse().expect(what);
            let appears_on = false;
            let body = Envelope::background(Message::Resolve { what, appears_on }).body();
            assert!(body.chars().all(is_accepted), "{body}");
        }
    }

    #[test]
    fn a_body_contains_ids_and_little_else() {
        let envelope = Envelope::background(Message::IdentifyAlbum { album_id: AlbumId(7) });
        assert_eq!(
            envelope.body(),
            r#"{"type":"identify_album","album_id":7,"priority":"background"}"#
        );
    }

    #[test]
    fn a_body_of_another_kind_is_rejected() {
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
