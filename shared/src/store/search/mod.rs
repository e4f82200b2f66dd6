//! Search over producers, artists, songs, albums and credited people. The functions that search, and the
//! triggers that keep what they read, are in the migrations.

mod kinds;
pub(in crate::store) mod matches;
pub mod results;
pub mod upkeep;

use serde::Serialize;
use tokio_postgres::Error;

use crate::domain::search_text::{self, SearchSubject};
use crate::platform::db::Client;
pub use kinds::{MatchKind, SearchKind};
use matches::Match;
pub use results::SearchResult;

/// The best results of a search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchResults {
    /// The results, the best first.
    pub items: Vec<SearchResult>,
    /// Whether there are more matches than the items.
    pub has_more: bool,
}

/// What matches `text`: results of these kinds, at most `limit`. First those that match best; among equally
/// good ones, the best of each kind.
pub async fn find(
    client: &Client<'_>,
    text: &str,
    kinds: &[SearchKind],
    limit: i32,
) -> Result<SearchResults, Error> {
    let subject = search_text::read(text);
    let mut found: Vec<(usize, Match)> = Vec::new();
    for kind in kinds {
        let matches = match &subject {
            SearchSubject::Words(query) => matches::by_words(client, *kind, text, query, limit + 1).await?,
            id => matches::by_id(client, *kind, id, limit + 1).await?,
        };
        found.extend(matches.into_iter().enumerate());
    }
    found.sort_by_key(|(place, found)| (found.match_kind, *place, found.kind));
    let most = usize::try_from(limit).unwrap_or_default();
    let has_more = found.len() > most;
    found.truncate(most);
    let matches: Vec<Match> = found.into_iter().map(|(_, found)| found).collect();
    Ok(SearchResults {
        items: results::list(client, matches).await?,
        has_more,
    })
}
