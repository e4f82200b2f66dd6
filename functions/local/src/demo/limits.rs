//! Counts the calls a stand-in upstream gets, holds them against its rate, and says which of them are to fail.
//! What an upstream answers stays out.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Limits are looked at over this long.
const WINDOW: Duration = Duration::from_secs(10);
/// How many calls over ten seconds' worth are forgiven.
const GRACE: usize = 5;

/// A call that fails, whatever it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailingCall {
    /// Which call, counted from 1.
    pub call: u64,
    /// The HTTP status it is answered with: 429 or 503.
    pub status: u16,
}

/// The calls to one upstream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Counted {
    /// Calls that got an answer, a refusal of what they asked among them.
    pub(super) answered: u64,
    /// Calls that got a 429 or a 503.
    pub(super) refused: u64,
    /// The answered ones by what they asked for.
    pub(super) by_kind: BTreeMap<&'static str, u64>,
}

/// Counts one upstream's calls.
pub(super) struct Meter {
    upstream: &'static str,
    calls_a_second: usize,
    failing: Vec<FailingCall>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    counted: Counted,
    recent: VecDeque<Instant>,
    breaches: Vec<String>,
}

impl Meter {
    pub(super) fn new(upstream: &'static str, calls_a_second: usize, failing: Vec<FailingCall>) -> Self {
        Self {
            upstream,
            calls_a_second,
            failing,
            state: Mutex::default(),
        }
    }

    /// Counts a call that came at `now`; the status to fail it with, if it is one that fails.
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
        let allowed = self.calls_a_second * WINDOW.as_secs() as usize + GRACE;
        // Said once for as long as it lasts.
        if state.recent.len() == allowed + 1 {
            let breach = format!(
                "{}: more than {allowed} calls in {} seconds",
                self.upstream,
                WINDOW.as_secs()
            );
            state.breaches.push(breach);
        }
        let call = state.counted.answered + state.counted.refused + 1;
        let failing = self.failing.iter().find(|failing| failing.call == call);
        if failing.is_some() {
            state.counted.refused += 1;
        } else {
            state.counted.answered += 1;
            *state.counted.by_kind.entry(kind).or_default() += 1;
        }
        failing.map(|failing| failing.status)
    }

    pub(super) fn counted(&self) -> Counted {
        self.state().counted.clone()
    }

    pub(super) fn breaches(&self) -> Vec<String> {
        self.state().breaches.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Counts stay true when a handler panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_window_is_no_breach_and_one_call_more_is() {
        let meter = Meter::new("MusicBrainz", 20, Vec::new());
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
    fn a_steady_rate_never_breaches() {
        let meter = Meter::new("Spotify", 10, Vec::new());
        let start = Instant::now();
        for call in 0..1_000 {
            meter.count("album", start + Duration::from_millis(100 * call));
        }
        assert!(meter.breaches().is_empty());
        assert_eq!(meter.counted().answered, 1_000);
    }

    #[test]
    fn failing_calls_are_counted_apart() {
        let meter = Meter::new("Spotify", 10, vec![FailingCall { call: 2, status: 429 }]);
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
            meter.counted(),
            Counted {
                answered: 2,
                refused: 1,
                by_kind
            }
        );
    }
}
