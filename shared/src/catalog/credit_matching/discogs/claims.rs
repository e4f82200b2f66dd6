//! What a release of Discogs' claims of our tracks: its own credits for all tracks or a range of them, and those of each
//! track. Which entry of the tracklist a track of ours is has been settled before.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::catalog::album_import::tracks_in_range;
use crate::catalog::credit_matching::{CreditScope, MatchedCredit, MatchedRecord};
use crate::domain::credits::{Credit, StatedCredit};
use crate::domain::ids::TrackId;
use crate::domain::names;
use crate::domain::roles;
use crate::upstreams::discogs::{EntryKind, Release, ReleaseArtist, is_special_artist};

/// Whether anybody is credited anywhere on a release.
#[must_use]
pub fn has_credits(release: &Release) -> bool {
    let on_tracks = release.tracklist.iter().flat_map(|entry| &entry.credits);
    release.credits.iter().chain(on_tracks).next().is_some()
}

/// The claims of a release that is the album, with our tracks at these places of its tracklist and so many tracks on the
/// album.
#[must_use]
pub fn credits_from_release(
    release: &Release,
    record: &MatchedRecord,
    places: &BTreeMap<TrackId, (usize, f32)>,
    track_count: usize,
) -> Vec<MatchedCredit> {
    // Read only where somebody is not linked.
    let known = OnceCell::new();
    // Many people did what they did on the same tracks.
    let mut abouts: HashMap<Option<&str>, CreditScope> = HashMap::new();
    let mut claims = Vec::new();
    let of_release = Arc::new(record.clone());
    for credit in &release.credits {
        let about = abouts
            .entry(credit.raw_range.as_deref())
            .or_insert_with(|| about(credit, release, places, track_count));
        let of_credit = read(credit, release, &release.artists, &known);
        claims.extend(of_credit.map(|(credit, producer)| MatchedCredit {
            scope: about.clone(),
            record: Arc::clone(&of_release),
            credit,
            producer,
        }));
    }
    for (track_id, (place, score)) in places {
        let entry = &release.tracklist[*place];
        // What people did on a work in parts they did on every part.
        let work = (entry.kind == EntryKind::Part)
            .then(|| {
                release.tracklist[..*place]
                    .iter()
                    .rfind(|entry| entry.kind == EntryKind::Index)
            })
            .flatten();
        let credits = entry
            .credits
            .iter()
            .chain(work.iter().flat_map(|work| &work.credits));
        let of_track = if *score < 1.0 {
            Arc::new(MatchedRecord {
                score: record.score * score,
                ..record.clone()
            })
        } else {
            Arc::clone(&of_release)
        };
        for credit in credits {
            let of_credit = read(credit, release, &entry.artists, &known);
            claims.extend(of_credit.map(|(credit, producer)| MatchedCredit {
                scope: CreditScope::Track(*track_id),
                record: Arc::clone(&of_track),
                credit,
                producer,
            }));
        }
    }
    claims
}

/// What a credit of the release is about. Tracks of ours that are not on it are none of its.
fn about(
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
        Some(covered) => {
            let ours = places.iter().filter(|(_, (place, _))| covered.contains(place));
            CreditScope::Tracks(ours.map(|(id, _)| *id).collect(), Some(range.clone()))
        }
        None => CreditScope::Unresolved(range.clone()),
    }
}

/// The credits in one wording, each with whom it makes a producer. A joint credit is several only where each of its names is
/// a linked artist's elsewhere on the release.
fn read<'a>(
    credit: &'a StatedCredit,
    release: &'a Release,
    artists: &'a [ReleaseArtist],
    known: &OnceCell<BTreeSet<String>>,
) -> impl Iterator<Item = (Credit, Option<String>)> + use<'a> {
    let names = match &credit.source_artist_id {
        Some(_) => vec![credit.name.as_str()],
        None => names::split_joint(&credit.name, |name| {
            known
                .get_or_init(|| linked_names(release))
                .contains(&names::unlinked_key(name))
        }),
    };
    let is_joint = names.len() > 1;
    names.into_iter().flat_map(move |name| {
        roles::roles_from_wording(&credit.raw_role)
            .into_iter()
            .map(move |wording| {
                let is_producer = wording.role.is_music_production() && names::is_visible(name);
                let producer = is_producer.then(|| {
                    let id = credit.source_artist_id.as_deref();
                    // Who has an id is somebody beside nobody, too.
                    let beside = id.is_none().then(|| main_artist(release, artists));
                    names::source_identity(id, &beside.unwrap_or_default(), name)
                });
                let credited_as = if is_joint { name } else { &credit.credited_as };
                let credit = Credit {
                    source_artist_id: credit.source_artist_id.clone(),
                    name: name.to_owned(),
                    credited_as: credited_as.to_owned(),
                    raw_role: wording.text.to_owned(),
                    role: wording.role,
                };
                (credit, producer)
            })
    })
}

/// Beside whom a name without an id is somebody: on a compilation only within the release.
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
    let on_tracks = release.tracklist.iter().flat_map(|entry| &entry.credits);
    release
        .credits
        .iter()
        .chain(on_tracks)
        .filter(|credit| credit.source_artist_id.is_some())
        .map(|credit| names::unlinked_key(&credit.name))
        .collect()
}
