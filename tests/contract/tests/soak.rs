//! A short soak: what the caller is told holds through faults in three of ten requests, and a caller who
//! repeats without keys fails the same examination.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Result;
use cashfree_sandbox::{Change, Sandbox};
use contract::soak::{self, Caller, Settings};

use crate::{Shop, order};

#[test]
fn what_is_told_is_what_happened() -> Result<()> {
    let settings = Settings { calls: 300, faults: 0.3, seed: 1, concurrency: 64, budget: None, apart: false };
    // Without repeats more is left to look for, which takes its time.
    for (caller, calls, budget) in [
        (Caller::Sdk, settings.calls, None),
        (Caller::Sdk, settings.calls, Some(1.0)),
        (Caller::Once, 100, None),
    ] {
        let books = soak::run(&Settings { calls, budget, ..settings.clone() }, caller)?;
        assert!(books.balance(), "{books:#?}");
        assert_eq!((books.calls, books.unresolved), (calls, 0), "{books:#?}");
        // The faults have struck: some answers had to be asked for again, or looked for.
        assert!(books.attempts + books.repairs > books.calls, "{books:#?}");
    }
    let naive = soak::run(&settings, Caller::Naive)?;
    assert!(naive.doubles > 0 && naive.wrong > 0, "{naive:#?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_calls_at_a_time_on_one_client() -> Result<()> {
    const CALLS: usize = 1000;
    // Two ends for each connection, and the rest of the suite beside them.
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let enough = maximum.map_or(8192, |most| most.min(8192));
        if current.is_some_and(|current| current < enough) {
            setrlimit(Resource::Nofile, Rlimit { current: Some(enough), maximum })?;
        }
    }
    let unlimited = Sandbox::builder().rate_limit("PGCreateOrder", 10_000);
    let shop = Shop::with(unlimited, |client| client).await?;
    let all_there = Arc::new(tokio::sync::Barrier::new(CALLS));
    let mut calls = tokio::task::JoinSet::new();
    for nth in 0..CALLS {
        let (client, all_there) = (shop.client.clone(), Arc::clone(&all_there));
        let order = order(&format!("order_{nth}"), "5")?;
        calls.spawn(async move {
            all_there.wait().await;
            client.orders().create(order).await
        });
    }
    let mut ids = HashSet::new();
    while let Some(made) = calls.join_next().await {
        ids.insert(made??.order_id.clone());
    }
    assert_eq!(ids.len(), CALLS);
    assert_eq!(shop.sandbox.committed_of(Change::OrderCreated).len(), CALLS);
    assert_eq!(shop.sandbox.requests().len(), CALLS);
    Ok(())
}
