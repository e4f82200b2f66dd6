use proptest::prelude::*;

use super::*;

fn roles(wording: &str) -> Vec<Role> {
    roles_from_wording(wording)
        .iter()
        .map(|wording| wording.role)
        .collect()
}

#[test]
fn qualifiers_decide_the_kind_of_producer() {
    for (wording, role) in [
        ("Producer", Role::Producer),
        ("PRODUCERS", Role::Producer),
        ("Produced By", Role::Producer),
        ("Production", Role::Producer),
        ("Music Producer", Role::Producer),
        ("Producer [Produced By]", Role::Producer),
        ("Producer [Uncredited]", Role::Producer),
        ("Producer [Original Production]", Role::Producer),
        ("Producer [Basic Tracks And Vocals]", Role::Producer),
        ("Producer [In Association With]", Role::Producer),
        ("Producer [Серии]", Role::Producer),
        ("Producer [Remix]", Role::Producer),
        ("Co-producer", Role::CoProducer),
        ("Co-Producer", Role::CoProducer),
        ("Coproducer", Role::CoProducer),
        ("Co-Production", Role::CoProducer),
        ("Producer [Co-Producer]", Role::CoProducer),
        ("Producer [Additional]", Role::AdditionalProducer),
        ("Producer [Addiotional]", Role::AdditionalProducer),
        ("Producer [Additional Production]", Role::AdditionalProducer),
        ("Additional Production", Role::AdditionalProducer),
        ("Additional Producer", Role::AdditionalProducer),
        ("Producer (Additional)", Role::AdditionalProducer),
        ("Assistant Producer", Role::AssistantProducer),
        ("Producer [Assistance]", Role::AssistantProducer),
        ("Producer [Assisted By]", Role::AssistantProducer),
        ("Associate Producer", Role::AssociateProducer),
        ("Producer [Associate]", Role::AssociateProducer),
        ("Vocal Producer", Role::VocalProducer),
        ("Vocal Production", Role::VocalProducer),
        ("Producer [Vocals]", Role::VocalProducer),
        ("Producer [Lead Vocals]", Role::VocalProducer),
        ("Executive-Producer", Role::ExecutiveProducer),
        ("Executive producer", Role::ExecutiveProducer),
        ("Exec. Producer", Role::ExecutiveProducer),
        ("Executive-Producer [For MCA]", Role::ExecutiveProducer),
        ("Producer [Co-Executive Producer]", Role::ExecutiveProducer),
        ("Co-Executive Producer", Role::ExecutiveProducer),
    ] {
        assert_eq!(roles(wording), [role], "{wording}");
    }
}

#[test]
fn other_kinds_of_production_are_not_music_production() {
    for wording in [
        "Video Producer",
        "Film Producer",
        "Post Production",
        "Post-Production",
        "Producer [Post Production]",
        "Producer [Video]",
        "Producer [DVD]",
        "Production Coordinator",
        "Coordinator [Production Coordinator]",
        "Coordinator [Production]",
        "Production Manager",
        "Producer [Production Manager]",
        "Product Manager",
        "Reissue Producer",
        "Producer [Reissue]",
        "Compilation Producer",
        "Producer [Compilation Producer]",
        "Producer [Packaging]",
        "Artwork By [Production]",
        "Artwork By [Design Production & Graphics]",
        "Line Producer",
        "Stage Producer",
        "Publisher",
        "Label",
        "Phonographic Copyright ℗",
        "Copyright ©",
        "Introducer",
        "",
        " , ",
        "[Producer]",
        "Исполнитель",
    ] {
        assert!(
            roles(wording).iter().all(|role| *role == Role::Other),
            "{wording}: {:?}",
            roles(wording)
        );
    }
    assert_eq!(roles(""), []);
}

#[test]
fn a_list_is_split_outside_brackets() {
    for (wording, expected) in [
        (
            "Written-By, Producer [Additional], Mixed By",
            &[Role::Writer, Role::AdditionalProducer, Role::Mixer][..],
        ),
        (
            "Remix [Credited To], Producer [Addiotional]",
            &[Role::Remixer, Role::AdditionalProducer],
        ),
        (
            "Composed By, Producer, Mixed By, [35 mm] Photography By",
            &[Role::Writer, Role::Producer, Role::Mixer, Role::Other],
        ),
        (
            "Executive Producer, Film Director [Video]",
            &[Role::ExecutiveProducer, Role::Other],
        ),
        (
            "Photography By [Front, Back], Producer",
            &[Role::Other, Role::Producer],
        ),
        (
            "Producer, Producer [Additional]",
            &[Role::Producer, Role::AdditionalProducer],
        ),
        ("Mixed & Mastered By", &[Role::Mixer, Role::Engineer]),
        ("Written and Produced By", &[Role::Writer, Role::Producer]),
        ("Producer/Engineer", &[Role::Producer, Role::Engineer]),
        ("Producer; Mixer", &[Role::Producer, Role::Mixer]),
        ("A&R [Assisted By]", &[Role::Other]),
    ] {
        assert_eq!(roles(wording), expected, "{wording}");
    }
}

#[test]
fn other_roles_are_recognised_and_unknown_wordings_are_preserved() {
    for (wording, role) in [
        ("Remix", Role::Remixer),
        ("Additional Remix", Role::Remixer),
        ("Remix [Additional]", Role::Remixer),
        ("Mixing Engineer", Role::Engineer),
        ("Mixed By [Surround]", Role::Mixer),
        ("Recorded By", Role::Engineer),
        ("Lacquer Cut By", Role::Engineer),
        ("Assistant Engineer", Role::Engineer),
        ("Arranged By [Strings]", Role::Arranger),
        ("Vocal Arranger", Role::Arranger),
        ("Drum Programming", Role::Programmer),
        ("Lyrics By", Role::Writer),
        ("Backing Vocals", Role::Performer),
        ("Bass Guitar", Role::Performer),
        ("Liner Notes", Role::Other),
    ] {
        assert_eq!(roles(wording), [role], "{wording}");
    }
    let wordings = roles_from_wording(" Producer , Tea, Sympathy [And, Advice] ");
    let texts: Vec<&str> = wordings.iter().map(|wording| wording.text).collect();
    assert_eq!(texts, ["Producer", "Tea", "Sympathy [And, Advice]"]);
}

#[test]
fn unbalanced_brackets_end_with_the_wording() {
    for (wording, expected) in [
        ("Producer [Additional, Mixed By", &[Role::AdditionalProducer][..]),
        ("Producer], Mixed By", &[Role::Producer, Role::Mixer]),
        ("Producer [[Additional], Mixed By", &[Role::AdditionalProducer]),
        ("]]], Producer", &[Role::Other, Role::Producer]),
    ] {
        assert_eq!(roles(wording), expected, "{wording}");
    }
}

proptest! {
    #[test]
    fn every_wording_is_preserved(wording in any::<String>()) {
        for item in roles_from_wording(&wording) {
            prop_assert!(!item.text.is_empty() && wording.contains(item.text));
        }
    }

    #[test]
    fn wordings_without_the_letter_p_are_not_production(wording in "[A-OQ-Za-oq-z ,\\[\\]]{0,40}") {
        prop_assert!(roles(&wording).iter().all(|role| !role.is_music_production()));
    }
}
