//! A short soak over each service: the client's statements hold, and a caller that repeats without keys fails the
//! same examination.

use std::collections::HashSet;
use std::sync::Arc;

use adversary::Profile;
use anyhow::Result;
use cashfree_sandbox::{Change, Sandbox};
use contract::soak::{self, Against, Caller, Settings};

use crate::{Shop, order};

fn settings(against: Against, calls: u64) -> Settings {
    Settings { against, calls, seed: 1, concurrency: 64, budget: None, apart: false }
}

#[test]
fn statements_hold_against_the_sandbox() -> Result<()> {
    let sandbox = |forgets_keys| Against::Sandbox { faults: 0.3, forgets_keys };
    let settings = settings(sandbox(false), 300);
    // Without repeats more is left to look for, which takes its time.
    for (caller, calls, budget) in [
        (Caller::Following, settings.calls, None),
        (Caller::Following, settings.calls, Some(1.0)),
        (Caller::Once, 100, None),
    ] {
        let tally = soak::run(&Settings { calls, budget, ..settings.clone() }, caller)?;
        assert!(tally.balances(), "{tally:#?}");
        assert!(tally.calls >= calls, "{tally:#?}");
        // The faults have struck: some calls had to be resent, or looked for.
        assert!(tally.attempts + tally.resent > tally.calls, "{tally:#?}");
    }
    let forgetful = Settings { against: sandbox(true), budget: Some(1.0), ..settings.clone() };
    let tally = soak::run(&forgetful, Caller::Following)?;
    assert!(tally.balances(), "keys are forgotten: {tally:#?}");
    let naive = soak::run(&settings, Caller::Naive)?;
    assert!(naive.doubles > 0 && naive.wrong > 0, "{naive:#?}");
    Ok(())
}

#[test]
fn statements_hold_in_every_profile_of_the_adversary() -> Result<()> {
    std::thread::scope(|scope| {
        let runs: Vec<_> = Profile::NAMES
            .into_iter()
            .map(|name| {
                // With the standard budget calls wait for their turn to repeat, up to a minute.
                let against = Against::Adversary { profile: name.to_owned() };
                let settings = Settings { budget: Some(1.0), ..settings(against, 300) };
                scope.spawn(move || -> Result<()> {
                    for caller in [Caller::Sdk, Caller::Following] {
                        let tally = soak::run(&settings, caller)?;
                        assert!(tally.balances(), "{name}: {tally:#?}");
                        assert!(tally.attempts > tally.calls, "{name}: no fault has struck: {tally:#?}");
                    }
                    Ok(())
                })
            })
            .collect();
        runs.into_iter()
            .try_for_each(|run| run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

#[test]
fn a_plain_client_fails_against_the_adversary() -> Result<()> {
    for profile in ["documented", "hostile-network"] {
        let tally =
            soak::run(&settings(Against::Adversary { profile: profile.to_owned() }, 300), Caller::Naive)?;
        assert!(tally.doubles > 0 && tally.wrong > 0, "{profile}: {tally:#?}");
    }
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
