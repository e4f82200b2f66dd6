//! What Instagram shows of the account with the handle that the sources agree on best: bio, picture, website, how many follow
//! it, and an address where the bio has one. Nobody whose contacts were erased is asked for, and no handle is guessed.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::buckets::Bucket;
use shared::budgets;
use shared::contacts::{self, BIO, EMAIL, IMAGE};
use shared::credits::Source;
use shared::db::Client;
use shared::emails;
use shared::ids::ProducerId;
use shared::links::LinkKind;
use shared::store::lookups::{self, Lookup, LookupOutcome};
use shared::store::producer_contacts::{self, ContactRow};
use shared::store::{contact_suppressions, producers};
use shared::upstreams::instagram::{Profile, picture_expires_at};
use tokio::time::Instant;

use crate::Context;
use crate::asking::{Unanswered, unanswered};
use crate::keeping;

const SOURCE: Source = Source::Instagram;
/// The kind of lookup of an account; its subject is the handle, its answer the account's id, its followers and how many facts
/// it shows.
const PROFILE: &str = "profile";
/// Turns are so far apart that a message does better to come again than to wait, as others wait behind it.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// What is known of the account.
pub(crate) struct Account {
    /// The lookup, made now or one that still holds.
    pub(crate) lookup: Lookup,
    /// What it shows, where it answered just now.
    shows: Option<Vec<ContactRow>>,
    /// What it is to be come back for.
    pub(crate) stopped: Option<budgets::Error>,
    /// Why it is given up, where it is.
    pub(crate) given_up: Option<String>,
    /// Whether it was asked just now.
    pub(crate) is_asked: bool,
}

/// Asks for the account of a producer; None where none is known, or it is not to be asked for.
pub(crate) async fn look(
    context: &Context,
    producer_id: ProducerId,
    fresh_after: Option<DateTime<Utc>>,
    deadline: Instant,
) -> anyhow::Result<Option<Account>> {
    let Some(instagram) = context.instagram.as_deref() else {
        return Ok(None);
    };
    let client = context.pool.client().await?;
    if contact_suppressions::is_suppressed(&client, producer_id).await? {
        return Ok(None);
    }
    let Some(handle) = find_handle(&client, producer_id).await? else {
        return Ok(None);
    };
    let fresh = lookups::find_fresh(&client, SOURCE, PROFILE, &handle, fresh_after).await?;
    if let Some(lookup) = fresh
        && is_kept(&client, producer_id, &lookup).await?
    {
        return Ok(Some(Account {
            lookup,
            shows: None,
            stopped: None,
            given_up: None,
            is_asked: false,
        }));
    }
    let last = find_lookup(&client, &handle).await?;
    // No connection is held while waiting.
    drop(client);
    let now = Utc::now();
    let deadline = deadline.min(Instant::now() + LONGEST_WAIT);
    let answer = context
        .budgets
        .spend(Bucket::Instagram, deadline, || instagram.fetch_profile(&handle))
        .await;
    Ok(Some(account(&handle, last.as_ref(), answer, now)))
}

/// What an answer comes to.
fn account(
    handle: &str,
    last: Option<&Lookup>,
    answer: Result<Option<Profile>, budgets::Error>,
    now: DateTime<Utc>,
) -> Account {
    let lookup = |outcome| Lookup::new(SOURCE, PROFILE, handle, outcome, now);
    let (lookup, shows) = match answer {
        Ok(Some(profile)) => {
            let shows = shows(&profile, now);
            let mut lookup = lookup(LookupOutcome::Found);
            lookup.answer =
                json!({"account": profile.id, "followers": profile.follower_count, "facts": shows.len()});
            // Before the picture is gone, with time to wait for a turn.
            let expires_at = shows.iter().filter_map(|contact| contact.expires_at).min();
            lookup.ask_again_by = expires_at.map(|at| now + (at - now) * 3 / 4);
            (lookup, shows)
        }
        Ok(None) => (lookup(LookupOutcome::NotFound), Vec::new()),
        Err(error) => {
            let Unanswered {
                lookup,
                stopped,
                given_up,
            } = unanswered(lookup(LookupOutcome::Failed), last, error);
            return Account {
                lookup,
                shows: None,
                stopped,
                given_up,
                is_asked: true,
            };
        }
    };
    Account {
        lookup,
        shows: Some(shows),
        stopped: None,
        given_up: None,
        is_asked: true,
    }
}

/// What a profile tells of how to reach somebody. Its link is a website wherever it leads: whose else it is, it does not say.
fn shows(profile: &Profile, now: DateTime<Utc>) -> Vec<ContactRow> {
    let bio = profile.bio.as_deref().map(|bio| bio.replace('\0', ""));
    let email = bio.as_deref().and_then(emails::email_from_text);
    let website = profile.website.as_ref().map(|link| link.url.clone());
    let picture = profile.picture_url.clone();
    [
        (BIO, bio),
        (EMAIL, email),
        (LinkKind::Website.as_str(), website),
        (IMAGE, picture),
    ]
    .into_iter()
    .filter_map(|(kind, value)| Some((kind, value.filter(|value| keeping::is_text(value))?)))
    .map(|(kind, value)| ContactRow {
        kind: kind.to_owned(),
        expires_at: (kind == IMAGE).then(|| picture_expires_at(&value, now)),
        value,
        source_id: profile.id.clone(),
    })
    .collect()
}

/// Keeps what the account shows, and decides what is shown of the producer first; the caller's transaction holds him. What
/// came of a handle that is his no more, or was erased meanwhile, is not kept.
pub(crate) async fn keep(
    transaction: &Client<'_>,
    producer_id: ProducerId,
    account: Option<&Account>,
) -> Result<(), tokio_postgres::Error> {
    let handle = find_handle(transaction, producer_id).await?;
    let of_handle = account.filter(|account| Some(&account.lookup.subject) == handle.as_ref());
    if let Some(account) = of_handle.filter(|account| account.is_asked) {
        lookups::upsert(transaction, std::slice::from_ref(&account.lookup)).await?;
        if let Some(shows) = &account.shows {
            producer_contacts::replace(transaction, producer_id, SOURCE, shows).await?;
        }
    }
    let known = match &handle {
        Some(handle) => find_lookup(transaction, handle).await?,
        None => None,
    };
    let answer = known.map(|lookup| lookup.answer).unwrap_or_default();
    let account_id = answer["account"].as_str();
    producer_contacts::delete_of_other_records(transaction, producer_id, SOURCE, account_id).await?;
    let stated = producer_contacts::list(transaction, producer_id).await?;
    let shown = contacts::shown(&stated, answer["followers"].as_i64(), Utc::now());
    producers::update_shown_contacts(transaction, producer_id, &shown)
        .await
        .map(drop)
}

async fn find_handle(
    client: &Client<'_>,
    producer_id: ProducerId,
) -> Result<Option<String>, tokio_postgres::Error> {
    let stated = producer_contacts::list(client, producer_id).await?;
    let handle = contacts::best(&stated, LinkKind::Instagram.as_str(), Utc::now());
    Ok(handle.map(str::to_owned))
}

/// What came of asking for a handle the last time, whoever had it.
async fn find_lookup(client: &Client<'_>, handle: &str) -> Result<Option<Lookup>, tokio_postgres::Error> {
    let lookups = lookups::list(client, PROFILE, &[handle.to_owned()]).await?;
    Ok(lookups.into_iter().find(|lookup| lookup.source == SOURCE))
}

/// Whether what an account shows is kept of this producer: another may have the same handle.
async fn is_kept(
    client: &Client<'_>,
    producer_id: ProducerId,
    lookup: &Lookup,
) -> Result<bool, tokio_postgres::Error> {
    match lookup.answer["account"].as_str() {
        Some(id) if lookup.answer["facts"] != json!(0) => {
            producer_contacts::has_record(client, producer_id, SOURCE, id).await
        }
        _ => Ok(true),
    }
}
