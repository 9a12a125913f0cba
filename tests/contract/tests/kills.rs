//! A process that dies at any moment, and a successor who finishes its work with the keys it left.

use std::path::Path;

use adversary::Profile;
use anyhow::Result;
use contract::kills::{self, Against};

const PROGRAM: &str = env!("CARGO_BIN_EXE_kills");

#[test]
fn a_successor_finishes_the_work_once() -> Result<()> {
    let report = kills::run(Path::new(PROGRAM), &Against::Sandbox, 20, 1)?;
    assert_eq!((report.kills, report.twice, report.missing), (20, 0, 0), "{report}");
    // Otherwise the processes were killed while they had nothing to lose.
    assert!(report.in_the_air > 0, "{report}");
    Ok(())
}

#[test]
fn a_successor_finishes_the_work_once_in_every_profile() -> Result<()> {
    std::thread::scope(|scope| {
        let runs: Vec<_> = Profile::NAMES
            .into_iter()
            .map(|name| {
                scope.spawn(move || -> Result<()> {
                    let against = Against::Adversary(name.to_owned());
                    let report = kills::run(Path::new(PROGRAM), &against, 5, 1)?;
                    assert_eq!((report.kills, report.twice, report.missing), (5, 0, 0), "{name}\n{report}");
                    Ok(())
                })
            })
            .collect();
        runs.into_iter()
            .try_for_each(|run| run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}
