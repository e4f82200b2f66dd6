//! Pairs of producers that are likely the same, with the evidence, for a person to decide. Similar names
//! alone are never evidence. For producers that are merged automatically see [`super::producer_joins`].

use serde::Serialize;

use crate::domain::ids::ProducerId;
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// Kinds of evidence that two producers are the same, the strongest first.
    EvidenceKind {
        /// A record of one links to the page of the other.
        StatedLink = "stated_link",
        /// Both have the same account somewhere.
        SameAccount = "same_account",
        /// Both share a name and are credited for the same tracks.
        SameTrack = "same_track",
        /// An alias of one is a name of the other.
        SharedAlias = "shared_alias",
        /// Both have the same main name and produced for the same artist.
        SameArtist = "same_artist",
        /// One is printed under the main name of the other, and both produced for the same artist.
        PrintedName = "printed_name",
        /// Their names differ only in articles and joining words, and both produced for the same artist.
        NameVariant = "name_variant",
        /// The name of one joins the name of the other with those of further producers, and all of them
        /// produced for the same artist. These two are not one person.
        JointName = "joint_name",
    }
}

/// A piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DuplicateEvidence {
    /// Its kind.
    pub kind: EvidenceKind,
    /// The link's source and site, the sites of the accounts, the shared, printed or joint name, or the first
    /// artist.
    pub detail: String,
    /// How many links, accounts, tracks or artists.
    pub number: i64,
}

/// A producer of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DuplicateProducer {
    /// The producer.
    pub id: ProducerId,
    /// The producer's name.
    pub name: String,
    /// How many songs they produced.
    pub track_count: i32,
}

/// Two producers that are likely the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DuplicatePair {
    /// The producer that a merge would keep.
    pub kept: DuplicateProducer,
    /// The producer that would be merged into it.
    pub gone: DuplicateProducer,
    /// The sum of the evidence's weights: a stated link 100, the same account 80, the same tracks 61 to 75, a
    /// shared alias 30, the same artists 21 to 29, a printed name or a variant of a name 11 to 19, a joint
    /// name 1 to 9.
    pub strength: i64,
    /// The evidence, the strongest first.
    pub evidence: Vec<DuplicateEvidence>,
}

const LIST: &str = include_str!("producer_duplicates.sql");

/// The pairs of producers that are most likely the same, at most `limit`. Leaves out pairs with different
/// pages at Discogs and pairs whose merge a person has undone.
pub async fn list(client: &Client<'_>, limit: i64) -> Result<Vec<DuplicatePair>, tokio_postgres::Error> {
    let mut duplicates: Vec<DuplicatePair> = Vec::new();
    for row in client.query(LIST, &[&limit]).await? {
        let kept = DuplicateProducer {
            id: row.get("kept_id"),
            name: row.get("kept_name"),
            track_count: row.get("kept_track_count"),
        };
        let gone = DuplicateProducer {
            id: row.get("gone_id"),
            name: row.get("gone_name"),
            track_count: row.get("gone_track_count"),
        };
        let evidence = DuplicateEvidence {
            kind: row.get("kind"),
            detail: row.get("detail"),
            number: row.get("number"),
        };
        match duplicates.last_mut() {
            Some(last) if (last.kept.id, last.gone.id) == (kept.id, gone.id) => {
                last.evidence.push(evidence);
            }
            _ => duplicates.push(DuplicatePair {
                kept,
                gone,
                strength: row.get("strength"),
                evidence: vec![evidence],
            }),
        }
    }
    Ok(duplicates)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST];
