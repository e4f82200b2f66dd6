//! Runs commands on a database of a test.

use std::process::Output;

use linernotes::cluster::shared_for_tests;

use crate::program;

/// A database, and the program that runs on it.
pub(crate) struct CommandRunner {
    url: String,
}

impl CommandRunner {
    /// A migrated database with these rows.
    pub(crate) async fn start(database: &str, rows: &str) -> Self {
        let scratch = shared_for_tests().await.unwrap();
        let url = scratch.database(database, "template1").await.unwrap();
        let runner = Self { url };
        assert!(runner.run(&["migrate"]).status.success());
        let (client, connection) = tokio_postgres::connect(&runner.url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        client.batch_execute(rows).await.unwrap();
        runner
    }

    fn run(&self, arguments: &[&str]) -> Output {
        program(arguments)
            .env("DATABASE_URL", &self.url)
            .env("TZ", "UTC")
            .output()
            .unwrap()
    }

    /// Runs a command that succeeds; returns what it printed.
    pub(crate) fn prints(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {stderr}");
        let stdout = String::from_utf8(output.stdout).unwrap();
        stdout.trim_end().to_owned()
    }

    /// Runs a command that fails; returns the line on standard error.
    pub(crate) fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        stderr.trim_end().to_owned()
    }
}
