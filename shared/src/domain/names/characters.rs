//! Sets of characters that folding treats specially. The database function `fold_name` lists the same ones,
//! so a change here needs a migration.

/// Punctuation, symbols and spaces that separate words, after compatibility forms are decomposed. Unlisted
/// characters, among them a few rare symbols, count as letters. The list replaces Unicode's classes, which
/// grow from version to version, so that the database agrees in every version.
#[rustfmt::skip] // A table.
pub(super) fn is_separator(c: char) -> bool {
    matches!(
        c,
        '\0'..='/' | ':'..='@' | '['..='`' | '{'..='\u{bf}' | '\u{d7}' | '\u{f7}' | '\u{2c2}'..='\u{2c5}'
        | '\u{2d2}'..='\u{2df}' | '\u{37e}' | '\u{387}' | '\u{482}' | '\u{55a}'..='\u{55f}'
        | '\u{589}'..='\u{58a}' | '\u{5be}' | '\u{5c0}' | '\u{5c3}' | '\u{5c6}' | '\u{5f3}'..='\u{5f4}'
        | '\u{606}'..='\u{60f}' | '\u{61b}'..='\u{61f}' | '\u{66a}'..='\u{66d}' | '\u{6d4}' | '\u{6de}'
        | '\u{6e9}' | '\u{700}'..='\u{70d}' | '\u{964}'..='\u{965}' | '\u{970}' | '\u{df4}' | '\u{e3f}'
        | '\u{e4f}' | '\u{e5a}'..='\u{e5b}' | '\u{f04}'..='\u{f12}' | '\u{104a}'..='\u{104f}' | '\u{10fb}'
        | '\u{1360}'..='\u{1368}' | '\u{1400}' | '\u{166d}'..='\u{166e}' | '\u{1680}'
        | '\u{16eb}'..='\u{16ed}' | '\u{1735}'..='\u{1736}' | '\u{17d4}'..='\u{17d6}'
        | '\u{17d8}'..='\u{17db}' | '\u{1800}'..='\u{180a}' | '\u{1944}'..='\u{1945}'
        | '\u{19de}'..='\u{19ff}' | '\u{2010}'..='\u{205f}' | '\u{20a0}'..='\u{20c0}' | '\u{2117}'
        | '\u{2190}'..='\u{2426}' | '\u{2440}'..='\u{244a}' | '\u{2500}'..='\u{2775}'
        | '\u{2794}'..='\u{2bff}' | '\u{2e00}'..='\u{2e2e}' | '\u{2e30}'..='\u{2e52}'
        | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{303d}'..='\u{303f}'
        | '\u{30a0}' | '\u{30fb}' | '\u{31c0}'..='\u{31e3}' | '\u{4dc0}'..='\u{4dff}'
        | '\u{a4fe}'..='\u{a4ff}' | '\u{a60d}'..='\u{a60f}' | '\u{a874}'..='\u{a877}'
        | '\u{fd3e}'..='\u{fd3f}' | '\u{fffd}' | '\u{1d100}'..='\u{1d126}' | '\u{1f000}'..='\u{1f0ff}'
        | '\u{1f18a}'..='\u{1faff}'
    )
}

/// Apostrophes, which some spellings leave out, and unseen characters. They leave no gap.
pub(super) fn is_silent(c: char) -> bool {
    matches!(c, '\'' | '`' | '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2032}')
        || matches!(c, '\u{2bb}'..='\u{2bd}' | '\u{2c8}' | '\u{2cb}')
        || is_unseen(c)
}

/// Characters that only control how others are written.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{feff}'
    ) || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

/// Characters that show nothing: unseen ones, spaces, controls, and letters that are blank by design (Hangul
/// fillers, the Braille pattern without dots).
pub(super) fn is_invisible(c: char) -> bool {
    is_unseen(c)
        || c.is_whitespace()
        || c.is_control()
        || matches!(
            c,
            '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
        )
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}')
}

/// ASCII digits and the letters of Latin, Greek and Cyrillic, whose marks are accents.
#[rustfmt::skip] // A table.
pub(super) fn is_plain(c: char) -> bool {
    matches!(
        c,
        '0'..='9' | 'a'..='z' | '\u{df}'..='\u{2af}' | '\u{370}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}'
        | '\u{1d00}'..='\u{1dbf}' | '\u{1e00}'..='\u{1fff}' | '\u{2c60}'..='\u{2c7f}'
        | '\u{a640}'..='\u{a69f}' | '\u{a720}'..='\u{a7ff}' | '\u{ab30}'..='\u{ab6f}'
    )
}

/// Marks that belong to no script, or to Cyrillic.
#[rustfmt::skip] // A table.
pub(super) fn is_accent(mark: char) -> bool {
    matches!(
        mark,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
    )
}

/// Latin letters that Unicode does not decompose, and the plain letters that people type for them, as in
/// Postgres's unaccent. In each pair, the letters of the second text replace those of the first one by one.
pub(super) const LETTERS: [(&str, &str); 2] = [
    ("øłđðħŧıŋĸȷƀɓƈƒɖɗɛɠɡɨƙɲƥƴƶǥʉʋɫς", "olddhtinqjbbcfddeggiknpyzguvlσ"),
    ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz"),
];
