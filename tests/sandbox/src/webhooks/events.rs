//! Events, each built from the state in the moment in which something happens. They are made of what the API
//! would return, put into the form of webhooks: numbers for some ids, other names, other times.

pub(crate) mod disputes;
pub(crate) mod downtimes;
pub(crate) mod links;
pub(crate) mod payments;
pub(crate) mod refunds;
pub(crate) mod settlements;
pub(crate) mod subscriptions;
pub(crate) mod terminals;
pub(crate) mod vault;
pub(crate) mod vendors;

use std::io;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::catalogue::Catalogue;
use crate::clock;
use crate::domain::table;
use crate::money::Paise;

/// One event, on its way out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Event {
    #[serde(deserialize_with = "table::word")]
    pub(crate) kind: table::Word,
    data: Value,
    /// `notify_url` of the order or the link.
    pub(crate) notify_url: Option<String>,
}

impl Event {
    fn new(kind: &'static str, data: Value) -> Self {
        Self { kind, data, notify_url: None }
    }

    /// For the address that an order or a link names, too.
    fn notify(mut self, url: &Value) -> Self {
        self.notify_url = url.as_str().filter(|url| !url.is_empty()).map(str::to_owned);
        self
    }

    /// The body, of something that happened at this moment.
    pub(crate) fn to_json(&self, at: SystemTime) -> Value {
        let mut event = json!({ "data": self.data, "event_time": clock::with_zone(at), "type": self.kind });
        if self.kind == "PAYMENT_LINK_EVENT" {
            event["version"] = json!(1);
        }
        event
    }
}

/// How a body differs from the document, if it does.
pub(crate) fn flaw(body: &Value) -> Option<String> {
    match Catalogue::shared() {
        Ok(catalogue) => catalogue.check(body).err(),
        Err(error) => Some(format!("{error:#}")),
    }
}

/// JSON as the service writes it: amounts with two decimals, so that who parses and writes it anew has other
/// bytes than were signed.
pub(crate) fn to_bytes(body: &Value) -> Vec<u8> {
    struct TwoDecimals;

    impl serde_json::ser::Formatter for TwoDecimals {
        fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
            let text = format!("{value:.2}");
            match text.parse::<f64>() {
                Ok(same) if value == same => writer.write_all(text.as_bytes()),
                _ => write!(writer, "{value}"),
            }
        }
    }

    let mut bytes = Vec::new();
    // Writing a value into memory has no way to fail.
    let _ = body.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, TwoDecimals));
    bytes
}

/// An id that events have as a number.
fn number(id: &Value) -> Value {
    id.as_str().and_then(|digits| digits.parse::<u64>().ok()).map_or_else(|| id.clone(), |id| json!(id))
}

/// An amount that is written with its decimals.
fn rupees(amount: &Value) -> Value {
    Paise::read(amount).map_or(Value::Null, in_rupees)
}

fn in_rupees(amount: Paise) -> Value {
    json!(amount.to_string().parse::<f64>().unwrap_or_default())
}

/// An amount as a text: `200.12`, `55.00`.
fn amount_text(amount: &Value) -> Value {
    Paise::read(amount).map_or(Value::Null, |amount| {
        let sign = if amount < Paise(0) { "-" } else { "" };
        json!(format!("{sign}{}.{:02}", amount.0.abs() / 100, amount.0.abs() % 100))
    })
}

/// A time of the API in another form; anything else as it is.
fn time(text: &Value, form: fn(SystemTime) -> String) -> Value {
    text.as_str().and_then(clock::parse).map_or_else(|| text.clone(), |at| json!(form(at)))
}

/// These fields of an object, null where they are not there.
fn pick(from: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| ((*name).to_owned(), from[*name].clone())).collect()
}

/// An empty text is nothing.
fn or_null(text: &Value) -> Value {
    if text == "" { Value::Null } else { text.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_their_decimals() {
        let body = json!({ "a": in_rupees(Paise(100)), "b": rupees(&json!(2)), "c": 0.125, "d": 3 });
        assert_eq!(String::from_utf8_lossy(&to_bytes(&body)), r#"{"a":1.00,"b":2.00,"c":0.125,"d":3}"#);
        assert_eq!(amount_text(&json!(55)), "55.00");
        assert_eq!(amount_text(&json!(200.12)), "200.12");
        assert_eq!(amount_text(&Value::Null), Value::Null);
    }

    #[tokio::test]
    async fn an_event_that_differs_from_the_document_does_not_leave() -> anyhow::Result<()> {
        let sandbox = crate::Sandbox::builder().webhooks("http://127.0.0.1:9/").start().await?;
        // The service's webhooks have a number there.
        let event = Event::new("REFUND_STATUS_WEBHOOK", json!({ "refund": { "cf_refund_id": "1553338" } }));
        sandbox.app.state().send([event]);
        assert!(sandbox.webhooks_settled(std::time::Duration::from_secs(20)).await);
        let outcomes: Vec<_> = sandbox.deliveries().into_iter().map(|delivery| delivery.outcome).collect();
        let [crate::WebhookOutcome::Refused(why)] = outcomes.as_slice() else {
            anyhow::bail!("{outcomes:?}");
        };
        assert!(why.contains("/data/refund/cf_refund_id is a string"), "{why}");
        Ok(())
    }
}
