//! The endpoint that shows a track: its producers, the evidence for them, and why there are none. A track is
//! addressed by our id or by its Spotify track id.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::extract::State;
use axum::{Extension, Json};
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::catalog::edit_links::{self, EditLink};
use shared::domain::confidence;
use shared::domain::credits::{Role, Source};
use shared::domain::ids::{ProducerId, TrackId};
use shared::platform::api_keys::Scope;
use shared::platform::config::DisabledSource;
use shared::platform::db::Client;
use shared::store::credits::credit_overrides::{self, CreditOverride, OverrideVerdict};
use shared::store::credits::track_credits::{self, Track, TrackArtist, TrackCredit, TrackProducer};
use shared::store::credits::track_lookups::{self, PendingIdentification, TrackLookup};
use shared::store::work::source_states;

use super::{PathId, WAITING_WORDS, own_id};
use crate::access::Caller;
use crate::context::Context;
use crate::error::ApiError;

/// Why a source is switched off, to callers who may not see the settings.
const SWITCHED_OFF_WORDS: &str = "it is switched off on this server";

/// A track with its artists, its producers and every credit that covers it. `why_none` is null if the track
/// has producers.
#[derive(Debug, Serialize)]
pub(crate) struct TrackResponse {
    #[serde(flatten)]
    track: Track,
    artists: Vec<TrackArtist>,
    producers: Vec<ProducerWithVerdict>,
    agreement: SourceAgreement,
    credits: Vec<CreditWithVerdict>,
    why_none: Option<NoProducerExplanation>,
}

/// Whether the sources that name producers name the same ones (`verdict`), and the producers that each source
/// names.
#[derive(Debug, Serialize)]
struct SourceAgreement {
    verdict: confidence::Agreement,
    sources: Vec<SourceProducers>,
}

/// The producers that one source names.
#[derive(Debug, Serialize)]
struct SourceProducers {
    source: Source,
    producer_ids: BTreeSet<ProducerId>,
}

/// A producer of the track, with a person's verdict if one confirmed it.
#[derive(Debug, Serialize)]
struct ProducerWithVerdict {
    #[serde(flatten)]
    producer: TrackProducer,
    verdict: Option<ShownVerdict>,
}

/// A credit with the URL of its record at the source and a person's verdict on the credited producer. A
/// rejected credit does not count. `known_from` names the track or album a credit was copied from, if no
/// source was asked about this track.
#[derive(Debug, Serialize)]
struct CreditWithVerdict {
    #[serde(flatten)]
    credit: TrackCredit,
    /// Null if the source has no page for the record.
    record_url: Option<String>,
    verdict: Option<ShownVerdict>,
}

/// A person's verdict. Who gave it and why is left out unless the caller has the scope `operate`.
#[derive(Debug, Clone, Serialize)]
struct ShownVerdict {
    verdict: OverrideVerdict,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<String>,
    decided_at: DateTime<Utc>,
}

/// Why a track has no producer. `reason` is for people. Programs can read the lookups at the sources
/// (`asked`), a pending lookup (`waiting`, else null), the sources that are switched off (`switched_off`) and
/// the pages on which a missing credit can be added (`add_at`).
#[derive(Debug, Serialize)]
struct NoProducerExplanation {
    reason: String,
    asked: Vec<TrackLookup>,
    waiting: Option<PendingIdentification>,
    switched_off: Vec<DisabledSource>,
    add_at: Vec<EditLink>,
}

/// `GET /v1/tracks/{id}`: a track with its producers and credits. What is internal (who decided, notes, why a
/// source is not asked) is shown to callers with the scope `operate`.
pub(crate) async fn show(
    State(context): State<Arc<Context>>,
    Extension(caller): Extension<Caller>,
    PathId(id): PathId,
) -> Result<Json<TrackResponse>, ApiError> {
    let client = context.pool.client().await?;
    let track = find_track(&client, &id).await?;
    let producers = track_credits::list_producers(&client, track.id).await?;
    let credits = track_credits::list_credits(&client, track.id).await?;
    let verdicts = SongVerdicts {
        verdicts: credit_overrides::list_of_tracks(&client, &[track.id]).await?,
        is_internal_shown: caller.has_scope(Scope::Operate),
    };
    let why_none = if producers.is_empty() {
        Some(explain(&client, track.id, &credits, &verdicts).await?)
    } else {
        None
    };
    Ok(Json(TrackResponse {
        artists: track_credits::list_artists(&client, track.id).await?,
        agreement: source_agreement(&credits, &verdicts),
        track,
        producers: producers
            .into_iter()
            .map(|producer| ProducerWithVerdict {
                verdict: verdicts.shown(Some(producer.id)),
                producer,
            })
            .collect(),
        credits: credits
            .into_iter()
            .map(|credit| with_verdict(credit, &verdicts))
            .collect(),
        why_none,
    }))
}

/// Explains why a track has no producer.
async fn explain(
    client: &Client<'_>,
    id: TrackId,
    credits: &[TrackCredit],
    verdicts: &SongVerdicts,
) -> Result<NoProducerExplanation, ApiError> {
    let asked = track_lookups::list_lookups(client, id).await?;
    let mut waiting = track_lookups::find_pending_identification(client, id).await?;
    let links = track_lookups::list_links(client, id).await?;
    let mut switched_off = source_states::list_disabled(client).await?;
    if !verdicts.is_internal_shown {
        if let Some(reason) = waiting
            .as_mut()
            .and_then(|waiting| waiting.snoozed_reason.as_mut())
        {
            WAITING_WORDS.clone_into(reason);
        }
        for source in &mut switched_off {
            SWITCHED_OFF_WORDS.clone_into(&mut source.reason);
        }
    }
    Ok(NoProducerExplanation {
        add_at: edit_links::edit_links(&links),
        reason: verdicts
            .rejection_reason(credits)
            .unwrap_or_else(|| no_producer_reason(credits, &asked, waiting.as_ref(), &switched_off)),
        asked,
        waiting,
        switched_off,
    })
}

/// Compares the producers that the sources name. Credits that are rejected or do not count for the track are
/// left out.
fn source_agreement(credits: &[TrackCredit], verdicts: &SongVerdicts) -> SourceAgreement {
    let mut named = BTreeMap::<Source, BTreeSet<ProducerId>>::new();
    for credit in credits.iter().filter(|credit| credit.counts) {
        let is_rejected = verdicts
            .find(credit.producer_id)
            .is_some_and(|verdict| verdict.verdict == OverrideVerdict::Rejected);
        if let (Some(id), Ok(source), false) = (credit.producer_id, credit.source.parse(), is_rejected) {
            named.entry(source).or_default().insert(id);
        }
    }
    SourceAgreement {
        verdict: confidence::agreement(&named.values().collect::<Vec<_>>()),
        sources: named
            .into_iter()
            .map(|(source, producer_ids)| SourceProducers { source, producer_ids })
            .collect(),
    }
}

/// Finds a track by our id or by its Spotify track id.
pub(super) async fn find_track(client: &Client<'_>, text: &str) -> Result<Track, ApiError> {
    let id = match (own_id(text), text.parse()) {
        (Some(id), _) => Some(TrackId(id)),
        (None, Ok(spotify_id)) => track_credits::find_by_spotify_id(client, &spotify_id).await?,
        (None, Err(_)) => None,
    };
    let track = match id {
        Some(id) => track_credits::find(client, id).await?,
        None => None,
    };
    track.ok_or_else(|| {
        ApiError::NotFound("no track has this id: request the track with POST /v1/ingestions".to_owned())
    })
}

/// The verdicts on a track's song, by producer.
struct SongVerdicts {
    verdicts: Vec<(TrackId, ProducerId, CreditOverride)>,
    /// Whether the caller may know who decided and why.
    is_internal_shown: bool,
}

impl SongVerdicts {
    fn find(&self, producer: Option<ProducerId>) -> Option<&CreditOverride> {
        let mut verdicts = self.verdicts.iter();
        let found = verdicts.find(|(_, id, _)| Some(*id) == producer);
        found.map(|(_, _, verdict)| verdict)
    }

    /// The verdict on a producer as the caller may see it.
    fn shown(&self, producer: Option<ProducerId>) -> Option<ShownVerdict> {
        let CreditOverride {
            verdict,
            reason,
            decided_by,
            decided_at,
        } = self.find(producer)?;
        let shown = |text: &String| self.is_internal_shown.then(|| text.clone());
        Some(ShownVerdict {
            verdict: *verdict,
            reason: shown(reason),
            decided_by: shown(decided_by),
            decided_at: *decided_at,
        })
    }

    /// The reason if a person rejected the producers that the credits name.
    fn rejection_reason(&self, credits: &[TrackCredit]) -> Option<String> {
        let mut verdicts = credits.iter().filter_map(|credit| self.find(credit.producer_id));
        let rejected = verdicts.find(|verdict| verdict.verdict == OverrideVerdict::Rejected)?;
        let words = "a person rejected the producers that its credits name";
        Some(match self.is_internal_shown {
            true => format!("{words}: {}", rejected.reason),
            false => words.to_owned(),
        })
    }
}

fn with_verdict(mut credit: TrackCredit, verdicts: &SongVerdicts) -> CreditWithVerdict {
    credit.note = credit.note.filter(|_| verdicts.is_internal_shown);
    let record_url = credit
        .source
        .parse::<Source>()
        .ok()
        .and_then(|source| source.record_url(&credit.record_kind, &credit.record_id));
    CreditWithVerdict {
        verdict: verdicts.shown(credit.producer_id),
        credit,
        record_url,
    }
}

/// The first explanation that applies. Lookups at Spotify are ignored: they only give ISRCs, never credits.
fn no_producer_reason(
    credits: &[TrackCredit],
    asked: &[TrackLookup],
    waiting: Option<&PendingIdentification>,
    switched_off: &[DisabledSource],
) -> String {
    if let Some(waiting) = waiting {
        return match (&waiting.snoozed_until, &waiting.snoozed_reason) {
            (Some(until), Some(reason)) => {
                format!("the search for its producers is paused until {until:.0?}: {reason}")
            }
            _ => "the search for its producers has not ended yet".to_owned(),
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
    let (found, failed) = (sources(&["found"]), sources(&["blocked", "failed"]));
    let mut roles = credits.iter().map(|credit| credit.role.as_str());
    if roles.any(|role| role == Role::Supervisor.as_str()) {
        "its credits name a supervisor, who counts as a producer if the record, its master or its release \
         group states a date before 1975"
            .to_owned()
    } else if !credits.is_empty() {
        "its credits do not name a producer".to_owned()
    } else if !found.is_empty() {
        format!("found in {found}, but without credits")
    } else if !failed.is_empty() {
        format!("no usable answer from {failed}; the request will be repeated")
    } else if !asked.is_empty() {
        format!("not found in {}", sources(&["not_found"]))
    } else if let Some(off) = switched_off.iter().find(|off| off.source == Source::MusicBrainz) {
        format!("no source of credits can be asked: {}", off.reason)
    } else {
        "no source of credits was asked yet: request its album or artist with POST /v1/ingestions".to_owned()
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
    fn the_reason_is_the_first_explanation_that_applies() {
        let off = DisabledSource {
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
                "the search for its producers is paused until 2024-05-21T12:00:00Z: MusicBrainz is blocked",
            ),
            (
                vec![asked("musicbrainz", "found"), asked("musicbrainz", "not_found")],
                None,
                None,
                "found in musicbrainz, but without credits",
            ),
            (
                vec![asked("musicbrainz", "blocked")],
                None,
                None,
                "no usable answer from musicbrainz; the request will be repeated",
            ),
            (
                vec![
                    asked("musicbrainz", "not_found"),
                    asked("musicbrainz", "not_found"),
                ],
                None,
                None,
                "not found in musicbrainz",
            ),
            (
                vec![asked("spotify", "found")],
                None,
                Some(off),
                "no source of credits can be asked: CONTACT is not set",
            ),
            (
                vec![],
                None,
                None,
                "no source of credits was asked yet: request its album or artist with POST /v1/ingestions",
            ),
        ] {
            let off: Vec<DisabledSource> = off.into_iter().collect();
            assert_eq!(no_producer_reason(&[], &lookups, waiting, &off), expected);
        }
    }
}
