//! Tracks: who made one, who says so, and where no producer is known, why. A track is named by our id or by a Spotify
//! track id.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shared::adding::{self, EditLink};
use shared::confidence;
use shared::config::SwitchedOff;
use shared::credits::Source;
use shared::db::Client;
use shared::ids::{ProducerId, TrackId};
use shared::store::credit_overrides::{self, CreditOverride, OverrideVerdict};
use shared::store::track_credits::{
    self, PendingIdentification, Track, TrackArtist, TrackCredit, TrackLookup, TrackProducer,
};

use super::key;
use crate::Context;
use crate::error::ApiError;
use crate::extract::Id;

/// A track with its artists, its producers, every claim that covers it, and `why_none` where it has no producer (else
/// null).
#[derive(Debug, Serialize)]
pub(crate) struct TrackPage {
    #[serde(flatten)]
    track: Track,
    artists: Vec<TrackArtist>,
    producers: Vec<Producer>,
    agreement: Agreement,
    credits: Vec<Credit>,
    why_none: Option<WhyNone>,
}

/// Whether the sources that name producers name the same ones (`verdict`), and whom each names.
#[derive(Debug, Serialize)]
struct Agreement {
    verdict: confidence::Agreement,
    sources: Vec<Named>,
}

/// Whom a source names.
#[derive(Debug, Serialize)]
struct Named {
    source: Source,
    producer_ids: BTreeSet<ProducerId>,
}

/// A producer, with what a person decided, which is that he is one.
#[derive(Debug, Serialize)]
struct Producer {
    #[serde(flatten)]
    producer: TrackProducer,
    verdict: Option<CreditOverride>,
}

/// A claim, with the page of the source that makes it and what a person decided on whom it names: a claim that was
/// rejected counts for nothing. `known_from` is the track or album of ours by which it is known, where nobody was asked about
/// this one.
#[derive(Debug, Serialize)]
struct Credit {
    #[serde(flatten)]
    claim: TrackCredit,
    /// Null where the source has no page for it.
    record_url: Option<String>,
    verdict: Option<CreditOverride>,
}

/// Why a track has no producer: `reason` for people, and for programs what was asked of whom (`asked`), whether it is
/// still to be asked (`waiting`, else null), which sources are never asked (`switched_off`), and where a credit that is
/// missing can be added (`add_at`).
#[derive(Debug, Serialize)]
struct WhyNone {
    reason: String,
    asked: Vec<TrackLookup>,
    waiting: Option<PendingIdentification>,
    switched_off: Vec<SwitchedOff>,
    add_at: Vec<EditLink>,
}

/// `GET /v1/tracks/{id}`.
pub(crate) async fn show(
    State(context): State<Arc<Context>>,
    Id(id): Id,
) -> Result<Json<TrackPage>, ApiError> {
    let client = context.pool.client().await?;
    let track = find(&client, &id).await?;
    let producers = track_credits::list_producers(&client, track.id).await?;
    let claims = track_credits::list_credits(&client, track.id).await?;
    let verdicts = Verdicts(credit_overrides::list_of_tracks(&client, &[track.id]).await?);
    let why_none = if producers.is_empty() {
        let asked = track_credits::list_lookups(&client, track.id).await?;
        let waiting = track_credits::find_pending_identification(&client, track.id).await?;
        let links = track_credits::list_links(&client, track.id).await?;
        Some(WhyNone {
            add_at: adding::edit_links(&links),
            reason: verdicts
                .reason(&claims)
                .unwrap_or_else(|| reason(&claims, &asked, waiting.as_ref(), &context.switched_off)),
            asked,
            waiting,
            switched_off: context.switched_off.clone(),
        })
    } else {
        None
    };
    Ok(Json(TrackPage {
        artists: track_credits::list_artists(&client, track.id).await?,
        agreement: agreement(&claims, &verdicts),
        track,
        producers: producers
            .into_iter()
            .map(|producer| Producer {
                verdict: verdicts.of(Some(producer.id)),
                producer,
            })
            .collect(),
        credits: claims.into_iter().map(|claim| credit(claim, &verdicts)).collect(),
        why_none,
    }))
}

/// What the claims that count say of who produced the track, source by source.
fn agreement(claims: &[TrackCredit], verdicts: &Verdicts) -> Agreement {
    let mut named = BTreeMap::<Source, BTreeSet<ProducerId>>::new();
    for claim in claims.iter().filter(|claim| claim.covers != "unresolved") {
        let is_rejected = verdicts
            .of(claim.producer_id)
            .is_some_and(|verdict| verdict.verdict == OverrideVerdict::Rejected);
        if let (Some(id), Ok(source), false) = (claim.producer_id, claim.source.parse(), is_rejected) {
            named.entry(source).or_default().insert(id);
        }
    }
    Agreement {
        verdict: confidence::agreement(&named.values().collect::<Vec<_>>()),
        sources: named
            .into_iter()
            .map(|(source, producer_ids)| Named { source, producer_ids })
            .collect(),
    }
}

pub(super) async fn find(client: &Client<'_>, text: &str) -> Result<Track, ApiError> {
    let id = match (key(text), text.parse()) {
        (Some(id), _) => Some(TrackId(id)),
        (None, Ok(spotify_id)) => track_credits::find_by_spotify_id(client, &spotify_id).await?,
        (None, Err(_)) => None,
    };
    let track = match id {
        Some(id) => track_credits::find(client, id).await?,
        None => None,
    };
    track.ok_or_else(|| {
        ApiError::NotFound("no track has this id: bring one in with POST /v1/ingestions".to_owned())
    })
}

/// The verdicts on a track's song, by producer.
struct Verdicts(Vec<(TrackId, ProducerId, CreditOverride)>);

impl Verdicts {
    fn of(&self, producer: Option<ProducerId>) -> Option<CreditOverride> {
        let mut verdicts = self.0.iter();
        let found = verdicts.find(|(_, id, _)| Some(*id) == producer);
        found.map(|(_, _, verdict)| verdict.clone())
    }

    /// Why a track whose credits name producers has none: a person rejected them.
    fn reason(&self, claims: &[TrackCredit]) -> Option<String> {
        let mut verdicts = claims.iter().filter_map(|claim| self.of(claim.producer_id));
        let rejected = verdicts.find(|verdict| verdict.verdict == OverrideVerdict::Rejected)?;
        Some(format!(
            "a person rejected who its credits name: {}",
            rejected.reason
        ))
    }
}

fn credit(claim: TrackCredit, verdicts: &Verdicts) -> Credit {
    let record_url = claim
        .source
        .parse::<Source>()
        .ok()
        .and_then(|source| source.record_url(&claim.record_kind, &claim.record_id));
    Credit {
        verdict: verdicts.of(claim.producer_id),
        claim,
        record_url,
    }
}

/// The first of these that holds. Spotify is asked for ISRCs only and names nobody.
fn reason(
    claims: &[TrackCredit],
    asked: &[TrackLookup],
    waiting: Option<&PendingIdentification>,
    switched_off: &[SwitchedOff],
) -> String {
    if let Some(waiting) = waiting {
        return match (&waiting.snoozed_until, &waiting.snoozed_reason) {
            (Some(until), Some(reason)) => {
                format!("looking for its producers is put off until {until:.0?}: {reason}")
            }
            _ => "its producers are still being looked for".to_owned(),
        };
    }
    let asked: Vec<&TrackLookup> = asked
        .iter()
        .filter(|asked| asked.source != Source::Spotify.as_str())
        .collect();
    let sources = |outcomes: &[&str]| {
        let mut sources: Vec<&str> = asked
            .iter()
            .filter(|asked| outcomes.contains(&asked.outcome.as_str()))
            .map(|asked| asked.source.as_str())
            .collect();
        sources.dedup();
        sources.join(", ")
    };
    let (found, troubled) = (sources(&["found"]), sources(&["blocked", "failed"]));
    if !claims.is_empty() {
        "its credits name nobody as its producer".to_owned()
    } else if !found.is_empty() {
        format!("known to {found}, which credits nobody for it")
    } else if !troubled.is_empty() {
        format!("{troubled} gave no usable answer; it is asked again")
    } else if !asked.is_empty() {
        format!("not known to {}", sources(&["not_found"]))
    } else if let Some(off) = switched_off.iter().find(|off| off.source == Source::MusicBrainz) {
        format!("no source of credits is asked: {}", off.reason)
    } else {
        "no source of credits has been asked yet: ask for its album or artist with POST /v1/ingestions"
            .to_owned()
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone as _, Utc};

    use super::*;

    fn asked(source: &str, outcome: &str) -> TrackLookup {
        let time = Utc.with_ymd_and_hms(2024, 5, 21, 12, 0, 0).unwrap();
        TrackLookup {
            source: source.to_owned(),
            about: "album".to_owned(),
            outcome: outcome.to_owned(),
            looked_up_at: time,
            look_again_at: time,
            answer: serde_json::json!({}),
        }
    }

    #[test]
    fn the_reason_is_what_a_person_would_say() {
        let off = SwitchedOff {
            source: Source::MusicBrainz,
            reason: "CONTACT is not set".to_owned(),
        };
        let waiting = PendingIdentification {
            snoozed_until: Some(Utc.with_ymd_and_hms(2024, 5, 21, 12, 0, 0).unwrap()),
            snoozed_reason: Some("MusicBrainz is blocked".to_owned()),
        };
        for (lookups, waiting, off, expected) in [
            (
                vec![asked("musicbrainz", "found")],
                Some(&waiting),
                None,
                "looking for its producers is put off until 2024-05-21T12:00:00Z: MusicBrainz is blocked",
            ),
            (
                vec![asked("musicbrainz", "found"), asked("musicbrainz", "not_found")],
                None,
                None,
                "known to musicbrainz, which credits nobody for it",
            ),
            (
                vec![asked("musicbrainz", "blocked")],
                None,
                None,
                "musicbrainz gave no usable answer; it is asked again",
            ),
            (
                vec![
                    asked("musicbrainz", "not_found"),
                    asked("musicbrainz", "not_found"),
                ],
                None,
                None,
                "not known to musicbrainz",
            ),
            (
                vec![asked("spotify", "found")],
                None,
                Some(off),
                "no source of credits is asked: CONTACT is not set",
            ),
            (
                vec![],
                None,
                None,
                "no source of credits has been asked yet: ask for its album or artist with POST /v1/ingestions",
            ),
        ] {
            let off: Vec<SwitchedOff> = off.into_iter().collect();
            assert_eq!(reason(&[], &lookups, waiting, &off), expected);
        }
    }
}
