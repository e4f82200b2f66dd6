//! The limits of requests.

use std::time::Duration;

use shared::platform::db::REQUEST_STATEMENT_TIME_OUT;

/// The most requests that are answered at once. Further ones are refused, because they would only wait for a
/// connection to the database.
pub(crate) const MOST_REQUESTS: usize = 64;
/// The largest body of a request. A hundred of the longest names take a fraction of it.
pub(crate) const LARGEST_BODY_BYTES: usize = 256 * 1024;
/// The time in which the body of a request must arrive.
pub(crate) const BODY_TIME_OUT: Duration = Duration::from_secs(10);
/// The time in which a request is answered once it has arrived. On Lambda requests arrive whole, and this is
/// shorter than the time limit of the function.
pub(crate) const TIME_OUT: Duration = Duration::from_secs(13);
const _: () = assert!(REQUEST_STATEMENT_TIME_OUT.as_secs() < TIME_OUT.as_secs());
