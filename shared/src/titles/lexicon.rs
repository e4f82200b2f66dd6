//! The words that titles tell versions by, folded, in the languages that catalogs mostly use. How they are put together stays out.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::VersionKind::{self, *};

/// Where a term has to stand in a clause to tell a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Anywhere.
    Anywhere,
    /// At its end: "Kasbo Remix".
    Last,
    /// At its beginning: "Versión Salsa".
    First,
    /// Among nothing but terms, fillers, styles and numbers: "Mono", but not "Mono no Aware".
    Alone,
    /// As `Alone`, beside another term: "Album Cut", but not "Album".
    Beside,
}

/// What a term says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The kind of version.
    Kind(VersionKind),
    /// A remix where somebody or a style is named, else a mix like any other.
    Mix,
    /// A remix where somebody is named, else a cut for radio.
    Edit,
}

/// A term: words that stand together, where, and what they say.
pub(super) struct Term {
    pub(super) words: Vec<&'static str>,
    pub(super) place: Place,
    pub(super) meaning: Meaning,
}

/// The terms of one place and meaning, separated by commas.
struct Entry(Place, Meaning, &'static str);

const ENTRIES: &[Entry] = &[
    Entry(
        Place::Anywhere,
        Meaning::Kind(Remix),
        "remix, remixed, remixes, rmx, remixado, remixada, remezcla, remiks, ремикс, ремиксы, bootleg, mashup, mash up, megamix",
    ),
    Entry(
        Place::Last,
        Meaning::Kind(Remix),
        "rework, reworked, refix, dub, vip, flip, reconstruction",
    ),
    Entry(Place::Alone, Meaning::Kind(Remix), "club"),
    Entry(Place::Last, Meaning::Mix, "mix, mixes"),
    Entry(Place::Last, Meaning::Edit, "edit, edits, edicion"),
    Entry(
        Place::Anywhere,
        Meaning::Kind(Live),
        "live lounge, recorded live, live version, live recording, in concert, en vivo, en directo, en concierto, ao vivo, dal vivo, in concerto, en public, en concert, im konzert, na zywo, nazivo, uzivo, canli, eloben, концертная, концертный, вживую",
    ),
    Entry(
        Place::Last,
        Meaning::Kind(Live),
        "live, concert, performance, концерт",
    ),
    Entry(
        Place::Anywhere,
        Meaning::Kind(Acoustic),
        "acoustic, unplugged, acustico, acustica, acoustique, akustik, akustisch, akustische, akustikversion, akustisk, akustinen, akusticka, akustyczna, акустика, акустическая, акустический",
    ),
    Entry(Place::Alone, Meaning::Kind(Acoustic), "stripped"),
    Entry(
        Place::Anywhere,
        Meaning::Kind(Remaster),
        "remaster, remastered, remasters, remastering, remasterizado, remasterizada, remasterise, remasterisee, remasterisiert, remasterizzato, rimasterizzato, remastrad, remasteroitu, ремастер, ремастеринг, ремастированный",
    ),
    Entry(
        Place::Beside,
        Meaning::Kind(RadioEdit),
        "radio, single, short, airplay",
    ),
    Entry(Place::Anywhere, Meaning::Kind(RadioEdit), "tv size"),
    Entry(Place::Alone, Meaning::Kind(Extended), "extended"),
    Entry(
        Place::Beside,
        Meaning::Kind(Extended),
        "long, full length, maxi",
    ),
    Entry(
        Place::Anywhere,
        Meaning::Kind(Instrumental),
        "instrumental, instrumentals, instrumentale, instrumentalversion, off vocal, инструментал, инструментальная",
    ),
    Entry(Place::Alone, Meaning::Kind(Instrumental), "inst"),
    Entry(
        Place::Anywhere,
        Meaning::Kind(Karaoke),
        "karaoke, backing track, караоке",
    ),
    Entry(Place::Alone, Meaning::Kind(Karaoke), "playback, минус"),
    Entry(
        Place::Last,
        Meaning::Kind(Demo),
        "demo, demos, maqueta, maquette, демо, worktape, work tape, voice memo",
    ),
    Entry(Place::First, Meaning::Kind(Demo), "demo from, demo for"),
    Entry(
        Place::Anywhere,
        Meaning::Kind(Acapella),
        "acapella, acappella, accapella, a cappella, a capella",
    ),
    Entry(Place::Alone, Meaning::Kind(Mono), "mono, monaural"),
    Entry(Place::Alone, Meaning::Kind(Stereo), "stereo"),
    Entry(
        Place::Anywhere,
        Meaning::Kind(Session),
        "session, sessions, sesion, sesiones",
    ),
    Entry(
        Place::First,
        Meaning::Kind(Session),
        "rehearsal, recorded at, recorded in, recorded on, recorded for",
    ),
    Entry(
        Place::Last,
        Meaning::Kind(Session),
        "rehearsal, rehearsals, soundcheck",
    ),
    Entry(
        Place::Anywhere,
        Meaning::Kind(Rerecording),
        "rerecorded, re recorded, rerecording, re recording, regrabacion, taylors version",
    ),
    Entry(
        Place::Last,
        Meaning::Kind(Rerecording),
        "revisited, reimagined, remake",
    ),
    Entry(
        Place::First,
        Meaning::Kind(Cover),
        "cover of, originally performed by, originally by, made famous by, in the style of, tribute to",
    ),
    Entry(Place::Last, Meaning::Kind(Cover), "cover, кавер"),
    Entry(
        Place::Anywhere,
        Meaning::Kind(Language),
        "in english, in spanish, in french, in german, in italian, in japanese, in korean, en espanol, en ingles, en frances, en anglais, en francais, en espagnol, in italiano, in inglese, em portugues, em espanhol, em ingles, auf deutsch, auf englisch, на русском, на английском",
    ),
    Entry(
        Place::Alone,
        Meaning::Kind(Language),
        "english, spanish, french, german, italian, japanese, korean, portuguese, russian, chinese, mandarin, cantonese, swedish, norwegian, danish, finnish, dutch, polish, turkish, greek, arabic, hebrew, hindi, tamil, thai, vietnamese, indonesian, spanglish, espanol, ingles, frances, francaise, francais, anglaise, deutsch, deutsche, englische, italiano, italiana, portugues, portuguesa, русская, английская, украинская",
    ),
    Entry(
        Place::Alone,
        Meaning::Kind(Explicit),
        "explicit, uncensored, uncut",
    ),
    Entry(Place::Beside, Meaning::Kind(Explicit), "dirty"),
    Entry(Place::Alone, Meaning::Kind(Clean), "clean, censored"),
    Entry(
        Place::Anywhere,
        Meaning::Kind(Bonus),
        "bonus track, bonus tracks, bonus beats, hidden track",
    ),
    Entry(Place::Alone, Meaning::Kind(Bonus), "bonus, бонус"),
    Entry(
        Place::Last,
        Meaning::Kind(Other),
        "version, versions, ver, versione, versao, versie, versio, wersja, verze, verzia, verzija, versiyon, versiyonu, versjon, fassung, версия, вариант, soundtrack, ost, outtake, outtakes",
    ),
    Entry(
        Place::First,
        Meaning::Kind(Other),
        "version, versione, versao, версия, вариант, music from the, from the motion picture, from the film, from the movie, from the original, from the soundtrack, from the series, from the musical, taken from, arr",
    ),
    Entry(
        Place::Anywhere,
        Meaning::Kind(Other),
        "sped up, slowed down, slowed reverb, nightcore, 8d audio, motion picture soundtrack",
    ),
    Entry(
        Place::Alone,
        Meaning::Kind(Other),
        "original, alternate, alternative, alt, studio, take, slowed, deluxe",
    ),
    Entry(
        Place::Beside,
        Meaning::Kind(Other),
        "album, cut, lp, ep, edition, film, movie, video, audio",
    ),
];

/// Words that stand beside terms and say nothing of the kind.
static FILLERS: Words = LazyLock::new(|| {
    set(
        "the, a, and, with, no, non, de, la, en, official, main, full, length, directors, track, tracks, bbc, mtv, tv, tour, recording, \
     recorded, broadcast, digital, digitally, hd, hq, hi, res, bit, khz, inch, cd, dvd, vinyl, early, late, rough, first, second, third, new, \
     old, final, revised, vocal, vocals, rap, intro, outro, back, down, up, sped, super, ultra, reverb, solo, duet, band, piano, guitar, string, \
     strings, orchestral, orchestra, symphonic, electric, analog, naked, anniversary, special, limited, rare, unreleased, studio, tiktok, \
     radio, popular, standard, lead, international, us, uk, usa",
    )
});

/// Styles that a mix is named for.
static STYLES: Words = LazyLock::new(|| {
    set(
        "club, dance, house, deep, big room, techno, tech, trance, edm, dubstep, trap, drill, garage, latin, latino, salsa, bachata, merengue, \
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
     for, of, no, not, under, how, where, who, what, when, why, long, let, must, can, will, dont, cant, all, every, without, love, out, at",
    )
});

/// Terms in scripts that write no spaces, found anywhere in a clause.
pub(super) const UNSPACED: &[(&str, VersionKind)] = &[
    ("リミックス", Remix),
    ("리믹스", Remix),
    ("混音", Remix),
    ("ライブ", Live),
    ("ライヴ", Live),
    ("现场", Live),
    ("現場", Live),
    ("라이브", Live),
    ("アコースティック", Acoustic),
    ("弾き語り", Acoustic),
    ("어쿠스틱", Acoustic),
    ("不插电", Acoustic),
    ("不插電", Acoustic),
    ("リマスター", Remaster),
    ("リマスタリング", Remaster),
    ("리마스터", Remaster),
    ("インスト", Instrumental),
    ("伴奏", Instrumental),
    ("반주", Instrumental),
    ("カラオケ", Karaoke),
    ("노래방", Karaoke),
    ("デモ", Demo),
    ("데모", Demo),
    ("日本語", Language),
    ("英語", Language),
    ("韓国語", Language),
    ("中国語", Language),
    ("英文版", Language),
    ("中文版", Language),
    ("日文版", Language),
    ("国语", Language),
    ("國語", Language),
    ("粤语", Language),
    ("粵語", Language),
    ("일본어", Language),
    ("한국어", Language),
    ("영어", Language),
    ("중국어", Language),
    ("バージョン", Other),
    ("ヴァージョン", Other),
    ("버전", Other),
];

/// The terms, by their first word.
static TERMS: LazyLock<HashMap<&str, Vec<Term>>> = LazyLock::new(|| {
    let mut terms: HashMap<&str, Vec<Term>> = HashMap::new();
    for &Entry(place, meaning, list) in ENTRIES {
        for words in items(list).map(|item| item.split(' ').collect::<Vec<_>>()) {
            terms.entry(words[0]).or_default().push(Term {
                words,
                place,
                meaning,
            });
        }
    }
    terms
});

/// The terms that begin with a word.
pub(super) fn terms_at(word: &str) -> &'static [Term] {
    TERMS.get(word).map_or(&[], Vec::as_slice)
}

/// Whether a word by itself says something of versions, of mixes or of time, and is nobody's name.
pub(super) fn is_technical(word: &str) -> bool {
    terms_at(word).iter().any(|term| term.words.len() == 1)
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

pub(super) fn makes_a_sentence(word: &str) -> bool {
    SENTENCE.contains(word)
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
        let lists = [&FILLERS, &STYLES, &PIECES, &PARTS, &SENTENCE];
        let entries = ENTRIES.iter().flat_map(|Entry(_, _, list)| items(list));
        let words = entries
            .chain(lists.into_iter().flat_map(|list| list.iter().copied()))
            .chain(UNSPACED.iter().map(|(word, _)| *word));
        for word in words {
            assert_eq!(crate::names::fold(word), word);
        }
    }
}
