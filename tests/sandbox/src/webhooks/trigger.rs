//! Samples of events, sent on demand: for a receiver that is being written, and needs no account for that.

use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::catalogue::{Catalogue, WebhookSample};
use super::record::WebhookOutcome;
use super::{delivery, endpoint, events, sign};

/// All samples of the document of webhooks, in its order: those of a type follow each other.
///
/// # Errors
/// If the document can't be read.
pub fn webhook_samples() -> Result<Vec<WebhookSample>> {
    Ok(Catalogue::shared()?.samples().cloned().collect())
}

/// An event to be sent once, or twice.
#[derive(Clone, Debug, Default)]
pub struct Trigger {
    /// The `type` of the event.
    pub event_type: String,
    /// The name of the sample; the first of the type if there is none.
    pub sample: Option<String>,
    /// Where to: plain http, on this machine or a host of [`Trigger::allowed_hosts`].
    pub url: String,
    /// Hosts beside this machine that it may be sent to.
    pub allowed_hosts: Vec<String>,
    /// What it is signed with.
    pub secret: String,
    /// Fields to change, each as `data.order.order_id=o_1`. A field that is a text stays one; the value of
    /// another is read as JSON, and is a text if it is none. The items of a list are counted from 0.
    pub set: Vec<String>,
    /// `x-webhook-attempt`, in place of 1.
    pub attempt: Option<u32>,
    /// `x-webhook-timestamp`, in place of now.
    pub timestamp: Option<String>,
    /// Sends it again, as the next attempt and under the same key.
    pub twice: bool,
}

impl Trigger {
    /// The body that will be sent.
    ///
    /// # Errors
    /// If the document has no such event or sample, or a change has no place in it.
    pub fn body(&self) -> Result<Vec<u8>> {
        let mut body = self.wanted()?.body.clone();
        for change in &self.set {
            let (path, value) = change.split_once('=').with_context(|| format!("`{change}` has no ="))?;
            set(&mut body, path, value).with_context(|| format!("setting `{path}`"))?;
        }
        Ok(events::to_bytes(&body))
    }

    fn wanted(&self) -> Result<&'static WebhookSample> {
        let of_type = |sample: &&WebhookSample| sample.event_type == self.event_type;
        let samples: Vec<&WebhookSample> = Catalogue::shared()?.samples().filter(of_type).collect();
        let Some(first) = samples.first() else {
            let known = Catalogue::shared()?.samples().map(|sample| sample.event_type.as_str());
            match nearest(&self.event_type, known) {
                Some(name) => bail!("there is no event `{}`; did you mean {name}?", self.event_type),
                None => bail!("there is no event `{}`: see --list", self.event_type),
            }
        };
        let Some(name) = &self.sample else { return Ok(first) };
        let names = || samples.iter().map(|sample| sample.name.as_str()).collect::<Vec<_>>().join(", ");
        let found = samples.iter().find(|sample| sample.name == *name);
        found.copied().with_context(|| {
            format!("{} has no sample `{name}`; it has {}: see --list", self.event_type, names())
        })
    }

    /// Sends it, and returns its outcomes: one, or two.
    ///
    /// # Errors
    /// As [`body`](Trigger::body); and if the address is not one of this machine.
    pub async fn send(&self) -> Result<Vec<WebhookOutcome>> {
        if let Err(reason) = endpoint::allowed(&self.url, &self.allowed_hosts) {
            bail!(reason);
        }
        let body = self.body()?;
        let timestamp = self.timestamp.clone().unwrap_or_else(|| delivery::milliseconds(SystemTime::now()));
        let signature = sign::signature(&self.secret, &timestamp, &body);
        let key = sign::event_key(0, &body);
        let http = delivery::client()?;
        let first = self.attempt.unwrap_or(1);
        let mut outcomes = Vec::new();
        for attempt in first..=first.saturating_add(u32::from(self.twice)) {
            let headers = delivery::headers(&timestamp, &signature, attempt, &key);
            outcomes
                .push(delivery::post(&http, &self.url, &self.allowed_hosts, &headers, body.clone()).await);
        }
        Ok(outcomes)
    }
}

/// The name that was probably meant: one that has what was written in it, else the one that is spelled most
/// alike.
fn nearest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let written = written.to_ascii_uppercase().replace('-', "_");
    let likeness = |name: &str| match name.contains(&written) {
        true if written.len() > 3 => 1.0,
        _ => strsim::jaro_winkler(&written, name),
    };
    let rated = known.map(|name| (likeness(name), name)).filter(|(likeness, _)| *likeness > 0.85);
    // The first of those that are equally near.
    rated.reduce(|best, other| if other.0 > best.0 { other } else { best }).map(|(_, name)| name)
}

fn set(body: &mut Value, path: &str, text: &str) -> Result<()> {
    let mut place = body;
    for name in path.split('.') {
        place = match place {
            Value::Array(items) => {
                let at: usize = name.parse().with_context(|| format!("`{name}` is no number in a list"))?;
                items.get_mut(at).with_context(|| format!("there is no item {at}"))?
            }
            Value::Object(fields) => fields.entry(name).or_insert(Value::Null),
            other => bail!("`{name}` is not in {other}"),
        };
    }
    *place = match place {
        Value::String(_) => Value::String(text.to_owned()),
        _ => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_name_that_is_nearly_right_is_recognised() {
        let known = ["PAYMENT_SUCCESS_WEBHOOK", "PAYMENT_FAILED_WEBHOOK", "SETTLEMENT_SUCCESS", "WEBHOOK"];
        for (written, meant) in [
            ("PAYMENT_SUCCESS", Some("PAYMENT_SUCCESS_WEBHOOK")),
            ("payment-failed-webhook", Some("PAYMENT_FAILED_WEBHOOK")),
            ("PAYMENT_SUCESS_WEBHOOK", Some("PAYMENT_SUCCESS_WEBHOOK")),
            ("SETLEMENT_SUCCESS", Some("SETTLEMENT_SUCCESS")),
            ("webhook", Some("PAYMENT_SUCCESS_WEBHOOK")),
            ("NO_SUCH", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known.into_iter()), meant, "{written}");
        }
    }

    #[test]
    fn fields_are_changed_in_their_own_form() -> Result<()> {
        let mut body = json!({ "data": { "order": { "order_id": "o", "order_amount": 1 }, "list": [1, 2] } });
        set(&mut body, "data.order.order_id", "17")?;
        set(&mut body, "data.order.order_amount", "2.50")?;
        set(&mut body, "data.order.order_tags", "a word")?;
        set(&mut body, "data.list.1", "null")?;
        let order = json!({ "order_id": "17", "order_amount": 2.5, "order_tags": "a word" });
        assert_eq!(body, json!({ "data": { "order": order, "list": [1, null] } }));
        assert!(set(&mut body, "data.list.9", "1").is_err());
        assert!(set(&mut body, "data.order.order_id.deeper", "1").is_err());
        Ok(())
    }
}
