//! Maps a source's wording for a role to our roles: MusicBrainz relations by a table, free wordings by one
//! grammar for all sources.
//!
//! The grammar reads English, the Romance and the Germanic languages, Polish, Czech, Russian and Ukrainian;
//! `words` lists the words. It decides about production as follows:
//!
//! - A word of production, alone or beside words for music, makes a producer: `Produced By`, `Prod. By`,
//!   `Produção Musical`, `Beat Producer`, `Réalisateur`.
//! - A kind of producer beside it decides the kind, of several the weakest claim: `Co-Produzent`,
//!   `Producer [Productor Ejecutivo]`.
//! - Any other word beside it makes no producer: `Line Producer`, `Radio Producer`.
//! - A bracket with a product, an owner, or work around a record makes no producer: `Producer [Project]`,
//!   `[For Release]`, `[Серии]`, `[Produtor Fonográfico]`, `[Coordenação De Produção]`.
//! - A bracket that lists only other work in the studio makes no producer: `Producer [Mixed By]`.
//! - A bracket with something that has sound leaves a producer: `Producer [Remix]`, `[Drums]`.
//! - A bracket with an unknown word leaves a producer with less confidence (see [`certainty`]):
//!   `Producer [For MCA]`, `[Bauri]`.
//! - A word of supervision makes a supervisor: `Supervised By`, `Recording Supervisor`, `Aufnahmeleitung`.
//!   With a word for something else than the recording it makes none: `Supervised By [Artwork]`.
//!
//! A bracket is less strict than the words before it, because the source itself says "Producer" there.

mod supervision;
mod wordings;
mod words;

pub use wordings::{RoleWording, certainty, roles_from_wording, unknown_words};

use crate::domain::credits::Role;

/// The MusicBrainz relations between an artist and a recording or release that concern the sound: type id,
/// name, role. They are listed at <https://musicbrainz.org/relationships/artist-recording> and
/// `/artist-release`. The id stays the same if the type is renamed. A recording's type precedes that of a
/// release. All other relations (artwork, rights, management, video) are [`Role::Other`], except a
/// miscellaneous one whose task is to supervise the recording.
#[rustfmt::skip] // A table with one line per type.
const RELATIONS: &[(&str, &str, Role)] = &[
    ("5c0ceac3-feb4-41f0-868d-dc06f6e27fc0", "producer", Role::Producer),
    ("8bf377ba-8d71-4ecc-97f2-7bb2d8a2a75f", "producer", Role::Producer),
    ("7950be4d-13a3-48e7-906b-5af562e39544", "remixer", Role::Remixer),
    ("ac6a86db-f757-4815-a07e-744428d2382b", "remixer", Role::Remixer),
    ("3e3102e1-1896-4f50-b5b2-dd9824e46efe", "mix", Role::Mixer),
    ("6cc958c0-533b-4540-a281-058fbb941890", "mix", Role::Mixer),
    ("5dcc52af-7064-4051-8d62-7d80f4c3c907", "engineer", Role::Engineer),
    ("87e922ba-872e-418a-9f41-0a63aa3c30cc", "engineer", Role::Engineer),
    ("ca8d6d99-b847-439c-b0ec-33d8a1b942bc", "audio", Role::Engineer),
    ("b04848d7-dbd9-4be0-9d8c-13df6d6e40db", "audio", Role::Engineer),
    ("0748fa55-56b5-4ad5-8ce8-15b97f82a0c2", "balance", Role::Engineer),
    ("40dff87a-e475-4aa6-b615-9935b564d756", "editor", Role::Engineer),
    ("f30c29d3-a3f1-420d-9b6c-a750fd6bc2aa", "editor", Role::Engineer),
    ("30adb2d7-dbcc-4393-9230-2098510ce3c1", "mastering", Role::Engineer),
    ("84453d28-c3e8-4864-9aae-25aa968bcf9e", "mastering", Role::Engineer),
    ("a01ee869-80a8-45ef-9447-c59e91aa7926", "recording", Role::Engineer),
    ("023a6c6d-80af-4f88-ae69-f5f6213f9bf4", "recording", Role::Engineer),
    ("0cd6aa63-c297-42ed-8725-c16d31913a98", "sound", Role::Engineer),
    ("271306ca-c77f-4fe0-94bc-dd4b87ae0205", "sound", Role::Engineer),
    ("36c50022-44e0-488d-994b-33f11d20301e", "programming", Role::Programmer),
    ("617063ad-dbb5-4877-9ba0-ba2b9198d5a7", "programming", Role::Programmer),
    ("22661fb8-cdb7-4f67-8385-b2a8be6c9f0d", "arranger", Role::Arranger),
    ("34d5334e-a4c8-4b65-a5f8-bbcc9c81d13d", "arranger", Role::Arranger),
    ("4820daa1-98d6-4f8b-aa4b-6895c5b79b27", "instrument arranger", Role::Arranger),
    ("18f159bb-44f0-4aef-b198-a4736ad9b659", "instrument arranger", Role::Arranger),
    ("38fa7405-f9a5-48cb-827a-8ac601933ba0", "orchestrator", Role::Arranger),
    ("04e1f0b6-ef40-4168-ba25-42a87729fe09", "orchestrator", Role::Arranger),
    ("8a2799e8-a7e2-41ce-a7da-b5f520687216", "vocal arranger", Role::Arranger),
    ("d7d9128d-e676-4d8f-a353-f48a55a98501", "vocal arranger", Role::Arranger),
    // MusicBrainz counts conductors among the performers.
    ("45115945-597e-4cb9-852f-4e6ba583fcc8", "chorus master", Role::Performer),
    ("b9129850-73ec-4af5-803c-1c12b97e25d2", "chorus master", Role::Performer),
    ("234670ce-5f22-4fd0-921b-ef1662695c5d", "conductor", Role::Performer),
    ("9ae9e4d0-f26b-42fb-ab5c-1149a47cf83b", "conductor", Role::Performer),
    ("59054b12-01ac-43ee-a618-285fd397e461", "instrument", Role::Performer),
    ("67555849-61e5-455b-96e3-29733f0115f5", "instrument", Role::Performer),
    ("628a9658-f54c-4142-b0c0-95f031b544da", "performer", Role::Performer),
    ("888a2320-52e4-4fe8-a8a0-7a4c8dfde167", "performer", Role::Performer),
    ("3b6616c5-88ba-4341-b4ee-81ce1e6d7ebb", "performing orchestra", Role::Performer),
    ("23a2e2e7-81ca-4865-8d05-2243848a77bf", "performing orchestra", Role::Performer),
    ("0fdbe3c6-7700-4a31-ae54-b53f06ae1cfa", "vocal", Role::Performer),
    ("eb10f8a0-0f4c-4dce-aa47-87bcb2bc42f3", "vocal", Role::Performer),
    // MusicBrainz attaches authors to works; old releases still have these relations.
    ("01ce32b0-d873-4baa-8025-714b45c0c754", "composer", Role::Writer),
    ("dd182715-ca2b-4e4b-80b1-d21742fda0dc", "librettist", Role::Writer),
    ("a2af367a-b040-46f8-af21-310f92dfe97b", "lyricist", Role::Writer),
    ("ca7a474a-a1cd-4431-9230-56a17f553090", "writer", Role::Writer),
];

/// The role of a MusicBrainz relation, by `type_id` if it is known, otherwise by the type's name. `task` is
/// the text of the attribute "task". Of several attributes, the weakest claim decides ("co" and "executive":
/// executive).
#[must_use]
pub fn role_from_relation(
    type_id: Option<&str>,
    type_name: &str,
    attributes: &[&str],
    task: Option<&str>,
) -> Role {
    let by_id = type_id.and_then(find_relation);
    let by_name = || {
        RELATIONS
            .iter()
            .find(|(_, name, _)| name.eq_ignore_ascii_case(type_name.trim()))
    };
    match by_id.or_else(by_name) {
        Some((_, _, Role::Producer)) => wordings::role_of_producer(attributes.iter().copied().chain(task)),
        Some((_, _, role)) => *role,
        None if MISCELLANEOUS
            .iter()
            .any(|name| name.eq_ignore_ascii_case(type_name.trim())) =>
        {
            let tasks = roles_from_wording(task.unwrap_or_default());
            let is_supervision = tasks.iter().any(|task| task.role == Role::Supervisor);
            if is_supervision {
                Role::Supervisor
            } else {
                Role::Other
            }
        }
        None => Role::Other,
    }
}

/// The names of the relation type for work that has no type of its own.
const MISCELLANEOUS: &[&str] = &["misc", "miscellaneous support"];

/// The name of a relation type that concerns the sound.
#[must_use]
pub fn relation_name(type_id: &str) -> Option<&'static str> {
    find_relation(type_id).map(|&(_, name, _)| name)
}

fn find_relation(type_id: &str) -> Option<&'static (&'static str, &'static str, Role)> {
    RELATIONS.iter().find(|(known, _, _)| *known == type_id)
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    const PRODUCER: &str = "5c0ceac3-feb4-41f0-868d-dc06f6e27fc0";
    const RELEASE_PRODUCER: &str = "8bf377ba-8d71-4ecc-97f2-7bb2d8a2a75f";

    #[test]
    fn attributes_decide_the_kind_of_producer() {
        for (attributes, task, role) in [
            (&[][..], None, Role::Producer),
            (&["co"], None, Role::CoProducer),
            (&["additional"], None, Role::AdditionalProducer),
            (&["assistant"], None, Role::AssistantProducer),
            (&["associate"], None, Role::AssociateProducer),
            (&["executive"], None, Role::ExecutiveProducer),
            (&["co", "executive"], None, Role::ExecutiveProducer),
            (&["executive", "additional"], None, Role::ExecutiveProducer),
            (&["additional", "co"], None, Role::AdditionalProducer),
            (&["task"], Some("vocal production"), Role::VocalProducer),
            (&["task"], Some("lead vocals"), Role::VocalProducer),
            (&["task"], Some("Vocals, co-producer"), Role::VocalProducer),
            (&["task"], Some("drums"), Role::Producer),
            (&["task"], None, Role::Producer),
            (&["task"], Some("music video"), Role::Other),
            (&["task"], Some("Reissue producer"), Role::Other),
            (&["executive", "task"], Some("compilation"), Role::Other),
            (&["an attribute of tomorrow"], None, Role::Producer),
        ] {
            for type_id in [PRODUCER, RELEASE_PRODUCER] {
                assert_eq!(
                    role_from_relation(Some(type_id), "producer", attributes, task),
                    role,
                    "{attributes:?} {task:?}"
                );
            }
        }
    }

    #[test]
    fn the_type_id_takes_precedence_over_the_name() {
        assert_eq!(
            role_from_relation(Some(PRODUCER), "renamed tomorrow", &[], None),
            Role::Producer
        );
        assert_eq!(
            role_from_relation(Some(PRODUCER), "mix", &["co"], None),
            Role::CoProducer
        );
        assert_eq!(
            role_from_relation(None, "producer", &["executive"], None),
            Role::ExecutiveProducer
        );
        assert_eq!(
            role_from_relation(Some("00000000-0000-0000-0000-000000000000"), "Mix", &[], None),
            Role::Mixer
        );
        assert_eq!(relation_name(RELEASE_PRODUCER), Some("producer"));
        assert_eq!(relation_name("producer"), None);
    }

    #[test]
    fn only_the_producer_relation_is_production() {
        for (name, role) in [
            ("mix", Role::Mixer),
            ("recording", Role::Engineer),
            ("instrument arranger", Role::Arranger),
            ("programming", Role::Programmer),
            ("remixer", Role::Remixer),
            ("vocal", Role::Performer),
            ("composer", Role::Writer),
            ("video producer", Role::Other),
            ("reissue producer", Role::Other),
            ("producer position", Role::Other),
            ("phonographic copyright", Role::Other),
            ("compiler", Role::Other),
            ("DJ-mix", Role::Other),
            ("", Role::Other),
        ] {
            // Attributes do not change a role other than production.
            assert_eq!(
                role_from_relation(None, name, &["additional", "co"], Some("vocal")),
                role,
                "{name}"
            );
        }
    }

    #[test]
    fn a_miscellaneous_task_can_be_supervision() {
        for (task, role) in [
            (Some("recording supervisor"), Role::Supervisor),
            (Some("music supervisor"), Role::Other),
            (Some("producer"), Role::Other),
            (None, Role::Other),
        ] {
            for name in ["misc", "Misc", "miscellaneous support"] {
                assert_eq!(
                    role_from_relation(None, name, &["task"], task),
                    role,
                    "{name}: {task:?}"
                );
            }
        }
    }

    #[test]
    fn each_type_id_is_listed_once_and_each_name_has_one_role() {
        let mut ids = HashSet::new();
        let mut roles = HashMap::new();
        for &(id, name, role) in RELATIONS {
            assert!(uuid::Uuid::try_parse(id).is_ok() && ids.insert(id), "{id}");
            assert_eq!(*roles.entry(name).or_insert(role), role, "{name}");
        }
    }
}
