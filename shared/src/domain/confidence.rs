//! Combines the credits of one person on one track into the confidence that the person produced it. Deciding
//! which credits apply to a track, and overriding them by hand, happens before.
//!
//! The figures are priors: judgements of how the sources work, not measurements. Measuring one needs a sample
//! of credits that are known to be true from elsewhere, and none is available. In the labelled development
//! data, the credits of Discogs and the number ones with their producers share two records (both name the
//! same people), those of MusicBrainz and Genius none, and the award entries are not a source. A figure from
//! two records would only look like a measurement. `scripts/eval` measures what comes before: whether the
//! track, the role, the range of tracks and the person of a credit are right, each with its 95 % interval.
//!
//! A credit weighs `source and level × wording × matching method × match score`. The reasons for the priors:
//! MusicBrainz's edits are voted on, and its relations belong to recordings. Discogs' credits are copied from
//! sleeves, mostly for a whole release (<https://support.discogs.com/hc/articles/360005054753>). Genius lets
//! anyone edit and calls beat makers producers.
//!
//! | source | of the track | of a range of tracks | of the album |
//! | --- | --- | --- | --- |
//! | MusicBrainz | 0.95 | 0.90 | 0.60: may be the producer of a reissue, or a design studio |
//! | Discogs | 0.90 | 0.85 | 0.75: the usual form there, but it hides remixes and bonus tracks |
//! | Genius | 0.85 | 0.75 | 0.50: anyone may edit; beat makers and producers are not separate |
//! | Spotify, Wikidata | 0.80 | 0.70 | 0.50 |
//! | Instagram | 0.50 | 0.40 | 0.30: people describe themselves |
//!
//! | wording | factor |
//! | --- | --- |
//! | producer, co-producer | 1 |
//! | additional producer, vocal producer | 0.95 |
//! | assistant producer, associate producer | 0.90 |
//! | supervisor of an early record | 0.70 |
//! | a bracket beside "producer" has an unknown word | 0.80 times the above; it lowers the match score |
//!
//! | matched by | factor |
//! | --- | --- |
//! | our own row, stated link, barcode, ISRC, a person | 1 |
//! | search with a checked result | 0.85 |
//!
//! A manual credit always weighs 0.99. Of each source only the strongest credit counts, since the others are
//! likely copies of it. Sources are combined by noisy-or, `1 - Π(1 - weight)`, at most 0.99, as if they were
//! independent. MusicBrainz and Discogs are not: their editors copy from each other. Of these two the weaker
//! one counts less: `1 - (1 - a)(1 - b)^(1 - ρ)` with `a ≥ b`, where ρ is `SHARED_ORIGIN`. A source that
//! names other producers lowers nothing, since sources are incomplete far more often than wrong: both
//! producers stay, and [`agreement`] reports the difference. A credit of a range of tracks that could not be
//! resolved counts for none of them.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::domain::credits::{MatchMethod, Role, Source};
use crate::domain::ids::ProducerId;
use crate::domain::text_enums::text_enum;

/// The highest confidence.
const MAX_CONFIDENCE: f64 = 0.99;

/// How much of what MusicBrainz and Discogs both state has one origin, 0 to 1. A prior, like the weights.
const SHARED_ORIGIN: f64 = 0.5;

text_enum! {
    /// The part of an album that a credit is about.
    ClaimLevel {
        /// This track alone.
        Track = "track",
        /// Some tracks of the album, this one among them.
        Range = "range",
        /// The whole album.
        Album = "album",
    }
}

/// A credit of one person on one track at one source, with the reliability of the match.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreditClaim {
    /// The source of the credit.
    pub source: Source,
    /// The person's role.
    pub role: Role,
    /// The part of the album that the credit is about.
    pub level: ClaimLevel,
    /// How the track or album was matched to the source's record.
    pub matched_by: MatchMethod,
    /// How well it matched, 0 to 1. Values outside are clamped, and NaN counts as 0.
    pub match_score: f32,
}

/// The combined result of all credits of one person on one track.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assessment {
    /// The confidence that the person produced the track, 0 to 0.99.
    pub confidence: f32,
    /// The source whose credit weighs most; of equal ones the first in [`Source::ALL`].
    pub source: Source,
    /// The strongest role of music production in any credit.
    pub role: Role,
}

text_enum! {
    /// Whether the sources that name producers of a track name the same ones.
    Agreement {
        /// No source names a producer.
        None = "none",
        /// One source does, and no other confirms it.
        Single = "single",
        /// All sources name the same producers.
        Agree = "agree",
        /// Every two sources share a producer, and some name more.
        Overlap = "overlap",
        /// Two sources share no producer: at least one of them is wrong or incomplete.
        Contradict = "contradict",
    }
}

/// Compares the producers that each source names.
#[must_use]
pub fn agreement(named: &[&BTreeSet<ProducerId>]) -> Agreement {
    let (first, others) = match named {
        [] => return Agreement::None,
        [_] => return Agreement::Single,
        [first, others @ ..] => (first, others),
    };
    let pairs = named
        .iter()
        .enumerate()
        .flat_map(|(index, set)| named[index + 1..].iter().map(move |other| (set, other)));
    if pairs.into_iter().any(|(set, other)| set.is_disjoint(other)) {
        Agreement::Contradict
    } else if others.iter().all(|other| other == first) {
        Agreement::Agree
    } else {
        Agreement::Overlap
    }
}

/// Combines the credits of one person on one track, in any order. `None` if no credit is of music production.
/// Credits of supervisors are given only if their record is early.
#[must_use]
pub fn assess(claims: &[CreditClaim]) -> Option<Assessment> {
    let claims = || claims.iter().filter(|claim| claim.role.is_music_production());
    let role = claims().map(|claim| claim.role).min()?;
    let mut doubt = 1.0;
    let mut copying = Vec::new();
    let mut strongest: Option<(Source, f64)> = None;
    for &source in Source::ALL {
        let weights = claims().filter(|claim| claim.source == source).map(weight);
        let Some(weight) = weights.max_by(f64::total_cmp) else {
            continue;
        };
        match source {
            Source::MusicBrainz | Source::Discogs => copying.push(weight),
            _ => doubt *= 1.0 - weight,
        }
        if strongest.is_none_or(|(_, most)| weight > most) {
            strongest = Some((source, weight));
        }
    }
    copying.sort_by(|a, b| b.total_cmp(a));
    for (place, weight) in copying.into_iter().enumerate() {
        let share = if place == 0 { 1.0 } else { 1.0 - SHARED_ORIGIN };
        doubt *= (1.0 - weight).powf(share);
    }
    let (source, _) = strongest?;
    let confidence = (1.0 - doubt).min(MAX_CONFIDENCE) as f32;
    Some(Assessment {
        confidence,
        source,
        role,
    })
}

fn weight(claim: &CreditClaim) -> f64 {
    if claim.source == Source::Manual {
        return MAX_CONFIDENCE;
    }
    let score = f64::from(claim.match_score);
    let score = if score.is_nan() {
        0.0
    } else {
        score.clamp(0.0, 1.0)
    };
    source_weight(claim.source, claim.level)
        * wording_factor(claim.role)
        * matching_factor(claim.matched_by)
        * score
}

fn source_weight(source: Source, level: ClaimLevel) -> f64 {
    let (track, range, album) = match source {
        Source::MusicBrainz => (0.95, 0.90, 0.60),
        Source::Discogs => (0.90, 0.85, 0.75),
        Source::Genius => (0.85, 0.75, 0.50),
        Source::Spotify | Source::Wikidata => (0.80, 0.70, 0.50),
        Source::Instagram => (0.50, 0.40, 0.30),
        Source::Manual => (MAX_CONFIDENCE, MAX_CONFIDENCE, MAX_CONFIDENCE),
    };
    match level {
        ClaimLevel::Track => track,
        ClaimLevel::Range => range,
        ClaimLevel::Album => album,
    }
}

fn wording_factor(role: Role) -> f64 {
    match role {
        Role::Producer | Role::CoProducer => 1.0,
        Role::AdditionalProducer | Role::VocalProducer => 0.95,
        Role::AssistantProducer | Role::AssociateProducer => 0.90,
        Role::Supervisor => 0.70,
        Role::ExecutiveProducer
        | Role::Remixer
        | Role::Mixer
        | Role::Engineer
        | Role::Arranger
        | Role::Programmer
        | Role::Writer
        | Role::Performer
        | Role::Other => 0.0,
    }
}

fn matching_factor(method: MatchMethod) -> f64 {
    match method {
        MatchMethod::Own
        | MatchMethod::Link
        | MatchMethod::Barcode
        | MatchMethod::Isrc
        | MatchMethod::Manual => 1.0,
        MatchMethod::Search => 0.85,
    }
}
