//! The terms that titles tell versions by, folded, in the languages that catalogs mostly use. What stands beside them is in `lexicon`.

use std::collections::HashMap;
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
        "remix, remixed, remixes, re mix, re mixes, re mixed, rmx, remixado, remixada, remezcla, remiks, ремикс, ремиксы, bootleg, mashup, mash up, megamix",
    ),
    Entry(
        Place::Last,
        Meaning::Kind(Remix),
        "rework, reworked, refix, dub, vip, flip, reconstruction",
    ),
    Entry(Place::Beside, Meaning::Kind(Remix), "club"),
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
        "remaster, remastered, re master, re mastered, remasters, remastering, remasterizado, remasterizada, remasterise, remasterisee, remasterisiert, remasterizzato, rimasterizzato, remastrad, remasteroitu, ремастер, ремастеринг, ремастированный",
    ),
    Entry(
        Place::Beside,
        Meaning::Kind(RadioEdit),
        "radio, single, short, airplay",
    ),
    Entry(Place::Anywhere, Meaning::Kind(RadioEdit), "tv size"),
    Entry(Place::Alone, Meaning::Kind(Extended), "extended"),
    Entry(Place::Beside, Meaning::Kind(Extended), "long, full length, maxi"),
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
        "version, versions, ver, versione, versao, versie, versio, wersja, verze, verzia, verzija, versiyon, versiyonu, versjon, fassung, версия, вариант, edition, soundtrack, ost, outtake, outtakes, one take",
    ),
    Entry(
        Place::First,
        Meaning::Kind(Other),
        "version, versione, versao, версия, вариант, music from the, from the motion picture, from the film, from the movie, from the original, from the soundtrack, from the series, from the musical, taken from, arr",
    ),
    Entry(
        Place::Anywhere,
        Meaning::Kind(Other),
        "sped up, slowed down, slowed reverb, chopped screwed, chopped not slopped, lyric video, vocals only, anime size, nightcore, 8d audio, dolby atmos, spatial audio, motion picture soundtrack, previously unreleased",
    ),
    Entry(
        Place::Alone,
        Meaning::Kind(Other),
        "original, alternate, alternative, alt, studio, slowed, take 1, take 2, take 3, take 4, take 5, take 6, take 7, take 8, take 9, official video, official audio, official music video, music video, revised audio, visualizer, early take, directors cut, 8d, quadraphonic, binaural, remast, rmstr, new recording, deluxe, unreleased",
    ),
    Entry(
        Place::Beside,
        Meaning::Kind(Other),
        "album, cut, lp, ep, film, movie, video, audio",
    ),
];

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
        for words in list
            .split(',')
            .map(|item| item.trim().split(' ').collect::<Vec<_>>())
        {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_folded() {
        let spaced = TERMS.values().flatten().flat_map(|term| term.words.iter());
        for word in spaced.chain(UNSPACED.iter().map(|(word, _)| word)) {
            assert_eq!(crate::names::fold(word), *word);
        }
    }
}
