//! What every function stands on: settings, secrets, logs, HTTP and the database connection.

pub mod api_keys;
pub(crate) mod aws;
pub mod config;
pub mod db;
pub mod http;
pub(crate) mod secrets;
pub mod telemetry;
