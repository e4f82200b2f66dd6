//! Looks up an album at Discogs: finds the release by barcode, otherwise by a search whose results are
//! compared with the whole album.

use std::collections::BTreeMap;

use shared::catalog::credit_matching::discogs::{
    credits_from_release, has_credits, has_supervisors, match_tracklist,
};
use shared::catalog::credit_matching::{
    ALBUM, MatchedRecord, SourceFindings, TRACK, lookup_of_record, lookup_outcome, matching,
};
use shared::domain::buckets::Bucket;
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::dates::ReleaseDate;
use shared::domain::ids::TrackId;
use shared::store::work::lookups::Lookup;
use shared::upstreams::discogs::{Discogs, Release, ReleaseSearchResult, barcode_forms};
use shared::work::budgets::BudgetError;

use crate::context::AlbumQuery;

const SOURCE: Source = Source::Discogs;
/// The maximum number of releases to fetch per search.
const MAX_FETCHED_RELEASES: usize = 3;
/// A release with this score and credits ends the search.
const CERTAIN_SCORE: f32 = 0.95;

/// Looks up the album unless its lookup is fresh. Returns the findings, and the error that left the lookup
/// open.
pub(crate) async fn look_up(
    query: AlbumQuery<'_>,
    discogs: &Discogs,
) -> (SourceFindings, Option<BudgetError>) {
    let state = query.state;
    let mut findings = SourceFindings::new(SOURCE);
    if query.wanted.is_empty() || state.is_album_known(SOURCE) {
        return (findings, None);
    }
    if query.stored.copy_album(SOURCE, &mut findings)
        || query.stored.copy_all_tracks(SOURCE, state, &mut findings)
    {
        return (findings, None);
    }
    let (album_id, now) = (state.snapshot.album.id, query.budgets.now());
    let search = ReleaseSearch { query, discogs };
    let (release, is_master_early) = match search.find_release_with_age().await {
        Ok(found) => found,
        Err(error) => {
            let outcome = lookup_outcome(&error);
            let lookup = Lookup::new(SOURCE, ALBUM, album_id, outcome, now);
            findings.lookups.push(lookup);
            return (findings, Some(error));
        }
    };
    let record = release.as_ref().map(ReleaseFit::record);
    let album_lookup = lookup_of_record(SOURCE, ALBUM, album_id, record.as_ref(), now);
    findings.lookups.push(album_lookup);
    for track in &state.snapshot.tracks {
        let is_listed = |release: &ReleaseFit| release.places.contains_key(&track.id);
        let track_record = record
            .as_ref()
            .filter(|_| release.as_ref().is_some_and(is_listed));
        let track_lookup = lookup_of_record(SOURCE, TRACK, track.id, track_record, now);
        findings.lookups.push(track_lookup);
    }
    if let (Some(fit), Some(record)) = (&release, &record) {
        findings.credits =
            credits_from_release(&fit.release, record, &fit.places, state.snapshot.tracks.len());
    }
    let date = release.as_ref().and_then(|fit| fit.release.date);
    findings.is_early = date.map(ReleaseDate::is_early);
    findings.is_master_early = is_master_early;
    findings.album = record;
    (findings, None)
}

/// A release that fits the album.
struct ReleaseFit {
    release: Release,
    matched_by: MatchMethod,
    score: f32,
    /// For each listed track of the album: its index in the tracklist and how well it fits.
    places: BTreeMap<TrackId, (usize, f32)>,
}

impl ReleaseFit {
    fn record(&self) -> MatchedRecord {
        MatchedRecord {
            kind: "release".to_owned(),
            id: self.release.id.to_string(),
            matched_by: self.matched_by,
            score: self.score,
        }
    }
}

struct ReleaseSearch<'a> {
    query: AlbumQuery<'a>,
    discogs: &'a Discogs,
}

impl ReleaseSearch<'_> {
    /// Finds the release that the album is, and whether its master is early, if that is known. The master is
    /// fetched only for a supervisor on a release that is not early itself: then its date decides whether the
    /// supervisor counts as a producer.
    async fn find_release_with_age(&self) -> Result<(Option<ReleaseFit>, Option<bool>), BudgetError> {
        let Some(fit) = self.find_release().await? else {
            return Ok((None, None));
        };
        let release = &fit.release;
        let is_early = release.date.is_some_and(ReleaseDate::is_early);
        let master = release
            .master_id
            .filter(|_| !is_early && has_supervisors(release));
        let Some(master) = master else {
            return Ok((Some(fit), None));
        };
        let date = || self.discogs.fetch_master_date(master);
        let date = self.query.budgets.spend(Bucket::Discogs, date).await?;
        Ok((Some(fit), date.map(ReleaseDate::is_early)))
    }

    /// Finds the release that the album is. If the barcode leads only to other albums, artist and title are
    /// searched.
    async fn find_release(&self) -> Result<Option<ReleaseFit>, BudgetError> {
        let album = &self.query.state.snapshot.album;
        for form in album.upc.iter().flat_map(barcode_forms) {
            let hits = self
                .query
                .budgets
                .spend(Bucket::Discogs, || self.discogs.search_releases_by_barcode(&form))
                .await?;
            if let Some(fit) = self.best_fit(hits, MatchMethod::Barcode).await? {
                return Ok(Some(fit));
            }
        }
        let artist = if album.is_various {
            "Various"
        } else {
            &album.artist_name
        };
        let hits = self
            .query
            .budgets
            .spend(Bucket::Discogs, || {
                self.discogs.search_releases(artist, &album.name)
            })
            .await?;
        self.best_fit(hits, MatchMethod::Search).await
    }

    /// The release that fits best with its tracks. Of equal ones a release with credits is taken, then the
    /// one with the lowest id.
    async fn best_fit(
        &self,
        hits: Vec<ReleaseSearchResult>,
        matched_by: MatchMethod,
    ) -> Result<Option<ReleaseFit>, BudgetError> {
        let has_barcode = matched_by == MatchMethod::Barcode;
        let mut hits: Vec<(f32, ReleaseSearchResult)> = hits
            .into_iter()
            .map(|hit| {
                let score = matching::score_discogs_hit(&self.query.state.snapshot.album, &hit, has_barcode);
                (score, hit)
            })
            .filter(|(score, _)| *score > 0.0)
            .collect();
        hits.sort_by(|(a, left), (b, right)| b.total_cmp(a).then_with(|| left.id.cmp(&right.id)));
        hits.dedup_by_key(|(_, hit)| hit.id);
        let mut best: Option<ReleaseFit> = None;
        for (_, hit) in hits.into_iter().take(MAX_FETCHED_RELEASES) {
            let Some(fit) = self.fetch_fit(&hit, matched_by).await? else {
                continue;
            };
            let is_certain = fit.score >= CERTAIN_SCORE && has_credits(&fit.release);
            let rank = |fit: &ReleaseFit| (fit.score, has_credits(&fit.release));
            if best.as_ref().is_none_or(|known| rank(&fit) > rank(known)) {
                best = Some(fit);
            }
            if is_certain {
                break;
            }
        }
        Ok(best)
    }

    /// Fetches a release and compares it with the album; `None` if it is not the album.
    async fn fetch_fit(
        &self,
        hit: &ReleaseSearchResult,
        matched_by: MatchMethod,
    ) -> Result<Option<ReleaseFit>, BudgetError> {
        let state = self.query.state;
        let release = self
            .query
            .budgets
            .spend(Bucket::Discogs, || self.discogs.fetch_release(hit.id))
            .await?;
        Ok(release.and_then(|release| {
            let places = match_tracklist(&release, &state.snapshot.tracks);
            let score = matching::score_discogs_release(
                &state.snapshot.album,
                state.snapshot.tracks.len(),
                &release,
                places.len(),
                matched_by == MatchMethod::Barcode,
            );
            let fits = score >= matching::SEARCH_THRESHOLD && !places.is_empty();
            fits.then_some(ReleaseFit {
                release,
                matched_by,
                score,
                places,
            })
        }))
    }
}
