//! Instagram: profiles of professional accounts, from Business Discovery in the Graph API, which is the only
//! permitted way. The API allows 200 calls an hour.

mod entities;
mod errors;
mod mapping;
mod pictures;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

pub use self::entities::Profile;
pub use self::mapping::profile_from_json;
pub use self::pictures::picture_expires_at;
use crate::domain::links;
use crate::platform::config::InstagramSettings;
use crate::platform::http::{self, Error};

/// The requested fields of an account.
const FIELDS: &str = "id,username,name,biography,website,profile_picture_url,followers_count";

/// The client. Every call makes one request, or none while an earlier response said that the limit is almost
/// reached.
pub struct Instagram {
    http: reqwest::Client,
    settings: InstagramSettings,
    paused_until: Mutex<Option<DateTime<Utc>>>,
}

impl Instagram {
    /// Creates a client.
    #[must_use]
    pub fn new(http: reqwest::Client, mut settings: InstagramSettings) -> Self {
        settings.url.truncate(settings.url.trim_end_matches('/').len());
        Self {
            http,
            settings,
            paused_until: Mutex::new(None),
        }
    }

    /// Fetches the profile with this handle. `None` if there is no such account, if Business Discovery does
    /// not show it (it is not a professional account, or has an age limit), or if the text is not a valid
    /// handle.
    ///
    /// # Errors
    /// [`Error::Refused`] if the token or a permission is not sufficient, [`Error::RateLimited`] if the limit
    /// is reached or almost reached, [`Error::Unavailable`] if Instagram has a temporary problem; otherwise
    /// as [`http::HttpResponse::read`] describes.
    pub async fn fetch_profile(&self, handle: &str) -> Result<Option<Profile>, Error> {
        let Some(handle) = links::instagram_handle(handle) else {
            return Ok(None);
        };
        if let Some(until) = self.extend_pause(None).filter(|&until| until > Utc::now()) {
            return Err(Error::RateLimited { until, quota: true });
        }
        let fields = format!("business_discovery.username({handle}){{{FIELDS}}}");
        let request = self
            .http
            .get(format!("{}/{}", self.settings.url, self.settings.user_id))
            // The examples of Meta send the token in the query, but URLs end up in logs.
            .bearer_auth(&self.settings.token)
            .query(&[("fields", fields.as_str())]);
        let response = http::send(request).await?;
        let now = Utc::now();
        self.extend_pause(errors::pause_until(&response, now));
        if response.status.is_success() {
            response.json().map(mapping::profile_from_wire).map(Some)
        } else {
            errors::check_error(&response, &self.settings.token, now).map(|()| None)
        }
    }

    /// Extends the pause if `until` is later, and returns the end of the pause.
    fn extend_pause(&self, until: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let mut paused_until = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        *paused_until = (*paused_until).max(until);
        *paused_until
    }
}
