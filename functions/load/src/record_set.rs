//! A compact set of the numbers of a dump's records, one bit each. It detects repeated records and records
//! that are gone from the dump, whatever their order.

use std::collections::HashMap;

/// Numbers per page.
const PAGE: i64 = 1 << 16;

/// A set of numbers that lie close together.
#[derive(Debug, Default)]
pub(crate) struct NumberSet {
    pages: HashMap<i64, Box<[u64]>>,
}

impl NumberSet {
    /// Adds a number; false if the set had it already.
    pub(crate) fn insert(&mut self, number: i64) -> bool {
        let (page, word, bit) = place(number);
        let words = self
            .pages
            .entry(page)
            .or_insert_with(|| vec![0; (PAGE / 64) as usize].into_boxed_slice());
        let is_new = words[word] & bit == 0;
        words[word] |= bit;
        is_new
    }

    pub(crate) fn contains(&self, number: i64) -> bool {
        let (page, word, bit) = place(number);
        let words = self.pages.get(&page);
        words.is_some_and(|words| words[word] & bit != 0)
    }
}

fn place(number: i64) -> (i64, usize, u64) {
    let within = number.rem_euclid(PAGE);
    let word = usize::try_from(within / 64).unwrap_or_default();
    (number.div_euclid(PAGE), word, 1 << (within % 64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_behaves_like_a_set(
            numbers in proptest::collection::vec(0_i64..300_000, 0..200),
            others in proptest::collection::vec(0_i64..300_000, 0..200),
        ) {
            let (mut seen, mut expected) = (NumberSet::default(), std::collections::BTreeSet::new());
            for number in &numbers {
                prop_assert_eq!(seen.insert(*number), expected.insert(*number));
            }
            for number in others {
                prop_assert_eq!(seen.contains(number), expected.contains(&number));
            }
        }
    }
}
