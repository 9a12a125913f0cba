//! A number of calls, so many at a time, and what they took.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Result, anyhow};
use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::task::LocalSet;

use crate::responses::Operation;
use crate::{Counter, process};

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Run {
    /// The call.
    pub operation: Operation,
    /// How many at a time.
    pub in_flight: usize,
    /// How many in all.
    pub calls: u64,
    /// Where to.
    pub address: SocketAddr,
}

/// What it took.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// Calls a second.
    pub rate: f64,
    /// Processor time of a call, in microseconds, user and kernel.
    pub cpu_us: f64,
    /// Half of the calls took at most this, in microseconds.
    pub p50_us: u64,
    /// Of a hundred calls, 99 took at most this, in microseconds.
    pub p99_us: u64,
    /// The most memory that the process ever held, in kilobytes.
    pub peak_kb: u64,
    /// Allocations of a call.
    pub allocations: Option<f64>,
    /// Bytes of them.
    pub allocated: Option<f64>,
}

/// A client, as it is measured.
pub trait Caller: Clone + 'static {
    /// Makes one call, and drops its result.
    fn call(&self, operation: Operation) -> impl Future<Output = Result<()>>;
}

/// Makes the calls on one thread, after a few that open the connections and are not counted.
///
/// # Errors
/// The first call that fails.
pub fn measure<C: Caller>(run: &Run, counter: Counter, make: impl FnOnce() -> Result<C>) -> Result<Figures> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = {
        let _entered = runtime.enter();
        make()?
    };
    let latencies = Rc::new(RefCell::new(Histogram::<u32>::new_with_bounds(1, 60_000_000, 2)?));
    let turn = |calls: u64| -> Result<()> {
        let left = Rc::new(Cell::new(calls));
        let failure: Rc<RefCell<Option<anyhow::Error>>> = Rc::default();
        let tasks = LocalSet::new();
        for _ in 0..run.in_flight {
            let (client, left) = (client.clone(), Rc::clone(&left));
            let (failure, latencies) = (Rc::clone(&failure), Rc::clone(&latencies));
            let operation = run.operation;
            tasks.spawn_local(async move {
                while let Some(rest) = left.get().checked_sub(1) {
                    left.set(rest);
                    let began = Instant::now();
                    if let Err(error) = client.call(operation).await {
                        left.set(0);
                        failure.borrow_mut().get_or_insert(error);
                    }
                    latencies.borrow_mut().saturating_record(began.elapsed().as_micros() as u64);
                }
            });
        }
        runtime.block_on(tasks);
        failure.take().map_or(Ok(()), Err)
    };

    turn(run.in_flight as u64 * 2 + 100)?;
    latencies.borrow_mut().reset();
    let (began, cpu) = (Instant::now(), process::cpu_time());
    let mut result = Ok(());
    let allocations = counter(&mut || result = turn(run.calls));
    result?;
    let (elapsed, cpu) = (began.elapsed(), process::cpu_time().saturating_sub(cpu));

    let latencies = latencies.try_borrow().map_err(|_| anyhow!("a call is still under way"))?;
    let each = |count: u64| count as f64 / run.calls as f64;
    Ok(Figures {
        rate: run.calls as f64 / elapsed.as_secs_f64(),
        cpu_us: cpu.as_secs_f64() * 1e6 / run.calls as f64,
        p50_us: latencies.value_at_quantile(0.5),
        p99_us: latencies.value_at_quantile(0.99),
        peak_kb: process::peak_memory(),
        allocations: allocations.map(|found| each(found.count)),
        allocated: allocations.map(|found| each(found.bytes)),
    })
}
