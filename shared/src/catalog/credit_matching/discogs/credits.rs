//! Reads the credits of a Discogs release: those of the release, which cover all tracks or a range of them,
//! and those of each tracklist entry.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::catalog::album_import::tracks_in_range;
use crate::catalog::credit_matching::findings::{CreditScope, MatchedCredit, MatchedRecord};
use crate::domain::credits::{Credit, Role, StatedCredit};
use crate::domain::ids::TrackId;
use crate::domain::names;
use crate::domain::roles;
use crate::upstreams::discogs::{EntryKind, Release, ReleaseArtist, is_special_artist};

/// Whether the release or one of its tracks has a credit.
#[must_use]
pub fn has_credits(release: &Release) -> bool {
    all_credits(release).next().is_some()
}

/// Whether a supervisor of the recording is credited.
#[must_use]
pub fn has_supervisors(release: &Release) -> bool {
    let mut roles = all_credits(release).flat_map(|credit| roles::roles_from_wording(&credit.raw_role));
    roles.any(|wording| wording.role == Role::Supervisor)
}

fn all_credits(release: &Release) -> impl Iterator<Item = &StatedCredit> {
    let on_tracks = release.tracklist.iter().flat_map(|entry| &entry.credits);
    release.credits.iter().chain(on_tracks)
}

/// The credits of a release that is the album. `places` gives the tracklist index of each track that the
/// release has, with the score of that match. `track_count` is the number of tracks on the album.
#[must_use]
pub fn credits_from_release(
    release: &Release,
    record: &MatchedRecord,
    places: &BTreeMap<TrackId, (usize, f32)>,
    track_count: usize,
) -> Vec<MatchedCredit> {
    // Computed only if a credit has no linked artist.
    let linked = OnceCell::new();
    // Many credits have the same range.
    let mut scopes: HashMap<Option<&str>, CreditScope> = HashMap::new();
    let mut credits = Vec::new();
    let album_record = Arc::new(record.clone());
    for stated in &release.credits {
        let scope = scopes
            .entry(stated.raw_range.as_deref())
            .or_insert_with(|| scope_of(stated, release, places, track_count));
        let parsed = parse_credit(stated, release, &release.artists, &linked);
        credits.extend(parsed.map(|(credit, producer)| MatchedCredit {
            scope: scope.clone(),
            record: Arc::clone(&album_record),
            credit,
            producer,
        }));
    }
    for (track_id, (index, score)) in places {
        let entry = &release.tracklist[*index];
        // Credits of a work in parts count for each part.
        let work = (entry.kind == EntryKind::Part)
            .then(|| {
                release.tracklist[..*index]
                    .iter()
                    .rfind(|entry| entry.kind == EntryKind::Index)
            })
            .flatten();
        let track_record = if *score < 1.0 {
            Arc::new(MatchedRecord {
                score: record.score * score,
                ..record.clone()
            })
        } else {
            Arc::clone(&album_record)
        };
        for stated in entry
            .credits
            .iter()
            .chain(work.iter().flat_map(|work| &work.credits))
        {
            let parsed = parse_credit(stated, release, &entry.artists, &linked);
            credits.extend(parsed.map(|(credit, producer)| MatchedCredit {
                scope: CreditScope::Track(*track_id),
                record: Arc::clone(&track_record),
                credit,
                producer,
            }));
        }
    }
    credits
}

/// The tracks that a credit of the release is about. Tracks of the album that the release lacks are never
/// among them.
fn scope_of(
    credit: &StatedCredit,
    release: &Release,
    places: &BTreeMap<TrackId, (usize, f32)>,
    track_count: usize,
) -> CreditScope {
    let Some(range) = &credit.raw_range else {
        return if places.len() == track_count {
            CreditScope::Album
        } else {
            CreditScope::Tracks(places.keys().copied().collect(), None)
        };
    };
    match tracks_in_range(release, range) {
        Some(indexes) => {
            let covered = places.iter().filter(|(_, (index, _))| indexes.contains(index));
            CreditScope::Tracks(covered.map(|(id, _)| *id).collect(), Some(range.clone()))
        }
        None => CreditScope::Unresolved(range.clone()),
    }
}

/// Splits a stated credit into one credit per name and role, each with the id of the producer it makes. A
/// joint credit is split only if each of its names is a linked artist elsewhere on the release.
fn parse_credit<'a>(
    stated: &'a StatedCredit,
    release: &'a Release,
    artists: &'a [ReleaseArtist],
    linked: &OnceCell<BTreeSet<String>>,
) -> impl Iterator<Item = (Credit, Option<String>)> + use<'a> {
    let names = match &stated.source_artist_id {
        Some(_) => vec![stated.name.as_str()],
        None => names::split_joint(&stated.name, |name| {
            linked
                .get_or_init(|| linked_names(release))
                .contains(&names::unlinked_key(name))
        }),
    };
    let is_joint = names.len() > 1;
    names.into_iter().flat_map(move |name| {
        roles::roles_from_wording(&stated.raw_role)
            .into_iter()
            .map(move |wording| {
                let is_producer = wording.role.is_music_production() && names::is_visible(name);
                let producer = is_producer.then(|| {
                    let id = stated.source_artist_id.as_deref();
                    // Only names without an id are identified by the artist they appear with.
                    let artist = id.is_none().then(|| main_artist(release, artists));
                    names::source_identity(id, &artist.unwrap_or_default(), name)
                });
                let credited_as = if is_joint { name } else { &stated.credited_as };
                let credit = Credit {
                    source_artist_id: stated.source_artist_id.clone(),
                    name: name.to_owned(),
                    credited_as: credited_as.to_owned(),
                    raw_role: wording.text.to_owned(),
                    role: wording.role,
                };
                (credit, producer)
            })
    })
}

/// The artist that identifies a name without an id. On a compilation such a name counts only within the
/// release.
fn main_artist(release: &Release, artists: &[ReleaseArtist]) -> String {
    match artists.first().or(release.artists.first()) {
        Some(artist) => match artist.id {
            Some(id) if !is_special_artist(id) => id.to_string(),
            Some(_) => format!("release {}", release.id),
            None => names::unlinked_key(&artist.name),
        },
        None => format!("release {}", release.id),
    }
}

fn linked_names(release: &Release) -> BTreeSet<String> {
    all_credits(release)
        .filter(|credit| credit.source_artist_id.is_some())
        .map(|credit| names::unlinked_key(&credit.name))
        .collect()
}
