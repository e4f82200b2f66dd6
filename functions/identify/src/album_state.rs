//! The state of an album before the sources are queried: its tracks, the lookups that are still fresh, and
//! the sources that name producers already.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use shared::catalog::credit_matching::{ALBUM, SourceFindings, TRACK};
use shared::catalog::identification::AlbumSnapshot;
use shared::domain::credits::Source;
use shared::domain::ids::{AlbumId, TrackId};
use shared::platform::db::Client;
use shared::store::catalog::track_links::{self, TrackLink};
use shared::store::catalog::tracks::Track;
use shared::store::credits;
use shared::store::work::lookups::{self, Lookup};

/// The credit sources in the order in which they are queried: by how much one request returns and how
/// reliable it is.
pub(crate) const SOURCE_ORDER: [Source; 3] = [Source::MusicBrainz, Source::Discogs, Source::Genius];

/// An album, its tracks, and what need not be looked up again.
pub(crate) struct AlbumState {
    pub(crate) snapshot: AlbumSnapshot,
    /// When this was read, by the clock of the database.
    pub(crate) loaded_at: DateTime<Utc>,
    /// Earlier lookups count as outdated.
    pub(crate) fresh_after: Option<DateTime<Utc>>,
    /// Fresh lookups of the album, at most one per source.
    album_lookups: Vec<Lookup>,
    /// Fresh lookups of its tracks.
    track_lookups: Vec<Lookup>,
    /// Fresh lookups of its tracks at sources without a fresh lookup of the album. They are made again with
    /// the album, but not if the source cannot answer about the album.
    lone_track_lookups: Vec<Lookup>,
    /// The recordings at MusicBrainz that its tracks are linked to.
    pub(crate) recording_links: Vec<TrackLink>,
    /// Fresh lookups of the tracks at Spotify. Such a track has no ISRC there, or its ISRC is stored already.
    pub(crate) spotify_lookups: Vec<Lookup>,
    /// The tracks with a producer, each with a source that names one.
    produced: BTreeSet<(TrackId, Source)>,
}

impl AlbumState {
    /// Whether the lookup of the album at a source is fresh.
    pub(crate) fn is_album_known(&self, source: Source) -> bool {
        self.album_lookups.iter().any(|lookup| lookup.source == source)
    }

    /// The tracks without a fresh lookup at a source.
    pub(crate) fn open_tracks(&self, source: Source) -> Vec<&Track> {
        let tracks = self.snapshot.tracks.iter();
        tracks
            .filter(|track| !has_lookup(&self.track_lookups, source, track.id))
            .collect()
    }

    /// Whether a source was asked about a track by itself, and the answer is fresh.
    pub(crate) fn is_known_alone(&self, source: Source, track: TrackId) -> bool {
        has_lookup(&self.lone_track_lookups, source, track)
    }

    /// The tracks that have a producer from a person or from a source that is queried before this one.
    pub(crate) fn produced_before(&self, source: Source, findings: &[SourceFindings]) -> BTreeSet<TrackId> {
        let before: Vec<Source> = SOURCE_ORDER
            .iter()
            .copied()
            .take_while(|other| *other != source)
            .chain([Source::Manual])
            .collect();
        let known = self.produced.iter().filter(|(_, by)| before.contains(by));
        let mut tracks: BTreeSet<TrackId> = known.map(|(track, _)| *track).collect();
        let all: Vec<TrackId> = self.snapshot.tracks.iter().map(|track| track.id).collect();
        let credits = findings.iter().flat_map(|findings| &findings.credits);
        for matched in credits.filter(|matched| matched.producer.is_some()) {
            tracks.extend(matched.scope.coverage(&all).1);
        }
        tracks
    }

    /// Adds a lookup that our own tables answered.
    pub(crate) fn add_lookup(&mut self, lookup: Lookup) {
        if lookup.kind == ALBUM {
            self.album_lookups.push(lookup);
        } else {
            self.track_lookups.push(lookup);
        }
    }

    /// The time of the oldest lookup of the album and its tracks.
    pub(crate) fn looked_up_at(&self, findings: &[SourceFindings]) -> DateTime<Utc> {
        let fresh = self.album_lookups.iter().chain(&self.track_lookups);
        fresh
            .chain(findings.iter().flat_map(|findings| &findings.lookups))
            .filter(|lookup| SOURCE_ORDER.contains(&lookup.source))
            .map(|lookup| lookup.looked_up_at)
            .min()
            .unwrap_or(self.loaded_at)
    }

    /// Reads the state of an album; `None` if there is no such album.
    pub(crate) async fn load(
        client: &Client<'_>,
        album_id: AlbumId,
        fresh_after: Option<DateTime<Utc>>,
    ) -> anyhow::Result<Option<Self>> {
        let Some(snapshot) = AlbumSnapshot::load(client, album_id).await? else {
            return Ok(None);
        };
        let AlbumSnapshot { album, tracks, .. } = &snapshot;
        let album_updated_at = album.updated_at;
        let track_ids: Vec<String> = tracks.iter().map(|track| track.id.to_string()).collect();
        let spotify_ids: Vec<String> = tracks
            .iter()
            .filter_map(|track| track.spotify_track_id.as_ref())
            .map(ToString::to_string)
            .collect();
        let mut state = Self {
            loaded_at: client.now(),
            fresh_after,
            album_lookups: Vec::new(),
            track_lookups: Vec::new(),
            lone_track_lookups: Vec::new(),
            recording_links: track_links::list_of_album(client, album_id, Source::MusicBrainz).await?,
            spotify_lookups: lookups::list_fresh(client, Source::Spotify, TRACK, &spotify_ids, fresh_after)
                .await?,
            produced: credits::list_sources(client, album_id)
                .await?
                .into_iter()
                .collect(),
            snapshot,
        };
        for source in SOURCE_ORDER {
            // Lookups from before the album's names or tracks changed are outdated.
            let is_current = |lookup: &Lookup| lookup.looked_up_at >= album_updated_at;
            let album_lookup =
                lookups::find_fresh(client, source, ALBUM, &album_id.to_string(), fresh_after).await?;
            let album_lookup = album_lookup.filter(is_current);
            // Without a fresh lookup of the album its tracks are looked up again, because the release can
            // know more than the tracks alone. Genius has no lookups of albums.
            let is_by_track = source == Source::Genius;
            let mut track_lookups =
                lookups::list_fresh(client, source, TRACK, &track_ids, fresh_after).await?;
            if album_lookup.is_none() {
                track_lookups.retain(is_current);
            }
            if album_lookup.is_some() || is_by_track {
                state.track_lookups.extend(track_lookups);
            } else {
                state.lone_track_lookups.extend(track_lookups);
            }
            state.album_lookups.extend(album_lookup);
        }
        Ok(Some(state))
    }
}

fn has_lookup(lookups: &[Lookup], source: Source, track: TrackId) -> bool {
    let subject = track.to_string();
    let mut lookups = lookups.iter();
    lookups.any(|lookup| lookup.source == source && lookup.subject == subject)
}
