//! From what sources claim about one track and one person to how sure it is that the person produced it.
//! Which claims hold for a track, and what a person has overruled, is settled before; storing the verdict stays out.
//!
//! The figures are priors: judgements of how the sources work, not measured. Measuring one needs a sample of credits whose truth is
//! known from elsewhere, and there is none at hand: of the labelled development data the credits of Discogs and the number ones with
//! their producers share two records (both name the same people), those of MusicBrainz and Genius none, and the award entries are no
//! source of ours. A figure from two records would only look like a measurement. A claim weighs
//! `source and level × wording × way of matching × match score`. Where a prior comes from stands beside it: MusicBrainz' edits
//! are voted on and its relations belong to recordings; Discogs' credits are copied from sleeves, mostly for a whole release
//! (<https://support.discogs.com/hc/articles/360005054753>); Genius lets anyone edit and calls beat makers producers.
//!
//! | source | said of the track | of a range of tracks | of the album |
//! | --- | --- | --- | --- |
//! | MusicBrainz | 0.95 | 0.90 | 0.60: may be who produced a reissue, or a design studio |
//! | Discogs | 0.90 | 0.85 | 0.75: the usual way to credit there, but remixes and bonus tracks hide under it |
//! | Genius | 0.85 | 0.75 | 0.50: anyone may edit, beat makers and producers are not kept apart |
//! | Spotify, Wikidata | 0.80 | 0.70 | 0.50 |
//! | Instagram | 0.50 | 0.40 | 0.30: what somebody says of themselves |
//!
//! | wording | factor |
//! | --- | --- |
//! | producer, co-producer | 1 |
//! | additional producer, vocal producer | 0.95 |
//! | assistant producer, associate producer | 0.90 |
//!
//! | matched by | factor |
//! | --- | --- |
//! | row of our own, stated link, barcode, ISRC, a person | 1 |
//! | search with a checked answer | 0.85 |
//!
//! A claim made by hand weighs 0.99, whatever else it says. Of one source only the strongest claim counts, since its others are likely
//! copies of it. Sources are taken as independent and combined by noisy-or: `1 - Π(1 - weight)`, at most 0.99. That one source
//! names others than another does lowers nothing, as sources are incomplete far more often than wrong: both stay, and
//! [`agreement`] says so. A credit of a range of tracks that nobody could resolve counts for none of them.

use std::collections::BTreeSet;

use crate::domain::credits::{MatchMethod, Role, Source};
use crate::domain::ids::ProducerId;
use crate::domain::text_enums::text_enum;

/// Nothing is surer than this.
const SUREST: f64 = 0.99;

/// What a source says it of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimLevel {
    /// This track by itself.
    Track,
    /// Some tracks of the album, this one among them.
    Range,
    /// The whole album.
    Album,
}

/// What one source says of one person's part in one track, and how sure it is that it is this track it speaks of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreditClaim {
    /// Who says it.
    pub source: Source,
    /// The part the person had.
    pub role: Role,
    /// What it is said of.
    pub level: ClaimLevel,
    /// How the track or album was recognised in the source.
    pub matched_by: MatchMethod,
    /// How well it matched, 0 to 1; what is outside counts as the nearer end, no number as 0.
    pub match_score: f32,
}

/// What the claims about one person and one track add up to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Assessment {
    /// How sure it is that the person produced the track, 0 to 0.99.
    pub confidence: f32,
    /// The source whose own claim weighs most; of equals the first of [`Source::ALL`].
    pub source: Source,
    /// The strongest role that any claim of music production gives.
    pub role: Role,
}

text_enum! {
    /// Whether the sources that name producers of a track name the same ones.
    Agreement {
        /// No source names any.
        None = "none",
        /// One source does: nobody confirms it.
        Single = "single",
        /// All name the same ones.
        Agree = "agree",
        /// Every two name somebody in common, and some name more.
        Overlap = "overlap",
        /// Two name nobody in common: at least one of them is wrong or knows half.
        Contradict = "contradict",
    }
}

/// How the producers that each source names go together.
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
        .flat_map(|(at, one)| named[at + 1..].iter().map(move |other| (one, other)));
    if pairs.into_iter().any(|(one, other)| one.is_disjoint(other)) {
        Agreement::Contradict
    } else if others.iter().all(|other| other == first) {
        Agreement::Agree
    } else {
        Agreement::Overlap
    }
}

/// Weighs the claims of one track and one person. None where no claim is of music production. The order of claims does not matter.
#[must_use]
pub fn assess(claims: &[CreditClaim]) -> Option<Assessment> {
    let claims = || claims.iter().filter(|claim| claim.role.is_music_production());
    let role = claims().map(|claim| claim.role).min()?;
    let mut doubt = 1.0;
    let mut strongest: Option<(Source, f64)> = None;
    for &source in Source::ALL {
        let own = claims().filter(|claim| claim.source == source).map(weight);
        let Some(weight) = own.max_by(f64::total_cmp) else {
            continue;
        };
        doubt *= 1.0 - weight;
        if strongest.is_none_or(|(_, most)| weight > most) {
            strongest = Some((source, weight));
        }
    }
    let (source, _) = strongest?;
    let confidence = (1.0 - doubt).min(SUREST) as f32;
    Some(Assessment {
        confidence,
        source,
        role,
    })
}

fn weight(claim: &CreditClaim) -> f64 {
    if claim.source == Source::Manual {
        return SUREST;
    }
    let score = f64::from(claim.match_score);
    let score = if score.is_nan() {
        0.0
    } else {
        score.clamp(0.0, 1.0)
    };
    of_source(claim.source, claim.level) * of_wording(claim.role) * of_matching(claim.matched_by) * score
}

fn of_source(source: Source, level: ClaimLevel) -> f64 {
    let (track, range, album) = match source {
        Source::MusicBrainz => (0.95, 0.90, 0.60),
        Source::Discogs => (0.90, 0.85, 0.75),
        Source::Genius => (0.85, 0.75, 0.50),
        Source::Spotify | Source::Wikidata => (0.80, 0.70, 0.50),
        Source::Instagram => (0.50, 0.40, 0.30),
        Source::Manual => (SUREST, SUREST, SUREST),
    };
    match level {
        ClaimLevel::Track => track,
        ClaimLevel::Range => range,
        ClaimLevel::Album => album,
    }
}

fn of_wording(role: Role) -> f64 {
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

fn of_matching(method: MatchMethod) -> f64 {
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
        assess(claims).expect("a claim of production").confidence
    }

    const RECORDING: CreditClaim = CreditClaim {
        source: Source::MusicBrainz,
        role: Role::Producer,
        level: ClaimLevel::Track,
        matched_by: MatchMethod::Barcode,
        match_score: 1.0,
    };

    #[test]
    fn a_single_claim_weighs_what_the_tables_say() {
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
    fn roles_that_make_no_producer_count_for_nothing() {
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
    fn sources_add_up_but_one_source_does_not_add_to_itself() {
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
        let both = assess(&[album, genius]).expect("claims of production");
        assert!((both.confidence - 0.8).abs() < 1e-6);
        assert_eq!(both.source, Source::MusicBrainz);
        let discogs = CreditClaim {
            source: Source::Discogs,
            ..RECORDING
        };
        assert_eq!(confidence(&[RECORDING, discogs]), 0.99);
    }

    #[test]
    fn the_strongest_source_and_role_are_told() {
        let assistant = CreditClaim {
            role: Role::AssistantProducer,
            ..RECORDING
        };
        let weak = CreditClaim {
            source: Source::Genius,
            matched_by: MatchMethod::Search,
            ..RECORDING
        };
        let verdict = assess(&[weak, assistant]).expect("claims of production");
        assert_eq!(
            (verdict.source, verdict.role),
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
            assess(&[wikidata, spotify]).expect("claims of production").source,
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
        fn the_order_of_claims_does_not_matter(
            (claims, shuffled) in prop::collection::vec(any_claim(), 0..8)
                .prop_flat_map(|claims| (Just(claims.clone()), Just(claims).prop_shuffle()))
        ) {
            prop_assert_eq!(assess(&claims), assess(&shuffled));
        }

        #[test]
        fn another_claim_never_makes_it_less_sure(claims in prop::collection::vec(any_claim(), 1..8), more in any_claim()) {
            let before = assess(&claims).map_or(0.0, |verdict| verdict.confidence);
            let all: Vec<CreditClaim> = claims.into_iter().chain([more]).collect();
            let after = assess(&all).map_or(0.0, |verdict| verdict.confidence);
            prop_assert!((0.0..=0.99).contains(&after) && after >= before);
        }
    }
}
