//! Faults between a client and the service: scripted by a test, or drawn at random.

pub(crate) mod random;
pub(crate) mod scripted;
