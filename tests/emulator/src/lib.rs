//! The functions as Lambda runs them, without Lambda: each binary under AWS's runtime interface emulator, which comes
//! with its command line tool `sam`, with moto for SQS and secrets, and what AWS itself does between them. Measurements
//! and end-to-end tests are built of it; what is measured or asserted stands there.

mod emulator;
mod event_source;
mod front;
mod moto;
mod requests;
mod stack;
mod template;
mod watched;

pub use emulator::{EmulatedFunction, Emulator, InvocationResult, Programs};
pub use event_source::{EventCounts, EventSource, sqs_event};
pub use front::ApiGateway;
pub use moto::{AwsClient, Moto, REGION};
pub use requests::{http_event, schedule_event};
pub use stack::{Stack, StackOptions};
pub use template::{EventSourceMapping, SamTemplate};
