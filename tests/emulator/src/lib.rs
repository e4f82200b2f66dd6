//! Runs the functions as Lambda does, without AWS: each binary under AWS's runtime interface emulator (part
//! of its command line tool `sam`), moto in place of SQS and Secrets Manager, and what AWS does between them.
//! The end-to-end tests and the measurements use it.

mod api_gateway;
mod emulator;
mod event_source;
mod moto;
mod requests;
mod server_process;
mod stack;
mod template;

pub use api_gateway::ApiGateway;
pub use emulator::{EmulatedFunction, Emulator, InvocationResult, Programs};
pub use event_source::{EventCounts, EventSource, sqs_event};
pub use moto::{AwsClient, Moto, REGION};
pub use requests::{http_event, schedule_event};
pub use stack::{Stack, StackOptions};
pub use template::{EventSourceMapping, SamTemplate};
