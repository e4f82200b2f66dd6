//! What is known of an album before anybody is asked: its tracks, what the sources answered that still holds, and who names
//! producers already. It is read once; what was found since stays out.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use shared::catalog::credit_matching::{ALBUM, SourceFindings, TRACK};
use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, ReleaseMbid, TrackId};
use shared::platform::db::Client;
use shared::store::catalog::album_links;
use shared::store::catalog::{albums, tracks};
use shared::store::credits;
use shared::store::work::lookups::{self, Lookup};

use crate::ORDER;

/// An album, its tracks, and what need not be asked again.
pub(crate) struct State {
    pub(crate) album: albums::Album,
    pub(crate) tracks: Vec<tracks::Track>,
    /// The release that the album was brought in from, if it came from MusicBrainz.
    pub(crate) own_release: Option<ReleaseMbid>,
    /// Only answers from after then hold.
    pub(crate) fresh_after: Option<DateTime<Utc>>,
    /// The lookups of the album that still hold, one a source at most.
    album_lookups: Vec<Lookup>,
    /// The lookups of its tracks that still hold.
    track_lookups: Vec<Lookup>,
    /// Of Spotify's tracks, the lookups that still hold: they had no ISRC, or it is ours already.
    pub(crate) spotify_lookups: Vec<Lookup>,
    /// Which sources name a producer for which track.
    produced: BTreeSet<(TrackId, Source)>,
}

impl State {
    /// Whether a source's answer about the album still holds.
    pub(crate) fn is_album_known(&self, source: Source) -> bool {
        self.album_lookups.iter().any(|lookup| lookup.source == source)
    }

    /// The tracks that a source has to be asked about.
    pub(crate) fn open_tracks(&self, source: Source) -> Vec<&tracks::Track> {
        let is_known = |track: &tracks::Track| {
            let subject = track.id.to_string();
            self.track_lookups
                .iter()
                .any(|lookup| lookup.source == source && lookup.subject == subject)
        };
        self.tracks.iter().filter(|track| !is_known(track)).collect()
    }

    /// The tracks for which a source that is asked before this one names a producer, or a person.
    pub(crate) fn produced_before(&self, source: Source, found: &[SourceFindings]) -> BTreeSet<TrackId> {
        let before: Vec<Source> = ORDER
            .iter()
            .copied()
            .take_while(|other| *other != source)
            .chain([Source::Manual])
            .collect();
        let known = self.produced.iter().filter(|(_, by)| before.contains(by));
        let mut tracks: BTreeSet<TrackId> = known.map(|(track, _)| *track).collect();
        for found in found {
            for claim in found.credits.iter().filter(|claim| claim.producer.is_some()) {
                tracks.extend(claim.scope.tracks(&self.tracks));
            }
        }
        tracks
    }

    /// Takes an answer as known that was not asked for.
    pub(crate) fn take(&mut self, lookup: Lookup) {
        if lookup.kind == ALBUM {
            self.album_lookups.push(lookup);
        } else {
            self.track_lookups.push(lookup);
        }
    }

    /// Since when everything that is known of the album holds: the oldest of its lookups.
    pub(crate) fn looked_up_at(&self, found: &[SourceFindings]) -> DateTime<Utc> {
        let kept = self.album_lookups.iter().chain(&self.track_lookups);
        kept.chain(found.iter().flat_map(|found| &found.lookups))
            .filter(|lookup| ORDER.contains(&lookup.source))
            .map(|lookup| lookup.looked_up_at)
            .min()
            .unwrap_or_else(Utc::now)
    }
}

/// Reads an album's state; None where there is no such album.
///
/// # Errors
/// The database's, and an id of a release that is none.
pub(crate) async fn load(
    client: &Client<'_>,
    album_id: AlbumId,
    fresh_after: Option<DateTime<Utc>>,
) -> anyhow::Result<Option<State>> {
    let Some(album) = albums::find(client, album_id).await? else {
        return Ok(None);
    };
    let tracks = tracks::list_by_album(client, album_id).await?;
    let own_release = album_links::find_own(client, album_id, Source::MusicBrainz).await?;
    let track_ids: Vec<String> = tracks.iter().map(|track| track.id.to_string()).collect();
    let spotify_ids: Vec<String> = tracks
        .iter()
        .filter_map(|track| track.spotify_track_id.as_ref())
        .map(ToString::to_string)
        .collect();
    let mut state = State {
        own_release: own_release.map(|id| id.parse()).transpose()?,
        fresh_after,
        album_lookups: Vec::new(),
        track_lookups: Vec::new(),
        spotify_lookups: lookups::list_fresh(client, Source::Spotify, TRACK, &spotify_ids, fresh_after)
            .await?,
        produced: credits::list_sources(client, album_id)
            .await?
            .into_iter()
            .collect(),
        album,
        tracks,
    };
    for source in ORDER.iter().copied() {
        // What was looked up of an album that was called otherwise, or had other tracks, holds no more.
        let holds = |lookup: &Lookup| lookup.looked_up_at >= state.album.updated_at;
        let of_album = lookups::find_fresh(client, source, ALBUM, &album_id.to_string(), fresh_after).await?;
        let of_album = of_album.filter(holds);
        // A release can know what its tracks alone did not; Genius is asked about tracks only.
        if of_album.is_some() || source == Source::Genius {
            let of_tracks = lookups::list_fresh(client, source, TRACK, &track_ids, fresh_after).await?;
            let is_by_track = source == Source::Genius;
            state.track_lookups.extend(
                of_tracks
                    .into_iter()
                    .filter(|lookup| !is_by_track || lookup.looked_up_at >= state.album.updated_at),
            );
        }
        state.album_lookups.extend(of_album);
    }
    Ok(Some(state))
}
