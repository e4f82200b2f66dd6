//! One page of an artist's releases; after the last one, the best release of each release group becomes a message.
//!
//! Listing releases instead of release groups costs fewest calls: a page shows 100 of them with all that the choice needs,
//! while of a group it would take one call more to see its releases.

use std::collections::BTreeMap;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::catalog::release_selection::{self, ReleaseCandidate};
use shared::domain::buckets::Bucket;
use shared::domain::credits::Source;
use shared::domain::ids::{ArtistMbid, ReleaseMbid};
use shared::domain::messages::{Message, Outcome};
use shared::platform::db::Client;
use shared::store::catalog::artists;
use shared::store::work::lookups::{self, Lookup, LookupOutcome};
use shared::upstreams::musicbrainz::{Artist, MusicBrainz, PAGE_SIZE, ReleasePage, is_special_artist};
use shared::work::ingestion_requests;
use shared::work::outbox::{self, FinishedStep};

use crate::Work;

type MusicBrainzWork<'a> = Work<'a, MusicBrainz>;

/// Which page of which list.
struct Listing<'a> {
    id: &'a ArtistMbid,
    offset: u32,
    appears_on: bool,
}

pub(crate) async fn handle(
    work: &MusicBrainzWork<'_>,
    id: &ArtistMbid,
    offset: u32,
    appears_on: bool,
) -> anyhow::Result<Outcome> {
    let now = Utc::now();
    if is_special_artist(id.as_str()) {
        return work.finish(&FinishedStep::failed(now, &nobody(id))).await;
    }
    let message = &work.envelope.message;
    let fresh = {
        let client = work.context.pool.client().await?;
        let (kind, subject) = (message.kind(), message.subject());
        let after = work.envelope.fresh_after;
        lookups::find_fresh(&client, Source::MusicBrainz, kind, &subject, after).await?
    };
    if let Some(lookup) = fresh {
        return work.finish(&finished(&lookup, id, appears_on)?).await;
    }
    let mut artist = None;
    if offset == 0 && !appears_on {
        artist = fetch_artist(work, id).await?;
        match &artist {
            None => return not_found(work, id, now).await,
            // Merged: the releases are listed under the id that it has now.
            Some(artist) if artist.id != *id => {
                let follow_ups = ingestion_requests::release_list_messages(&artist.id, false);
                return work.finish(&FinishedStep::done(now, follow_ups)).await;
            }
            Some(_) => {}
        }
    }
    let Some(page) = fetch_page(work, id, offset, appears_on).await? else {
        return not_found(work, id, now).await;
    };
    let listing = Listing {
        id,
        offset,
        appears_on,
    };
    write(work, &listing, artist.as_ref(), page, now).await
}

async fn fetch_artist(work: &MusicBrainzWork<'_>, id: &ArtistMbid) -> anyhow::Result<Option<Artist>> {
    let budgets = &work.context.budgets;
    Ok(budgets
        .spend(Bucket::MusicBrainz, work.deadline, || {
            work.source.fetch_artist(id)
        })
        .await?)
}

async fn fetch_page(
    work: &MusicBrainzWork<'_>,
    id: &ArtistMbid,
    offset: u32,
    appears_on: bool,
) -> anyhow::Result<Option<ReleasePage>> {
    let budgets = &work.context.budgets;
    Ok(budgets
        .spend(Bucket::MusicBrainz, work.deadline, || {
            work.source.fetch_artist_releases(id, appears_on, offset)
        })
        .await?)
}

/// Keeps what a page lists of each group, and after the last page chooses among what all of them listed.
async fn write(
    work: &MusicBrainzWork<'_>,
    listing: &Listing<'_>,
    artist: Option<&Artist>,
    page: ReleasePage,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let mut client = work.context.pool.client().await?;
    let transaction = client.transaction().await?;
    if let Some(artist) = artist.filter(|artist| !artist.name.is_empty()) {
        let named = BTreeMap::from([(artist.id.clone(), artist.name.clone())]);
        let ids = artists::upsert_musicbrainz(&transaction, &named).await?;
        for id in ids.values() {
            artists::mark_requested(&transaction, *id).await?;
        }
    }
    let mut lookup = Lookup::new(
        Source::MusicBrainz,
        work.envelope.message.kind(),
        work.envelope.message.subject(),
        LookupOutcome::Found,
        looked_up_at,
    );
    lookup.answer = serde_json::to_value(answer(&transaction, listing, page).await?)?;
    let finished = finished(&lookup, listing.id, listing.appears_on)?;
    lookups::upsert(&transaction, &[lookup]).await?;
    let written = outbox::finish(&transaction, work.envelope, &finished).await?;
    transaction.commit().await?;
    drop(client);
    let queues = &work.context.queues;
    queues.send_written(&work.context.pool, &written).await?;
    Ok(Outcome::Done)
}

/// What the lookup of a page keeps.
#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    /// The best of each release group on this page.
    candidates: Vec<ReleaseCandidate>,
    /// What comes next: another page, or the albums.
    next: Next,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Next {
    Page(u32),
    Releases(Vec<ReleaseMbid>),
}

async fn answer(
    transaction: &Client<'_>,
    listing: &Listing<'_>,
    page: ReleasePage,
) -> anyhow::Result<Answer> {
    let candidates = page
        .releases
        .into_iter()
        .filter_map(ReleaseCandidate::new)
        .collect();
    let candidates = release_selection::best_of_each_group(candidates);
    let next = match page.next_offset {
        Some(offset) => Next::Page(offset),
        None => {
            let mut all = listed_before(transaction, listing).await?;
            all.extend(candidates.iter().cloned());
            let chosen = release_selection::best_of_each_group(all);
            Next::Releases(chosen.into_iter().map(|one| one.release).collect())
        }
    };
    Ok(Answer { candidates, next })
}

/// What the pages before this one listed. Each puts out the next one's message only when it is kept.
async fn listed_before(
    transaction: &Client<'_>,
    listing: &Listing<'_>,
) -> anyhow::Result<Vec<ReleaseCandidate>> {
    let Listing {
        id,
        offset,
        appears_on,
    } = *listing;
    let kind = page(id, offset, appears_on).kind();
    let subjects: Vec<String> = (0..offset)
        .step_by(PAGE_SIZE as usize)
        .map(|offset| page(id, offset, appears_on).subject())
        .collect();
    let lookups = lookups::list(transaction, kind, &subjects).await?;
    anyhow::ensure!(
        lookups.len() == subjects.len(),
        "pages of releases before the one at {offset} were not kept"
    );
    let mut listed = Vec::new();
    for lookup in lookups {
        let answer: Answer = serde_json::from_value(lookup.answer).context("read what a page listed")?;
        listed.extend(answer.candidates);
    }
    Ok(listed)
}

fn page(artist_mbid: &ArtistMbid, offset: u32, appears_on: bool) -> Message {
    Message::ListReleases {
        artist_mbid: artist_mbid.clone(),
        offset,
        appears_on,
    }
}

/// What a page's lookup means, whether it was made now or before.
fn finished(lookup: &Lookup, id: &ArtistMbid, appears_on: bool) -> anyhow::Result<FinishedStep> {
    if lookup.outcome == LookupOutcome::NotFound {
        return Ok(FinishedStep::failed(lookup.looked_up_at, &unknown(id)));
    }
    let answer: Answer = serde_json::from_value(lookup.answer.clone()).context("read what a page listed")?;
    let follow_ups = match answer.next {
        Next::Page(offset) => vec![page(id, offset, appears_on)],
        Next::Releases(releases) => releases
            .into_iter()
            .map(|release_mbid| Message::IngestRelease { release_mbid })
            .collect(),
    };
    Ok(FinishedStep::done(lookup.looked_up_at, follow_ups))
}

async fn not_found(
    work: &MusicBrainzWork<'_>,
    id: &ArtistMbid,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let lookup = Lookup::new(
        Source::MusicBrainz,
        work.envelope.message.kind(),
        work.envelope.message.subject(),
        LookupOutcome::NotFound,
        looked_up_at,
    );
    {
        let client = work.context.pool.client().await?;
        lookups::upsert(&client, &[lookup]).await?;
    }
    let finished = FinishedStep::failed(looked_up_at, &unknown(id));
    work.finish(&finished).await
}

fn unknown(id: &ArtistMbid) -> String {
    format!("MusicBrainz knows no artist {id}: copy the link of the artist's page anew")
}

fn nobody(id: &ArtistMbid) -> String {
    format!("{id} stands for nobody in particular at MusicBrainz: give the link of an artist or a release")
}
