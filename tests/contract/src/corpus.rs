//! Seeds for the properties of `tests/fuzz`: responses as the document shows them, and a few of what else
//! comes in.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use cashfree::operations;
use cashfree::webhook::SAMPLES;
use serde_json::Value;
use xtask::document::{self, METHODS};
use xtask::overlay;
use xtask::versions::Versions;

/// Inputs by the name of the property that takes them.
pub type Corpus = Vec<(&'static str, Vec<Vec<u8>>)>;

/// All seeds.
///
/// # Errors
/// When the document can't be read.
pub fn seeds() -> Result<Corpus> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let [document, ..] = Versions::read(root)?.current().below(root);
    let document = document::load(&document)?;
    let (responses, errors) = (examples(&document, true)?, examples(&document, false)?);
    Ok(vec![
        ("amount", amounts()),
        ("decode", responses.into_iter().chain(attacks()?).collect()),
        ("errors", failures(errors)),
        ("headers", headers()),
        ("webhook", deliveries()),
    ])
}

/// The examples of the JSON body of each operation, by its id.
///
/// # Errors
/// When the document can't be read.
pub fn requests() -> Result<BTreeMap<String, Vec<Value>>> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let [document, overlay, _] = Versions::read(root)?.current().below(root);
    let mut document = document::load(&document)?;
    overlay::apply(&mut document, &overlay)?;
    let mut requests = BTreeMap::new();
    for operation in operations_of(&document)? {
        let body = resolve(&document, &operation["requestBody"]);
        let examples = shown(&document, &body["content"]["application/json"]).into_iter().cloned().collect();
        requests.insert(operation["operationId"].as_str().unwrap_or_default().to_owned(), examples);
    }
    Ok(requests)
}

fn operations_of(document: &Value) -> Result<impl Iterator<Item = &Value>> {
    let paths = document["paths"].as_object().context("a document has paths")?;
    Ok(paths.values().flat_map(|item| METHODS.iter().filter_map(|method| item.get(*method))))
}

/// Bodies that were made to take time or memory, to be taken for another value, or to print what they hold.
fn attacks() -> Result<Vec<Vec<u8>>> {
    let deep = |open: &str, inner: &str, close: &str| [&open.repeat(120), inner, &close.repeat(120)].concat();
    let repeated = |start: &str, piece: &str, end: &str| [start, &piece.repeat(60), end].concat();
    let bodies = [
        // Read again for each alternative, or kept for each field.
        ("PGOrderFetchPayment", repeated(r#"{"payment_method":{"x":1"#, r#","upi":null"#, "}}")),
        ("PGOrderFetchPayment", repeated(r#"{"payment_method":{"x":1"#, r#","upi":7,"y":1e400"#, "}}")),
        ("PGOrderFetchPayments", repeated("[{}", r#",{"payment_method":7,"error_details":[1,2]}"#, "]")),
        ("PGOrderFetchPayments", repeated("[{}", ",{}", "]")),
        ("PGFetchOrder", repeated(r#"{"order_tags":{"a":1"#, r#","b":[{}]"#, "}}")),
        ("PGFetchOrder", deep(r#"{"order_tags":{"a":"#, "1", "}}")),
        ("PGFetchOrder", deep("[", "{}", "]")),
        // Names that serde_json reserves.
        (
            "SubsFetchSubscription",
            deep(r#"{"subscription_tags":{"$serde_json::private::RawValue":"#, r#""{}""#, "}}"),
        ),
        ("PGFetchOrder", r#"{"order_amount":{"$serde_json::private::Number":"1"}}"#.to_owned()),
        // Names that no type declares, and values of another type.
        ("PGFetchOrder", r#"{"order_tags":{"4111111111111111":[1]},"a@b":{"a@b":1}}"#.to_owned()),
        ("PGFetchOrder", r#"{"order_amount":1,"order_amount":2,"order_id":"\ud800"}"#.to_owned()),
    ];
    let seed = |(id, body): (&str, String)| {
        let index = operations::ALL.iter().position(|known| known.id == id).context("no operation")?;
        Ok([&[u8::try_from(index)?], body.as_bytes()].concat())
    };
    bodies.into_iter().map(seed).collect()
}

/// The examples of success or of failure, each behind the number of its operation, none twice.
fn examples(document: &Value, success: bool) -> Result<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    for operation in operations_of(document)? {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let Some(index) = operations::ALL.iter().position(|known| known.id == id) else { continue };
        let index = u8::try_from(index).context("one byte chooses the operation")?;
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            if status.starts_with('2') != success {
                continue;
            }
            for media in
                resolve(document, response)["content"].as_object().into_iter().flat_map(|all| all.values())
            {
                for example in shown(document, media) {
                    let mut seed = vec![index];
                    serde_json::to_writer(&mut seed, example)?;
                    found.push(seed);
                }
            }
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

/// The examples of a body, and that of the schema behind it.
fn shown<'a>(document: &'a Value, media: &'a Value) -> Vec<&'a Value> {
    let named = media["examples"].as_object().into_iter().flat_map(|examples| examples.values());
    let mut found: Vec<&Value> =
        named.map(|example| resolve(document, &resolve(document, example)["value"])).collect();
    let schema = resolve(document, &media["schema"]);
    found.extend([media.get("example"), schema.get("example")].into_iter().flatten());
    found.into_iter().map(|example| resolve(document, example)).filter(|example| !example.is_null()).collect()
}

fn resolve<'a>(document: &'a Value, mut value: &'a Value) -> &'a Value {
    while let Some(named) =
        value["$ref"].as_str().and_then(|name| document.pointer(name.trim_start_matches('#')))
    {
        value = named;
    }
    value
}

/// Each error body once, at a call whose first attempt gets it.
fn failures(examples: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> =
        examples.into_iter().map(|seed| seed.into_iter().skip(1).collect()).collect();
    bodies.extend([b"<html>bad gateway</html>".to_vec(), b"{}".to_vec(), Vec::new()]);
    bodies.sort();
    bodies.dedup();
    let scripts: [&[u8]; 6] = [
        // A read, a write and an open write; one attempt: 400, JSON.
        &[0, 0, 3, 3, 0, 1],
        &[1, 0, 3, 3, 0, 1],
        &[2, 0, 3, 3, 0, 1],
        // 429 with a wait, then no connection.
        &[1, 1, 3, 10, 1, 0, 0],
        // 503 twice, the second one stored.
        &[1, 1, 3, 16, 0, 0, 3, 16, 0, 32],
        // A success that breaks off.
        &[1, 0, 2, 0, 0, 1],
    ];
    let every = bodies.iter().zip(scripts.iter().cycle());
    let mut seeds: Vec<Vec<u8>> = every.map(|(body, script)| [script, body.as_slice()].concat()).collect();
    let masked: &[u8] =
        br#"{"message":"card 4111 1111 1111 1111 of a@upi","code":"x","type":"y","help":"z"}"#;
    seeds.extend(scripts.map(|script| [script, masked].concat()));
    seeds
}

fn headers() -> Vec<Vec<u8>> {
    [
        // 200, 429 and 503, with names as the property lists them.
        "\u{0}\u{0}application/json\n\u{b}4dedd8d7-5a5c-4b57-a7bc-8f8a0c8a5b1a\n\u{2}2023-08-01",
        "\u{4}\u{7}100\n\u{8}0\n\u{9}7\n\u{a}app_id",
        "\u{6}\u{5}true\n\u{4}key_7\n\u{1}120",
        "\u{4}\u{9}4294967296\n\u{7}-1\n\u{8}+5\n\u{a}ip",
        "\u{0}\u{b} \n\u{5}TRUE\n\u{0}text/html; charset=utf-8",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}

/// A delivery of each sample of an event, and of bodies that are none.
fn deliveries() -> Vec<Vec<u8>> {
    const HEADS: [&str; 4] = [
        // Without a key, with one, in seconds, and by nobody.
        "1746427759733\n\n2023-08-01\n1\n\n",
        "1746427759733\n\n2023-08-01\n2\nbWFkZSB1cA==\n",
        "1746427759\n\n2023-08-01\n1\n\n",
        "\nWdb6H1hkvaW4rsB5uR4ga+Q+Cw9Uhl2b8ZpcFaTC/N8=\n\ntwo\n \n",
    ];
    // Digits moved from the timestamp to the body, a key of another event, a list of many events.
    let attacks: [&[u8]; 3] = [
        b"\x00174642775973\n\n2023-08-01\n1\n\n3{\"type\":\"PAYMENT_SUCCESS_WEBHOOK\",\"data\":{}}",
        b"\x001746427759733\n\n2023-08-01\n1\nb3RoZXI=\n{\"type\":\"PAYMENT_SUCCESS_WEBHOOK\",\"data\":{\"payment\":\
          {\"payment_method\":{\"upi\":null,\"upi\":null,\"card\":null}}}}",
        b"\x001746427759733\n\n2023-08-01\n1\n\n[{\"type\":\"X\",\"type\":\"Y\",\"data\":{},\"data\":[]},{},{}]",
    ];
    let samples = SAMPLES.iter().map(|(_, _, body)| *body);
    let odd = [
        "",
        "null",
        r#"{"type":"OF_TOMORROW","data":{"order_id":"1"}}"#,
        r#"{"event":"INTERNATIONAL_PAYMENT_COLLECTED","order_id":"1"}"#,
        r#"{"data":{"type":"VENDOR_SETTLEMENT_SUCCESS","settlement":{"utr":1644822317781212,"settled_on":"null"}}}"#,
    ];
    let bodies = samples.chain(odd).enumerate();
    bodies
        .map(|(index, body)| {
            let choice = u8::try_from(index % 256).unwrap_or_default();
            let head = HEADS.get(index % HEADS.len()).copied().unwrap_or_default();
            [&[choice], head.as_bytes(), body.as_bytes()].concat()
        })
        .chain(attacks.map(<[u8]>::to_vec))
        .collect()
}

fn amounts() -> Vec<Vec<u8>> {
    [
        "499.00\n499",
        "-0.05\n12.345",
        "1.5e3\n1e-38",
        "99999999999999999999999999999999999999\n0.00000000000000000000000000000000000001",
        "9223372036854775807\n-9223372036854775808",
        "-0.00\n0e99",
        "2025-07-15T16:40:24+05:30\n2025-07-15 16:40:24",
        "2024-02-29\n2025-07-15T16:40:24.123456Z",
        "0001-01-01T00:00:00Z\n9999-12-31T23:59:60-0530",
        "N/A\nINR",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect()
}
