//! Stored calls on [graphile_worker](https://docs.rs/graphile_worker), a job engine on Postgres: a call is committed
//! with the business row that it belongs to, and a worker sends it.
//!
//! [`calls`] is the integration: copy the folder into a program. [`shop`] is a program that uses it, for the example
//! `stored_calls_postgres`, the tests, and [`kills`], which kills its workers and restarts its database. [`flaws`] are
//! shops that do something wrong, which [`kills`] has to find.
//!
//! The engine leases, wakes, schedules and recovers jobs. What it can't know is in [`calls`]: which failure is a retry
//! and which a dead letter, how long to wait, and that a job that was interrupted may have acted.

pub mod calls;
pub mod customer;
pub mod flaws;
pub mod kills;
pub mod shop;
