//! Responses: the first byte chooses the operation, the rest is the body.
//!
//! - A body is read or refused; nothing panics.
//! - What was read, written and read again is written the same.
//! - Numbers that are money are written with the digits that came, and none is made up.
//! - The reason of a refusal repeats no text and no number of the body.

use cashfree_gen::{Decimal, operations};
use recode::{Recoded, recode};

use crate::json::{self, end_of_number, end_of_text, is_name};

/// Fields that hold any JSON, or alternatives of it that the crate may not know: a tree of values, which
/// holds numbers as floats. Money is elsewhere.
const FREE: [&str; 8] = [
    "card_token_details",
    "metadata",
    "order_tags",
    "payload",
    "payment_method",
    "refunds",
    "subscription_tags",
    "tags",
];

/// Operations whose whole response is any JSON, or each item of it, or the field `data` of it.
const FREE_RESPONSES: [&str; 3] = ["MarkForSettlement", "SposFetchTerminalTransactions", "SubsCreatePayment"];

/// Reads the body as a response of the operation that the first byte chooses.
///
/// # Panics
/// When the property does not hold.
pub fn holds(data: &[u8]) {
    let Some((choice, body)) = data.split_first() else { return };
    let operation = operations::ALL[usize::from(*choice) % operations::ALL.len()].id;
    if let Ok(written) = read(operation, body) {
        let again = read(operation, written.as_bytes());
        assert_eq!(again.as_ref(), Ok(&written), "{operation}: not the same when read again");
        if !FREE_RESPONSES.contains(&operation) {
            money_is_kept(operation, body, &written);
        }
    }
    no_value_is_repeated(operation, body);
}

fn read(operation: &str, body: &[u8]) -> Recoded {
    recode(operation, body).unwrap_or_else(|| panic!("{operation} is in the table and has no reader"))
}

/// Each number that stands outside of free JSON, with the name of the innermost field that holds it.
fn numbers<'a>(json: &'a str, found: &mut Vec<(&'a str, &'a str)>) {
    let bytes = json.as_bytes();
    // The field that a list or an object stands in, and how many of them are free.
    let mut holders: Vec<(&str, bool)> = vec![("", false)];
    let mut name = "";
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = end_of_text(bytes, at);
                if is_name(bytes, end) {
                    name = json.get(at + 1..end - 1).unwrap_or_default();
                }
                at = end;
            }
            b'{' | b'[' => {
                let free = holders.last().is_some_and(|(_, free)| *free) || FREE.contains(&name);
                holders.push((name, free));
                at += 1;
            }
            b'}' | b']' => {
                name = holders.pop().map_or("", |(name, _)| name);
                at += 1;
            }
            b',' => {
                // In a list the next item has the name of the list.
                name = holders.last().map_or("", |(name, _)| name);
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let end = end_of_number(bytes, at);
                let is_free = holders.last().is_some_and(|(_, free)| *free) || FREE.contains(&name);
                // What has no name is free as well: a list of any JSON.
                if !is_free
                    && !name.is_empty()
                    && let Some(number) = json.get(at..end)
                {
                    found.push((name, number));
                }
                at = end;
            }
            _ => at += 1,
        }
    }
}

fn money_is_kept(operation: &str, body: &[u8], written: &str) {
    let mut kept = Vec::new();
    numbers(written, &mut kept);
    if kept.is_empty() {
        return;
    }
    let Ok(body) = std::str::from_utf8(body) else { return };
    let came = scalars(body);
    for (name, number) in kept {
        assert!(
            came.iter().any(|came| came == number),
            "{operation}: {name} is {number}, which did not come"
        );
    }
}

/// Every number of a JSON text, and every text that is one, as a decimal is written; and whole numbers also
/// without a fraction, as those that are declared whole are written.
fn scalars(body: &str) -> Vec<String> {
    let bytes = body.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let (token, end) = match byte {
            b'"' => {
                let end = end_of_text(bytes, at);
                let text = body.get(at..end).and_then(|json| serde_json::from_str::<String>(json).ok());
                (text, end)
            }
            b'-' | b'0'..=b'9' => {
                let end = end_of_number(bytes, at);
                (body.get(at..end).map(str::to_owned), end)
            }
            _ => {
                at += 1;
                continue;
            }
        };
        at = end;
        let Some(token) = token else { continue };
        // Numbers of people, Aadhaar for instance, are written as received.
        found.push(token.clone());
        if let Ok(number) = token.trim().parse::<Decimal>() {
            found.push(number.to_string());
            // Written as a JSON number, 7.5100 is 7.51.
            found.extend(serde_json::to_string(&number));
            found.extend(number.to_scaled(0).map(|whole| whole.to_string()));
        }
    }
    found
}

/// Decodes the body a second time, with a mark in each of its texts and numbers.
fn no_value_is_repeated(operation: &str, body: &[u8]) {
    let Some(marked) = json::marked(body) else { return };
    if let Err(error) = read(operation, marked.as_bytes()) {
        assert!(!json::has_mark(&error), "{operation}: the error repeats the input: {error}");
    }
}
