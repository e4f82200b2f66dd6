//! Counts the calls to a stand-in, checks them against its rate limit and decides which of them fail.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The period over which the rate limit is checked.
const WINDOW: Duration = Duration::from_secs(10);
/// Number of calls tolerated above the limit of a window.
const TOLERANCE: usize = 5;

/// A call that fails, whatever it requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailingCall {
    /// Number of the call, from 1.
    pub call: u64,
    /// HTTP status of the response: 429 or 503.
    pub status: u16,
}

/// Counts of the calls to one stand-in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CallCounts {
    /// Calls that were answered, including answers such as 404.
    pub(super) answered: u64,
    /// Calls that were rejected with 429 or 503.
    pub(super) refused: u64,
    /// Answered calls by kind.
    pub(super) by_kind: BTreeMap<&'static str, u64>,
}

/// Counts the calls to one stand-in.
pub(super) struct CallMeter {
    upstream: &'static str,
    calls_per_second: usize,
    failing: Vec<FailingCall>,
    state: Mutex<MeterState>,
}

#[derive(Default)]
struct MeterState {
    counts: CallCounts,
    recent: VecDeque<Instant>,
    breaches: Vec<String>,
}

impl CallMeter {
    pub(super) fn new(upstream: &'static str, calls_per_second: usize, failing: Vec<FailingCall>) -> Self {
        Self {
            upstream,
            calls_per_second,
            failing,
            state: Mutex::default(),
        }
    }

    /// Counts a call at `now`. Returns the status of the error response if the call is to fail.
    pub(super) fn count(&self, kind: &'static str, now: Instant) -> Option<u16> {
        let mut state = self.state();
        while state
            .recent
            .front()
            .is_some_and(|&earlier| now.duration_since(earlier) >= WINDOW)
        {
            state.recent.pop_front();
        }
        state.recent.push_back(now);
        let allowed = self.calls_per_second * WINDOW.as_secs() as usize + TOLERANCE;
        // Reported once while it lasts.
        if state.recent.len() == allowed + 1 {
            let breach = format!(
                "{}: more than {allowed} calls in {} seconds",
                self.upstream,
                WINDOW.as_secs()
            );
            state.breaches.push(breach);
        }
        let call = state.counts.answered + state.counts.refused + 1;
        let failing = self.failing.iter().find(|failing| failing.call == call);
        if failing.is_some() {
            state.counts.refused += 1;
        } else {
            state.counts.answered += 1;
            *state.counts.by_kind.entry(kind).or_default() += 1;
        }
        failing.map(|failing| failing.status)
    }

    pub(super) fn counts(&self) -> CallCounts {
        self.state().counts.clone()
    }

    pub(super) fn breaches(&self) -> Vec<String> {
        self.state().breaches.clone()
    }

    fn state(&self) -> MutexGuard<'_, MeterState> {
        // The counts stay correct if a handler panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_above_a_full_window_is_a_breach() {
        let meter = CallMeter::new("MusicBrainz", 20, Vec::new());
        let start = Instant::now();
        for _ in 0..205 {
            meter.count("release", start);
        }
        assert!(meter.breaches().is_empty());
        meter.count("release", start + Duration::from_secs(9));
        meter.count("release", start + Duration::from_secs(9));
        assert_eq!(
            meter.breaches(),
            ["MusicBrainz: more than 205 calls in 10 seconds"]
        );
    }

    #[test]
    fn a_steady_rate_is_no_breach() {
        let meter = CallMeter::new("Spotify", 10, Vec::new());
        let start = Instant::now();
        for call in 0..1_000 {
            meter.count("album", start + Duration::from_millis(100 * call));
        }
        assert!(meter.breaches().is_empty());
        assert_eq!(meter.counts().answered, 1_000);
    }

    #[test]
    fn failing_calls_are_counted_separately() {
        let meter = CallMeter::new("Spotify", 10, vec![FailingCall { call: 2, status: 429 }]);
        let now = Instant::now();
        assert_eq!(
            [
                meter.count("album", now),
                meter.count("album", now),
                meter.count("track", now)
            ],
            [None, Some(429), None]
        );
        let by_kind = BTreeMap::from([("album", 1), ("track", 1)]);
        assert_eq!(
            meter.counts(),
            CallCounts {
                answered: 2,
                refused: 1,
                by_kind
            }
        );
    }
}
