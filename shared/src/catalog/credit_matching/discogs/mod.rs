//! A release of Discogs' that an album of ours is: which of our tracks stands where in its tracklist, and what it claims of
//! them. Whether it is that album, and how the release was come by, stays out.

mod claims;
mod tracklist;

pub use claims::{credits_from_release, has_credits};
pub use tracklist::match_tracklist;
