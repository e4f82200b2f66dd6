//! Detects suffixes that name a recording by where it was made or sold ("Spotify Singles", "A Colors Show").

use std::sync::LazyLock;

use super::lexicon::{self, WordSet, set};
use super::words::Word;

/// Words for shops, services and series of recordings. They state a version only beside a word for what was
/// made there: "Spotify Singles", "Target Exclusive", "A Colors Show".
static MAKERS: WordSet = LazyLock::new(|| {
    set(
        "amazon, spotify, apple, itunes, deezer, tidal, qobuz, napster, rhapsody, soundcloud, bandcamp, \
         beatport, traxsource, juno, youtube, vevo, pandora, iheart, iheartradio, siriusxm, audius, netflix, \
         hbo, starbucks, walmart, hmv, fnac, rsd, colors, npr, kexp, kcrw, wxpn, mahogany, audiotree, \
         daytrotter, sofar, cercle",
    )
});

/// Words of such names that are also ordinary words. By themselves, they need the word "exclusive".
static ORDINARY_MAKERS: WordSet = LazyLock::new(|| {
    set(
        "target, best, buy, barnes, noble, tower, amoeba, rough, trade, urban, outfitters, record, store, \
         day, music, prime, triple, j, paste, genius, boiler, room, arte, tiny, desk, google, play, samsung, \
         web, online, retailer, japan, european, kbs, sbs, mbc, sirius, xm",
    )
});

/// Words for what a shop, a service or a series makes.
static MADE: WordSet = LazyLock::new(|| {
    set(
        "original, originals, exclusive, exclusives, single, singles, session, sessions, show, encore, \
         edition, premiere, presents, dscvr, lift, ctrl, concert, concerts, performance, acoustics, \
         release, bonus, exclusivo, exclusiva, exklusiv",
    )
});

/// Whether all words of a clause are about versions, or name a shop or a series and what was made there.
pub(super) fn is_technical(clause: &[Word]) -> bool {
    let is_made = || clause.iter().any(|word| MADE.contains(word.folded.as_str()));
    clause.iter().all(|word| lexicon::is_technical(&word.folded)) || names_maker(clause) && is_made()
}

/// Whether a clause consists of a shop or a series and technical words: "Amazon Music Original".
fn names_maker(clause: &[Word]) -> bool {
    let is_sure = |word: &Word| MAKERS.contains(word.folded.as_str());
    let is_ordinary = |word: &Word| ORDINARY_MAKERS.contains(word.folded.as_str());
    let is_exclusive = |word: &Word| word.folded.starts_with("exclusiv") || word.folded == "exklusiv";
    let may_stand_beside =
        |word: &Word| MADE.contains(word.folded.as_str()) || lexicon::is_technical(&word.folded);
    (clause.iter().any(is_sure) || clause.iter().any(is_ordinary) && clause.iter().any(is_exclusive))
        && clause
            .iter()
            .all(|word| is_sure(word) || is_ordinary(word) || may_stand_beside(word))
}

/// Whether a clause names a recording by the shop or the series that it was made for.
pub(super) fn names_recording(clause: &[Word]) -> bool {
    let is_made = |word: &Word| MADE.contains(word.folded.as_str());
    clause.len() > 1 && clause.iter().any(is_made) && names_maker(clause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_folded() {
        for word in MAKERS.iter().chain(ORDINARY_MAKERS.iter()).chain(MADE.iter()) {
            assert_eq!(crate::domain::names::fold(word), *word);
        }
    }
}
