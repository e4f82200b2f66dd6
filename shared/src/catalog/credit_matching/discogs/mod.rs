//! Findings from a Discogs release that an album is known to be: which track is which tracklist entry, and
//! the credits of the release.

mod credits;
mod tracklist;

pub use credits::{credits_from_release, has_credits, has_supervisors};
pub use tracklist::match_tracklist;
