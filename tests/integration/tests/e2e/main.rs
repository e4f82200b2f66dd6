//! The deployed binaries, each in AWS's emulator, with moto for SQS and secrets: everything in
//! `template.yaml` that can be tested without an account. `scripts/e2e` builds and installs what this needs;
//! without it the tests fail.
#![expect(clippy::unwrap_used, reason = "a failing test panics")]
#![expect(clippy::print_stderr, reason = "a person is shown how far it is")]

mod batches;
mod database;
mod gate;
mod losses;
mod outage;
mod requests;
mod run;
mod stage;
