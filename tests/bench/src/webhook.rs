//! Cost of verifying a webhook delivery and decoding its event, compared with the plain HMAC-SHA256 of the same
//! bytes, and with that HMAC and `serde_json` into hand-written structs.

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Error, Result, bail};
use bytes::Bytes;
use cashfree::testing::sign_webhook;
use cashfree::webhook::{EventKind, SAMPLES, Verifier};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use serde::Serialize;
use sha2::Sha256;

use crate::plain::PaymentWebhook;
use crate::{Allocations, Counter};

const SECRET: &str = "cfsk_ma_test_benchmark";

/// What one step of a delivery takes.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// Which step.
    pub step: &'static str,
    /// The length of the body.
    pub bytes: usize,
    /// Microseconds: the quickest round.
    pub us: f64,
    /// So many a second, on one core.
    pub a_second: f64,
    /// Median over the rounds of this step ÷ the bare HMAC.
    pub ratio: f64,
    /// Median over the rounds of this step ÷ HMAC and hand-written structs.
    pub by_hand: f64,
    /// Allocations.
    pub allocations: Option<Allocations>,
}

/// A delivery of a payment that went through.
struct Delivery {
    verifier: Verifier,
    headers: HeaderMap,
    timestamp: String,
    body: Bytes,
}

type Step = fn(&Delivery) -> Result<()>;

/// The first two are what a program would write by hand at least, the others the client's.
const STEPS: [(&str, Step); 5] = [
    ("bare HMAC", |delivery| {
        black_box(hmac(delivery)?);
        Ok(())
    }),
    ("bare HMAC, and structs by hand", |delivery| {
        black_box(hmac(delivery)?);
        drop(black_box(serde_json::from_slice::<PaymentWebhook>(black_box(&delivery.body))?));
        Ok(())
    }),
    ("read", |delivery| {
        drop(black_box(cashfree::webhook::Event::read(black_box(&delivery.body))?));
        Ok(())
    }),
    ("verify", |delivery| {
        drop(black_box(delivery.verifier.verify(&delivery.headers, delivery.body.clone())?));
        Ok(())
    }),
    ("verify and read", |delivery| {
        let verified = delivery.verifier.verify(&delivery.headers, delivery.body.clone())?;
        drop(black_box(verified.event()?));
        Ok(())
    }),
];

fn hmac(delivery: &Delivery) -> Result<impl AsRef<[u8]>> {
    let mut code = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).map_err(Error::msg)?;
    code.update(delivery.timestamp.as_bytes());
    code.update(&delivery.body);
    Ok(code.finalize().into_bytes())
}

fn delivery() -> Result<Delivery> {
    let mut samples = SAMPLES.iter().filter(|(kind, ..)| *kind == EventKind::PaymentSuccess);
    // As it stands, its fields in the order in which the service sends them.
    let body = Bytes::from_static(samples.next().context("no sample")?.2.as_bytes());
    let headers = sign_webhook(SECRET, SystemTime::now(), &body);
    let timestamp = headers.get("x-webhook-timestamp").context("no timestamp")?.to_str()?.to_owned();
    // A profiler slows the clock down.
    let verifier = Verifier::new(SECRET)?.tolerance(Duration::from_secs(86_400));
    Ok(Delivery { verifier, headers, timestamp, body })
}

/// Times the steps in turns.
///
/// # Errors
/// When the sample is refused.
pub fn measure(rounds: u32, counter: Counter) -> Result<Vec<Figures>> {
    const TIMES: u32 = 5_000;
    let delivery = delivery()?;
    let mut times: [Vec<Duration>; STEPS.len()] = Default::default();
    for _ in 0..rounds.max(1) {
        for ((_, step), times) in STEPS.iter().zip(&mut times) {
            times.push(time(*step, &delivery, TIMES)?);
        }
    }
    let [bare, by_hand, ..] = &times;
    let mut figures = Vec::new();
    for ((name, step), times) in STEPS.iter().zip(&times) {
        let best = times.iter().min().context("no round")?.as_secs_f64();
        let mut done = Ok(());
        let allocations = counter(&mut || done = step(&delivery));
        done?;
        figures.push(Figures {
            step: name,
            bytes: delivery.body.len(),
            us: best * 1e6,
            a_second: best.recip(),
            ratio: median_ratio(times, bare),
            by_hand: median_ratio(times, by_hand),
            allocations,
        });
    }
    Ok(figures)
}

/// Median over the rounds of one step's time by another's.
fn median_ratio(times: &[Duration], base: &[Duration]) -> f64 {
    let mut ratios: Vec<f64> =
        times.iter().zip(base).map(|(time, base)| time.as_secs_f64() / base.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    ratios.get(ratios.len() / 2).copied().unwrap_or_default()
}

/// The mean of so many times.
fn time(step: Step, delivery: &Delivery, times: u32) -> Result<Duration> {
    let began = Instant::now();
    for _ in 0..times {
        step(delivery)?;
    }
    Ok(began.elapsed() / times)
}

/// Does one step over and over, for a profiler.
///
/// # Errors
/// When there is no such step, or the sample is refused.
pub fn repeat(name: &str, times: u32) -> Result<()> {
    let Some((_, step)) = STEPS.iter().find(|(step, _)| *step == name) else {
        bail!("the steps are {}", STEPS.map(|(step, _)| step).join("; "));
    };
    time(*step, &delivery()?, times.max(1)).map(drop)
}
