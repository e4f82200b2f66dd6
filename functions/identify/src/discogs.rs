//! Asks Discogs about an album: the release by barcode, else by a search whose answers are compared with all of it. What its
//! tracks are and what it claims is in [`shared::catalog::credit_matching::discogs`].

use std::collections::BTreeMap;

use chrono::Utc;
use shared::catalog::credit_matching::discogs::{credits_from_release, has_credits, match_tracklist};
use shared::catalog::credit_matching::{
    ALBUM, MatchedRecord, SourceFindings, TRACK, lookup_of_record, matching, outcome_of_error,
};
use shared::domain::buckets::Bucket;
use shared::domain::credits::{MatchMethod, Source};
use shared::domain::ids::TrackId;
use shared::store::work::lookups::Lookup;
use shared::upstreams::discogs::{Discogs, Release, ReleaseSearchResult, barcode_forms};
use shared::work::budgets;

use crate::Asking;

const SOURCE: Source = Source::Discogs;
/// The releases that are fetched at most to find the album among them.
const FETCHED: usize = 3;
/// With such a score nothing better is looked for.
const SURE: f32 = 0.95;

/// Asks what has to be asked; with the refusal or failure that left it open.
pub(crate) async fn ask(
    asking: Asking<'_>,
    discogs: &Discogs,
) -> (SourceFindings, Option<budgets::BudgetError>) {
    let mut found = SourceFindings::new(SOURCE);
    if asking.wanted.is_empty() || asking.state.is_album_known(SOURCE) {
        return (found, None);
    }
    if asking.own.give_album(SOURCE, &mut found).is_some()
        || asking.own.give_every(SOURCE, asking.state, &mut found)
    {
        return (found, None);
    }
    let (album, now) = (&asking.state.album, Utc::now());
    match (Room { asking, discogs }).release().await {
        Ok(fit) => {
            let record = fit.as_ref().map(Fit::record);
            let of_album = lookup_of_record(SOURCE, ALBUM, album.id, record.as_ref(), now);
            found.lookups.push(of_album);
            for track in &asking.state.tracks {
                let is_on_it = |fit: &&Fit| fit.tracks.contains_key(&track.id);
                let of_track = record
                    .as_ref()
                    .filter(|_| fit.as_ref().is_some_and(|fit| is_on_it(&fit)));
                let of_track = lookup_of_record(SOURCE, TRACK, track.id, of_track, now);
                found.lookups.push(of_track);
            }
            if let Some(fit) = &fit {
                found.credits = credits_from_release(
                    &fit.release,
                    &fit.record(),
                    &fit.tracks,
                    asking.state.tracks.len(),
                );
            }
            found.album = record;
            (found, None)
        }
        Err(error) => {
            let outcome = outcome_of_error(&error);
            found
                .lookups
                .push(Lookup::new(SOURCE, ALBUM, album.id, outcome, now));
            (found, Some(error))
        }
    }
}

/// A release that may be the album.
struct Fit {
    release: Release,
    matched_by: MatchMethod,
    score: f32,
    /// Which of our tracks stands where in its tracklist, and how well that fits.
    tracks: BTreeMap<TrackId, (usize, f32)>,
}

impl Fit {
    fn record(&self) -> MatchedRecord {
        MatchedRecord {
            kind: "release".to_owned(),
            id: self.release.id.to_string(),
            matched_by: self.matched_by,
            score: self.score,
        }
    }
}

struct Room<'a> {
    asking: Asking<'a>,
    discogs: &'a Discogs,
}

impl Room<'_> {
    /// The release that the album is. A barcode that leads to another record leaves the search.
    async fn release(&self) -> Result<Option<Fit>, budgets::BudgetError> {
        let (album, context) = (&self.asking.state.album, self.asking.context);
        let deadline = self.asking.deadline;
        for form in album.upc.iter().flat_map(barcode_forms) {
            let hits = context
                .budgets
                .spend(Bucket::Discogs, deadline, || {
                    self.discogs.search_releases_by_barcode(&form)
                })
                .await?;
            if let Some(fit) = self.best(hits, MatchMethod::Barcode).await? {
                return Ok(Some(fit));
            }
        }
        let artist = if album.is_various {
            "Various"
        } else {
            &album.artist_name
        };
        let hits = context
            .budgets
            .spend(Bucket::Discogs, deadline, || {
                self.discogs.search_releases(artist, &album.name)
            })
            .await?;
        self.best(hits, MatchMethod::Search).await
    }

    /// Of what was found the release that fits best with its tracks; of those that fit alike one with credits, then the
    /// lowest number.
    async fn best(
        &self,
        hits: Vec<ReleaseSearchResult>,
        matched_by: MatchMethod,
    ) -> Result<Option<Fit>, budgets::BudgetError> {
        let album = &self.asking.state.album;
        let mut hits: Vec<(f32, ReleaseSearchResult)> = hits
            .into_iter()
            .map(|hit| {
                let by_barcode = matched_by == MatchMethod::Barcode;
                (matching::score_discogs_hit(album, &hit, by_barcode), hit)
            })
            .filter(|(score, _)| *score > 0.0)
            .collect();
        hits.sort_by(|(a, left), (b, right)| b.total_cmp(a).then_with(|| left.id.cmp(&right.id)));
        hits.dedup_by_key(|(_, hit)| hit.id);
        let mut best: Option<Fit> = None;
        for (_, hit) in hits.into_iter().take(FETCHED) {
            let Some(fit) = self.fit(&hit, matched_by).await? else {
                continue;
            };
            let is_sure = fit.score >= SURE && has_credits(&fit.release);
            let rank = |fit: &Fit| (fit.score, has_credits(&fit.release));
            if best.as_ref().is_none_or(|known| rank(&fit) > rank(known)) {
                best = Some(fit);
            }
            if is_sure {
                break;
            }
        }
        Ok(best)
    }

    /// A release with all that is on it; None where it is not the album.
    async fn fit(
        &self,
        hit: &ReleaseSearchResult,
        matched_by: MatchMethod,
    ) -> Result<Option<Fit>, budgets::BudgetError> {
        let state = self.asking.state;
        let release = self
            .asking
            .context
            .budgets
            .spend(Bucket::Discogs, self.asking.deadline, || {
                self.discogs.fetch_release(hit.id)
            })
            .await?;
        Ok(release.and_then(|release| {
            let tracks = match_tracklist(&release, &state.tracks);
            let by_barcode = matched_by == MatchMethod::Barcode;
            let score = matching::score_discogs_release(
                &state.album,
                state.tracks.len(),
                &release,
                tracks.len(),
                by_barcode,
            );
            let is_ours = score >= matching::SEARCH_THRESHOLD && !tracks.is_empty();
            is_ours.then_some(Fit {
                release,
                matched_by,
                score,
                tracks,
            })
        }))
    }
}
