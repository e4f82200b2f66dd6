//! Plans and encodes the rows of a batch of releases, the same rows that an online import of each release
//! writes.

pub(crate) mod dumped_album;
pub(crate) mod hashes;
pub(crate) mod lookup;
pub(crate) mod memory;
pub(crate) mod placement;
pub(crate) mod planned_batch;
pub(crate) mod planning;
pub(crate) mod rows;
