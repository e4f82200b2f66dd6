//! The settings. They all come from environment variables and are read once, at start.

mod clients;
mod credentials;
mod disabled_sources;
mod load;
mod missing_settings;
mod queues;
mod read_access;
mod sources;
#[cfg(test)]
mod tests;
mod values;
pub mod variables;

pub use clients::{DiscogsSettings, GeniusSettings, InstagramSettings, SpotifySettings};
pub use credentials::CredentialHashes;
pub use disabled_sources::DisabledSource;
pub use load::{Config, LogSettings};
pub use missing_settings::missing_for;
pub use queues::SqsUrls;
pub use read_access::ReadAccess;
pub use sources::CreditSources;
pub use values::{InvalidSetting, without_user_info};
pub use variables::{VARIABLES, Variable, is_reference};
