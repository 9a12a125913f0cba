//! The same bytes, read into the client's types the way its runtime reads them, and into structs written by
//! hand the way `reqwest` reads them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use cashfree::webhook::{Event, EventKind, SAMPLES};
use cashfree_gen::FromJson;
use cashfree_gen::types::{Order, Payment, PaymentReconPage};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Allocations, Counter, plain, responses};

/// What decoding one response takes.
#[derive(Debug, Serialize)]
pub struct Figures {
    /// Which response.
    pub response: String,
    /// Its length.
    pub bytes: usize,
    /// Microseconds of the client's types: the quickest round.
    pub types_us: f64,
    /// Microseconds of structs written by hand.
    pub structs_us: f64,
    /// The median over the rounds of the one by the other.
    pub ratio: f64,
    /// Allocations of the client's types.
    pub types_allocations: Option<Allocations>,
    /// Allocations of structs written by hand.
    pub structs_allocations: Option<Allocations>,
}

type Read = fn(&[u8]) -> Result<()>;

struct Sample {
    name: String,
    body: Vec<u8>,
    types: Read,
    structs: Read,
}

impl Sample {
    fn new<Types: FromJson, Structs: DeserializeOwned>(name: &str, response: &Value) -> Self {
        Self {
            name: name.to_owned(),
            body: response.to_string().into_bytes(),
            types: |body| {
                drop(black_box(Types::from_json(black_box(body))?));
                Ok(())
            },
            structs: |body| {
                drop(black_box(serde_json::from_slice::<Structs>(black_box(body))?));
                Ok(())
            },
        }
    }
}

fn samples() -> Vec<Sample> {
    let mut samples: Vec<Sample> = responses::METHODS
        .iter()
        .map(|method| {
            let response = responses::payment(method);
            Sample::new::<Payment, plain::Payment>(&format!("payment, {method}"), &response)
        })
        .collect();
    samples.extend([
        Sample::new::<Order, plain::Order>("order", &responses::order()),
        Sample::new::<Vec<Payment>, Vec<plain::Payment>>("100 payments", &responses::payments(100)),
        Sample::new::<PaymentReconPage, plain::ReconPage>("1,000 recon rows", &responses::recon(1_000)),
    ]);
    let event = SAMPLES.iter().find(|(kind, ..)| *kind == EventKind::PaymentSuccess);
    samples.extend(event.map(|(.., body)| Sample {
        name: "event".to_owned(),
        body: body.as_bytes().to_vec(),
        types: |body| {
            drop(black_box(Event::read(black_box(body))?));
            Ok(())
        },
        structs: |body| {
            drop(black_box(serde_json::from_slice::<plain::PaymentWebhook>(black_box(body))?));
            Ok(())
        },
    }));
    samples
}

/// Times both readers in turns.
///
/// # Errors
/// When a response can't be read.
pub fn measure(rounds: u32, only: Option<&str>, counter: Counter) -> Result<Vec<Figures>> {
    let mut figures = Vec::new();
    for sample in samples().iter().filter(|sample| only.is_none_or(|name| name == sample.name)) {
        let count = |read: Read| {
            let mut result = Ok(());
            let allocations = counter(&mut || result = read(&sample.body));
            result.with_context(|| sample.name.clone()).map(|()| allocations)
        };
        let (types_allocations, structs_allocations) = (count(sample.types)?, count(sample.structs)?);
        // Some fifteen milliseconds a turn: short next to what else a machine does, long next to the clock.
        let once = time(sample.structs, &sample.body, 3)?.max(Duration::from_nanos(100));
        let times = (15_000_000 / once.as_nanos()).clamp(1, 100_000) as u32;
        let (mut types, mut structs, mut ratios) = (Duration::MAX, Duration::MAX, Vec::new());
        for _ in 0..rounds.max(1) {
            let one = time(sample.structs, &sample.body, times)?;
            let other = time(sample.types, &sample.body, times)?;
            ratios.push(other.as_secs_f64() / one.as_secs_f64());
            (types, structs) = (types.min(other), structs.min(one));
        }
        ratios.sort_by(f64::total_cmp);
        figures.push(Figures {
            response: sample.name.clone(),
            bytes: sample.body.len(),
            types_us: types.as_secs_f64() * 1e6,
            structs_us: structs.as_secs_f64() * 1e6,
            ratio: ratios.get(ratios.len() / 2).copied().unwrap_or_default(),
            types_allocations,
            structs_allocations,
        });
    }
    if figures.is_empty() {
        bail!(
            "no such response; there are: {}",
            samples().iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join("; ")
        );
    }
    Ok(figures)
}

/// The mean of so many times.
fn time(read: Read, body: &[u8], times: u32) -> Result<Duration> {
    let began = Instant::now();
    for _ in 0..times {
        read(body)?;
    }
    Ok(began.elapsed() / times)
}

/// Reads one response over and over, for a profiler: with `types` or with `structs`.
///
/// # Errors
/// When there is no such response or reader, or it can't be read.
pub fn repeat(only: &str, reader: &str, times: u32) -> Result<()> {
    let samples = samples();
    let sample = samples.iter().find(|sample| sample.name == only).context("no such response")?;
    let read = match reader {
        "types" => sample.types,
        "structs" => sample.structs,
        _ => bail!("the readers are `types` and `structs`"),
    };
    time(read, &sample.body, times.max(1)).map(drop)
}
