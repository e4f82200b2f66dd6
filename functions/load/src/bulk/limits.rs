//! The settings of transactions that take long, at the end of a load.

/// Raises memory, lifts the time limits and passes the lock on the catalog for this transaction: an index on
/// all tracks takes longer than the role's statement time-out. Parallel workers are off because several
/// connections create indexes at the same time.
pub(super) const UNLIMITED: &str = "
    SELECT set_config('maintenance_work_mem', '256MB', true), set_config('work_mem', '64MB', true),
           set_config('synchronous_commit', 'off', true),
           set_config('max_parallel_maintenance_workers', '0', true),
           set_config('max_parallel_workers_per_gather', '0', true),
           set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true),
           set_config('linernotes.is_load', 'on', true)";
