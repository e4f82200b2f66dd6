//! The settings, secrets, logs, HTTP client and database connection that all functions use.

pub mod api_keys;
pub(crate) mod aws;
pub mod config;
pub mod db;
pub mod error_text;
pub mod http;
pub(crate) mod secrets;
pub mod telemetry;
