//! The tasks of the system: their names, what each is doing, and which of them ended although it must not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use shared::store::work::worker_processes::LaneReport;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

/// A lane that has not moved for this long hangs: a message has a minute, and then the lane receives again.
const HANGS_AFTER: Duration = Duration::from_secs(180);

/// Tasks that run until the system stops.
#[derive(Default)]
pub(super) struct TaskGroup {
    tasks: JoinSet<()>,
    names: HashMap<Id, String>,
}

impl TaskGroup {
    /// Starts a task.
    pub(super) fn spawn(&mut self, name: String, task: impl Future<Output = ()> + Send + 'static) {
        let handle = self.tasks.spawn(task);
        self.names.insert(handle.id(), name);
    }

    /// Waits until a task ends, and returns why, with its name. Never returns if there is none.
    pub(super) async fn first_end(&mut self) -> String {
        let Some(ended) = self.tasks.join_next_with_id().await else {
            return std::future::pending().await;
        };
        let (id, how) = match ended {
            Ok((id, ())) => (id, "returned"),
            Err(error) if error.is_panic() => (error.id(), "panicked"),
            Err(error) => (error.id(), "was cancelled"),
        };
        let name = self.names.get(&id).map_or("a task", String::as_str);
        format!("{name} {how}")
    }

    /// Waits until all tasks have ended.
    pub(super) async fn join_all(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    /// Aborts all tasks and waits for their end.
    pub(super) async fn abort_all(&mut self) {
        self.tasks.shutdown().await;
    }
}

/// What the lanes are doing.
#[derive(Clone, Default)]
pub(super) struct LaneBoard(Arc<Mutex<Vec<LaneState>>>);

struct LaneState {
    lane: String,
    message_key: Option<String>,
    since: Instant,
    moved_at: Instant,
}

/// The entry of one lane.
#[derive(Clone)]
pub(super) struct LaneEntry {
    board: LaneBoard,
    index: usize,
}

impl LaneBoard {
    /// Adds a lane that waits for messages.
    pub(super) fn add(&self, lane: String) -> LaneEntry {
        let now = Instant::now();
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.push(LaneState {
            lane,
            message_key: None,
            since: now,
            moved_at: now,
        });
        LaneEntry {
            board: self.clone(),
            index: lanes.len() - 1,
        }
    }

    /// What each lane is doing.
    pub(super) fn reports(&self) -> Vec<LaneReport> {
        let lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let report = |state: &LaneState| LaneReport {
            lane: state.lane.clone(),
            message_key: state.message_key.clone(),
            seconds: state.since.elapsed().as_secs(),
        };
        lanes.iter().map(report).collect()
    }

    /// A lane that hangs at this time, with what it was doing.
    pub(super) fn hanging(&self, now: Instant) -> Option<String> {
        let lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = lanes.iter().find(|state| now - state.moved_at > HANGS_AFTER)?;
        let doing = state.message_key.as_deref().unwrap_or("receiving");
        Some(format!("the lane {} hangs ({doing})", state.lane))
    }
}

impl LaneEntry {
    /// Shows that the lane moves, and with which message; `None` while it waits for one.
    pub(super) fn report(&self, message_key: Option<String>) {
        let mut lanes = self.board.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut lanes[self.index];
        state.moved_at = Instant::now();
        if state.message_key != message_key {
            state.since = state.moved_at;
            state.message_key = message_key;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_of_a_task_is_reported_with_its_name() {
        for (ends_how, expected) in [("panic", "sweep panicked"), ("return", "sweep returned")] {
            let mut group = TaskGroup::default();
            group.spawn("catalog 1".to_owned(), std::future::pending());
            group.spawn("sweep".to_owned(), async move {
                assert_ne!(ends_how, "panic", "as the test wants");
            });
            assert_eq!(group.first_end().await, expected);
        }
    }

    #[test]
    fn a_lane_that_does_not_move_hangs() {
        let board = LaneBoard::default();
        let entry = board.add("catalog 2".to_owned());
        let later = Instant::now() + HANGS_AFTER + Duration::from_secs(1);
        assert_eq!(board.hanging(Instant::now()), None);
        assert_eq!(
            board.hanging(later).unwrap(),
            "the lane catalog 2 hangs (receiving)"
        );
        entry.report(Some("resolve:x".to_owned()));
        assert_eq!(
            board.hanging(later).unwrap(),
            "the lane catalog 2 hangs (resolve:x)"
        );
        assert_eq!(board.reports()[0].message_key.as_deref(), Some("resolve:x"));
        entry.report(None);
        assert_eq!(board.reports()[0].message_key, None);
    }
}
