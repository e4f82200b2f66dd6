//! The limits of every request.

use std::time::Duration;

/// The largest body of a request. A hundred of the longest names take a fraction of it.
pub(crate) const LARGEST_BODY_BYTES: usize = 256 * 1024;
/// The time in which a request is answered, shorter than the time limit of the Lambda function.
pub(crate) const TIME_OUT: Duration = Duration::from_secs(13);
