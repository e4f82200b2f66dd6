//! The functions as Lambda runs them, without Lambda: each binary under AWS's runtime interface emulator, which comes
//! with its command line tool `sam`. Measurements and end-to-end tests are built of it; what is measured or asserted
//! stands there.

mod emulator;
mod requests;

pub use emulator::{Answer, Emulator, Function, Programs};
pub use requests::http_event;
