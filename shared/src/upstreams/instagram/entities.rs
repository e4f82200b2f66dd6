//! Profiles of Instagram in our types.

use crate::domain::links::Link;

/// The profile of a business or creator account. All of it is personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The id of the account at Instagram, which stays the same when the handle changes.
    pub id: String,
    /// The handle, in lower case.
    pub handle: String,
    /// The display name.
    pub name: Option<String>,
    /// The biography.
    pub bio: Option<String>,
    /// The URL of the picture. It is signed and expires, so it must be fetched again (see
    /// `picture_expires_at`).
    pub picture_url: Option<String>,
    /// The link in the profile, if it is a web address.
    pub website: Option<Link>,
    /// The number of followers.
    pub follower_count: Option<i64>,
}
