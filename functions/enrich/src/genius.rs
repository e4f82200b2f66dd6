//! What Genius states of a producer: other names, the handles that users entered, and a picture. Its page is among the
//! links, so that others' links to it are recognised.

use shared::budgets;
use shared::contacts::IMAGE;
use shared::ids::GeniusArtistId;
use shared::upstreams::genius::{Artist, Genius};

use crate::asking::{Answers, Asking, Page};
use crate::keeping::kinds_and_values;

/// Asks about every number of the producer; one human may have several.
pub(crate) async fn ask(asking: &Asking<'_>, genius: &Genius) -> (Answers, Option<budgets::Error>) {
    let fetch = |id| async move { Ok(genius.fetch_artist(id).await?.map(page)) };
    let read = |id: &str| id.parse().ok().map(GeniusArtistId);
    asking.each(read, fetch).await
}

fn page(artist: Artist) -> Page {
    let mut contacts = kinds_and_values(&artist.links);
    contacts.extend(artist.image_url.map(|url| (IMAGE.to_owned(), url)));
    Page {
        contacts,
        name: artist.name,
        aliases: artist.alternate_names,
        related: Vec::new(),
    }
}
