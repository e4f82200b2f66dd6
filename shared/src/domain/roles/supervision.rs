//! Decides which wordings name the supervisor of a recording. Until the middle of the 1970s, sleeves called
//! the producer of a recording its supervisor; whether a record is early enough is decided elsewhere.
//!
//! A supervisor of something else made no music: of the music of a film, of artwork, of a project, of
//! mastering. An unknown word therefore makes no supervisor of a recording.

use super::words::{self, WordMeaning};
use crate::domain::credits::Role;

/// The role that a wording of supervision names: [`Role::Supervisor`], or [`Role::Other`] if it is about
/// something else than the recording. `None` for other wordings. `head` has the folded words before the
/// brackets, `bracket` those inside.
pub(super) fn role_of(head: &[String], bracket: &[String]) -> Option<Role> {
    // "Other [Recording Supervision]"
    let is_bracket_the_role = matches!(head, [word] if word == "other");
    let (named, about): (&[String], &[String]) = if is_bracket_the_role {
        (bracket, &[])
    } else {
        (head, bracket)
    };
    if !has(named, WordMeaning::Supervision) {
        return None;
    }
    let all = [named, about].concat();
    let is_about_recording = has(&all, WordMeaning::Recording);
    let is_fitting = |word: &String| match words::meaning(word) {
        Some(
            WordMeaning::Supervision
            | WordMeaning::Recording
            | WordMeaning::Production
            | WordMeaning::Kind(Role::CoProducer),
        ) => true,
        // "Music Supervisor" is a job at films.
        Some(WordMeaning::Filler) => !matches!(word.as_str(), "music" | "musical"),
        // "Supervisor [Recording Director]"
        Some(WordMeaning::Direction) => is_about_recording,
        Some(_) => false,
        None => MANNERS.contains(&word.as_str()),
    };
    Some(if all.iter().all(is_fitting) {
        Role::Supervisor
    } else {
        Role::Other
    })
}

fn has(words: &[String], meaning: WordMeaning) -> bool {
    words.iter().any(|word| words::meaning(word) == Some(meaning))
}

/// Words for how somebody supervised.
const MANNERS: &[&str] = &[
    "under",
    "personal",
    "personally",
    "general",
    "overall",
    "artistic",
    "direct",
    "entire",
];

#[cfg(test)]
mod tests {
    use crate::domain::credits::Role;
    use crate::domain::roles::roles_from_wording;

    fn role(wording: &str) -> Role {
        let roles = roles_from_wording(wording);
        assert_eq!(roles.len(), 1, "{wording}");
        roles[0].role
    }

    #[test]
    fn a_supervisor_of_the_recording_is_recognised_in_several_languages() {
        for wording in [
            "Supervised By",
            "Supervisor",
            "Supervision",
            "Recording Supervision",
            "Recording Supervisor",
            "Supervisor [Recording]",
            "Supervised By [Recording Supervised By]",
            "Supervised By [Original Session]",
            "Supervised By [Album]",
            "Recording Supervisor [Recording Director]",
            "Session Supervisor",
            "Production Supervised By",
            "Personally Supervised By",
            "Co-Supervised By",
            "Under The Supervision Of",
            "Other [Recording Supervisor]",
            "Supervisado Por",
            "Supervisión De Grabación",
            "Supervisão",
            "Supervisé Par",
            "Supervision De L'enregistrement",
            "Supervisione Di Registrazione",
            "Aufnahmeleitung",
            "Recording Supervisor [Aufnahmeleiter]",
            "Opnameleiding",
            "Inspelningsledare",
            "Nadzór Nagrania",
            "Супервайзер Записи",
        ] {
            assert_eq!(role(wording), Role::Supervisor, "{wording}");
        }
    }

    #[test]
    fn a_supervisor_of_something_else_is_none() {
        for wording in [
            "Music Supervisor",
            "Musical Supervision",
            "Supervised By [Music]",
            "Supervised By [Film Music]",
            "Supervisor [Music Supervisor]",
            "Supervised By [Artwork]",
            "Art Supervision",
            "Design Supervisor",
            "Supervised By [Project]",
            "Project Supervisor",
            "Supervised By [Mastering]",
            "Supervised By [Remastering]",
            "Supervised By [Reissue]",
            "Mixing Supervisor",
            "Supervised By [Editor]",
            "Supervised By [Compilation]",
            "Executive Supervisor",
            "Assistant Supervisor",
            "Vocal Supervisor",
            "Backing Vocals Supervisor",
            "Technical Supervisor",
            "Script Supervisor",
            "Sound Supervisor",
            "Supervisione Musicale",
            "Superviseur Musical",
            "Other [Backing Vocals Supervisor]",
        ] {
            assert_eq!(role(wording), Role::Other, "{wording}");
        }
    }

    #[test]
    fn a_wording_of_production_stays_production() {
        for (wording, expected) in [
            ("Producer [Supervision]", Role::Producer),
            ("Producer [Artistic Supervision]", Role::Producer),
            ("Executive Producer [Supervision]", Role::ExecutiveProducer),
            ("Engineer [Supervision]", Role::Engineer),
        ] {
            assert_eq!(role(wording), expected, "{wording}");
        }
        let both: Vec<Role> = roles_from_wording("Produced And Supervised By")
            .iter()
            .map(|wording| wording.role)
            .collect();
        assert_eq!(both, [Role::Producer, Role::Supervisor]);
    }
}
