//! Folded words that may stand beside the terms of versions, or that give them another meaning. The terms are
//! in `terms`.

use std::sync::LazyLock;

use foldhash::HashSet;

use super::terms;
use super::words::Word;

/// Words that may stand beside terms and do not change the kind.
static FILLERS: WordSet = LazyLock::new(|| {
    set(
        "the, a, and, with, no, non, re, mixed, de, la, en, official, main, full, length, directors, track, \
         tracks, bbc, mtv, tv, tour, recording, recorded, broadcast, digital, digitally, hd, hq, hi, res, \
         bit, khz, inch, cd, dvd, vinyl, early, late, rough, first, second, third, new, old, final, revised, \
         vocal, vocals, rap, intro, outro, back, down, up, sped, super, ultra, reverb, solo, duet, band, \
         piano, guitar, string, strings, orchestral, symphonic, electric, analog, naked, anniversary, \
         special, limited, rare, unreleased, studio, tiktok, radio, popular, standard, lead, take, takes, \
         international, us, uk, usa",
    )
});

/// Styles after which mixes are named.
static STYLES: WordSet = LazyLock::new(|| {
    set(
        "club, dance, house, deep, big, techno, tech, trance, edm, dubstep, trap, drill, garage, latin, \
         latino, salsa, bachata, merengue, reggaeton, cumbia, banda, disco, acid, grind, electro, \
         electronic, ambient, chill, chillout, lounge, lofi, lo, fi, rock, pop, jazz, funk, soul, metal, \
         hardcore, hardstyle, jungle, drum, bass, summer, winter, christmas, party, festival, workout, mega, \
         room, street, underground",
    )
});

/// Words that mark a separate piece.
static PIECES: WordSet = LazyLock::new(|| {
    set(
        "interlude, interludio, intro, introduction, outro, skit, skits, reprise, prelude, preludio, \
         overture, ouverture, prologue, epilogue, intermission, commentary, comentario, comentarios, \
         commentaire, kommentar, continued, cont, speech, monologue, dialogue, medley",
    )
});

/// Words that introduce featured artists, with or without a bracket.
pub(super) const FEATURING: [&str; 3] = ["feat", "ft", "featuring"];

/// Words that make a sentence of a term at the end, or of a clause after "with".
static SENTENCE_WORDS: WordSet = LazyLock::new(|| {
    set(
        "i, you, u, ya, he, she, it, we, they, me, him, her, us, them, my, your, our, his, their, the, a, \
         an, this, that, these, to, and, or, for, of, no, not, under, how, where, who, what, when, why, \
         long, let, must, can, will, dont, cant, all, every, without, love, out, at, take",
    )
});

/// Whether a single word is about versions, mixes or dates, and cannot be a person's name.
pub(super) fn is_technical(word: &str) -> bool {
    terms::terms_at(word).iter().any(|term| term.words.len() == 1)
        || FILLERS.contains(word)
        || is_style(word)
        || is_date_word(word)
}

pub(super) fn is_style(word: &str) -> bool {
    STYLES.contains(word)
}

pub(super) fn is_piece(word: &str) -> bool {
    PIECES.contains(word)
}

/// Whether the word begins the name of a movement: "Allegro con brio", "Scherzo".
pub(super) fn is_tempo(word: &str) -> bool {
    static WORDS: WordSet = LazyLock::new(|| {
        set(
            "allegro, allegretto, andante, andantino, adagio, adagietto, largo, larghetto, lento, presto, \
             prestissimo, vivace, moderato, grave, maestoso, scherzo, menuet, menuett, menuetto, minuet, \
             minuetto, rondo, finale, cadenza, langsam, lebhaft, massig, schnell, bewegt, vif, lent, modere, \
             tempo",
        )
    });
    WORDS.contains(word)
}

/// Whether a number before this word counts years or events: "XXV Aniversario", "VI Festival".
pub(super) fn counts_years(word: &str) -> bool {
    static WORDS: WordSet = LazyLock::new(|| {
        set(
            "anniversary, aniversario, anniversario, anniversaire, jubilaum, anos, anni, ans, years, \
             festival, edicion, edizione, edicao, edition, concurso, congreso",
        )
    });
    WORDS.contains(word)
}

/// Whether the word is a month of another language than English, perhaps behind "de".
pub(super) fn is_foreign_month(word: &str) -> bool {
    static WORDS: WordSet = LazyLock::new(|| {
        set(
            "januar, februar, marz, mai, juni, juli, oktober, dezember, janvier, fevrier, mars, avril, \
             juin, juillet, aout, septembre, octobre, novembre, decembre, enero, febrero, marzo, abril, \
             mayo, junio, julio, agosto, septiembre, setiembre, octubre, noviembre, diciembre, gennaio, \
             febbraio, aprile, maggio, giugno, luglio, settembre, ottobre, dicembre, janeiro, fevereiro, \
             marco, maio, junho, julho, setembro, outubro, novembro, dezembro, января, февраля, марта, \
             апреля, мая, июня, июля, августа, сентября, октября, ноября, декабря",
        )
    });
    WORDS.contains(word)
}

/// Whether the word denotes a hall where music is played.
pub(super) fn is_hall(word: &str) -> bool {
    static WORDS: WordSet = LazyLock::new(|| {
        set(
            "stadium, stadion, estadio, stade, stadio, arena, hall, halle, theatre, theater, teatro, \
             auditorium, auditorio, amphitheatre, amphitheater, coliseum, coliseo, colosseum, ballroom, \
             fillmore, wembley, rockpalast, budokan, philharmonie, cathedral",
        )
    });
    WORDS.contains(word)
}

/// Whether the word denotes a place or an occasion of music, but also other things.
pub(super) fn is_venue(word: &str) -> bool {
    static WORDS: WordSet = LazyLock::new(|| {
        set(
            "forum, palais, palacio, palace, palladium, olympia, garden, gardens, festival, fest, club, \
             dome, bowl, pavilion, casino, church, university, studio, studios, roundhouse, tour, gira, \
             tournee, gig, gigs, concert",
        )
    });
    WORDS.contains(word)
}

/// Whether a place follows this word after "live": "Live at", "Live aus".
pub(super) fn precedes_place(word: &str) -> bool {
    static WORDS: WordSet = LazyLock::new(|| {
        set("at, from, in, on, im, aus, auf, bei, au, aux, en, desde, dal, dalla, fra, uit")
    });
    WORDS.contains(word)
}

/// Whether the word denotes a performance after "live": "Live Session in Berlin".
pub(super) fn is_performance(word: &str) -> bool {
    static WORDS: WordSet = LazyLock::new(|| {
        set("bbc, mtv, tour, recording, session, sessions, performance, video, take, medley, version, ver")
    });
    WORDS.contains(word)
}

pub(super) fn is_ensemble(word: &str) -> bool {
    static WORDS: WordSet =
        LazyLock::new(|| set("orchestra, orchester, symphony, philharmonic, band, choir, unplugged"));
    WORDS.contains(word)
}

/// Whether "live" is a verb beside this word.
pub(super) fn makes_live_a_verb(word: &str) -> bool {
    static WORDS: WordSet =
        LazyLock::new(|| set("i, you, we, they, to, how, where, let, us, people, or, can, will, long"));
    WORDS.contains(word)
}

/// Whether the word denotes a version that belongs to a person ("Kasbo Remix").
pub(super) fn is_owned_version(word: &str) -> bool {
    static WORDS: WordSet = LazyLock::new(|| {
        set(
            "remix, remixes, rmx, remixed, mix, mixes, edit, rework, reworked, refix, dub, vip, flip, \
             bootleg, mashup, remezcla, ремикс, version, ver",
        )
    });
    WORDS.contains(word)
}

pub(super) fn makes_sentence(word: &str) -> bool {
    SENTENCE_WORDS.contains(word)
}

/// Whether a year after this word is part of the name: "Summer 1999", "Class of 1984", "Since 1971".
pub(super) fn precedes_year(word: &str) -> bool {
    static WORDS: WordSet = LazyLock::new(|| {
        set(
            "in, from, since, till, until, by, before, after, circa, about, like, its, class, year, years, \
             anno, season, spring, summer, autumn, fall, winter, christmas, xmas, eve, en, de, del, ano, \
             verano, im, sommer, jahr, ete, annee, freestyle, cypher, track, no",
        )
    });
    WORDS.contains(word)
}

/// Digits, also with a suffix: 2011, 5th, 24bit.
pub(super) fn is_number(word: &str) -> bool {
    let ending = word.trim_start_matches(|c: char| c.is_numeric());
    ending.len() < word.len()
        && matches!(
            ending,
            "" | "st" | "nd" | "rd" | "th" | "s" | "bit" | "khz" | "inch"
        )
}

/// A clause without the numbers and dates at its end.
pub(super) fn without_numbers(clause: &[Word]) -> &[Word] {
    let len = clause
        .iter()
        .rposition(|word| !is_date_word(&word.folded))
        .map_or(0, |last| last + 1);
    &clause[..len]
}

/// Numbers, months and days of the week, in English, also abbreviated.
pub(super) fn is_date_word(word: &str) -> bool {
    static NAMES: WordSet = LazyLock::new(|| {
        set(
            "january, february, march, april, may, june, july, august, september, october, november, \
             december, jan, feb, mar, apr, jun, jul, aug, sep, sept, oct, nov, dec, monday, tuesday, \
             wednesday, thursday, friday, saturday, sunday",
        )
    });
    is_number(word) || NAMES.contains(word)
}

pub(super) type WordSet = LazyLock<HashSet<&'static str>>;

pub(super) fn set(list: &'static str) -> HashSet<&'static str> {
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
        for word in [&FILLERS, &STYLES, &PIECES, &SENTENCE_WORDS]
            .into_iter()
            .flat_map(|list| list.iter())
        {
            assert_eq!(crate::domain::names::fold(word), *word);
        }
    }
}
