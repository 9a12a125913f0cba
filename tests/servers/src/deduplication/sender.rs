//! The sender of webhooks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use cashfree::testing::{SampleEvent, WebhookRequest, sample_event};
use cashfree::webhook::EventKind;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{Options, Run, SECRET, lock};

/// Deliveries under way at a time.
const AT_ONCE: usize = 64;

/// Longest pause before an event is delivered again. Cashfree's are minutes.
const PAUSE: Duration = Duration::from_millis(250);

/// Time after which an event that is not acknowledged is a failure of the run.
const PATIENCE: Duration = Duration::from_secs(120);

/// One delivery of this many is cancelled by the sender within milliseconds, as by a connection that breaks.
const HANG_UP: u32 = 200;

/// What the sender did.
#[derive(Debug)]
pub(super) struct Sent {
    /// Requests.
    pub(super) deliveries: u64,
    /// Responses with 200.
    pub(super) acknowledged: u64,
    /// Requests cancelled before their response.
    pub(super) hang_ups: u64,
}

#[derive(Debug, Default)]
struct Counts {
    deliveries: AtomicU64,
    hang_ups: AtomicU64,
}

/// Returns the event of this number. Every third one is the failure of a payment that succeeded before: another event
/// of the same payment.
fn event(number: u32) -> Result<SampleEvent> {
    let kind = match number % 3 {
        0 => EventKind::PaymentSuccess,
        1 => EventKind::PaymentFailed,
        _ => EventKind::RefundStatus,
    };
    let event = sample_event(kind).context("no sample")?.set("order_id", format!("order_{number}"));
    Ok(event.set("cf_payment_id", number / 3).set("cf_refund_id", format!("refund_{number}")))
}

/// Sends all events, in a random order in which half of the repetitions follow at once. Each delivery is repeated until
/// the response is 200.
pub(super) async fn send(run: Arc<Run>, options: Options) -> Result<Sent> {
    let mut dice = fastrand::Rng::with_seed(options.seed ^ 0x5e4d);
    let mut groups = Vec::new();
    for event in 0..options.events {
        let mut left = options.deliveries;
        while left > 0 {
            let together = dice.u32(1..=left.min(3));
            groups.push((event, together));
            left -= together;
        }
    }
    dice.shuffle(&mut groups);
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
    let (permits, counts) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(Counts::default()));
    let (mut under_way, mut acknowledged) = (JoinSet::new(), 0);
    for (number, together) in groups {
        let event = event(number)?;
        for _ in 0..together {
            let delivery = Delivery {
                run: Arc::clone(&run),
                event: event.clone(),
                number,
                client: client.clone(),
                permits: Arc::clone(&permits),
                counts: Arc::clone(&counts),
                dice: dice.fork(),
            };
            under_way.spawn(delivery.until_acknowledged());
        }
        // Those that wait for another attempt hold no permit.
        while under_way.len() > 8 * AT_ONCE {
            under_way.join_next().await.context("no task")???;
            acknowledged += 1;
        }
    }
    while let Some(done) = under_way.join_next().await {
        done??;
        acknowledged += 1;
    }
    let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
    Ok(Sent { deliveries: count(&counts.deliveries), acknowledged, hang_ups: count(&counts.hang_ups) })
}

struct Delivery {
    run: Arc<Run>,
    event: SampleEvent,
    number: u32,
    client: reqwest::Client,
    permits: Arc<Semaphore>,
    counts: Arc<Counts>,
    dice: fastrand::Rng,
}

impl Delivery {
    async fn until_acknowledged(mut self) -> Result<()> {
        let start = Instant::now();
        for attempt in 1.. {
            let permit = Arc::clone(&self.permits).acquire_owned().await?;
            let status = self.attempt(attempt).await?;
            drop(permit);
            if status == Some(200) {
                break;
            }
            ensure!(
                start.elapsed() < PATIENCE,
                "event {} is not acknowledged, the last status is {status:?}",
                self.number
            );
            tokio::time::sleep(PAUSE.mul_f64(self.dice.f64())).await;
        }
        self.run.delivered.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Returns the status, or `None` without a response.
    async fn attempt(&mut self, attempt: u32) -> Result<Option<u16>> {
        // The same event may be written in another way.
        let body =
            if self.dice.bool() { self.event.body().to_string() } else { format!("{:#}", self.event.body()) };
        let (headers, body) = WebhookRequest::new(SECRET, body).attempt(attempt).into_parts();
        let address = {
            let addresses = lock(&self.run.addresses);
            *addresses.get(self.dice.usize(..addresses.len())).context("no receiver")?
        };
        let request =
            self.client.post(format!("http://{address}/cashfree")).headers(headers).body(body).send();
        self.counts.deliveries.fetch_add(1, Ordering::Relaxed);
        if self.dice.u32(..HANG_UP) == 0 {
            let soon = Duration::from_millis(self.dice.u64(1..20));
            let Ok(response) = tokio::time::timeout(soon, request).await else {
                self.counts.hang_ups.fetch_add(1, Ordering::Relaxed);
                return Ok(None);
            };
            return Ok(response.ok().map(|response| response.status().as_u16()));
        }
        Ok(request.await.ok().map(|response| response.status().as_u16()))
    }
}
