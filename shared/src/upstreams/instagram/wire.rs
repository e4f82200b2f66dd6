//! The JSON shapes of the Graph API of Instagram, reduced to the fields that are read. The API leaves out
//! absent values and writes ids as strings.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct DiscoveryResponse {
    pub(super) business_discovery: ProfileJson,
}

#[derive(Debug, Deserialize)]
pub(super) struct ProfileJson {
    pub(super) id: String,
    pub(super) username: String,
    pub(super) name: Option<String>,
    pub(super) biography: Option<String>,
    pub(super) website: Option<String>,
    pub(super) profile_picture_url: Option<String>,
    pub(super) followers_count: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct GraphErrorBody {
    pub(super) error: GraphError,
}

#[derive(Debug, Deserialize)]
pub(super) struct GraphError {
    #[serde(default)]
    pub(super) message: String,
    pub(super) code: Option<i64>,
    pub(super) error_subcode: Option<i64>,
    #[serde(default)]
    pub(super) is_transient: bool,
}

/// The header `X-App-Usage`: how much of the hourly limits is used, in percent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AppUsage {
    pub(super) call_count: f64,
    pub(super) total_time: f64,
    pub(super) total_cputime: f64,
}

/// The usage of one limit in the header `X-Business-Use-Case-Usage`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UseCaseUsage {
    /// In minutes; 0 if the limit is not exceeded.
    pub(super) estimated_time_to_regain_access: f64,
}
