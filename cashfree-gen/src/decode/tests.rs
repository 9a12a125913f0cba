//! Tests of the decoder: against serde_json, of each tolerance, and of its cost.

mod cost;
mod differential;
mod tolerance;
