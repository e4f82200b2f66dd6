//! What kind of album a release is, told by how its formats are described. On what it is printed stays out: a 12" can be all of
//! them.

use super::wire;
use crate::domain::albums::AlbumType;

/// Of several words the one that tells more. `Compilation` says what is on it, whatever it is called beside that: an LP with
/// songs that were out before is a compilation. `Album` says that it is one, also on a box with a bonus single, or on a 12"
/// that is an EP elsewhere. `LP` is a size as much as a kind: it makes an album of what is called nothing else.
const WORDS: &[(AlbumType, &[&str])] = &[
    (AlbumType::Compilation, &["compilation"]),
    (AlbumType::Album, &["album", "mini-album"]),
    (AlbumType::Single, &["single", "maxi-single", "ep"]),
    (AlbumType::Album, &["lp"]),
];

/// The kind of album; None where no description tells.
pub(super) fn album_type(formats: &[wire::Format]) -> Option<AlbumType> {
    let described = |words: &[&str]| {
        let mut descriptions = formats.iter().flat_map(|format| &format.descriptions);
        descriptions.any(|text| {
            let text = text.trim();
            words.iter().any(|word| text.eq_ignore_ascii_case(word))
        })
    };
    let mut kinds = WORDS.iter();
    kinds.find(|(_, words)| described(words)).map(|(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_tells_more_holds() {
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
