//! The terms by which titles state versions, folded, in the languages that most catalogs use. The words that
//! may stand beside them are in `lexicon`.

use std::sync::LazyLock;

use foldhash::{HashMap, HashMapExt as _};

use super::version_kinds::VersionKind::{self, *};

/// Where in a clause a term must stand to state a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TermPlace {
    /// Anywhere.
    Anywhere,
    /// At the end: "Kasbo Remix".
    Last,
    /// At the beginning: "Versión Salsa".
    First,
    /// Only beside other terms, fillers, styles and numbers: "Mono", but not "Mono no Aware".
    Alone,
    /// As `Alone`, and beside at least one other term: "Album Cut", but not "Album".
    Beside,
}

/// What a term states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TermMeaning {
    /// A kind of version.
    Kind(VersionKind),
    /// A remix if a person or a style is named, otherwise some other mix.
    Mix,
    /// A remix if a person is named, otherwise a cut for radio.
    Edit,
}

/// One or more consecutive words, where they must stand, and what they state.
pub(super) struct Term {
    pub(super) words: Vec<&'static str>,
    pub(super) place: TermPlace,
    pub(super) meaning: TermMeaning,
}

/// The terms of one place and meaning, as a comma-separated list.
struct TermGroup(TermPlace, TermMeaning, &'static str);

const TERM_GROUPS: &[TermGroup] = &[
    TermGroup(
        TermPlace::Anywhere,
        TermMeaning::Kind(Remix),
        "remix, remixed, remixes, re mix, re mixes, re mixed, rmx, remixado, remixada, remezcla, remiks, \
         ремикс, ремиксы, bootleg, mashup, mash up, megamix",
    ),
    TermGroup(
        TermPlace::Last,
        TermMeaning::Kind(Remix),
        "rework, reworked, refix, dub, vip, flip, reconstruction",
    ),
    TermGroup(TermPlace::Beside, TermMeaning::Kind(Remix), "club"),
    TermGroup(TermPlace::Last, TermMeaning::Mix, "mix, mixes"),
    TermGroup(TermPlace::Last, TermMeaning::Edit, "edit, edits, edicion"),
    TermGroup(
        TermPlace::Anywhere,
        TermMeaning::Kind(Live),
        "live lounge, recorded live, live version, live recording, in concert, en vivo, en directo, \
         en concierto, ao vivo, dal vivo, in concerto, en public, en concert, im konzert, na zywo, nazivo, \
         uzivo, canli, eloben, концертная, концертный, вживую",
    ),
    TermGroup(
        TermPlace::Last,
        TermMeaning::Kind(Live),
        "live, concert, performance, концерт",
    ),
    TermGroup(
        TermPlace::Anywhere,
        TermMeaning::Kind(Acoustic),
        "acoustic, unplugged, acustico, acustica, acoustique, akustik, akustisch, akustische, \
         akustikversion, akustisk, akustinen, akusticka, akustyczna, акустика, акустическая, акустический",
    ),
    TermGroup(
        TermPlace::Alone,
        TermMeaning::Kind(Acoustic),
        "stripped, acous, acoust, akust",
    ),
    TermGroup(
        TermPlace::Anywhere,
        TermMeaning::Kind(Remaster),
        "remaster, remastered, remast, re master, re mastered, remasters, remastering, remasterizado, \
         remasterizada, remasterise, remasterisee, remasterisiert, remasterizzato, rimasterizzato, \
         remastrad, remasteroitu, ремастер, ремастеринг, ремастированный",
    ),
    TermGroup(
        TermPlace::Beside,
        TermMeaning::Kind(RadioEdit),
        "radio, single, short, airplay, rad",
    ),
    TermGroup(TermPlace::Anywhere, TermMeaning::Kind(RadioEdit), "tv size"),
    TermGroup(
        TermPlace::Alone,
        TermMeaning::Kind(Extended),
        "extended, ext, extd",
    ),
    TermGroup(
        TermPlace::Beside,
        TermMeaning::Kind(Extended),
        "long, full length, maxi",
    ),
    TermGroup(
        TermPlace::Anywhere,
        TermMeaning::Kind(Instrumental),
        "instrumental, instrumentals, instrumentale, instrumentalversion, off vocal, инструментал, \
         инструментальная",
    ),
    TermGroup(
        TermPlace::Alone,
        TermMeaning::Kind(Instrumental),
        "inst, instr, instrum, strumentale",
    ),
    TermGroup(
        TermPlace::Anywhere,
        TermMeaning::Kind(Karaoke),
        "karaoke, backing track, караоке",
    ),
    TermGroup(TermPlace::Alone, TermMeaning::Kind(Karaoke), "playback, минус"),
    TermGroup(
        TermPlace::Last,
        TermMeaning::Kind(Demo),
        "demo, demos, maqueta, maquette, демо, worktape, work tape, voice memo",
    ),
    TermGroup(TermPlace::First, TermMeaning::Kind(Demo), "demo from, demo for"),
    TermGroup(
        TermPlace::Anywhere,
        TermMeaning::Kind(Acapella),
        "acapella, acappella, accapella, a cappella, a capella",
    ),
    TermGroup(TermPlace::Alone, TermMeaning::Kind(Mono), "mono, monaural"),
    TermGroup(TermPlace::Alone, TermMeaning::Kind(Stereo), "stereo"),
    TermGroup(
        TermPlace::Anywhere,
        TermMeaning::Kind(Session),
        "session, sessions, sesion, sesiones",
    ),
    TermGroup(
        TermPlace::First,
        TermMeaning::Kind(Session),
        "rehearsal, recorded at, recorded in, recorded on, recorded for",
    ),
    TermGroup(
        TermPlace::Last,
        TermMeaning::Kind(Session),
        "rehearsal, rehearsals, soundcheck",
    ),
    TermGroup(
        TermPlace::Anywhere,
        TermMeaning::Kind(Rerecording),
        "rerecorded, re recorded, rerecording, re recording, regrabacion, taylors version",
    ),
    TermGroup(
        TermPlace::Last,
        TermMeaning::Kind(Rerecording),
        "revisited, reimagined, remake",
    ),
    TermGroup(
        TermPlace::First,
        TermMeaning::Kind(Cover),
        "cover of, originally performed by, originally by, made famous by, in the style of, tribute to",
    ),
    TermGroup(TermPlace::Last, TermMeaning::Kind(Cover), "cover, кавер"),
    TermGroup(
        TermPlace::Anywhere,
        TermMeaning::Kind(Language),
        "in english, in spanish, in french, in german, in italian, in japanese, in korean, en espanol, \
         en ingles, en frances, en anglais, en francais, en espagnol, in italiano, in inglese, em portugues, \
         em espanhol, em ingles, auf deutsch, auf englisch, на русском, на английском",
    ),
    TermGroup(
        TermPlace::Alone,
        TermMeaning::Kind(Language),
        "english, spanish, french, german, italian, japanese, korean, portuguese, russian, chinese, \
         mandarin, cantonese, swedish, norwegian, danish, finnish, dutch, polish, turkish, greek, arabic, \
         hebrew, hindi, tamil, thai, vietnamese, indonesian, spanglish, espanol, ingles, frances, francaise, \
         francais, anglaise, deutsch, deutsche, englische, italiano, italiana, portugues, portuguesa, \
         русская, английская, украинская",
    ),
    TermGroup(
        TermPlace::Alone,
        TermMeaning::Kind(Explicit),
        "explicit, uncensored, uncut",
    ),
    TermGroup(TermPlace::Beside, TermMeaning::Kind(Explicit), "dirty"),
    TermGroup(TermPlace::Alone, TermMeaning::Kind(Clean), "clean, censored"),
    TermGroup(
        TermPlace::Anywhere,
        TermMeaning::Kind(Bonus),
        "bonus track, bonus tracks, bonus beats, hidden track",
    ),
    TermGroup(TermPlace::Alone, TermMeaning::Kind(Bonus), "bonus, бонус"),
    TermGroup(
        TermPlace::Last,
        TermMeaning::Kind(Other),
        "version, versions, ver, versione, versao, versie, versio, wersja, verze, verzia, verzija, \
         versiyon, versiyonu, versjon, fassung, версия, вариант, edition, soundtrack, ost, outtake, \
         outtakes, one take, the first take",
    ),
    TermGroup(
        TermPlace::First,
        TermMeaning::Kind(Other),
        "version, versione, versao, версия, вариант, music from the, from the motion picture, from the film, \
         from the movie, from the original, from the soundtrack, from the series, from the musical, \
         taken from, arr, exclusive to, exclusive for, only at, like a version, from the first take",
    ),
    TermGroup(
        TermPlace::Anywhere,
        TermMeaning::Kind(Other),
        "sped up, slowed down, slowed reverb, chopped screwed, chopped not slopped, lyric video, \
         vocals only, anime size, nightcore, 8d audio, dolby atmos, spatial audio, \
         motion picture soundtrack, previously unreleased",
    ),
    TermGroup(
        TermPlace::Alone,
        TermMeaning::Kind(Other),
        "original, orig, ov, alternate, alternative, alt, studio, slowed, official video, official audio, \
         official music video, music video, revised audio, visualizer, early take, directors cut, 8d, \
         quadraphonic, binaural, rmstr, new recording, deluxe, unreleased, exclusive, vers, vsn, vrs, unpl",
    ),
    TermGroup(
        TermPlace::Beside,
        TermMeaning::Kind(Other),
        "album, cut, lp, ep, film, movie, video, audio",
    ),
];

/// Terms in scripts without spaces, recognised anywhere in a segment.
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

/// The terms by their first word.
static TERMS: LazyLock<HashMap<&str, Vec<Term>>> = LazyLock::new(|| {
    let mut terms: HashMap<&str, Vec<Term>> = HashMap::new();
    for &TermGroup(place, meaning, list) in TERM_GROUPS {
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

/// The terms that begin with `word`.
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
            assert_eq!(crate::domain::names::fold(word), *word);
        }
    }
}
