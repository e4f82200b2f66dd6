//! What MusicBrainz states of a producer: aliases, and links that have not ended. It has no pictures of people.

use shared::budgets;
use shared::upstreams::musicbrainz::{Artist, MusicBrainz};

use crate::asking::{Answers, Asking, Page};
use crate::keeping::kinds_and_values;

/// Asks about every MBID of the producer.
pub(crate) async fn ask(asking: &Asking<'_>, musicbrainz: &MusicBrainz) -> (Answers, Option<budgets::Error>) {
    let fetch = |mbid| async move { Ok(musicbrainz.fetch_artist(&mbid).await?.map(page)) };
    asking.each(|id| id.parse().ok(), fetch).await
}

fn page(artist: Artist) -> Page {
    Page {
        contacts: kinds_and_values(&artist.links),
        name: artist.name,
        aliases: artist.aliases,
        related: Vec::new(),
    }
}
