//! Several receivers over one store, killed and delivered to again and again, in a short form.

use std::path::Path;

use anyhow::{Result, ensure};
use servers::deduplication::{self, Options, Report, Store};

const PROGRAM: &str = env!("CARGO_BIN_EXE_deduplication");

async fn run(store: Store, events: u32, kills: u32) -> Result<Option<Report>> {
    let (deliveries, receivers, restarts, lease, seed) = (5, 8, 1, 500, 1);
    let options = Options { store, events, deliveries, receivers, kills, restarts, lease, seed };
    let report = deduplication::run(Path::new(PROGRAM), &options).await?;
    if let Some(report) = &report {
        println!("{store:?}\n{report}");
        ensure!(report.acknowledged == u64::from(events * deliveries), "{report}");
    }
    Ok(report)
}

async fn holds(store: Store) -> Result<()> {
    let Some(report) = run(store, 300, 20).await? else { return Ok(()) };
    ensure!(report.broken() == 0, "{report}");
    // Otherwise nothing was put to the test.
    ensure!(report.restarts == 1 && report.hang_ups > 0, "{report}");
    for point in ["before the effect", "before the confirmation"] {
        ensure!(report.kills.contains_key(point), "nobody was killed {point}: {report}");
    }
    ensure!(report.effects > 300, "no handler was repeated: {report}");
    ensure!(report.skipped > 0 && report.handled > 0, "{report}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_transaction_each_event_is_handled_exactly_once() -> Result<()> {
    holds(Store::PostgresTransaction).await
}

#[tokio::test(flavor = "multi_thread")]
async fn over_postgres_an_event_is_handled_by_one_at_a_time() -> Result<()> {
    holds(Store::Postgres).await
}

#[tokio::test(flavor = "multi_thread")]
async fn over_redis_an_event_is_handled_by_one_at_a_time() -> Result<()> {
    holds(Store::Redis).await
}

/// The check finds what each of these stores breaks.
#[tokio::test(flavor = "multi_thread")]
async fn stores_without_a_promise_are_found_out() -> Result<()> {
    let Some(report) = run(Store::Nothing, 50, 0).await? else { return Ok(()) };
    ensure!(report.after_confirmation > 50 && report.together > 0, "{report}");
    let Some(report) = run(Store::Memory, 50, 0).await? else { return Ok(()) };
    ensure!(report.after_confirmation > 0 && report.confirmed_twice > 0, "{report}");
    let Some(report) = run(Store::ReadThenWrite, 100, 0).await? else { return Ok(()) };
    ensure!(report.together > 0, "{report}");
    let Some(report) = run(Store::ClaimedIsHandled, 100, 15).await? else { return Ok(()) };
    ensure!(report.missing > 0 && report.skipped_early > 0, "{report}");
    Ok(())
}
