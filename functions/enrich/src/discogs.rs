//! Reads links, name variations, aliases, groups and members from the Discogs record of a producer. The
//! Discogs terms do not allow storing pictures, and real names are left out because a person's name outside
//! music is private.

use shared::domain::ids::DiscogsArtistId;
use shared::store::producers::producer_links::{ProducerRelation, RelatedIdentity};
use shared::upstreams::discogs::{Artist, Discogs};
use shared::work::budgets;

use crate::source_lookup::{ProducerRecord, SourceQuery, SourceResult};
use crate::storing::contact_pairs;

/// Asks about every Discogs id of the producer.
pub(crate) async fn ask(
    query: &SourceQuery<'_>,
    discogs: &Discogs,
) -> (SourceResult, Option<budgets::BudgetError>) {
    let fetch = |id| async move { Ok(discogs.fetch_artist(id).await?.map(record_from_artist)) };
    let parse_id = |id: &str| id.parse().ok().map(DiscogsArtistId);
    query.fetch_all(parse_id, fetch).await
}

fn record_from_artist(artist: Artist) -> ProducerRecord {
    let related = [
        (ProducerRelation::Alias, artist.aliases),
        (ProducerRelation::Group, artist.groups),
        (ProducerRelation::Member, artist.members),
    ];
    ProducerRecord {
        contacts: contact_pairs(&artist.links),
        name: artist.name,
        aliases: artist.name_variations,
        related: related
            .into_iter()
            .flat_map(|(relation, artists)| {
                artists.into_iter().map(move |artist| RelatedIdentity {
                    relation,
                    source_id: artist.id.to_string(),
                })
            })
            .collect(),
    }
}
