//! Combines the credits of one person on one track into the confidence that the person produced it. Deciding
//! which credits apply to a track, and overriding them by hand, happens before.
//!
//! The figures are priors: judgements of how the sources work, not measurements. Measuring one needs a sample
//! of credits that are known to be true from elsewhere, and none is available. In the labelled development
//! data, the credits of Discogs and the number ones with their producers share two records (both name the
//! same people), those of MusicBrainz and Genius none, and the award entries are not a source. A figure from
//! two records would only look like a measurement.
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
//!
//! | matched by | factor |
//! | --- | --- |
//! | our own row, stated link, barcode, ISRC, a person | 1 |
//! | search with a checked result | 0.85 |
//!
//! A manual credit always weighs 0.99. Of each source only the strongest credit counts, since the others are
//! likely copies of it. Sources are treated as independent and combined by noisy-or: `1 - Π(1 - weight)`, at
//! most 0.99. A source that names other producers lowers nothing, since sources are incomplete far more often
//! than wrong: both producers stay, and [`agreement`] reports the difference. A credit of a range of tracks
//! that could not be resolved counts for none of them.

use std::collections::BTreeSet;

use crate::domain::credits::{MatchMethod, Role, Source};
use crate::domain::ids::ProducerId;
use crate::domain::text_enums::text_enum;

/// The highest confidence.
const MAX_CONFIDENCE: f64 = 0.99;

/// The part of an album that a credit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimLevel {
    /// This track alone.
    Track,
    /// Some tracks of the album, this one among them.
    Range,
    /// The whole album.
    Album,
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
#[must_use]
pub fn assess(claims: &[CreditClaim]) -> Option<Assessment> {
    let claims = || claims.iter().filter(|claim| claim.role.is_music_production());
    let role = claims().map(|claim| claim.role).min()?;
    let mut doubt = 1.0;
    let mut strongest: Option<(Source, f64)> = None;
    for &source in Source::ALL {
        let weights = claims().filter(|claim| claim.source == source).map(weight);
        let Some(weight) = weights.max_by(f64::total_cmp) else {
            continue;
        };
        doubt *= 1.0 - weight;
        if strongest.is_none_or(|(_, most)| weight > most) {
            strongest = Some((source, weight));
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claim(source: Source, role: Role, level: ClaimLevel, matched_by: MatchMethod) -> CreditClaim {
        CreditClaim {
            source,
            role,
            level,
            matched_by,
            match_score: 1.0,
        }
    }

    fn confidence(claims: &[CreditClaim]) -> f32 {
        assess(claims).expect("a credit of production").confidence
    }

    const RECORDING: CreditClaim = CreditClaim {
        source: Source::MusicBrainz,
        role: Role::Producer,
        level: ClaimLevel::Track,
        matched_by: MatchMethod::Barcode,
        match_score: 1.0,
    };

    #[test]
    fn a_single_credit_weighs_as_in_the_tables() {
        use {ClaimLevel as L, MatchMethod as M, Role as R, Source as S};
        for (claim, expected) in [
            (RECORDING, 0.95),
            (claim(S::MusicBrainz, R::CoProducer, L::Track, M::Isrc), 0.95),
            (claim(S::MusicBrainz, R::Producer, L::Album, M::Barcode), 0.6),
            (claim(S::MusicBrainz, R::Producer, L::Track, M::Search), 0.8075),
            (
                CreditClaim {
                    match_score: 0.8,
                    ..RECORDING
                },
                0.76,
            ),
            (
                CreditClaim {
                    match_score: 7.0,
                    ..RECORDING
                },
                0.95,
            ),
            (
                CreditClaim {
                    match_score: f32::NAN,
                    ..RECORDING
                },
                0.0,
            ),
            (claim(S::Discogs, R::AssistantProducer, L::Range, M::Own), 0.765),
            (claim(S::Genius, R::Producer, L::Track, M::Search), 0.7225),
            (claim(S::Manual, R::VocalProducer, L::Album, M::Manual), 0.99),
            (
                CreditClaim {
                    match_score: 0.0,
                    ..claim(S::Manual, R::Producer, L::Track, M::Search)
                },
                0.99,
            ),
        ] {
            assert!(
                (confidence(&[claim]) - expected).abs() < 1e-6,
                "{claim:?} is {}",
                confidence(&[claim])
            );
        }
    }

    #[test]
    fn other_roles_than_music_production_do_not_count() {
        let engineer = CreditClaim {
            role: Role::Engineer,
            ..RECORDING
        };
        let executive = CreditClaim {
            role: Role::ExecutiveProducer,
            source: Source::Discogs,
            ..RECORDING
        };
        assert_eq!(assess(&[]), None);
        assert_eq!(assess(&[engineer, executive]), None);
        assert_eq!(assess(&[engineer, RECORDING, executive]), assess(&[RECORDING]));
    }

    #[test]
    fn sources_add_up_but_only_the_strongest_credit_of_each_counts() {
        let album = CreditClaim {
            level: ClaimLevel::Album,
            ..RECORDING
        };
        assert_eq!(
            confidence(&[RECORDING, album, RECORDING]),
            confidence(&[RECORDING])
        );
        let genius = CreditClaim {
            source: Source::Genius,
            level: ClaimLevel::Album,
            ..RECORDING
        };
        let both = assess(&[album, genius]).expect("credits of production");
        assert!((both.confidence - 0.8).abs() < 1e-6);
        assert_eq!(both.source, Source::MusicBrainz);
        let discogs = CreditClaim {
            source: Source::Discogs,
            ..RECORDING
        };
        assert_eq!(confidence(&[RECORDING, discogs]), 0.99);
    }

    #[test]
    fn the_strongest_source_and_role_are_reported() {
        let assistant = CreditClaim {
            role: Role::AssistantProducer,
            ..RECORDING
        };
        let weak = CreditClaim {
            source: Source::Genius,
            matched_by: MatchMethod::Search,
            ..RECORDING
        };
        let assessment = assess(&[weak, assistant]).expect("credits of production");
        assert_eq!(
            (assessment.source, assessment.role),
            (Source::MusicBrainz, Role::Producer)
        );
        let wikidata = CreditClaim {
            source: Source::Wikidata,
            ..RECORDING
        };
        let spotify = CreditClaim {
            source: Source::Spotify,
            ..RECORDING
        };
        assert_eq!(
            assess(&[wikidata, spotify])
                .expect("credits of production")
                .source,
            Source::Spotify
        );
    }

    #[test]
    fn sources_agree_overlap_or_contradict_each_other() {
        let set = |ids: &[i64]| ids.iter().copied().map(ProducerId).collect::<BTreeSet<_>>();
        for (named, expected) in [
            (vec![], Agreement::None),
            (vec![set(&[1])], Agreement::Single),
            (vec![set(&[1, 2]), set(&[2, 1])], Agreement::Agree),
            (vec![set(&[1, 2]), set(&[1])], Agreement::Overlap),
            (vec![set(&[1]), set(&[2])], Agreement::Contradict),
            (vec![set(&[1]), set(&[1, 2]), set(&[2])], Agreement::Contradict),
        ] {
            assert_eq!(agreement(&named.iter().collect::<Vec<_>>()), expected);
        }
    }

    fn any_claim() -> impl Strategy<Value = CreditClaim> {
        let level = prop::sample::select(vec![ClaimLevel::Track, ClaimLevel::Range, ClaimLevel::Album]);
        (
            prop::sample::select(Source::ALL),
            prop::sample::select(Role::ALL),
            level,
            prop::sample::select(MatchMethod::ALL),
            0.0..=1.0f32,
        )
            .prop_map(|(source, role, level, matched_by, match_score)| CreditClaim {
                source,
                role,
                level,
                matched_by,
                match_score,
            })
    }

    proptest! {
        #[test]
        fn the_order_of_credits_does_not_matter(
            (claims, shuffled) in prop::collection::vec(any_claim(), 0..8)
                .prop_flat_map(|claims| (Just(claims.clone()), Just(claims).prop_shuffle()))
        ) {
            prop_assert_eq!(assess(&claims), assess(&shuffled));
        }

        #[test]
        fn another_credit_never_lowers_the_confidence(
            claims in prop::collection::vec(any_claim(), 1..8),
            more in any_claim()
        ) {
            let before = assess(&claims).map_or(0.0, |assessment| assessment.confidence);
            let all: Vec<CreditClaim> = claims.into_iter().chain([more]).collect();
            let after = assess(&all).map_or(0.0, |assessment| assessment.confidence);
            prop_assert!((0.0..=0.99).contains(&after) && after >= before);
        }
    }
}
