//! Names as they are searched and compared. Case, accents, punctuation and spacing do not distinguish names;
//! letters of every script do. Two people may share a name, and one person may have several.

mod characters;
mod folding;
mod identity;
#[cfg(test)]
mod tests;

pub(crate) use folding::compact;
pub use folding::fold;
pub use identity::{source_identity, split_joint, unlinked_key};

use folding::without_article;

/// Whether two names are spelled alike: equal when folded and without spaces. A leading "the" is optional
/// unless nothing else distinguishes the names ("The Neptunes" and "Neptunes", but not "The The" and "The").
/// A blank name equals no other.
#[must_use]
pub fn is_same_name(a: &str, b: &str) -> bool {
    let (a, b) = (fold(a), fold(b));
    let without_spaces = |name: &str| name.replace(' ', "");
    !a.is_empty()
        && !b.is_empty()
        && (without_spaces(&a) == without_spaces(&b)
            || without_spaces(without_article(&a)) == without_spaces(without_article(&b)))
}

/// Whether a text shows any character. A text of only zero-width characters, spaces and direction marks is
/// not a name.
#[must_use]
pub fn is_visible(text: &str) -> bool {
    !text.chars().all(characters::is_invisible)
}
