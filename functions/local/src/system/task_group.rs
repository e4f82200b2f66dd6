//! The tasks of the system: their names, what each is doing, and which of them ended or hangs although
//! it must not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use shared::store::work::worker_processes::LaneReport;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

/// How often it is checked whether a task hangs.
const CHECK_EVERY: Duration = Duration::from_secs(5);
/// How late a task may be on a busy machine. With the time until the next check, a task that hangs is found
/// out a quarter of a minute after it should have moved.
const GRACE: Duration = Duration::from_secs(10);

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

/// What tasks of one kind are doing.
#[derive(Clone)]
pub(super) struct TaskBoard {
    kind: &'static str,
    tasks: Arc<Mutex<Vec<TaskState>>>,
}

struct TaskState {
    name: String,
    /// The message or the run; `None` while it waits for one.
    work: Option<String>,
    since: Instant,
    /// When it moves again at the latest.
    due_at: Instant,
}

/// The entry of one task.
#[derive(Clone)]
pub(super) struct TaskEntry {
    board: TaskBoard,
    index: usize,
}

impl TaskBoard {
    /// A board for tasks of a kind, such as "the lane".
    pub(super) fn new(kind: &'static str) -> Self {
        Self {
            kind,
            tasks: Arc::default(),
        }
    }

    /// Adds a task that is about to begin.
    pub(super) fn add(&self, name: String) -> TaskEntry {
        let now = Instant::now();
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.push(TaskState {
            name,
            work: None,
            since: now,
            due_at: now + GRACE,
        });
        TaskEntry {
            board: self.clone(),
            index: tasks.len() - 1,
        }
    }

    /// What each task is doing, if they are lanes.
    pub(super) fn lane_reports(&self) -> Vec<LaneReport> {
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let report = |state: &TaskState| LaneReport {
            lane: state.name.clone(),
            message_key: state.work.clone(),
            seconds: state.since.elapsed().as_secs(),
        };
        tasks.iter().map(report).collect()
    }

    /// A task that hangs at this time, with what it was doing.
    fn hanging(&self, now: Instant) -> Option<String> {
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let state = tasks.iter().find(|state| now > state.due_at)?;
        let work = state.work.as_deref().unwrap_or("waiting");
        Some(format!("{} {} hangs ({work})", self.kind, state.name))
    }
}

impl TaskEntry {
    /// Shows that the task moves: what it does next, or `None` if it waits, and how long that takes at most.
    pub(super) fn report(&self, work: Option<String>, longest: Duration) {
        let mut tasks = self.board.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut tasks[self.index];
        let now = Instant::now();
        state.due_at = now + longest + GRACE;
        if state.work != work {
            state.since = now;
            state.work = work;
        }
    }
}

/// Waits until a task ends or one on a board hangs, and returns which.
pub(super) async fn first_failure(tasks: &mut TaskGroup, boards: &[&TaskBoard]) -> String {
    let mut checks = tokio::time::interval(CHECK_EVERY);
    loop {
        tokio::select! {
            ended = tasks.first_end() => return ended,
            _ = checks.tick() => {
                let now = Instant::now();
                if let Some(hanging) = boards.iter().find_map(|board| board.hanging(now)) {
                    return hanging;
                }
            }
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
            assert_eq!(first_failure(&mut group, &[]).await, expected);
        }
    }

    #[test]
    fn a_task_that_does_not_move_is_found_out_within_a_minute() {
        let lanes = TaskBoard::new("the lane");
        let entry = lanes.add("catalog 2".to_owned());
        for (work, longest, expected) in [
            (None, 30, "the lane catalog 2 hangs (waiting)"),
            (Some("resolve:x"), 60, "the lane catalog 2 hangs (resolve:x)"),
        ] {
            entry.report(work.map(str::to_owned), Duration::from_secs(longest));
            assert_eq!(lanes.lane_reports()[0].message_key.as_deref(), work);
            let after = |seconds| Instant::now() + Duration::from_secs(seconds);
            assert_eq!(lanes.hanging(after(longest)), None);
            let found_out_after = 60 - CHECK_EVERY.as_secs();
            assert_eq!(lanes.hanging(after(longest + found_out_after)).unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn a_task_that_hangs_is_reported_although_it_runs() {
        let (lanes, mut group) = (TaskBoard::new("the lane"), TaskGroup::default());
        group.spawn("the lane catalog 1".to_owned(), std::future::pending());
        lanes.add("catalog 1".to_owned());
        lanes.tasks.lock().unwrap()[0].due_at = Instant::now() - Duration::from_millis(1);
        let failure = first_failure(&mut group, &[&TaskBoard::new("none"), &lanes]).await;
        assert_eq!(failure, "the lane catalog 1 hangs (waiting)");
    }
}
