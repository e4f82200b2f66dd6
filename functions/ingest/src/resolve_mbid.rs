//! Resolves an MBID into an artist, the best release of a release group, or a release.

use chrono::{DateTime, Utc};
use shared::catalog::release_selection::{self, ReleaseCandidate};
use shared::domain::buckets::Bucket;
use shared::domain::ids::{Mbid, ReleaseGroupMbid};
use shared::domain::messages::Message;
use shared::upstreams::musicbrainz::ListedRelease;
use shared::work::ingestion_requests;
use shared::work::outbox::FinishedStep;

use crate::context::Job;

/// Resolves a release group into its best release.
pub(crate) async fn resolve_release_group(
    job: &Job<'_>,
    id: &ReleaseGroupMbid,
) -> anyhow::Result<FinishedStep> {
    Ok(match fetch_releases(job, id).await? {
        Some(releases) => best_release(id, releases, job.budgets.now()),
        None => FinishedStep::failed(
            job.budgets.now(),
            &format!("MusicBrainz has no release group {id}: copy the link of its page again"),
        ),
    })
}

/// Resolves an MBID of an unknown kind: it is tried as an artist, then as a release group, and otherwise
/// taken as a release.
pub(crate) async fn resolve_mbid(job: &Job<'_>, id: &Mbid, appears_on: bool) -> anyhow::Result<FinishedStep> {
    let (musicbrainz, now) = (job.musicbrainz()?, job.budgets.now());
    let artist_mbid = id.as_str().parse()?;
    let artist = job
        .budgets
        .spend(Bucket::MusicBrainz, || musicbrainz.fetch_artist(&artist_mbid))
        .await?;
    if let Some(artist) = artist {
        let follow_ups = ingestion_requests::release_list_messages(&artist.id, appears_on);
        return Ok(FinishedStep::done(now, follow_ups));
    }
    let release_group_mbid = id.as_str().parse()?;
    if let Some(releases) = fetch_releases(job, &release_group_mbid).await? {
        return Ok(best_release(&release_group_mbid, releases, now));
    }
    let release_mbid = id.as_str().parse()?;
    let follow_ups = vec![Message::IngestRelease { release_mbid }];
    Ok(FinishedStep::done(now, follow_ups))
}

/// Fetches all releases of a group, page by page. Few groups have more than one page.
async fn fetch_releases(job: &Job<'_>, id: &ReleaseGroupMbid) -> anyhow::Result<Option<Vec<ListedRelease>>> {
    let musicbrainz = job.musicbrainz()?;
    let mut releases = Vec::new();
    let mut next_offset = Some(0);
    while let Some(offset) = next_offset {
        let page = job
            .budgets
            .spend(Bucket::MusicBrainz, || {
                musicbrainz.fetch_release_group_releases(id, offset)
            })
            .await?;
        let Some(page) = page else { return Ok(None) };
        releases.extend(page.releases);
        next_offset = page.next_offset;
    }
    Ok(Some(releases))
}

fn best_release(id: &ReleaseGroupMbid, releases: Vec<ListedRelease>, now: DateTime<Utc>) -> FinishedStep {
    let candidates = releases.into_iter().filter_map(ReleaseCandidate::new).collect();
    match release_selection::best_of_each_group(candidates).pop() {
        Some(best) => {
            let release_mbid = best.release;
            FinishedStep::done(now, vec![Message::IngestRelease { release_mbid }])
        }
        None => FinishedStep::failed(
            now,
            &format!(
                "MusicBrainz lists no audio tracks on any release of the group {id}: \
                 give the link of a release"
            ),
        ),
    }
}
