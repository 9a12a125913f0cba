//! The ledger is trusted because each switch is driven here with raw requests, and what the ledger says afterwards is
//! known.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it did not expect"
)]

mod faults;
mod keys;
mod raw;
mod views;
