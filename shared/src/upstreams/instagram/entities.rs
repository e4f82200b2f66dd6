//! What Instagram shows of a professional account, in our words and types.
//! How it is asked for and read stays out.

use crate::domain::links::Link;

/// A business or creator account. All of it is personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Instagram's own id of the account, which outlives a change of handle.
    pub id: String,
    /// The handle, in lower case.
    pub handle: String,
    /// The name shown.
    pub name: Option<String>,
    /// What the person wrote there.
    pub bio: Option<String>,
    /// The picture. The link is signed and expires, see [`super::picture_expires_at`]: it has to be fetched anew.
    pub picture_url: Option<String>,
    /// The link in the profile, where it is a web address.
    pub website: Option<Link>,
    /// How many follow the account.
    pub follower_count: Option<i64>,
}
