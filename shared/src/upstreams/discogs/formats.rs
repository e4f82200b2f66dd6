//! Determines the kind of album from the format descriptions of a release. The format itself does not decide
//! it: a 12" can be any kind.

use super::wire;
use crate::domain::albums::AlbumType;

/// Format descriptions by album type, the most decisive first. `Compilation` comes first because it describes
/// the content: an LP of songs that were released before is a compilation. `Album` is decisive even for a box
/// with a bonus single, or for a 12" that is also called an EP. `LP` is a size as much as a kind, so it
/// counts only without another description.
const DESCRIPTIONS: &[(AlbumType, &[&str])] = &[
    (AlbumType::Compilation, &["compilation"]),
    (AlbumType::Album, &["album", "mini-album"]),
    (AlbumType::Single, &["single", "maxi-single", "ep"]),
    (AlbumType::Album, &["lp"]),
];

/// The kind of album; `None` if no description says.
pub(super) fn album_type(formats: &[wire::Format]) -> Option<AlbumType> {
    let is_described_as = |words: &[&str]| {
        let mut descriptions = formats.iter().flat_map(|format| &format.descriptions);
        descriptions.any(|text| {
            let text = text.trim();
            words.iter().any(|word| text.eq_ignore_ascii_case(word))
        })
    };
    let mut types = DESCRIPTIONS.iter();
    types
        .find(|(_, words)| is_described_as(words))
        .map(|(album_type, _)| *album_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_decisive_description_wins() {
        use AlbumType::{Album, Compilation, Single};
        for (formats, kind) in [
            (&[&["Album"][..]][..], Some(Album)),
            (&[&["LP", "Album", "Reissue"]], Some(Album)),
            (&[&["LP"]], Some(Album)),
            (&[&["LP", "Stereo"]], Some(Album)),
            (&[&["Mini-Album"]], Some(Album)),
            (&[&["LP", "Compilation"]], Some(Compilation)),
            (&[&["Album", "Compilation"]], Some(Compilation)),
            (&[&["Album"], &["DVD-Video", "Compilation"]], Some(Compilation)),
            (&[&["7\"", "45 RPM", "Single"]], Some(Single)),
            (&[&["Maxi-Single"]], Some(Single)),
            (&[&["12\"", "EP"]], Some(Single)),
            (&[&["LP", "EP"]], Some(Single)),
            (&[&["12\"", "Album", "EP"]], Some(Album)),
            (&[&["LP", "Album"], &["7\"", "Single"]], Some(Album)),
            (&[&["album "]], Some(Album)),
            (&[&["12\"", "33 ⅓ RPM"]], None),
            (&[&["Single Sided", "White Label"]], None),
            (&[&[]], None),
            (&[], None),
        ] {
            let formats: Vec<wire::Format> = formats
                .iter()
                .map(|descriptions| wire::Format {
                    descriptions: descriptions.iter().map(ToString::to_string).collect(),
                })
                .collect();
            assert_eq!(album_type(&formats), kind, "{formats:?}");
        }
    }
}
