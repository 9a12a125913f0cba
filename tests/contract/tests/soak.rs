//! A short soak: what the caller is told holds through faults in three of ten requests, and a caller who
//! repeats without keys fails the same examination.

use anyhow::Result;
use contract::soak::{self, Caller, Settings};

#[test]
fn what_is_told_is_what_happened() -> Result<()> {
    let settings = Settings { calls: 300, faults: 0.3, seed: 1, concurrency: 64, apart: false };
    // Without repeats more is left to look for, which takes its time.
    for (caller, calls) in [(Caller::Sdk, settings.calls), (Caller::Once, 100)] {
        let books = soak::run(&Settings { calls, ..settings.clone() }, caller)?;
        assert!(books.balance(), "{books:#?}");
        assert_eq!((books.calls, books.unresolved), (calls, 0), "{books:#?}");
        // The faults have struck: some answers had to be asked for again, or looked for.
        assert!(books.attempts + books.repairs > books.calls, "{books:#?}");
    }
    let naive = soak::run(&settings, Caller::Naive)?;
    assert!(naive.doubles > 0 && naive.wrong > 0, "{naive:#?}");
    Ok(())
}
