//! Sample events.

use serde_json::Value;

use super::WebhookRequest;
use crate::Secret;
use crate::webhook::{EventKind, SAMPLES};

/// Returns a sample event of a kind. `None` for kinds without a variant in [`Event`](crate::webhook::Event).
///
/// ```
/// use cashfree::Amount;
/// use cashfree::testing::sample_event;
/// use cashfree::webhook::{Event, EventKind, Verifier};
///
/// let sample = sample_event(EventKind::PaymentSuccess).ok_or("no such sample")?;
/// let sample = sample.set("order_id", "order_1").set("payment_amount", 250);
/// let (headers, body) = sample.signed("a_secret").into_parts();
///
/// let delivery = Verifier::new("a_secret")?.verify(&headers, body)?;
/// let Event::PaymentSuccess(event) = delivery.event()? else { panic!("another event") };
/// assert_eq!(event.order_id().map(|id| id.as_str()), Some("order_1"));
/// assert_eq!(event.payment.and_then(|payment| payment.payment_amount), Some(Amount::rupees(250)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sample_event(kind: EventKind) -> Option<SampleEvent> {
    sample_events(kind).next()
}

/// Returns all samples of a kind: a successful payment has one per payment method.
pub fn sample_events(kind: EventKind) -> impl Iterator<Item = SampleEvent> {
    SAMPLES.iter().filter(move |(of, ..)| *of == kind).filter_map(|(_, name, body)| {
        let body = serde_json::from_str(body).ok()?;
        Some(SampleEvent { name, body })
    })
}

/// Body of a sample event, to be changed and [signed](SampleEvent::signed).
#[derive(Clone, Debug)]
pub struct SampleEvent {
    name: &'static str,
    body: Value,
}

impl SampleEvent {
    /// Returns the name of the sample among those of its kind, such as `upi`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Sets a field, such as `order_id`, `payment_amount` or `refund_status`, everywhere in the data. A path from the body, such
    /// as `data.order.order_id`, sets it in one place, which is created if it is missing. Text, a number or a list on the way
    /// is replaced by an object.
    #[must_use]
    pub fn set(mut self, field: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        match field.rsplit_once('.') {
            Some((path, last)) => {
                let place = path.split('.').fold(&mut self.body, field_of);
                *field_of(place, last) = value;
            }
            None => set_all(&mut self.body, field, &value),
        }
        self
    }

    /// Returns the body as JSON.
    pub const fn body(&self) -> &Value {
        &self.body
    }

    /// Returns a delivery of the event, signed with this secret.
    pub fn signed(&self, secret: impl Into<Secret>) -> WebhookRequest {
        WebhookRequest::new(secret, self.body.to_string())
    }
}

/// The field of an object, into which any other value is changed.
fn field_of<'a>(value: &'a mut Value, name: &str) -> &'a mut Value {
    if !value.is_object() {
        *value = Value::Object(serde_json::Map::new());
    }
    &mut value[name]
}

fn set_all(value: &mut Value, field: &str, new: &Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name == field {
                    *value = new.clone();
                } else {
                    set_all(value, field, new);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| set_all(item, field, new)),
        _ => {}
    }
}
