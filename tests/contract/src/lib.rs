//! What the tests and the programs beside them share: the payload checker, the soak, the
//! program that is killed; and the README, so that its code blocks are compiled
//! with the documentation tests.

pub mod corpus;
pub mod events;
pub mod files;
mod instruments;
pub mod json;
pub mod kills;
pub mod payloads;
pub mod soak;
pub mod survivor;

use std::process::ExitCode;

/// How a program ends: an error is one line, whatever the environment asks for.
pub fn ended(outcome: anyhow::Result<ExitCode>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../../cashfree/README.md")]
pub struct CrateReadme;
