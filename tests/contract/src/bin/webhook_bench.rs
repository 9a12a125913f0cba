//! `cargo run --release -p contract --bin webhook_bench`: what verifying and reading an event costs, against
//! the bare HMAC of the same bytes.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use cashfree::testing::{sample_event, webhook_signature};
use cashfree::webhook::{EventKind, Verifier};

const ROUNDS: u32 = 20_000;
const SECRET: &str = "cfsk_ma_test_benchmark";

fn main() -> Result<()> {
    let sample = sample_event(EventKind::PaymentSuccess).context("no sample")?;
    let (headers, body) = sample.signed(SECRET).into_parts();
    let timestamp = headers.get("x-webhook-timestamp").context("no timestamp")?.to_str()?.to_owned();
    let verifier = Verifier::new(SECRET)?;

    // The best of several runs, one after the other in turn, is the least disturbed one.
    let (mut bare, mut verified, mut whole) = (Duration::MAX, Duration::MAX, Duration::MAX);
    for _ in 0..7 {
        bare = bare.min(timed(|| {
            black_box(webhook_signature(SECRET, &timestamp, &body));
            Ok(())
        })?);
        verified = verified.min(timed(|| {
            black_box(verifier.verify(&headers, body.clone())?);
            Ok(())
        })?);
        whole = whole.min(timed(|| {
            black_box(verifier.verify(&headers, body.clone())?.event()?);
            Ok(())
        })?);
    }
    println!("{} bytes", body.len());
    for (name, time) in [("bare HMAC", bare), ("verify", verified), ("verify and read", whole)] {
        println!(
            "{name:>16} {:>9.0} a second, {:.2} of the bare HMAC",
            f64::from(ROUNDS) / time.as_secs_f64(),
            time.as_secs_f64() / bare.as_secs_f64()
        );
    }
    Ok(())
}

fn timed(mut call: impl FnMut() -> Result<()>) -> Result<Duration> {
    let started = Instant::now();
    for _ in 0..ROUNDS {
        call()?;
    }
    Ok(started.elapsed())
}
