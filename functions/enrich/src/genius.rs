//! Reads other names, social media handles that users entered, and a picture from the Genius page of a
//! producer. The page itself is among the links, so that links of other sources to it are recognized.

use shared::domain::contacts::IMAGE;
use shared::domain::ids::GeniusArtistId;
use shared::upstreams::genius::{Artist, Genius};
use shared::work::budgets;

use crate::source_lookup::{ProducerRecord, SourceQuery, SourceResult};
use crate::storing::contact_pairs;

/// Asks about every Genius id of the producer; a person may have several.
pub(crate) async fn ask(
    query: &SourceQuery<'_>,
    genius: &Genius,
) -> (SourceResult, Option<budgets::BudgetError>) {
    let fetch = |id| async move { Ok(genius.fetch_artist(id).await?.map(record_from_artist)) };
    let parse_id = |id: &str| id.parse().ok().map(GeniusArtistId);
    query.fetch_all(parse_id, fetch).await
}

fn record_from_artist(artist: Artist) -> ProducerRecord {
    let mut contacts = contact_pairs(&artist.links);
    contacts.extend(artist.image_url.map(|url| (IMAGE.to_owned(), url)));
    ProducerRecord {
        contacts,
        name: artist.name,
        aliases: artist.alternate_names,
        related: Vec::new(),
    }
}
