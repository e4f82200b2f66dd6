//! Looks up an album at MusicBrainz: the release that it was imported from, otherwise the release with its
//! barcode, then the remaining tracks one by one.
//!
//! A release can be too large: MusicBrainz answers only after its time-out, or without the credits of the
//! recordings. Its tracks are then looked up one by one over several messages, with at most half of the rate.

mod tracks;

use shared::catalog::credit_matching::musicbrainz::{MatchedRecords, MatchedRelease};
use shared::catalog::credit_matching::{ALBUM, SourceFindings, lookup_outcome, matching};
use shared::catalog::identification::AlbumSnapshot;
use shared::domain::buckets::Bucket;
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::ReleaseMbid;
use shared::platform::http;
use shared::store::catalog::tracks::Track;
use shared::store::work::lookups::Lookup;
use shared::upstreams::musicbrainz::{MusicBrainz, Release};
use shared::work::budgets::BudgetError;

use crate::context::AlbumQuery;

const SOURCE: Source = Source::MusicBrainz;
/// How long a release that is too large waits for its next round after a failure.
const PAUSE: chrono::Duration = chrono::Duration::minutes(1);

/// Looks up what has no fresh lookup. Returns the findings, and the error that left a lookup open.
pub(crate) async fn look_up(
    query: AlbumQuery<'_>,
    musicbrainz: &MusicBrainz,
) -> (SourceFindings, Option<BudgetError>) {
    let mut session = LookupSession {
        query,
        musicbrainz,
        findings: SourceFindings::new(SOURCE),
        records: MatchedRecords::default(),
        is_too_large: false,
        release_error: None,
        musicbrainz_error: None,
        spotify_error: None,
    };
    let mut open = query.state.open_tracks(SOURCE);
    open.retain(|track| query.wanted.contains(&track.id));
    if open.is_empty() {
        return (session.findings, None);
    }
    if !query.state.is_album_known(SOURCE)
        && !query.stored.copy_album(SOURCE, &mut session.findings)
        && let Err(error) = session.look_up_release().await
    {
        session.record_release_error(error);
    }
    let settled = session.findings.settled_tracks();
    open.retain(|track| !settled.contains(&track.id));
    if session.release_error.is_some() {
        open.retain(|track| !query.state.is_known_alone(SOURCE, track.id));
    }
    let is_named = |track: &&Track| session.recording_named_for(track).is_some();
    session.is_too_large = session.release_error.is_some() || open.iter().any(is_named);
    for track in open {
        if !query.stored.copy_track(SOURCE, track.id, &mut session.findings) {
            let lookup = session.look_up_track(track).await;
            session.findings.lookups.push(lookup);
        }
    }
    session
        .records
        .add_to(&query.state.snapshot.album, &mut session.findings);
    session.finish(settled.len())
}

struct LookupSession<'a> {
    query: AlbumQuery<'a>,
    musicbrainz: &'a MusicBrainz,
    findings: SourceFindings,
    /// The matched release and recordings so far.
    records: MatchedRecords,
    /// Whether the release does not answer about its tracks, because it is too large or MusicBrainz is down.
    is_too_large: bool,
    /// Why the release is still to be looked up.
    release_error: Option<BudgetError>,
    /// Why no further request is made to MusicBrainz.
    musicbrainz_error: Option<BudgetError>,
    /// Why no further request is made to Spotify.
    spotify_error: Option<BudgetError>,
}

impl LookupSession<'_> {
    /// Looks up the release that the album is, with the recordings on it that are tracks of the album. This
    /// takes one request if the album was imported from the release, otherwise two.
    async fn look_up_release(&mut self) -> Result<(), BudgetError> {
        let AlbumSnapshot { album, tracks, .. } = &self.query.state.snapshot;
        let now = self.query.budgets.now();
        let mut release = None;
        if let Some(id) = &self.query.state.snapshot.own_release {
            release = self.fetch_release(id).await?.map(MatchedRelease::own);
        }
        if release.is_none() {
            release = self.find_release_by_barcode().await?;
        }
        self.records = MatchedRecords::from_release(release, tracks);
        self.records.add_lookups(album, now, &mut self.findings);
        Ok(())
    }

    /// The findings, and the error that left a lookup open. `settled_before` is the number of tracks that
    /// were settled without a lookup of their own. For a release that is too large, a round in which no track
    /// was settled is an attempt, whatever stopped it. A round with progress is none, so that a release with
    /// many tracks can take as many rounds as it needs.
    fn finish(self, settled_before: usize) -> (SourceFindings, Option<BudgetError>) {
        let has_progress = self.findings.settled_tracks().len() > settled_before;
        let error = match (self.musicbrainz_error, self.release_error) {
            (_, Some(error)) if !has_progress => Some(error),
            (Some(BudgetError::Upstream(source, cause)), _) if has_progress && self.is_too_large => {
                Some(BudgetError::NotNow {
                    bucket: Bucket::MusicBrainz,
                    until: self.query.budgets.now() + PAUSE,
                    reason: format!("{source}: {cause}"),
                })
            }
            (of_tracks, of_release) => of_tracks.or(of_release),
        };
        (self.findings, error.or(self.spotify_error))
    }

    /// Records why the release was not found. If MusicBrainz is unavailable, that may be due to the size of
    /// the release. Then its recordings are looked up one by one, and the release again later. If MusicBrainz
    /// is down, the first recording fails, too.
    fn record_release_error(&mut self, error: BudgetError) {
        let is_unavailable = matches!(error, BudgetError::Upstream(_, http::Error::Unavailable { .. }));
        if !is_unavailable {
            self.musicbrainz_error = Some(error);
            return;
        }
        let (album_id, outcome) = (self.query.state.snapshot.album.id, lookup_outcome(&error));
        let lookup = Lookup::new(SOURCE, ALBUM, album_id, outcome, self.query.budgets.now());
        self.findings.lookups.push(lookup);
        self.release_error = Some(error);
    }

    async fn find_release_by_barcode(&self) -> Result<Option<MatchedRelease>, BudgetError> {
        let AlbumSnapshot { album, tracks, .. } = &self.query.state.snapshot;
        let Some(upc) = &album.upc else {
            return Ok(None);
        };
        let hits = self
            .query
            .budgets
            .spend(Bucket::MusicBrainz, || {
                self.musicbrainz.search_releases_by_barcode(upc)
            })
            .await?;
        let best = hits
            .iter()
            .map(|hit| (matching::score_musicbrainz_release(album, tracks.len(), hit), hit))
            .filter(|(score, _)| *score > 0.0)
            .max_by(|(a, left), (b, right)| a.total_cmp(b).then_with(|| right.id.cmp(&left.id)));
        let Some((score, hit)) = best else {
            return Ok(None);
        };
        let release = self.fetch_release(&hit.id).await?;
        Ok(release.map(|release| MatchedRelease {
            release,
            matched_by: MatchMethod::Barcode,
            score,
        }))
    }

    async fn fetch_release(&self, id: &ReleaseMbid) -> Result<Option<Release>, BudgetError> {
        self.query
            .budgets
            .spend(Bucket::MusicBrainz, || self.musicbrainz.fetch_release(id))
            .await
    }
}
