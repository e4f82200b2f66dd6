//! What Discogs states of a producer: links, name variations, and who else they are or belong to. Its terms do not let
//! pictures be stored, and a name outside music is not ours to tell.

use shared::budgets;
use shared::ids::DiscogsArtistId;
use shared::store::producer_links::{ProducerRelation, RelatedIdentity};
use shared::upstreams::discogs::{Artist, Discogs, RelatedArtist};

use crate::asking::{Answers, Asking, Page};
use crate::keeping::kinds_and_values;

/// Asks about every number of the producer.
pub(crate) async fn ask(asking: &Asking<'_>, discogs: &Discogs) -> (Answers, Option<budgets::Error>) {
    let fetch = |id| async move { Ok(discogs.fetch_artist(id).await?.map(page)) };
    let read = |id: &str| id.parse().ok().map(DiscogsArtistId);
    asking.each(read, fetch).await
}

fn page(artist: Artist) -> Page {
    let related = [
        (ProducerRelation::Alias, artist.aliases),
        (ProducerRelation::Group, artist.groups),
        (ProducerRelation::Member, artist.members),
    ];
    Page {
        contacts: kinds_and_values(&artist.links),
        name: artist.name,
        aliases: artist.name_variations,
        related: related
            .into_iter()
            .flat_map(|(relation, artists)| artists.into_iter().map(move |it| is(relation, &it)))
            .collect(),
    }
}

fn is(relation: ProducerRelation, artist: &RelatedArtist) -> RelatedIdentity {
    RelatedIdentity {
        relation,
        source_id: artist.id.to_string(),
    }
}
