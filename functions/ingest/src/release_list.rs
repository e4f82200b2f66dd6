//! Lists one page of a MusicBrainz artist's releases. After the last page, the best release of each release
//! group becomes a message.
//!
//! Releases are listed instead of release groups, because that costs the fewest calls: a page has 100
//! releases with everything that the choice needs, while each release group would take a call of its own to
//! list its releases.

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
use shared::store::catalog::{artist_identities, artists};
use shared::store::work::lookups::{self, Lookup, LookupOutcome};
use shared::store::work::outgoing_messages::OutgoingMessage;
use shared::upstreams::musicbrainz::{Artist, PAGE_SIZE, ReleasePage, is_special_artist};
use shared::work::ingestion_requests;
use shared::work::outbox::{self, FinishedStep};

use crate::context::Job;

/// A page of a list of releases.
struct ListPage<'a> {
    artist_mbid: &'a ArtistMbid,
    offset: u32,
    appears_on: bool,
}

impl ListPage<'_> {
    /// The message that lists the page of the same list at `offset`.
    fn message_at(&self, offset: u32) -> Message {
        Message::ListReleases {
            artist_mbid: self.artist_mbid.clone(),
            offset,
            appears_on: self.appears_on,
        }
    }
}

pub(crate) async fn handle(
    job: &Job<'_>,
    artist_mbid: &ArtistMbid,
    offset: u32,
    appears_on: bool,
) -> anyhow::Result<Outcome> {
    let (musicbrainz, now) = (job.musicbrainz()?, job.budgets.now());
    if is_special_artist(artist_mbid.as_str()) {
        let reason = format!(
            "{artist_mbid} is a special-purpose artist of MusicBrainz: \
             give the link of an artist or a release"
        );
        return job.finish(&FinishedStep::failed(now, &reason)).await;
    }
    let list = ListPage {
        artist_mbid,
        offset,
        appears_on,
    };
    let fresh = {
        let client = job.context.pool.client().await?;
        job.find_fresh(&client, Source::MusicBrainz).await?
    };
    if let Some(lookup) = fresh {
        return job.finish(&finished_step(&lookup, &list)?).await;
    }
    let mut artist = None;
    if offset == 0 && !appears_on {
        artist = job
            .budgets
            .spend(Bucket::MusicBrainz, || musicbrainz.fetch_artist(artist_mbid))
            .await?;
        match &artist {
            None => return not_found(job, &list, now).await,
            Some(artist) if artist.id != *artist_mbid => {
                return write_merge(job, &list, &artist.id, now).await;
            }
            Some(_) => {}
        }
    }
    let page = job
        .budgets
        .spend(Bucket::MusicBrainz, || {
            musicbrainz.fetch_artist_releases(artist_mbid, appears_on, offset)
        })
        .await?;
    match page {
        Some(page) => write(job, &list, artist.as_ref(), page, now).await,
        None => not_found(job, &list, now).await,
    }
}

/// Stores that an artist was merged into another one, under the old id, so that it is not asked for again
/// soon. The releases are listed under the current id, which becomes another id of our artist.
async fn write_merge(
    job: &Job<'_>,
    list: &ListPage<'_>,
    current: &ArtistMbid,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let mut client = job.context.pool.client().await?;
    let transaction = client.transaction().await?;
    let (source, old) = (Source::MusicBrainz, list.artist_mbid.as_str());
    let known = artist_identities::list_by_identity(&transaction, source, &[old]).await?;
    if let Some(artist) = known.get(old) {
        artist_identities::link(&transaction, *artist, source, current.as_str()).await?;
    }
    let answer = PageAnswer {
        candidates: Vec::new(),
        next: NextStep::MovedTo(current.clone()),
    };
    let written = finish(&transaction, job, list, &answer, looked_up_at).await?;
    transaction.commit().await?;
    drop(client);
    job.send(&written).await
}

/// Stores the candidates of a page. After the last page, chooses among the candidates of all pages.
async fn write(
    job: &Job<'_>,
    list: &ListPage<'_>,
    artist: Option<&Artist>,
    page: ReleasePage,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let mut client = job.context.pool.client().await?;
    let transaction = client.transaction().await?;
    if let Some(artist) = artist.filter(|artist| !artist.name.is_empty()) {
        let names = BTreeMap::from([(artist.id.clone(), artist.name.clone())]);
        let ids = artists::upsert_musicbrainz(&transaction, &names).await?;
        for id in ids.values() {
            artists::mark_requested(&transaction, *id).await?;
        }
    }
    let answer = page_answer(&transaction, list, page).await?;
    let written = finish(&transaction, job, list, &answer, looked_up_at).await?;
    transaction.commit().await?;
    drop(client);
    job.send(&written).await
}

/// Stores the answer of a page and finishes its message. Send the returned messages after the commit.
async fn finish(
    transaction: &Client<'_>,
    job: &Job<'_>,
    list: &ListPage<'_>,
    answer: &PageAnswer,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<Vec<OutgoingMessage>> {
    let mut lookup = job.lookup(Source::MusicBrainz, LookupOutcome::Found, looked_up_at);
    lookup.answer = serde_json::to_value(answer)?;
    let step = finished_step(&lookup, list)?;
    lookups::upsert(transaction, &[lookup]).await?;
    Ok(outbox::finish(transaction, job.envelope, &step).await?)
}

/// The answer that the lookup of a page stores.
#[derive(Debug, Serialize, Deserialize)]
struct PageAnswer {
    /// The best release of each release group on this page.
    candidates: Vec<ReleaseCandidate>,
    /// What follows the page.
    next: NextStep,
}

/// Another page, the chosen releases after the last page, or the list of another artist.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum NextStep {
    Page(u32),
    Releases(Vec<ReleaseMbid>),
    /// MusicBrainz merged the artist into this one.
    MovedTo(ArtistMbid),
}

async fn page_answer(
    transaction: &Client<'_>,
    list: &ListPage<'_>,
    page: ReleasePage,
) -> anyhow::Result<PageAnswer> {
    let candidates = page.releases.into_iter().filter_map(ReleaseCandidate::new);
    let candidates = release_selection::best_of_each_group(candidates.collect());
    let next = match page.next_offset {
        Some(offset) => NextStep::Page(offset),
        None => {
            let mut all = earlier_candidates(transaction, list).await?;
            all.extend(candidates.iter().cloned());
            let chosen = release_selection::best_of_each_group(all);
            NextStep::Releases(chosen.into_iter().map(|candidate| candidate.release).collect())
        }
    };
    Ok(PageAnswer { candidates, next })
}

/// The candidates of all earlier pages. They are stored, because a page sends the message for the next one
/// only when it is.
async fn earlier_candidates(
    transaction: &Client<'_>,
    list: &ListPage<'_>,
) -> anyhow::Result<Vec<ReleaseCandidate>> {
    let kind = list.message_at(list.offset).kind();
    let subjects: Vec<String> = (0..list.offset)
        .step_by(PAGE_SIZE as usize)
        .map(|offset| list.message_at(offset).subject())
        .collect();
    let lookups = lookups::list(transaction, kind, &subjects).await?;
    anyhow::ensure!(
        lookups.len() == subjects.len(),
        "a page of releases before offset {} is not stored",
        list.offset
    );
    let mut candidates = Vec::new();
    for lookup in lookups {
        candidates.extend(parse_answer(lookup.answer)?.candidates);
    }
    Ok(candidates)
}

fn parse_answer(answer: serde_json::Value) -> anyhow::Result<PageAnswer> {
    serde_json::from_value(answer).context("parse the stored answer of a page of releases")
}

/// The step that follows from the lookup of a page, whether it was made now or before.
fn finished_step(lookup: &Lookup, list: &ListPage<'_>) -> anyhow::Result<FinishedStep> {
    if lookup.outcome == LookupOutcome::NotFound {
        let reason = format!(
            "MusicBrainz has no artist {}: copy the link of the artist's page again",
            list.artist_mbid
        );
        return Ok(FinishedStep::failed(lookup.looked_up_at, &reason));
    }
    let follow_ups = match parse_answer(lookup.answer.clone())?.next {
        NextStep::Page(offset) => vec![list.message_at(offset)],
        NextStep::Releases(releases) => releases
            .into_iter()
            .map(|release_mbid| Message::IngestRelease { release_mbid })
            .collect(),
        NextStep::MovedTo(artist) => ingestion_requests::release_list_messages(&artist, list.appears_on),
    };
    Ok(FinishedStep::done(lookup.looked_up_at, follow_ups))
}

async fn not_found(
    job: &Job<'_>,
    list: &ListPage<'_>,
    looked_up_at: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let lookup = job.lookup(Source::MusicBrainz, LookupOutcome::NotFound, looked_up_at);
    let step = finished_step(&lookup, list)?;
    job.fail(lookup, &step).await
}
