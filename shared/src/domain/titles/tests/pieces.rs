//! Numbered pieces: one piece has one key in every spelling, and two pieces have two, also behind a version.

use super::{VersionKind, key, kind};

#[test]
fn part_numbers_are_alike_in_every_form() {
    for (a, b) in [
        ("River (Pts. 2-4)", "River, Parts II to IV"),
        ("River (Pts. 2–4)", "River - Parts Two Through Four"),
        ("River (Parts 2, 3 & 4)", "River (Pts. 2-4)"),
        ("River (Teile 1 bis 3)", "River (Teil I-III)"),
        ("River (Partes 1 y 2)", "River, Partes I-II"),
        ("River (Parties 1 à 3)", "River (Parties I-III)"),
        ("River (Часть 1)", "River, часть первая"),
        ("River (Part XIV)", "River Pt. 14"),
        ("River (Part Twenty-One)", "River (Part 21)"),
        ("River (Part 3 of 4)", "River, Pt. III"),
        ("River, Volumes 1 & 2", "River (Vol. I-II)"),
        ("River: Kapitel 2", "River (Kapitel Zwei)"),
        ("Mass: Second Movement", "Mass (Movement 2)"),
        ("Mass: 1er mouvement", "Mass - Mouvement I"),
        ("Opera - Zweiter Akt", "Opera, Akt II"),
        ("Opera - Atto primo", "Opera: Atto I"),
        ("River, Part 2 (Live)", "River (Live, Part Two)"),
    ] {
        assert_eq!(key(a), key(b), "{a} / {b}");
    }
    for (a, b) in [
        ("River (Pts. 1-3)", "River (Pts. 1-4)"),
        ("River (Pts. 1 & 2)", "River (Pt. 12)"),
        ("River (Parts 1 & 3)", "River (Parts 1 & 2)"),
        ("River (Part XII)", "River (Part XIII)"),
        ("River 2", "River"),
        ("Vol. 1", "Vol. 2"),
        ("Chapter Ten", "Chapter Two"),
        ("No One", "No. 1"),
        ("The Part I Play", "The Part 1 Play"),
    ] {
        assert_ne!(key(a), key(b), "{a} / {b}");
    }
}

#[test]
fn pieces_behind_a_version_are_different_songs() {
    for (title, other) in [
        (
            "Ballet (1911 Version) - Tableau 1: Square",
            "Ballet (1911 Version) - Tableau 2: Room",
        ),
        (
            "Ballet (1911 Version) - 1er tableau",
            "Ballet (1911 Version) - 2ème tableau",
        ),
        ("Oper (Live) - Erster Aufzug", "Oper (Live) - Zweiter Aufzug"),
        ("Ópera (En Vivo) - Acto II", "Ópera (En Vivo) - Acto III"),
        ("Опера (Live) - Действие 1", "Опера (Live) - Действие 2"),
        ("Theme (Live) - Variation 3", "Theme (Live) - Var. IV"),
        ("Cantata (Live) - Nr. 3 Arie", "Cantata (Live) - Nr. 4 Chor"),
        ("Messe (Live) - Nº 2", "Messe (Live) - Nº 3"),
        ("Suite (Live) - 3) Gigue", "Suite (Live) - 4) Air"),
        ("Suite (Live) - II Gigue", "Suite (Live) - III Air"),
        ("Suite (Live) - Allegro con brio", "Suite (Live) - Scherzo"),
        (
            "Suite - 1919 Version: Dance, No. 2",
            "Suite - 1919 Version: No. 3, Dance",
        ),
        ("Suite - Live: II. Gigue", "Suite - Live: III. Air"),
    ] {
        assert_ne!(key(title), key(other), "{title} / {other}");
    }
    for title in [
        "River (Live) - 1. Mai 1990",
        "River - Live - 12 July 1986",
        "River - En Vivo - XXV Aniversario",
        "River - Live - Night 2",
        "River (Live) - 24.12.1999",
        "River - Live in Rome - 3 de julio, 1999",
    ] {
        assert_eq!(key(title), "river", "{title}");
    }
    assert_eq!(
        key("Ballet - 1947 Version: Scene 3: The Room"),
        key("Ballet - Scene 3: The Room")
    );
    assert_eq!(kind("Ballet (1947 Version: Scene 3)"), Some(VersionKind::Other));
    assert_eq!(kind("River (Act 2 Live)"), Some(VersionKind::Live));
}
