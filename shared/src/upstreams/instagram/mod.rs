//! Instagram: what a professional account shows of itself, by the Graph API's Business Discovery, the one way that is allowed.
//! Waiting one's turn (200 calls an hour) is [`crate::work::budgets`]; whose handle it is, other sources have to say.

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
use crate::platform::http;
use crate::platform::http::Error;

/// What is asked of an account.
const FIELDS: &str = "id,username,name,biography,website,profile_picture_url,followers_count";

/// The client. It makes one request a call, and none while the last answer said that the app's allowance is nearly used up.
pub struct Instagram {
    http: reqwest::Client,
    settings: InstagramSettings,
    resting_until: Mutex<Option<DateTime<Utc>>>,
}

impl Instagram {
    /// A client.
    #[must_use]
    pub fn new(http: reqwest::Client, mut settings: InstagramSettings) -> Self {
        settings.url.truncate(settings.url.trim_end_matches('/').len());
        Self {
            http,
            settings,
            resting_until: Mutex::new(None),
        }
    }

    /// The account with that handle; None where there is no such one, or it is none that Business Discovery shows: not a
    /// professional account, or with an age limit. A text that can be no handle is not asked for.
    ///
    /// # Errors
    /// [`Error::Refused`] where the token or a permission must be mended, [`Error::RateLimited`] where the allowance is used up
    /// or nearly so, [`Error::Unavailable`] for Instagram's own troubles; else as [`http::HttpResponse::read`] says.
    pub async fn fetch_profile(&self, handle: &str) -> Result<Option<Profile>, Error> {
        let Some(handle) = links::instagram_handle(handle) else {
            return Ok(None);
        };
        if let Some(until) = self.rest(None).filter(|&until| until > Utc::now()) {
            return Err(Error::RateLimited { until, quota: true });
        }
        let fields = format!("business_discovery.username({handle}){{{FIELDS}}}");
        let request = self
            .http
            .get(format!("{}/{}", self.settings.url, self.settings.user_id))
            // Not in the query, where Meta's examples have it: an address ends up in logs.
            .bearer_auth(&self.settings.token)
            .query(&[("fields", fields.as_str())]);
        let answer = http::send(request).await?;
        let now = Utc::now();
        self.rest(errors::rest_until(&answer, now));
        if answer.status.is_success() {
            answer.json().map(mapping::profile).map(Some)
        } else {
            errors::read_refusal(&answer, &self.settings.token, now).map(|()| None)
        }
    }

    /// Until when it rests, having kept a later time.
    fn rest(&self, until: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let mut resting_until = self.resting_until.lock().unwrap_or_else(PoisonError::into_inner);
        *resting_until = (*resting_until).max(until);
        *resting_until
    }
}
