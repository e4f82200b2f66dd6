//! Maps the relations of MusicBrainz to credits and links. [`crate::domain::roles`] interprets the wording of
//! a relation, and [`crate::domain::links`] a URL.

use super::wire;
use crate::domain::credits::Credit;
use crate::domain::ids::{RequestedItem, SpotifyAlbumId};
use crate::domain::links::{self, Link, LinkKind};
use crate::domain::roles;

/// The current links among the relations of an artist, each once. The URL shows the kind of a link, except
/// that a site is the artist's own.
pub(super) fn links_from_relations(relations: &[wire::Relation]) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for relation in relations
        .iter()
        .filter(|relation| !relation.ended && relation.type_name != "fanpage")
    {
        let Some(mut link) = relation.url.as_ref().and_then(|url| links::read(&url.resource)) else {
            continue;
        };
        if link.kind == LinkKind::Other && relation.type_name == "official homepage" {
            link.kind = LinkKind::Website;
        }
        if !links
            .iter()
            .any(|known| (known.kind, &known.value) == (link.kind, &link.value))
        {
            links.push(link);
        }
    }
    links
}

/// The Spotify albums among the current links of a release, each once and sorted.
pub(super) fn spotify_albums_from_relations(relations: &[wire::Relation]) -> Vec<SpotifyAlbumId> {
    let mut albums: Vec<SpotifyAlbumId> = relations
        .iter()
        .filter(|relation| !relation.ended)
        .filter_map(|relation| match relation.url.as_ref()?.resource.parse() {
            Ok(RequestedItem::Album(id)) => Some(id),
            _ => None,
        })
        .collect();
    albums.sort_unstable();
    albums.dedup();
    albums
}

/// The credits among the relations of a recording or release, each once: the relations to an artist.
pub(super) fn credits_from_relations(relations: &[wire::Relation]) -> Vec<Credit> {
    let mut credits: Vec<Credit> = Vec::new();
    for credit in relations.iter().filter_map(credit_from_relation) {
        if !credits.contains(&credit) {
            credits.push(credit);
        }
    }
    credits
}

/// `None` if the target is not an artist, or if the role or the name is missing.
fn credit_from_relation(relation: &wire::Relation) -> Option<Credit> {
    let artist = relation.artist.as_ref()?;
    let name = [&artist.name, &relation.target_credit]
        .into_iter()
        .find(|name| !name.is_empty())?;
    let credited_as = [&relation.target_credit, name]
        .into_iter()
        .find(|name| !name.is_empty())?;
    let attributes: Vec<&str> = relation.attributes.iter().map(String::as_str).collect();
    let task = relation
        .attribute_values
        .task
        .as_deref()
        .map(str::trim)
        .filter(|task| !task.is_empty());
    Some(Credit {
        source_artist_id: Some(artist.id.to_string()),
        name: name.clone(),
        credited_as: credited_as.clone(),
        raw_role: raw_role(relation, &attributes, task)?,
        role: roles::role_from_relation(
            relation.type_id.as_deref(),
            &relation.type_name,
            &attributes,
            task,
        ),
    })
}

/// The type of the relation and its sorted attributes, such as `producer [additional, task: strings]`.
fn raw_role(relation: &wire::Relation, attributes: &[&str], task: Option<&str>) -> Option<String> {
    let type_name = match relation.type_name.as_str() {
        "" => roles::relation_name(relation.type_id.as_deref()?)?,
        name => name,
    };
    let mut words: Vec<String> = attributes
        .iter()
        .filter(|&&word| word != "task" || task.is_none())
        .map(|&word| word.to_owned())
        .collect();
    words.extend(task.map(|task| format!("task: {task}")));
    words.sort_unstable();
    words.dedup();
    Some(if words.is_empty() {
        type_name.to_owned()
    } else {
        format!("{type_name} [{}]", words.join(", "))
    })
}
