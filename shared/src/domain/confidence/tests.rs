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
    // These two copy from each other, so the weaker one counts less: 1 - 0.05 * 0.1^0.5.
    assert!((confidence(&[RECORDING, discogs]) - 0.984_188_6).abs() < 1e-6);
    assert!(
        (confidence(&[album, discogs]) - 0.936_754_4).abs() < 1e-6,
        "1 - 0.1 * 0.4^0.5"
    );
    assert_eq!(confidence(&[RECORDING, discogs, genius]), 0.99);
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
