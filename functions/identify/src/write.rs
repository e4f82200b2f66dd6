//! Keeps what MusicBrainz said of an album: links, ISRCs, credits as stated, and what they add up to, in the caller's
//! transaction. The same answers again change nothing but the work tables.

use std::collections::{BTreeMap, BTreeSet};

use shared::credits::{Credit, MatchMethod, Source};
use shared::db::Client;
use shared::ids::{Isrc, ProducerId, TrackId};
use shared::names;
use shared::store::credits::{self, Claim};
use shared::store::producers::{self, Identity, Name, NameKind};
use shared::store::tracks::{self, Link, Track};
use shared::store::{albums, artists, lookups, track_producers};
use shared::upstreams::musicbrainz::{ArtistCredit, is_special_artist};

use crate::State;
use crate::found::{Found, Match};

const SOURCE: Source = Source::MusicBrainz;

/// Writes what was found; gives the producers of the album's tracks, or none where the album is another by now than the
/// one that was asked about. Then nothing must be committed.
///
/// # Errors
/// The database's.
pub(crate) async fn write(
    transaction: &Client<'_>,
    state: &State,
    found: &Found,
) -> Result<Option<Vec<ProducerId>>, tokio_postgres::Error> {
    let album = &state.album;
    // First, because new producers are made by one transaction at a time: nobody waits for that with rows locked.
    let identities = identities(transaction, found).await?;
    if let Some(artist) = album_artist(state, found) {
        artists::link(transaction, album.artist_id, SOURCE, artist.mbid.as_str()).await?;
    }
    albums::lock(transaction, album.id).await?;
    if is_changed(transaction, state).await? {
        return Ok(None);
    }
    let mut records: BTreeSet<String> = found
        .recording_ids()
        .iter()
        .map(ToString::to_string)
        .collect();
    if found.is_album_settled() {
        records.extend(albums::list_links(transaction, album.id, SOURCE).await?);
        let releases: Vec<String> = found
            .release
            .iter()
            .map(|(release, _)| release.id.to_string())
            .collect();
        albums::delete_other_links(transaction, album.id, SOURCE, &releases).await?;
        if let Some((release, score)) = &found.release {
            albums::upsert_link(
                transaction,
                album.id,
                SOURCE,
                release.id.as_str(),
                MatchMethod::Barcode,
                *score,
            )
            .await?;
        }
        records.extend(releases);
    }
    let settled = found.settled_tracks(&state.tracks);
    tracks::fill_gaps(transaction, &gaps(state, found)).await?;
    let links: Vec<Link> = found
        .recordings
        .iter()
        .map(|(track_id, found)| link(*track_id, found))
        .collect();
    records.extend(tracks::delete_other_links(transaction, SOURCE, &settled, &links).await?);
    tracks::upsert_links(transaction, SOURCE, &links).await?;

    let claims = claims(found, &identities);
    credits::replace(
        transaction,
        album.id,
        SOURCE,
        &records.into_iter().collect::<Vec<_>>(),
        &claims,
    )
    .await?;
    // Credits of the release hold for every track, also for those that are gone from the album.
    let changed: Vec<TrackId> = if found.is_album_settled() {
        let every = tracks::list_known(transaction, &[album.id], &[]).await?;
        every.iter().map(|track| track.id).collect()
    } else {
        settled
    };
    track_producers::refresh(transaction, &changed).await?;
    lookups::upsert(transaction, &found.lookups).await?;
    producers::list_of_album(transaction, album.id)
        .await
        .map(Some)
}

/// Whether the album has other names, another barcode or other tracks than those that were looked for.
async fn is_changed(
    transaction: &Client<'_>,
    state: &State,
) -> Result<bool, tokio_postgres::Error> {
    let Some(album) = albums::find(transaction, state.album.id).await? else {
        return Ok(true);
    };
    let tracks = tracks::list_of_album(transaction, album.id).await?;
    let named = |tracks: &[Track]| -> Vec<_> {
        tracks
            .iter()
            .map(|track| (track.id, track.name.clone()))
            .collect()
    };
    Ok(
        (&album.name, &album.upc) != (&state.album.name, &state.album.upc)
            || named(&tracks) != named(&state.tracks),
    )
}

/// The artist of ours and the one MusicBrainz names share an album and a name: they are one.
fn album_artist<'a>(state: &State, found: &'a Found) -> Option<&'a ArtistCredit> {
    let (release, _) = found.release.as_ref()?;
    let [artist] = &release.artists[..] else {
        return None;
    };
    let is_same = names::is_same_name(&artist.name, &state.album.artist_name)
        || names::is_same_name(&artist.credited_as, &state.album.artist_name);
    (is_same && !state.album.is_various && !is_special_artist(artist.mbid.as_str()))
        .then_some(artist)
}

/// ISRCs and lengths for tracks that have none. Of several ISRCs of a recording the smallest.
fn gaps(state: &State, found: &Found) -> Vec<(TrackId, Option<Isrc>, Option<i32>)> {
    state
        .tracks
        .iter()
        .filter_map(|track| {
            let recording = found
                .recordings
                .get(&track.id)
                .map(|found| &found.recording);
            let isrc = found
                .isrcs
                .get(&track.id)
                .or_else(|| recording.and_then(|recording| recording.isrcs.iter().min()));
            let duration_ms = recording.and_then(|recording| recording.duration_ms);
            (isrc.is_some() || duration_ms.is_some())
                .then(|| (track.id, isrc.cloned(), duration_ms))
        })
        .collect()
}

fn link(track_id: TrackId, found: &Match) -> Link {
    Link {
        track_id,
        source_id: found.recording.id.to_string(),
        matched_by: found.matched_by,
        match_score: found.score,
    }
}

/// Every credit found, with the record that states it.
fn credits_of(found: &Found) -> impl Iterator<Item = &Credit> {
    let on_release = found
        .release
        .iter()
        .flat_map(|(release, _)| &release.credits);
    on_release.chain(
        found
            .recordings
            .values()
            .flat_map(|found| &found.recording.credits),
    )
}

/// Whom a credit makes a producer.
fn producer_id_in_source(credit: &Credit) -> Option<&str> {
    credit
        .source_artist_id
        .as_deref()
        .filter(|id| credit.role.is_music_production() && !is_special_artist(id))
}

async fn identities(
    transaction: &Client<'_>,
    found: &Found,
) -> Result<BTreeMap<String, Identity>, tokio_postgres::Error> {
    let named: BTreeMap<String, String> = credits_of(found)
        .filter_map(|credit| {
            Some((
                producer_id_in_source(credit)?.to_owned(),
                credit.name.clone(),
            ))
        })
        .collect();
    let identities = producers::upsert_identities(transaction, SOURCE, &named).await?;
    let mut names = BTreeSet::new();
    for credit in credits_of(found) {
        let Some(identity) = producer_id_in_source(credit).and_then(|id| identities.get(id)) else {
            continue;
        };
        names.insert(Name {
            producer_id: identity.producer_id,
            name: credit.name.clone(),
            kind: NameKind::Primary,
        });
        if credit.credited_as != credit.name {
            names.insert(Name {
                producer_id: identity.producer_id,
                name: credit.credited_as.clone(),
                kind: NameKind::CreditedAs,
            });
        }
    }
    producers::insert_names(transaction, SOURCE, &names.into_iter().collect::<Vec<_>>()).await?;
    Ok(identities)
}

fn claims(found: &Found, identities: &BTreeMap<String, Identity>) -> Vec<Claim> {
    let identity = |credit: &Credit| {
        producer_id_in_source(credit)
            .and_then(|id| identities.get(id))
            .map(|identity| identity.id)
    };
    let on_release = found.release.iter().flat_map(|(release, score)| {
        release.credits.iter().map(move |credit| Claim {
            track_id: None,
            source_record_kind: "release",
            source_record_id: release.id.to_string(),
            credit: credit.clone(),
            producer_identity_id: identity(credit),
            matched_by: MatchMethod::Barcode,
            match_score: *score,
        })
    });
    let on_recordings = found.recordings.iter().flat_map(|(track_id, found)| {
        found.recording.credits.iter().map(move |credit| Claim {
            track_id: Some(*track_id),
            source_record_kind: "recording",
            source_record_id: found.recording.id.to_string(),
            credit: credit.clone(),
            producer_identity_id: identity(credit),
            matched_by: found.matched_by,
            match_score: found.score,
        })
    });
    on_release.chain(on_recordings).collect()
}
