//! The binaries that are deployed, each under AWS's emulator, with moto for SQS and secrets: all of `template.yaml` that
//! can be tried without an account. `scripts/e2e` builds and installs what this needs; it fails where that is missing.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![expect(clippy::print_stderr, reason = "a person is shown how far it is")]

mod batches;
mod database;
mod gate;
mod losses;
mod requests;
mod run;
mod stage;
