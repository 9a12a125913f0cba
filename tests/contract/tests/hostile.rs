//! Refusals that mean harm: each becomes an error at once, on a small stack.

mod clear_text;
mod swapped;
mod webhook;

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use cashfree::{Effect, Error, ErrorKind};

use crate::{canned::Canned, failure};

/// Less than the stack of any thread that a runtime has.
const STACK: usize = 1024 * 1024;

/// What a busy machine may need for a body in a build without optimisation, many times over.
const LIMIT: Duration = Duration::from_secs(30);

/// The longest body that is looked at here.
const LONG: usize = 16 * 1024 * 1024;

/// The error that a call meets whose refusal has this body.
fn refused(body: String) -> Result<Error> {
    let caller = thread::Builder::new().stack_size(STACK).spawn(move || {
        let canned = Canned::default();
        canned.respond(400, body);
        let call = canned.client()?.orders().get("order_1");
        let started = Instant::now();
        let error = failure(
            tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(call.send()),
        )?;
        let shown = format!("{error} {error:?}");
        anyhow::ensure!(started.elapsed() < LIMIT, "it took {:?}", started.elapsed());
        anyhow::ensure!(!shown.contains("RawValue") && shown.len() < 1000, "{} bytes shown", shown.len());
        Ok(error)
    });
    let error = caller?.join().map_err(|_| anyhow!("the thread died"))??;
    anyhow::ensure!((error.kind(), error.effect()) == (ErrorKind::Api, Effect::ReadOnly), "{error:?}");
    Ok(error)
}

/// Text in text in text, each nested as deep as may be, under the name that `serde_json` would unfold.
fn hidden() -> String {
    let mut json = "1".to_owned();
    while json.len() < LONG / 2 {
        let text = serde_json::Value::String(json).to_string();
        json = format!("{}{text}{}", r#"[{"$serde_json::private::RawValue":"#, "}]");
        json = format!("{}{json}{}", "[".repeat(100), "]".repeat(100));
    }
    json
}

#[test]
fn fields_beside_the_message_are_skipped() -> Result<()> {
    let deep = format!("{}{}", "[".repeat(LONG / 2), "]".repeat(LONG / 2));
    let many = format!("[{}0]", "{},".repeat(LONG / 3));
    for beside in [hidden(), deep, many] {
        let body = format!(
            r#"{{"details":{beside},"message":" no \u0061mount ","code":710,"type":null,"help":[]}}"#
        );
        let error = refused(body)?;
        let api = error.api().context("it can be read")?;
        assert_eq!((error.message(), error.code()), (Some("no amount"), Some("710")));
        assert_eq!((&api.error_type, &api.help), (&None, &None));
    }
    Ok(())
}

#[test]
fn json_in_place_of_the_message_is_not_expanded() -> Result<()> {
    let hidden = hidden();
    for body in [
        format!(r#"{{"message":{hidden}}}"#),
        format!(r#"{{"$serde_json::private::RawValue":{}}}"#, serde_json::Value::String(hidden.clone())),
        hidden,
        "[".repeat(LONG),
        r#"{"message":"#.repeat(LONG / 11),
    ] {
        assert!(refused(body)?.api().is_none());
    }
    Ok(())
}

#[test]
fn the_last_of_repeated_fields_counts() -> Result<()> {
    let error = refused(r#"{"message":"one","code":"a","message":"two","code":""}"#.to_owned())?;
    assert_eq!((error.message(), error.code()), (Some("two"), None));
    for body in ["{}", r#"{"message":"a"} b"#, r#"{"message":"a""#, r#""message""#, r#"[{"message":"a"},{}]"#]
    {
        assert!(refused(body.to_owned())?.api().is_none(), "{body}");
    }
    Ok(())
}
