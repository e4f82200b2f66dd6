//! Runs a server program on loopback until this process ends.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::net::TcpStream;

/// Runs a program while its own standard input is open, which ends with this process in any case. It first
/// prints the program's process id. The program has the default signal handlers.
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
/// Long, because the machine may be busy with a build.
const START_TIME_OUT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(5);
/// Another process may take a free port before the program does.
const MAX_ATTEMPTS: u32 = 5;

/// A running program. Dropping this ends it.
#[derive(Debug)]
pub(super) struct WatchedProgram {
    pub(super) pid: u32,
    output: ProgramOutput,
    _hold: ChildStdin,
}

type ProgramOutput = Arc<Mutex<Vec<String>>>;

impl WatchedProgram {
    /// Starts the command that `command` builds for two free addresses and waits until it listens on the
    /// first one. It inherits no environment, since that of this process may contain secrets.
    pub(super) async fn start(
        command: impl Fn(SocketAddr, SocketAddr) -> Command,
    ) -> anyhow::Result<(Self, SocketAddr)> {
        let mut attempt = 1;
        loop {
            let [address, second] = free_addresses()?;
            let command = command(address, second);
            let program = Self::spawn(&command)?;
            if program.is_listening(address).await? {
                return Ok((program, address));
            }
            let output = program.output().join("; ");
            let is_port_taken = output.to_lowercase().contains("address already in use")
                || output.to_lowercase().contains("is in use by another program");
            if attempt == MAX_ATTEMPTS || !is_port_taken {
                let name = command.get_program().display();
                bail!("{name} does not start: {output}");
            }
            attempt += 1;
        }
    }

    /// All lines that it has written so far.
    pub(super) fn output(&self) -> Vec<String> {
        self.output.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
            // So that the program does not receive our terminal's Ctrl-C.
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
        let output = ProgramOutput::default();
        let written = Arc::clone(&output);
        std::thread::spawn(move || collect_output(watch, lines, &written));
        Ok(Self {
            pid: pid.trim().parse().context("start a program")?,
            output,
            _hold: hold,
        })
    }

    /// Waits until it accepts connections; false if it exits instead.
    async fn is_listening(&self, address: SocketAddr) -> anyhow::Result<bool> {
        let started_at = Instant::now();
        while started_at.elapsed() < START_TIME_OUT {
            if !Path::new(&format!("/proc/{}", self.pid)).exists() {
                // Its last lines may still be in the pipe.
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

/// Collects the output, and reaps the process after it has exited.
fn collect_output(mut watch: Child, mut lines: BufReader<impl Read>, output: &Mutex<Vec<String>>) {
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).is_ok_and(|bytes| bytes > 0) {
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        output.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        line.clear();
    }
    // Nobody needs its exit status.
    let _ = watch.wait();
}

/// Both ports stay bound until both are known, so that they differ.
fn free_addresses() -> anyhow::Result<[SocketAddr; 2]> {
    let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("find a free port");
    let (first, second) = (listen()?, listen()?);
    Ok([first.local_addr()?, second.local_addr()?])
}
