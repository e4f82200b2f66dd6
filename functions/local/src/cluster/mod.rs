//! A private Postgres: finds the installed server and runs a cluster in the data directory.
//!
//! Several processes can use one data directory at once: the first one starts Postgres, the last one stops
//! it. The directory holds
//! - `cluster/` (Postgres's own files), `password` and, while Postgres runs, `url`;
//! - `users`, a pipe that every user holds open for writing. The watch process that runs Postgres reads from
//!   it, so it notices the end of the last user, even if that one was killed;
//! - `users.lock`, which every user locks together with the others, to know whether it is the last one;
//! - `start.lock`, held by a process while it starts, joins or stops Postgres;
//! - `postgres.lock`, held by the watch process until Postgres has stopped;
//! - `lock`, held by the one process that runs the workers;
//! - what `linernotes up` and `linernotes api` need: `owner.key`, `owner.header`, `owner.lock` and `api_url`.
//!
//! The server listens on 127.0.0.1 only and always asks for the password. Only the directory's owner can read
//! it, and if that is root, the account `postgres`, which then runs the server.

mod account;
mod cluster_directory;
mod data_dir;
mod databases;
mod files;
mod installation;
mod machine_paths;
mod private;
mod scratch;
mod server;
#[cfg(test)]
mod tests;
mod users;

pub use self::data_dir::{default_data_dir, has_cluster, is_worked_on, make_data_dir};
pub(crate) use self::files::{open_private, write_private};
pub use self::private::{Cluster, open};
pub use self::scratch::{ScratchCluster, shared_for_tests};
