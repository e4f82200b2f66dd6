//! The words that stand beside the terms of versions, or make something else of them, folded. The terms are in `terms`.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::terms;
use super::words::Word;

/// Words that stand beside terms and say nothing of the kind.
static FILLERS: Words = LazyLock::new(|| {
    set(
        "the, a, and, with, no, non, re, mixed, de, la, en, official, main, full, length, directors, track, tracks, bbc, mtv, tv, tour, recording, \
     recorded, broadcast, digital, digitally, hd, hq, hi, res, bit, khz, inch, cd, dvd, vinyl, early, late, rough, first, second, third, new, \
     old, final, revised, vocal, vocals, rap, intro, outro, back, down, up, sped, super, ultra, reverb, solo, duet, band, piano, guitar, string, \
     strings, orchestral, symphonic, electric, analog, naked, anniversary, special, limited, rare, unreleased, studio, tiktok, \
     radio, popular, standard, lead, take, takes, international, us, uk, usa",
    )
});

/// Styles that a mix is named for.
static STYLES: Words = LazyLock::new(|| {
    set(
        "club, dance, house, deep, big, techno, tech, trance, edm, dubstep, trap, drill, garage, latin, latino, salsa, bachata, merengue, \
     reggaeton, cumbia, banda, disco, acid, grind, electro, electronic, ambient, chill, chillout, lounge, lofi, lo, fi, rock, pop, jazz, funk, \
     soul, metal, hardcore, hardstyle, jungle, drum, bass, summer, winter, christmas, party, festival, workout, mega, room, street, underground",
    )
});

/// Words that make a piece of its own of what they name.
static PIECES: Words = LazyLock::new(|| {
    set(
        "interlude, interludio, intro, introduction, outro, skit, skits, reprise, prelude, preludio, overture, ouverture, prologue, epilogue, \
     intermission, commentary, comentario, comentarios, commentaire, kommentar, continued, cont, speech, monologue, dialogue, medley",
    )
});

/// Words that a number follows.
static PARTS: Words = LazyLock::new(|| {
    set(
        "part, parts, pt, pts, vol, volume, chapter, ch, episode, movement, teil, parte, partie, kapitel, часть, ч, глава",
    )
});

/// Words that begin the names of other artists, with or without a bracket.
pub(super) const FEATURING: [&str; 3] = ["feat", "ft", "featuring"];

/// Words between a verb and what it is about: before a term that stands last, or after "with", they make a sentence of it.
static SENTENCE: Words = LazyLock::new(|| {
    set(
        "i, you, u, ya, he, she, it, we, they, me, him, her, us, them, my, your, our, his, their, the, a, an, this, that, these, to, and, or, \
     for, of, no, not, under, how, where, who, what, when, why, long, let, must, can, will, dont, cant, all, every, without, love, out, at, take",
    )
});

/// Whether a word by itself says something of versions, of mixes or of time, and is nobody's name.
pub(super) fn is_technical(word: &str) -> bool {
    terms::terms_at(word).iter().any(|term| term.words.len() == 1)
        || FILLERS.contains(word)
        || is_style(word)
        || is_of_a_date(word)
}

pub(super) fn is_style(word: &str) -> bool {
    STYLES.contains(word)
}

pub(super) fn is_piece(word: &str) -> bool {
    PIECES.contains(word)
}

pub(super) fn is_part(word: &str) -> bool {
    PARTS.contains(word)
}

/// Whether a place follows a word behind "live": "Live at", "Live aus".
pub(super) fn is_before_a_place(word: &str) -> bool {
    static WORDS: Words = LazyLock::new(|| {
        set("at, from, in, on, im, aus, auf, bei, au, aux, en, desde, dal, dalla, fra, uit")
    });
    WORDS.contains(word)
}

/// What is live as such: "Live Session in Berlin".
pub(super) fn is_performance(word: &str) -> bool {
    static WORDS: Words = LazyLock::new(|| {
        set("bbc, mtv, tour, recording, session, sessions, performance, video, take, medley, version, ver")
    });
    WORDS.contains(word)
}

pub(super) fn is_ensemble(word: &str) -> bool {
    static WORDS: Words =
        LazyLock::new(|| set("orchestra, orchester, symphony, philharmonic, band, choir, unplugged"));
    WORDS.contains(word)
}

/// Words beside which "live" is what somebody does.
pub(super) fn lives(word: &str) -> bool {
    static WORDS: Words =
        LazyLock::new(|| set("i, you, we, they, to, how, where, let, us, people, or, can, will, long"));
    WORDS.contains(word)
}

/// What a version of somebody's is called.
pub(super) fn is_owned(word: &str) -> bool {
    static WORDS: Words = LazyLock::new(|| {
        set(
            "remix, remixes, rmx, remixed, mix, mixes, edit, rework, reworked, refix, dub, vip, flip, bootleg, mashup, remezcla, ремикс, version, ver",
        )
    });
    WORDS.contains(word)
}

pub(super) fn makes_a_sentence(word: &str) -> bool {
    SENTENCE.contains(word)
}

/// Words that a year belongs to behind them: "Summer 1999", "Class of 1984", "Since 1971".
pub(super) fn is_of_a_time(word: &str) -> bool {
    static WORDS: Words = LazyLock::new(|| {
        set(
            "in, from, since, till, until, by, before, after, circa, about, like, its, class, year, years, anno, season, spring, summer, autumn, fall, \
             winter, christmas, xmas, eve, en, de, del, ano, verano, im, sommer, jahr, ete, annee, freestyle, cypher, track, no",
        )
    });
    WORDS.contains(word)
}

/// Digits, also with an ending: 2011, 5th, 24bit.
pub(super) fn is_number(word: &str) -> bool {
    let ending = word.trim_start_matches(|c: char| c.is_numeric());
    ending.len() < word.len()
        && matches!(
            ending,
            "" | "st" | "nd" | "rd" | "th" | "s" | "bit" | "khz" | "inch"
        )
}

pub(super) fn is_roman(word: &str) -> bool {
    !word.is_empty() && word.len() <= 6 && word.chars().all(|c| matches!(c, 'i' | 'v' | 'x'))
}

/// A clause without the numbers and dates at its end.
pub(super) fn without_numbers(clause: &[Word]) -> &[Word] {
    let len = clause
        .iter()
        .rposition(|word| !is_of_a_date(&word.folded))
        .map_or(0, |last| last + 1);
    &clause[..len]
}

/// Months and days of the week, in English and short.
pub(super) fn is_of_a_date(word: &str) -> bool {
    static NAMES: Words = LazyLock::new(|| {
        set(
            "january, february, march, april, may, june, july, august, september, october, november, december, jan, feb, mar, apr, jun, jul, aug, \
         sep, sept, oct, nov, dec, monday, tuesday, wednesday, thursday, friday, saturday, sunday",
        )
    });
    is_number(word) || NAMES.contains(word)
}

type Words = LazyLock<HashSet<&'static str>>;

fn set(list: &'static str) -> HashSet<&'static str> {
    items(list).collect()
}

fn items(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(',').map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_folded() {
        for word in [&FILLERS, &STYLES, &PIECES, &PARTS, &SENTENCE]
            .into_iter()
            .flat_map(|list| list.iter())
        {
            assert_eq!(crate::names::fold(word), *word);
        }
    }
}
