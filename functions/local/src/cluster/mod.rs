//! A private Postgres: finds the installed server and runs a cluster in the data directory.
//!
//! A data directory holds `cluster/` (Postgres's own files), `password`, `lock` (held by the process that
//! started the cluster), `postgres.lock` (held until Postgres has stopped, even if that process was killed)
//! and, while Postgres runs, `url`. The server listens on 127.0.0.1 only and always asks for the password.
//! Only the directory's owner can read it, and if that is root, the account `postgres`, which then runs the
//! server.

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

pub use self::private::{Cluster, find_or_start, start};
pub use self::scratch::{ScratchCluster, shared_for_tests};
