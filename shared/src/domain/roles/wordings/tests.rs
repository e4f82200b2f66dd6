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
fn producers_are_recognised_in_several_languages() {
    for (wording, role) in [
        ("Produtora Musical", Role::Producer),
        ("Producción Artística", Role::Producer),
        ("Produzione Artistica", Role::Producer),
        ("Produit Par", Role::Producer),
        ("Réalisé Par", Role::Producer),
        ("Musikproduzent", Role::Producer),
        ("Producent Muzyczny", Role::Producer),
        ("Hudební Producent", Role::Producer),
        ("Geproduceerd Door", Role::Producer),
        ("Producerad Av", Role::Producer),
        ("Музыкальный Продюсер", Role::Producer),
        ("Саунд-продюсер", Role::Producer),
        ("Producer [Produttore Artistico]", Role::Producer),
        ("Producer [Künstlerische Leitung]", Role::Producer),
        ("Coproduttore", Role::CoProducer),
        ("Koproducent", Role::CoProducer),
        ("Producer [Ko-Produktion]", Role::CoProducer),
        ("Producer [Сопродюсер]", Role::CoProducer),
        ("Producer [Produzione Aggiuntiva]", Role::AdditionalProducer),
        ("Producer [Production Additionnelle]", Role::AdditionalProducer),
        ("Producer [Dodatkowa Produkcja]", Role::AdditionalProducer),
        ("Producer [Дополнительный Продюсер]", Role::AdditionalProducer),
        ("Produktionsassistent", Role::AssistantProducer),
        ("Producer [Assistente De Produção]", Role::AssistantProducer),
        ("Produtor Associado", Role::AssociateProducer),
        ("Gesangsproduktion", Role::VocalProducer),
        ("Produção Vocal", Role::VocalProducer),
        ("Produtora Executiva", Role::ExecutiveProducer),
        ("Producer [Productrice Exécutive]", Role::ExecutiveProducer),
        ("Producer [Uitvoerend Producent]", Role::ExecutiveProducer),
        ("Producer [Ausführende Produktion]", Role::ExecutiveProducer),
        ("Producer [Výkonný Producent]", Role::ExecutiveProducer),
        ("Producer [Виконавчий Продюсер]", Role::ExecutiveProducer),
        ("Producer [Генеральный Продюсер]", Role::ExecutiveProducer),
        ("Productor Ejecutivo Adicional", Role::ExecutiveProducer),
    ] {
        assert_eq!(roles(wording), [role], "{wording}");
    }
}

#[test]
fn producers_of_what_has_sound_are_producers() {
    for (wording, role) in [
        ("Sound Producer", Role::Producer),
        ("Beats Produced By", Role::Producer),
        ("String Production", Role::Other),
        ("Strings Producer", Role::Producer),
        ("Executive Session Producer", Role::ExecutiveProducer),
        ("Producer [Live Recordings]", Role::Producer),
        ("Producer [Guitars & Drums]", Role::Producer),
        ("Add. Prod.", Role::AdditionalProducer),
        ("Assoc. Prod. By", Role::AssociateProducer),
        ("Producer [Additional Vocal Production]", Role::AdditionalProducer),
    ] {
        assert_eq!(roles(wording), [role], "{wording}");
    }
}

#[test]
fn an_unknown_word_in_a_bracket_gives_less_certainty() {
    for wording in [
        "Producer",
        "Producer [Additional Production By]",
        "Producer [Productor Ejecutivo]",
        "Producer [Drums]",
        "Producer [Tracks 1-4]",
        "Mixed By [Somebody]",
    ] {
        assert!((certainty(wording) - 1.0).abs() < f32::EPSILON, "{wording}");
    }
    for wording in [
        "Producer [For MCA]",
        "Co-producer [Bauri]",
        "Producer [Produced By Nobody]",
    ] {
        assert_eq!(
            roles(wording)
                .iter()
                .filter(|role| role.is_music_production())
                .count(),
            1
        );
        assert!(certainty(wording) < 1.0, "{wording}");
    }
    assert_eq!(unknown_words("Producer [For MCA, Bauri]"), ["mca", "bauri"]);
    assert_eq!(unknown_words("Bass [Fretless]"), Vec::<String>::new());
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
        "Producer [Project]",
        "Producer [For Release]",
        "Producer [Original Soundtrack]",
        "Producer [Banda Sonora]",
        "Producer [Серии]",
        "Producer [Series Producer]",
        "Producer [Продюсер Проекта]",
        "Producer [Reedição]",
        "Producer [Re-Issue]",
        "Producer [Ristampa]",
        "Producer [Recopilación]",
        "Producer [Wiederveröffentlichung]",
        "Producer [Projektleitung]",
        "Producer [A&R]",
        "Producer [Label Manager]",
        "Producer [Mixed By]",
        "Producer [Recording Engineer]",
        "Producer [Productor Fonográfico]",
        "Producteur Phonographique",
        "Producer [Direction De Production]",
        "Producer [Directora De Producción]",
        "Producer [Produktionsleiterin]",
        "Producer [Kierownik Produkcji]",
        "Producer [Координатор]",
        "Coordinamento Produzione",
        "Chef De Produit",
        "Produzione Video",
        "Filmproduzent",
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
        ("Produced And Mixed By", &[Role::Producer, Role::Mixer]),
        ("Arranged AND Co-Produced By", &[Role::Arranger, Role::CoProducer]),
        ("Produziert und abgemischt von", &[Role::Producer, Role::Other]),
        ("Producido y Arreglado Por", &[Role::Producer, Role::Other]),
        ("Produzido e Gravado Por", &[Role::Producer, Role::Other]),
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
    fn wordings_without_the_letters_p_and_r_are_not_production(wording in "[A-OQS-Za-oqs-z ,\\[\\]]{0,40}") {
        prop_assert!(roles(&wording).iter().all(|role| !role.is_music_production()));
    }
}
