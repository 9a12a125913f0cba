//! The payload checker: what it passes, what it finds, and the shapes of a later version of the API.

use std::fs;

use anyhow::{Context, Result, ensure};
use contract::json::{Exact, Json};
use contract::payloads::{Checker, check, named};
use http::StatusCode;

/// What is wrong with a response, and how many unknown fields it has.
fn outcome(checker: &Checker, operation: &str, body: &str) -> (Vec<String>, usize) {
    let outcome = checker.check(operation, StatusCode::OK, body.as_bytes());
    (outcome.faults, outcome.unknown)
}

/// Fields that stand in each order and in each payment.
const EACH: [(&str, &[(&str, &str)]); 2] = [
    (
        "PGFetchOrder",
        &[("cf_order_id", "1"), ("order_id", "2"), ("order_amount", "3"), ("order_currency", "\"INR\"")],
    ),
    (
        "PGOrderFetchPayment",
        &[
            ("cf_payment_id", "1"),
            ("order_id", "2"),
            ("payment_amount", "3"),
            ("payment_currency", "\"INR\""),
        ],
    ),
];

/// An object, or a list of one, with what its type always has.
fn whole(operation: &str, body: &str) -> String {
    let each = EACH.iter().find(|(of, _)| operation.starts_with(of)).map_or(&[][..], |(_, each)| each);
    let missing = each.iter().filter(|(name, _)| !body.contains(&format!("\"{name}\"")));
    let missing: String = missing.map(|(name, value)| format!("\"{name}\":{value},")).collect();
    body.replacen('{', &format!("{{{missing}"), 1)
}

#[test]
fn a_folder_is_read_file_by_file() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let files = [
        (
            "1.PGFetchOrder.200.json",
            r#"{"order_id":7,"cf_order_id":8,"order_amount":"10.10","order_currency":"INR","order_tags":null,
                "later":{"a":1}}"#,
        ),
        (
            "PGOrderFetchRefunds.response.200.a.b.json",
            r#"[{"refund_id":"r","cf_refund_id":1,"order_id":"o","cf_payment_id":2,"refund_amount":1.0,
                "refund_currency":"INR"}]"#,
        ),
        (
            "2.PGCreateOrder.409.json",
            r#"{"code":"order_already_exists","type":"invalid_request_error","status":"FAILED"}"#,
        ),
        ("PGFetchOrder.response.200.json", r#"{"order_amount":"much"}"#),
        ("3.PGFetchOrder.200.json", "{"),
        ("4.NoSuchOperation.200.json", "{}"),
        ("5.PGFetchOrder.404.json", r#"{"nothing":"of an error"}"#),
        ("6.PGFetchOrder.502.json", r#"[{"message":{"left":"whole"},"code":["a",1]}]"#),
        ("PGCreateOrder.request.a.json", "{}"),
        ("index.json", "{}"),
        ("6.PGFetchOrder.200.txt", "{}"),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text)?;
    }
    let report = check(&[folder.path()])?;
    ensure!((report.passed, report.skipped, report.unknown) == (5, 3, 3), "{report}");
    let checked = report.to_string();
    ensure!(
        checked.ends_with("3 fields unknown to the document left out\n5 passed, 3 failed\n"),
        "{checked}"
    );
    let deep = format!("as text: {}/6.", folder.path().display());
    for part in ["3.PGFetchOrder.200.json: no JSON", "called NoSuchOperation", "order_amount: ", &deep] {
        ensure!(checked.contains(part), "{part} is not in {checked}");
    }
    Ok(())
}

/// Depth has a limit of its own: a stack that overflows takes the whole folder with it.
#[test]
fn a_deep_payload_is_one_failure_among_others() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let checked = check(&[folder.path()])?.to_string();
    ensure!(checked.contains("no file is named") && checked.ends_with("0 passed, 0 failed\n"), "{checked}");
    let deep = |depth: usize| {
        whole("PGFetchOrder", &format!("{{\"later\":{}{}}}", "[".repeat(depth), "]".repeat(depth)))
    };
    for (number, depth) in [100, 200, 200_000].into_iter().enumerate() {
        fs::write(folder.path().join(format!("{number}.PGFetchOrder.200.json")), deep(depth))?;
    }
    let report = check(&[folder.path()])?;
    ensure!((report.passed, report.failures.len()) == (1, 2), "{report}");
    ensure!(report.failures.iter().all(|line| line.contains("recursion limit exceeded")), "{report}");
    Ok(())
}

#[test]
fn file_names_give_the_operation_and_the_status() {
    for (name, operation) in [
        ("PGFetchOrder.response.200.schema_example.april.json", Some("PGFetchOrder")),
        ("000017.SubsFetchSubscription_1.202.json", Some("SubsFetchSubscription_1")),
        ("PGFetchOrder.request.a.json", None),
        ("x.PGFetchOrder.200.json", None),
        ("1.PGFetchOrder.twice.json", None),
        ("PGFetchOrder.json", None),
    ] {
        assert_eq!(named(name).map(|(operation, _)| operation), operation, "{name}");
    }
}

/// The comparison itself: what a written response is held against, seen by way of free JSON and of types.
#[test]
fn equal_payloads_pass_and_lost_fields_fail() -> Result<()> {
    let checker = Checker::open()?;
    for body in [
        r#"{"order_amount":10.100,"order_note":null,"order_splits":[],"customer_details":{}}"#,
        r#"{"cf_order_id":2149460581,"order_amount":"10.10","customer_details":[{"customer_phone":9}]}"#,
        r#"{"order_amount":1234567890123456789012345678,"order_splits":{"vendor_id":"v","percentage":"12.50"}}"#,
        r#"{"order_splits":[{"amount":"N/A"}],"order_status":"PONDERING","order_meta":{"payment_methods":7}}"#,
    ] {
        let (faults, unknown) = outcome(&checker, "PGFetchOrder", &whole("PGFetchOrder", body));
        ensure!(faults.is_empty() && unknown == 0, "{body}: {faults:?} {unknown}");
    }
    let body = whole("PGFetchOrder", r#"{"later":1,"none":null,"customer_details":{"later":[1]}}"#);
    let (faults, unknown) = outcome(&checker, "PGFetchOrder", &body);
    ensure!(faults.is_empty() && unknown == 2, "{faults:?} {unknown}");
    // Text that holds structure is not what was received, though nothing of it is lost.
    let body = whole("PGFetchOrder", r#"{"order_note":{"a":1}}"#);
    let checked = checker.check("PGFetchOrder", StatusCode::OK, body.as_bytes());
    ensure!(checked.faults.is_empty() && checked.as_text == ["$.order_note"], "{checked:?}");
    // Nor is anything that is left unparsed.
    let body = whole("PGFetchOrder", r#"{"order_meta":[1,2],"order_amount":1}"#);
    let checked = checker.check("PGFetchOrder", StatusCode::OK, body.as_bytes());
    ensure!(checked.faults.is_empty() && checked.unparsed == ["order_meta"], "{checked:?}");
    Ok(())
}

#[test]
fn numbers_are_compared_by_their_digits() -> Result<()> {
    let same = [("1", "1.0"), ("10.10", "0010.1"), ("1e3", "1000"), ("-0", "0.00"), ("1.5e-2", "0.015")];
    for (one, other) in same {
        ensure!(Exact::read(one).is_some() && Exact::read(one) == Exact::read(other), "{one} {other}");
    }
    let different = [("1", "10"), ("0.1", "0.01"), ("9007199254740993", "9007199254740992"), ("1", "-1")];
    for (one, other) in different {
        ensure!(Exact::read(one) != Exact::read(other), "{one} {other}");
    }
    for text in ["", "-", ".5", "1a", "1e", "NaN", "1.2.3"] {
        ensure!(Exact::read(text).is_none(), "{text}");
    }
    let read = Json::parse(br#"{"a":[1.10,"\u0041",null,true]}"#)?;
    let Some(Json::List(items)) = read.get("a") else { return Err(anyhow::anyhow!("{read:?}")) };
    ensure!(items[0] == Json::Number("1.10".to_owned()) && items[1] == Json::Text("A".to_owned()));
    ensure!(Json::parse("[".repeat(100_000).as_bytes()).is_err());
    Ok(())
}

/// What a later version is known to send is read; what it adds goes missing, at most this many fields.
#[test]
fn the_next_version_is_read() -> Result<()> {
    let checker = Checker::open()?;
    for (operation, body, added) in [
        // Rows of the ledger are nested.
        (
            "PGFetchRecon",
            r#"{"cursor":null,"limit":10,"data":[{"customer_details":{"customer_id":null},
            "event_details":{"event_id":"1","event_amount":1.5,"event_remarks":null},
            "order_details":{"order_id":"o","order_tags":null},"payment_details":{"status":null}}]}"#,
            2,
        ),
        (
            "PGSettlementFetchRecon",
            r#"{"data":[{"payment_details":{"forex_conversion_handling_charge":0,"cf_payment_id":5114912996630}}]}"#,
            0,
        ),
        // How a subscription is authorised is an object.
        (
            "SubsFetchSubscriptionPayment",
            r#"{"cf_payment_id":1,"payment_id":"p","cf_subscription_id":2,"subscription_id":"s","payment_amount":1,
            "authorization_details":{"start_time":"2024-04-18T16:40:00","payment_method":{"upi":{"upi_id":"a@b"}}}}"#,
            0,
        ),
        (
            "SubsFetchSubscription",
            r#"{"cf_subscription_id":2,"subscription_id":"s","next_schedule_date":null,"authorisation_details":{"payment_method":"NPCI_SBC"}}"#,
            0,
        ),
        (
            "SposFetchTerminal",
            r#"{"cf_terminal_id":54321,"terminal_id":"t","terminal_phone_no":9876543214}"#,
            0,
        ),
        ("SposCreateTerminalTransaction", r#"{"cf_payment_id":42887,"payment_amount":1}"#, 0),
        // Ways to pay that are not known yet are kept.
        (
            "PGOrderFetchPayment",
            r#"{"cf_payment_id":1,"order_id":"o","payment_amount":1,"payment_currency":"INR",
            "payment_method":{"card_emi":{"card_number":"XX","emi_tenure":3}},"payment_offers":null}"#,
            0,
        ),
        (
            "PGOrderFetchPayments",
            r#"[{"payment_method":{"applepay":{"channel":"link"}},"error_details":null}]"#,
            0,
        ),
        (
            "PGOrderFetchPayment",
            r#"{"payment_method":{"card":{"card_of_tomorrow":"R","card_number":"XX"}},"bank_reference":null}"#,
            1,
        ),
        (
            "PGPayOrder",
            r#"{"payment_method":"card_emi","channel":"podQrCode","data":{"url":"u","payload":null,"content_type":null}}"#,
            0,
        ),
        ("PGSimulateSettlement", r#"{"settlement_ids":["17","18"]}"#, 0),
        (
            "PGFetchOrder",
            r#"{"order_meta":{"payment_methods_filters":{"filters":{"card_bins":[411111,510510]}}}}"#,
            0,
        ),
        ("FetchDowntimeById", r#"{"incident_status":"OPEN","incident_end_time":null}"#, 0),
    ] {
        let (faults, unknown) = outcome(&checker, operation, &whole(operation, body));
        ensure!(faults.is_empty() && unknown <= added, "{operation}: {faults:?}, {unknown} unknown");
    }
    Ok(())
}

#[test]
fn errors_are_read_as_what_they_are() -> Result<()> {
    let checker = Checker::open()?;
    let body = r#"{"message":"no","code":401,"type":"authentication_error","help":""}"#;
    for status in [400, 401, 403, 404, 409, 422, 429, 500, 502] {
        let status = StatusCode::from_u16(status)?;
        let outcome = checker.check("PGESCreateVendors", status, body.as_bytes());
        ensure!(outcome.faults.is_empty(), "{status}: {:?}", outcome.faults);
    }
    let outcome = checker.check("PGFetchOrder", StatusCode::BAD_GATEWAY, b"<html>");
    outcome.faults.first().context("a page is no error of the API")?;
    Ok(())
}
