//! A process that dies at any moment, and a successor who finishes its work with the keys it left.

use std::path::Path;

use anyhow::Result;
use contract::kills;

#[test]
fn a_successor_finishes_the_work_once() -> Result<()> {
    let report = kills::run(Path::new(env!("CARGO_BIN_EXE_kills")), 20, 1)?;
    assert_eq!((report.kills, report.twice, report.missing), (20, 0, 0), "{report}");
    // Otherwise the processes were killed while they had nothing to lose.
    assert!(report.in_the_air > 0, "{report}");
    Ok(())
}
