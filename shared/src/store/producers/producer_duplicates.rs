//! Producers that may be one, with what speaks for it: for a person to decide. Likeness of names alone is never enough,
//! and what the sources say plainly is joined by itself, see [`super::producer_joins`].

use serde::Serialize;

use crate::domain::ids::ProducerId;
use crate::domain::text_enums::text_enum;
use crate::platform::db::Client;

text_enum! {
    /// What speaks for two producers being one, the strongest first.
    EvidenceKind {
        /// A record of one names the page of the other.
        StatedLink = "stated_link",
        /// Both have the same account somewhere.
        SameAccount = "same_account",
        /// Both are credited for the same tracks, and share a name.
        SameTrack = "same_track",
        /// What a source calls another name of one is a name of the other.
        SharedAlias = "shared_alias",
        /// Both have the same name and worked for the same artist.
        SameArtist = "same_artist",
    }
}

/// One thing that speaks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DuplicateEvidence {
    /// What it is.
    pub kind: EvidenceKind,
    /// The link's source and site, the sites of the accounts, the name, or the first artist.
    pub detail: String,
    /// How many links, accounts, tracks or artists.
    pub number: i64,
}

/// One of the two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DuplicateProducer {
    /// The producer.
    pub id: ProducerId,
    /// The name.
    pub name: String,
    /// How many songs they produced.
    pub track_count: i32,
}

/// Two producers that may be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DuplicatePair {
    /// The one whose id would stay.
    pub kept: DuplicateProducer,
    /// The other.
    pub gone: DuplicateProducer,
    /// The weights of the evidence, summed: a link stated 100, the same account 80, the same track 61 to 75, a shared
    /// alias 30, the same artist 21 to 29.
    pub strength: i64,
    /// What speaks for it, the strongest first.
    pub evidence: Vec<DuplicateEvidence>,
}

const LIST: &str = include_str!("producer_duplicates.sql");

/// The pairs of producers that most likely are one, at most `limit`. Never two that are different pages at Discogs, nor
/// two that a person told apart before.
///
/// # Errors
/// The database's.
pub async fn list(client: &Client<'_>, limit: i64) -> Result<Vec<DuplicatePair>, tokio_postgres::Error> {
    let mut duplicates: Vec<DuplicatePair> = Vec::new();
    for row in client.query(LIST, &[&limit]).await? {
        let candidate = |at: usize| DuplicateProducer {
            id: ProducerId(row.get(at)),
            name: row.get(at + 1),
            track_count: row.get(at + 2),
        };
        let (kept, gone) = (candidate(0), candidate(3));
        let evidence = DuplicateEvidence {
            kind: row.get::<_, &str>(7).parse().expect("a kind of the statement"),
            detail: row.get(8),
            number: row.get(9),
        };
        match duplicates.last_mut() {
            Some(last) if (last.kept.id, last.gone.id) == (kept.id, gone.id) => {
                last.evidence.push(evidence);
            }
            _ => duplicates.push(DuplicatePair {
                kept,
                gone,
                strength: row.get(6),
                evidence: vec![evidence],
            }),
        }
    }
    Ok(duplicates)
}

pub(in crate::store) const STATEMENTS: &[&str] = &[LIST];
