//! Being asked to stop: Ctrl-C, or SIGTERM from whoever runs services here.
//! What stopping takes is each command's matter.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Both signals, from now on. The process no longer ends by them on its own.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
