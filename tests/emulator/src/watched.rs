//! A program that stands in for AWS, run on loopback for as long as we live. What is asked of it is for whoever
//! started it.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::net::TcpStream;

/// Runs a program for as long as its own standard input is open, which it is while we live, however we end. First it says
/// which process the program is. The program's own signals are as they always are.
const WATCH: &str = r#"
trap '' HUP INT TERM PIPE
exec 3<&0
(trap - HUP INT TERM PIPE; exec "$@") </dev/null 3<&- 2>&1 &
program=$!
echo "$program"
{ read -r _ <&3; kill "$program"; } >/dev/null 2>&1 &
hold=$!
wait "$program"
kill -KILL "$hold"
"#;
/// A machine can be busy building.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);
/// A free port can be taken before the program has it.
const ATTEMPTS: u32 = 5;

/// A running program. Dropped, it is ended.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) pid: u32,
    said: Said,
    _hold: ChildStdin,
}

type Said = Arc<Mutex<Vec<String>>>;

impl Watched {
    /// Starts what `command` makes for two free addresses and waits until it listens on the first one. Of our
    /// environment, which may hold secrets, it gets nothing.
    pub(super) async fn start(
        command: impl Fn(SocketAddr, SocketAddr) -> Command,
    ) -> anyhow::Result<(Self, SocketAddr)> {
        let mut attempt = 1;
        loop {
            let [address, second] = free_addresses()?;
            let command = command(address, second);
            let watched = Self::spawn(&command)?;
            if watched.is_listening(address).await? {
                return Ok((watched, address));
            }
            let said = watched.said().join("; ");
            let is_taken = said.to_lowercase().contains("address already in use")
                || said.to_lowercase().contains("is in use by another program");
            if attempt == ATTEMPTS || !is_taken {
                let program = command.get_program().display();
                bail!("{program} does not start: {said}");
            }
            attempt += 1;
        }
    }

    /// Every line that it wrote so far.
    pub(super) fn said(&self) -> Vec<String> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn spawn(command: &Command) -> anyhow::Result<Self> {
        let variables = command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)));
        let mut watch = Command::new("/bin/sh")
            .args(["-c", WATCH, "linernotes-watch"])
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .envs(variables)
            // Ctrl-C in our terminal is for us alone.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("start sh to run a program")?;
        let hold = watch.stdin.take().context("no standard input")?;
        let mut lines = BufReader::new(watch.stdout.take().context("no standard output")?);
        let mut pid = String::new();
        lines.read_line(&mut pid).context("start a program")?;
        let said = Said::default();
        let heard = Arc::clone(&said);
        std::thread::spawn(move || hear(watch, lines, &heard));
        Ok(Self {
            pid: pid.trim().parse().context("start a program")?,
            said,
            _hold: hold,
        })
    }

    /// Waits until it takes connections; false where it ended instead.
    async fn is_listening(&self, address: SocketAddr) -> anyhow::Result<bool> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if !Path::new(&format!("/proc/{}", self.pid)).exists() {
                // What it said last is on its way.
                tokio::time::sleep(PAUSE * 20).await;
                return Ok(false);
            }
            if TcpStream::connect(address).await.is_ok() {
                return Ok(true);
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("process {} does not listen on {address}", self.pid)
    }
}

/// Keeps what it says, and clears the process away when it has ended.
fn hear(mut watch: Child, mut lines: BufReader<impl Read>, said: &Mutex<Vec<String>>) {
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        said.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        line.clear();
    }
    // How it ended is of no interest by now.
    let _ = watch.wait();
}

/// Both are held until both are known, so that they differ.
fn free_addresses() -> anyhow::Result<[SocketAddr; 2]> {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("find a free port");
    let (first, second) = (listen()?, listen()?);
    Ok([first.local_addr()?, second.local_addr()?])
}
