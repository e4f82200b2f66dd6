//! Hashes by which a load remembers rows.

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The hash of a number and a text. `kind` keeps the hashes of different things apart.
pub(crate) fn hash(kind: u8, number: i64, text: &str) -> u64 {
    let seed = number.cast_unsigned() ^ u64::from(kind) << 56;
    xxh3_64_with_seed(text.as_bytes(), seed)
}
