//! The database's clock. Times that are stored and compared come from it, because the clocks of the machines
//! that share a database can be minutes apart.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, Utc};

/// Reads the clock of the database.
pub(super) const READ_CLOCK: &str = "SELECT clock_timestamp() AS now";

/// How far the clock of the database is ahead of ours, measured with each connection that is opened and with
/// each batch of messages.
#[derive(Debug, Default)]
pub(super) struct DatabaseClock {
    ahead_micros: AtomicI64,
}

impl DatabaseClock {
    /// Takes note of a time of the database, which was asked for at `asked_at` by our clock. What it took to
    /// answer counts as time by which the database is ahead, so that an estimate is never earlier than what
    /// the database said to somebody before.
    pub(super) fn set(&self, asked_at: DateTime<Utc>, database_time: DateTime<Utc>) {
        let ahead = (database_time - asked_at).num_microseconds().unwrap_or_default();
        self.ahead_micros.store(ahead, Ordering::Relaxed);
    }

    /// The time of the database at a time of our clock.
    pub(super) fn database_time(&self, ours: DateTime<Utc>) -> DateTime<Utc> {
        let ahead = Duration::microseconds(self.ahead_micros.load(Ordering::Relaxed));
        ours.checked_add_signed(ahead).unwrap_or(ours)
    }

    /// The time of the database now.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.database_time(Utc::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shifted_by_the_difference_of_the_clocks() {
        let ours = DateTime::from_timestamp(1_000_000, 0).unwrap();
        let clock = DatabaseClock::default();
        assert_eq!(clock.database_time(ours), ours);
        for minutes in [5, -5] {
            let difference = Duration::minutes(minutes);
            clock.set(ours, ours + difference);
            assert_eq!(
                clock.database_time(ours + Duration::hours(1)),
                ours + difference + Duration::hours(1)
            );
        }
        assert_eq!(
            clock.database_time(DateTime::<Utc>::MIN_UTC),
            DateTime::<Utc>::MIN_UTC
        );
    }
}
