//! Instagram's own shapes (Graph API, JSON), as far as they are read: absent values are left out, ids are texts.
//! What they mean to us is in `mapping.rs` and `errors.rs`.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct Discovery {
    pub(super) business_discovery: Profile,
}

#[derive(Debug, Deserialize)]
pub(super) struct Profile {
    pub(super) id: String,
    pub(super) username: String,
    pub(super) name: Option<String>,
    pub(super) biography: Option<String>,
    pub(super) website: Option<String>,
    pub(super) profile_picture_url: Option<String>,
    pub(super) followers_count: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Failure {
    pub(super) error: Cause,
}

#[derive(Debug, Deserialize)]
pub(super) struct Cause {
    #[serde(default)]
    pub(super) message: String,
    pub(super) code: Option<i64>,
    pub(super) error_subcode: Option<i64>,
    #[serde(default)]
    pub(super) is_transient: bool,
}

/// The header `X-App-Usage`: how much of an hour's allowance is used up, in per cent of each kind.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AppUsage {
    pub(super) call_count: f64,
    pub(super) total_time: f64,
    pub(super) total_cputime: f64,
}

/// One limit in the header `X-Business-Use-Case-Usage`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UseCaseUsage {
    /// In minutes; 0 while there is access.
    pub(super) estimated_time_to_regain_access: f64,
}
