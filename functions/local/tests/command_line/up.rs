//! `linernotes up`, from its start to its end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use super::{TestDataDir, assert_fails_in_one_line, postgres_is_gone};

/// A running `linernotes up`.
pub(crate) struct Up {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// The host and port of the API.
    pub(crate) address: String,
}

impl Up {
    pub(crate) fn start(dir: &TestDataDir, listen: &str) -> Self {
        Self::start_with(dir, listen, &[])
    }

    /// As [`Up::start`], with settings.
    pub(crate) fn start_with(dir: &TestDataDir, listen: &str, settings: &[(&str, &str)]) -> Self {
        let mut child = dir
            .program(&["up", "--listen", listen])
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split(';').next());
        let address = address.unwrap_or_else(|| panic!("printed: {line}")).to_owned();
        Self {
            child,
            stdout,
            address,
        }
    }

    /// Stops it; gives its exit status and what it printed.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
        let mut printed = String::new();
        self.stdout.read_to_string(&mut printed).unwrap();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut printed)
            .unwrap();
        (self.child.wait().unwrap().code(), printed)
    }
}

fn get(address: &str, path: &str) -> String {
    send(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"),
    )
}

/// Sends a request as it is; gives the whole answer.
pub(crate) fn send(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn up_fails_when_its_postgres_dies() {
    let dir = TestDataDir::new();
    let mut up = Up::start(&dir, "127.0.0.1:0");
    let pid = std::fs::read_to_string(dir.0.join("cluster/postmaster.pid")).unwrap();
    let pid = pid.lines().next().unwrap();
    assert!(
        Command::new("kill")
            .args(["-KILL", pid])
            .status()
            .unwrap()
            .success()
    );
    let mut printed = String::new();
    up.child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut printed)
        .unwrap();
    assert_eq!(up.child.wait().unwrap().code(), Some(1), "{printed}");
    let last = printed.lines().last().unwrap();
    assert!(last.starts_with("error: Postgres has ended: "), "{printed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_of_up_has_a_role_and_connections_of_its_own() {
    let dir = TestDataDir::new();
    let up = Up::start(&dir, "127.0.0.1:0");
    assert!(get(&up.address, "/v1/health").starts_with("HTTP/1.1 200 "));
    let url = std::fs::read_to_string(dir.0.join("url")).unwrap();
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let roles = "SELECT DISTINCT usename::text FROM pg_stat_activity
        WHERE application_name = 'linernotes' ORDER BY 1";
    let rows = client.query(roles, &[]).await.unwrap();
    let roles: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(roles, ["linernotes", "linernotes_api"]);
    drop(client);
    let (code, printed) = up.stop();
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn up_serves_rejects_a_second_process_and_stops_cleanly() {
    let dir = TestDataDir::new();
    let up = Up::start(&dir, "127.0.0.1:0");
    assert!(get(&up.address, "/v1/health").starts_with("HTTP/1.1 200 "));

    let second = dir.program(&["up", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert_fails_in_one_line(&second, "linernotes already runs on ");
    let joined = dir.program(&["status", "--json"]).output().unwrap();
    let status: Value = serde_json::from_slice(&joined.stdout).unwrap();
    assert_eq!(status["queues"].as_array().unwrap().len(), 3);

    let (code, printed) = up.stop();
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.ends_with("stopped\n"), "{printed}");
    assert!(!printed.contains("TLS"), "{printed}");
    assert!(postgres_is_gone(&dir.0));
}

#[test]
fn up_warns_where_others_can_reach_it_and_logs_the_id_of_each_answer() {
    let dir = TestDataDir::new();
    let up = Up::start(&dir, "0.0.0.0:0");
    let address = up.address.replace("0.0.0.0", "127.0.0.1");
    let answer = get(&address, "/v1/health");
    let id = answer
        .lines()
        .find_map(|line| line.strip_prefix("x-request-id: "))
        .unwrap_or_else(|| panic!("answered: {answer}"));
    let (_, printed) = up.stop();
    assert!(
        printed.contains("warning: other machines can reach this server, and it has no TLS"),
        "{printed}"
    );
    let logged: Vec<_> = printed
        .lines()
        .filter(|line| line.contains("request answered"))
        .collect();
    assert_eq!(logged.len(), 1, "{printed}");
    assert!(logged[0].contains(id), "{id} is not in {logged:?}");
}
