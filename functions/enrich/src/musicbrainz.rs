//! Reads aliases and current links from the MusicBrainz record of a producer. MusicBrainz has no pictures of
//! people.

use shared::upstreams::musicbrainz::{Artist, MusicBrainz};
use shared::work::budgets;

use crate::source_lookup::{ProducerRecord, SourceQuery, SourceResult};
use crate::storing::contact_pairs;

/// Asks about every MBID of the producer.
pub(crate) async fn ask(
    query: &SourceQuery<'_>,
    musicbrainz: &MusicBrainz,
) -> (SourceResult, Option<budgets::BudgetError>) {
    let fetch = |mbid| async move { Ok(musicbrainz.fetch_artist(&mbid).await?.map(record_from_artist)) };
    query.fetch_all(|id| id.parse().ok(), fetch).await
}

fn record_from_artist(artist: Artist) -> ProducerRecord {
    ProducerRecord {
        contacts: contact_pairs(&artist.links),
        name: artist.name,
        aliases: artist.aliases,
        related: Vec::new(),
    }
}
