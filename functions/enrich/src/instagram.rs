//! Reads the Instagram profile of a producer: biography, picture, website, number of followers, and an email
//! address if the biography has one. The account is the one whose handle the other sources support best.
//! Handles are never guessed, and Instagram is not asked about a producer whose contact details were erased.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::json;
use shared::domain::buckets::Bucket;
use shared::domain::contacts::{self, BIO, EMAIL, IMAGE};
use shared::domain::credits::Source;
use shared::domain::emails;
use shared::domain::ids::ProducerId;
use shared::domain::links::LinkKind;
use shared::platform::db::Client;
use shared::store::producers::producer_contacts::{self, ContactRow};
use shared::store::producers::{self, contact_suppressions};
use shared::store::work::lookups::{self, Lookup, LookupOutcome};
use shared::upstreams::instagram::{Profile, picture_expires_at};
use shared::work::budgets;
use tokio::time::Instant;

use crate::context::Context;
use crate::source_lookup::FailedCall;
use crate::storing;

const SOURCE: Source = Source::Instagram;
/// The kind of the lookup of a profile. Its subject is the handle; its answer has the account's id, the
/// number of followers and the number of contact details.
const PROFILE: &str = "profile";
/// The slots of the budget are so far apart that the message is snoozed rather than holding up others while
/// it waits.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The result of looking up a profile.
pub(crate) struct ProfileLookup {
    /// The new lookup, or the stored one if that is fresh.
    pub(crate) lookup: Lookup,
    /// The contact details in the profile, if Instagram answered now.
    contacts: Option<Vec<ContactRow>>,
    /// The error to retry the message for.
    pub(crate) retry_cause: Option<budgets::BudgetError>,
    /// Why Instagram is not asked again.
    pub(crate) give_up_reason: Option<String>,
    /// Whether Instagram was asked now.
    pub(crate) is_asked: bool,
}

impl ProfileLookup {
    fn answered(lookup: Lookup, contacts: Vec<ContactRow>) -> Self {
        Self {
            contacts: Some(contacts),
            is_asked: true,
            ..Self::stored(lookup)
        }
    }

    fn failed(call: FailedCall) -> Self {
        Self {
            retry_cause: call.retry_cause,
            give_up_reason: call.give_up_reason,
            is_asked: true,
            ..Self::stored(call.lookup)
        }
    }

    fn stored(lookup: Lookup) -> Self {
        Self {
            lookup,
            contacts: None,
            retry_cause: None,
            give_up_reason: None,
            is_asked: false,
        }
    }
}

/// Looks up the profile of a producer. `None` if Instagram is switched off, no handle is known, or the
/// contact details of the producer were erased.
pub(crate) async fn look_up_profile(
    context: &Context,
    producer_id: ProducerId,
    fresh_after: Option<DateTime<Utc>>,
    deadline: Instant,
) -> anyhow::Result<Option<ProfileLookup>> {
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
        && has_profile_contacts(&client, producer_id, &lookup).await?
    {
        return Ok(Some(ProfileLookup::stored(lookup)));
    }
    let last = find_lookup(&client, &handle).await?;
    // No connection is held while waiting for the budget.
    drop(client);
    let now = context.pool.now();
    let deadline = deadline.min(Instant::now() + LONGEST_WAIT);
    let answer = context
        .budgets
        .until(deadline)
        .spend(Bucket::Instagram, || instagram.fetch_profile(&handle))
        .await;
    Ok(Some(profile_from_answer(&handle, last.as_ref(), answer, now)))
}

fn profile_from_answer(
    handle: &str,
    last: Option<&Lookup>,
    answer: Result<Option<Profile>, budgets::BudgetError>,
    now: DateTime<Utc>,
) -> ProfileLookup {
    let lookup = |outcome| Lookup::new(SOURCE, PROFILE, handle, outcome, now);
    match answer {
        Ok(Some(profile)) => {
            let contacts = contacts_from_profile(&profile, now);
            let mut lookup = lookup(LookupOutcome::Found);
            lookup.answer =
                json!({"account": profile.id, "followers": profile.follower_count, "facts": contacts.len()});
            // Ask again before the URL of the picture expires, with time left to wait for a slot.
            let expires_at = contacts.iter().filter_map(|contact| contact.expires_at).min();
            lookup.ask_again_by = expires_at.map(|at| now + (at - now) * 3 / 4);
            ProfileLookup::answered(lookup, contacts)
        }
        Ok(None) => ProfileLookup::answered(lookup(LookupOutcome::NotFound), Vec::new()),
        Err(error) => ProfileLookup::failed(FailedCall::new(lookup(LookupOutcome::Failed), last, error)),
    }
}

/// The contact details in a profile. Its link counts as a website wherever it leads, because Instagram does
/// not say what kind of page it is.
fn contacts_from_profile(profile: &Profile, now: DateTime<Utc>) -> Vec<ContactRow> {
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
    .filter_map(|(kind, value)| Some((kind, value.filter(|value| storing::is_text(value))?)))
    .map(|(kind, value)| ContactRow {
        kind: kind.to_owned(),
        expires_at: (kind == IMAGE).then(|| picture_expires_at(&value, now)),
        value,
        source_id: profile.id.clone(),
    })
    .collect()
}

/// Stores the profile, and updates the contact details that are shown first. The caller's transaction has
/// locked the producer. Nothing is stored if the handle no longer belongs to the producer or was erased
/// meanwhile.
pub(crate) async fn store_profile(
    transaction: &Client<'_>,
    producer_id: ProducerId,
    profile: Option<&ProfileLookup>,
) -> Result<(), tokio_postgres::Error> {
    let handle = find_handle(transaction, producer_id).await?;
    let of_handle = profile.filter(|profile| Some(&profile.lookup.subject) == handle.as_ref());
    if let Some(profile) = of_handle.filter(|profile| profile.is_asked) {
        lookups::upsert(transaction, std::slice::from_ref(&profile.lookup)).await?;
        if let Some(contacts) = &profile.contacts {
            producer_contacts::replace(transaction, producer_id, SOURCE, contacts).await?;
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
    let shown = contacts::choose_shown(&stated, answer["followers"].as_i64(), transaction.now());
    producers::update_shown_contacts(transaction, producer_id, &shown)
        .await
        .map(drop)
}

/// The handle of the producer that the stored contact details support best.
async fn find_handle(
    client: &Client<'_>,
    producer_id: ProducerId,
) -> Result<Option<String>, tokio_postgres::Error> {
    let stated = producer_contacts::list(client, producer_id).await?;
    let handle = contacts::best_value(&stated, LinkKind::Instagram.as_str(), client.now());
    Ok(handle.map(str::to_owned))
}

/// The last lookup of a handle, for any producer.
async fn find_lookup(client: &Client<'_>, handle: &str) -> Result<Option<Lookup>, tokio_postgres::Error> {
    let lookups = lookups::list(client, PROFILE, &[handle.to_owned()]).await?;
    Ok(lookups.into_iter().find(|lookup| lookup.source == SOURCE))
}

/// Whether the contact details of the profile are stored for this producer. Another producer may have the
/// same handle.
async fn has_profile_contacts(
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
