//! Counts the allocations of calls and decodes; see the library. Its times are not those of the other one.

use std::alloc::System;

use bench::Allocations;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> anyhow::Result<()> {
    bench::run(|work| {
        let region = Region::new(COUNTED);
        work();
        let change = region.change();
        Some(Allocations {
            count: (change.allocations + change.reallocations) as u64,
            bytes: change.bytes_allocated as u64,
        })
    })
}
