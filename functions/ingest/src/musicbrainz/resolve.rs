//! From an id of MusicBrainz's to what it is of: an artist, the best release of a release group, else a release.

use chrono::Utc;
use shared::catalog::release_selection::{self, ReleaseCandidate};
use shared::domain::buckets::Bucket;
use shared::domain::ids::{Mbid, ReleaseGroupMbid, RequestedItem};
use shared::domain::messages::{Message, Outcome};
use shared::upstreams::musicbrainz::{ListedRelease, MusicBrainz};
use shared::work::ingestion_requests;
use shared::work::outbox::FinishedStep;

use crate::{Work, not_ours};

pub(crate) async fn handle(
    work: &Work<'_, MusicBrainz>,
    what: &RequestedItem,
    appears_on: bool,
) -> anyhow::Result<Outcome> {
    let now = Utc::now();
    let finished = match what {
        RequestedItem::ReleaseGroup(id) => match releases_of(work, id).await? {
            Some(releases) => best(id, releases),
            None => FinishedStep::failed(
                now,
                &format!("MusicBrainz knows no release group {id}: copy the link of its page anew"),
            ),
        },
        RequestedItem::Mbid(id) => by_mbid(work, id, appears_on).await?,
        RequestedItem::MusicBrainzArtist(_)
        | RequestedItem::Release(_)
        | RequestedItem::Artist(_)
        | RequestedItem::Album(_)
        | RequestedItem::Track(_)
        | RequestedItem::Isrc(_)
        | RequestedItem::Upc(_)
        | RequestedItem::Name(_) => return Ok(not_ours(&work.envelope.message)),
    };
    work.finish(&finished).await
}

/// An id does not say of what it is: artists and release groups are asked for, and what neither knows may be a release.
async fn by_mbid(work: &Work<'_, MusicBrainz>, id: &Mbid, appears_on: bool) -> anyhow::Result<FinishedStep> {
    let now = Utc::now();
    let artist_mbid = id.as_str().parse()?;
    let budgets = &work.context.budgets;
    let artist = budgets
        .spend(Bucket::MusicBrainz, work.deadline, || {
            work.source.fetch_artist(&artist_mbid)
        })
        .await?;
    if let Some(artist) = artist {
        let lists = ingestion_requests::release_list_messages(&artist.id, appears_on);
        return Ok(FinishedStep::done(now, lists));
    }
    let group = id.as_str().parse()?;
    if let Some(releases) = releases_of(work, &group).await? {
        return Ok(best(&group, releases));
    }
    let release_mbid = id.as_str().parse()?;
    Ok(FinishedStep::done(
        now,
        vec![Message::IngestRelease { release_mbid }],
    ))
}

/// All releases of a group, however many pages; few have a second one.
async fn releases_of(
    work: &Work<'_, MusicBrainz>,
    id: &ReleaseGroupMbid,
) -> anyhow::Result<Option<Vec<ListedRelease>>> {
    let mut releases = Vec::new();
    let mut next_offset = Some(0);
    while let Some(offset) = next_offset {
        let budgets = &work.context.budgets;
        let page = budgets
            .spend(Bucket::MusicBrainz, work.deadline, || {
                work.source.fetch_release_group_releases(id, offset)
            })
            .await?;
        let Some(page) = page else { return Ok(None) };
        releases.extend(page.releases);
        next_offset = page.next_offset;
    }
    Ok(Some(releases))
}

fn best(id: &ReleaseGroupMbid, releases: Vec<ListedRelease>) -> FinishedStep {
    let candidates = releases.into_iter().filter_map(ReleaseCandidate::new).collect();
    let mut chosen = release_selection::best_of_each_group(candidates);
    let now = Utc::now();
    match chosen.pop() {
        Some(candidate) => FinishedStep::done(
            now,
            vec![Message::IngestRelease {
                release_mbid: candidate.release,
            }],
        ),
        None => FinishedStep::failed(
            now,
            &format!(
                "MusicBrainz lists nothing to be heard on any release of the group {id}: give the link of a release"
            ),
        ),
    }
}
