//! Wakes the receivers of this process that wait for messages in Postgres. Receivers of other processes find
//! them at their next poll.

use std::time::Duration;

use tokio::sync::Notify;

use crate::domain::messages::QueueName;

/// Wakes waiting receivers, one for a message: waking all of them would make all but one search in vain.
#[derive(Debug, Default)]
pub struct WakeUps([Notify; QueueName::ALL.len()]);

impl WakeUps {
    fn of(&self, queue: QueueName) -> &Notify {
        &self.0[queue as usize]
    }

    /// Wakes one receiver of a queue. If none waits, the next one does not wait.
    pub(super) fn wake_one(&self, queue: QueueName) {
        self.of(queue).notify_one();
    }

    /// Wakes all receivers that wait, so that they can stop.
    pub fn wake_all(&self) {
        self.0.iter().for_each(Notify::notify_waiters);
    }

    /// Waits to be woken, up to this long.
    pub(super) async fn wait(&self, queue: QueueName, longest: Duration) {
        let _ = tokio::time::timeout(longest, self.of(queue).notified()).await;
    }
}
