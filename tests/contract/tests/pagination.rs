//! Pages one after the other: where they end, what stops them, and how they go on elsewhere.

use std::pin::Pin;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use cashfree::types::{
    DateRange, DateRangeParts, SettlementFilter, SplitOrderReconFilter, VendorReconEntry, VendorReconFilter,
};
use cashfree::{Credentials, Cursor, ErrorKind, Items, Page, Paged, Pages, RetryPolicy};
use serde_json::Value;

use crate::canned::Canned;

const fn stored<T: Send + Unpin + 'static>() {}

const _: () = {
    stored::<Paged<VendorReconEntry>>();
    stored::<Pages<VendorReconEntry>>();
    stored::<Items<VendorReconEntry>>();
    stored::<Page<VendorReconEntry>>();
    stored::<Cursor>();
};

fn recon(service: &Canned) -> Result<Paged<VendorReconEntry>> {
    Ok(service.client()?.recon().vendors(VendorReconFilter::new()))
}

/// A page of these rows.
fn page(ids: &[&str], cursor: &str) -> String {
    let data: Vec<String> = ids.iter().map(|id| format!(r#"{{"entity_id": "{id}"}}"#)).collect();
    format!(r#"{{"cursor": {cursor}, "limit": 10, "data": [{}]}}"#, data.join(","))
}

fn cursor_sent(body: &Bytes) -> Result<Option<String>> {
    let body: Value = serde_json::from_slice(body)?;
    Ok(body["pagination"]["cursor"].as_str().map(str::to_owned))
}

fn cursors_sent(service: &Canned) -> Result<Vec<Option<String>>> {
    service.taken().iter().map(|(request, _)| cursor_sent(request.body())).collect()
}

fn text(cursor: Option<&Cursor>) -> Option<&str> {
    cursor.map(Cursor::as_str)
}

async fn drain(items: &mut Items<VendorReconEntry>) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    while let Some(item) = items.next().await {
        ids.push(item?.entity_id.context("an id")?);
    }
    Ok(ids)
}

#[tokio::test]
async fn it_ends_with_the_page_without_a_cursor() -> Result<()> {
    for end in ["null", r#""""#, r#"" ""#, r#""null""#] {
        let service = Canned::default();
        service.respond(200, page(&["1", "2"], r#""a==""#));
        // An empty page with a cursor is not the end.
        service.respond(200, page(&[], r#""b""#));
        service.respond(200, page(&["3"], end));
        let mut items = recon(&service)?.items();
        assert_eq!(drain(&mut items).await?, ["1", "2", "3"], "{end}");
        assert!(items.is_complete() && items.cursor().is_none());
        assert!(items.next().await.is_none());
        assert_eq!(cursors_sent(&service)?, [None, Some("a==".to_owned()), Some("b".to_owned())]);
    }
    // Nor need the field be there.
    let service = Canned::default();
    service.respond(200, r#"{"data": [{"entity_id": "1"}]}"#);
    assert_eq!(drain(&mut recon(&service)?.items()).await?, ["1"]);
    Ok(())
}

#[tokio::test]
async fn a_repeated_cursor_is_an_error() -> Result<()> {
    for circle in [&["a", "a"][..], &["a", "b", "a"], &["a", "b", "b"]] {
        let service = Canned::default();
        for (at, cursor) in circle.iter().enumerate() {
            service.respond(200, page(&[&at.to_string()], &format!("{cursor:?}")));
        }
        let mut pages = recon(&service)?.pages();
        for _ in 1..circle.len() {
            pages.next().await.context("a page")??;
        }
        let error = pages.next().await.context("an error")?.err().context("an error")?;
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert!(error.to_string().contains("cycle"), "{error}");
        assert!(!error.is_retryable());
        assert!(error.body().is_some());
        assert!(pages.next().await.is_none() && !pages.is_complete());
        assert_eq!(service.taken().len(), circle.len());
    }
    // The cursor that it began at counts.
    let service = Canned::default();
    service.respond(200, page(&["1"], r#""a""#));
    let mut pages = recon(&service)?.from_cursor(Cursor::from("a")).pages();
    assert!(pages.next().await.context("an error")?.is_err());
    assert_eq!(text(pages.cursor()), Some("a"));
    Ok(())
}

#[tokio::test]
async fn an_error_ends_it_and_it_resumes_from_its_cursor() -> Result<()> {
    let service = Canned::default();
    service.respond(200, page(&["1"], r#""a""#));
    service.respond(400, r#"{"code": "pagination.limit_invalid", "type": "invalid_request_error"}"#);
    let mut items = recon(&service)?.items();
    assert_eq!(items.next().await.context("an item")??.entity_id.as_deref(), Some("1"));
    let error = items.next().await.context("an error")?.err().context("an error")?;
    assert_eq!(error.code(), Some("pagination.limit_invalid"));
    assert!(items.next().await.is_none() && !items.is_complete());
    assert_eq!(service.taken().len(), 2);

    // The cursor as another process finds it.
    let stored = serde_json::to_string(items.cursor().context("a cursor")?)?;
    assert_eq!(stored, r#""a""#);
    let cursor: Cursor = serde_json::from_str(&stored)?;
    service.respond(200, page(&["2"], "null"));
    let mut items = recon(&service)?.from_cursor(cursor).items();
    assert_eq!(drain(&mut items).await?, ["2"]);
    assert_eq!(cursors_sent(&service)?, [Some("a".to_owned())]);
    Ok(())
}

#[tokio::test]
async fn the_cursor_of_items_skips_nothing() -> Result<()> {
    let service = Canned::default();
    service.respond(200, page(&["1", "2"], r#""a""#));
    service.respond(200, page(&["3", "4"], r#""b""#));
    let mut items = recon(&service)?.items();
    let mut met = vec![items.cursor().cloned()];
    for _ in 0..4 {
        items.next().await.context("an item")??;
        met.push(items.cursor().cloned());
    }
    let met: Vec<Option<&str>> = met.iter().map(|cursor| text(cursor.as_ref())).collect();
    assert_eq!(met, [None, None, Some("a"), Some("a"), Some("b")]);
    Ok(())
}

#[tokio::test]
async fn settings_apply_to_all_pages() -> Result<()> {
    let service = Canned::default();
    service.respond(503, "");
    service.respond(200, page(&["1"], r#""a""#));
    service.respond(200, page(&["2"], "null"));
    let mut pages = recon(&service)?
        .page_size(50)
        .timeout(Duration::from_secs(3))
        .retry(crate::attempts(2))
        .credentials(Credentials::partner_for_merchant("key_1", "merchant_1"))
        .header(http::HeaderName::from_static("x-trace"), http::HeaderValue::from_static("t1"))
        .pages();
    let first = pages.next().await.context("a page")??;
    assert_eq!(first.meta().attempts(), 2);
    let second = pages.next().await.context("a page")??;
    assert_eq!(second.meta().attempts(), 1);
    let seen = service.taken();
    assert_eq!(seen.len(), 3);
    for (request, timeout) in &seen {
        assert_eq!(*timeout, Duration::from_secs(3));
        assert_eq!(request.headers()["x-partner-apikey"], "key_1");
        assert_eq!(request.headers()["x-trace"], "t1");
        assert!(!request.headers().contains_key("x-idempotency-key"), "it reads");
        let body: Value = serde_json::from_slice(request.body())?;
        assert_eq!(body["pagination"]["limit"], 50);
    }
    let id = |at: usize| seen[at].0.headers()["x-request-id"].clone();
    assert_eq!(id(0), id(1), "attempts of one page");
    assert_ne!(id(1), id(2), "each page is a call of its own");

    service.respond(503, "");
    let mut once = recon(&service)?.retry(RetryPolicy::none()).items();
    assert!(once.next().await.context("an error")?.is_err());
    assert_eq!(service.taken().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_response_that_is_not_a_page_does_not_end_it() -> Result<()> {
    for (response, ends) in [
        ("{}", false),
        (r#"{"blocked":true}"#, false),
        // A cursor promised rows: without a list of them, the report is not at its end.
        (r#"{"data":null}"#, false),
        (r#"{"cursor":""}"#, false),
        (r#"{"data":null,"cursor":null}"#, false),
        (r#"{"limit":10}"#, false),
        (r#"{"data":[]}"#, true),
        (r#"{"data":[],"cursor":null}"#, true),
    ] {
        let service = Canned::default();
        service.respond(200, page(&["1"], r#""a""#));
        // What is no page may be somebody else's response, so the page is read again.
        (0..3).for_each(|_| service.respond(200, response));
        let mut items = recon(&service)?.items();
        items.next().await.context("an item")??;
        match items.next().await {
            None => ensure!(ends && items.is_complete(), "{response}"),
            Some(outcome) => {
                let error = outcome.err().context("an error")?;
                ensure!(!ends && error.is_decode() && !items.is_complete(), "{response}");
                assert_eq!(text(items.cursor()), Some("a"), "{response}");
            }
        }
    }
    Ok(())
}

/// A page of this many rows, with more fields.
fn rows(count: usize, more: &str) -> String {
    let data: Vec<String> = (0..count).map(|id| format!(r#"{{"entity_id": "{id}"}}"#)).collect();
    format!(r#"{{"data": [{}]{more}}}"#, data.join(","))
}

#[tokio::test]
async fn rule_9_a_full_page_without_a_cursor_keeps_its_rows_and_is_no_end() -> Result<()> {
    for (count, more, ends) in [
        (10, r#", "limit": 10"#, false),
        (100, "", false),
        (99, "", true),
        (9, r#", "limit": 10"#, true),
        (10, r#", "limit": 10, "cursor": null"#, true),
        (10, r#", "limit": 10, "cursor": """#, true),
        (10, r#", "pagination": {"limit": 10}"#, false),
        (10, r#", "pagination": {"limit": 10, "cursor": null}"#, true),
    ] {
        let service = Canned::default();
        service.respond(200, page(&["first"], r#""a""#));
        service.respond(200, rows(count, more));
        let mut items = recon(&service)?.items();
        for nth in 0..=count {
            items.next().await.context("an item")?.with_context(|| format!("{nth} {more}"))?;
        }
        match items.next().await {
            None => ensure!(ends && items.is_complete(), "{count}{more}"),
            Some(outcome) => {
                let error = outcome.err().context("an error")?;
                ensure!(!ends && error.is_decode() && !items.is_complete(), "{count}{more}");
                ensure!(error.body().is_some_and(|body| !body.is_empty()), "the rows are in the error, too");
                assert_eq!(text(items.cursor()), Some("a"), "the last good cursor");
                assert!(items.next().await.is_none());
            }
        }
        service.respond(200, rows(count, more));
        let one = recon(&service)?.await?;
        assert_eq!((one.items.len(), one.next.as_ref(), one.is_last()), (count, None, ends), "{count}{more}");
    }
    Ok(())
}

#[tokio::test]
async fn rule_9_a_cursor_is_read_within_pagination_and_by_another_name() -> Result<()> {
    for more in [
        r#", "pagination": {"cursor": "abc==", "limit": 10}"#,
        r#", "next_cursor": "abc==""#,
        r#", "cursor": null, "pagination": {"next_cursor": "abc=="}"#,
    ] {
        let service = Canned::default();
        service.respond(200, rows(10, more));
        service.respond(200, page(&["last"], "null"));
        assert_eq!(drain(&mut recon(&service)?.items()).await?.len(), 11, "{more}");
        assert_eq!(cursors_sent(&service)?, [None, Some("abc==".to_owned())], "{more}");
    }
    Ok(())
}

/// Each operation in pages follows the same rule.
#[tokio::test]
async fn rule_9_every_report_ends_only_where_the_service_says_so() -> Result<()> {
    async fn ends<T: Send + 'static>(service: &Canned, report: Paged<T>) -> Result<()> {
        service.respond(200, rows(10, r#", "limit": 10"#));
        let mut pages = report.clone().pages();
        assert_eq!(pages.next().await.context("a page")??.items.len(), 10);
        assert!(pages.next().await.context("an error")?.is_err() && !pages.is_complete());
        service.respond(200, r#"{"data":null,"cursor":null}"#);
        assert!(report.clone().items().next().await.context("an error")?.is_err(), "not by a portal's word");
        service.respond(200, rows(10, r#", "pagination": {"cursor": "b"}"#));
        service.respond(200, rows(1, r#", "cursor": null"#));
        let mut pages = report.pages();
        pages.next().await.context("a page")??;
        pages.next().await.context("a page")??;
        ensure!(pages.next().await.is_none() && pages.is_complete());
        Ok(())
    }
    let service = Canned::default();
    let client = service.client()?;
    let range = || {
        DateRange::new(DateRangeParts {
            start_date: "2022-07-20T00:00:00Z".into(),
            end_date: "2022-07-21T23:59:59Z".into(),
        })
    };
    ends(&service, client.recon().payments(range())).await?;
    ends(&service, client.recon().settlements(Default::default())).await?;
    ends(&service, client.recon().vendors(VendorReconFilter::new())).await?;
    ends(&service, client.recon().split_orders(SplitOrderReconFilter::new())).await?;
    ends(&service, client.settlements().list(SettlementFilter::new())).await
}

#[test]
fn pages_can_be_read_blocking() -> Result<()> {
    let service = Canned::default();
    let responses = || {
        service.respond(200, page(&["1", "2"], r#""a""#));
        service.respond(200, page(&[], r#""b""#));
        service.respond(200, page(&["3"], "null"));
    };
    responses();
    let mut items = recon(&service)?.items();
    let mut ids = Vec::new();
    while let Some(item) = items.next_blocking() {
        ids.push(item?.entity_id.context("an id")?);
    }
    assert_eq!(ids, ["1", "2", "3"]);
    assert!(items.is_complete() && items.next_blocking().is_none());

    responses();
    let mut pages = recon(&service)?.pages();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next_blocking() {
        sizes.push(page?.items.len());
    }
    assert_eq!(sizes, [2, 0, 1]);
    service.respond(200, page(&["4"], "null"));
    assert_eq!(recon(&service)?.send_blocking()?.items.len(), 1);
    Ok(())
}

#[tokio::test]
async fn unparsed_fields_of_a_page_are_returned_with_its_items() -> Result<()> {
    let service = Canned::default();
    let odd = r#"{"data":[{"entity_id":"1","settlement_id":{"c":2}}],"cursor":"2"}"#;
    service.respond(200, odd);
    service.respond(200, page(&["2"], "null"));
    let mut items = recon(&service)?.items();
    assert!(items.unparsed_fields().is_empty());
    let first = items.next().await.context("an item")??;
    assert_eq!((first.entity_id.as_deref(), first.settlement_id), (Some("1"), None));
    let unparsed: Vec<_> = items.unparsed_fields().iter().map(|one| (one.path(), one.json())).collect();
    assert_eq!(unparsed, [("data[0].settlement_id", r#"{"c":2}"#)]);
    items.next().await.context("an item")??;
    assert!(items.unparsed_fields().is_empty());
    Ok(())
}

#[tokio::test]
async fn dropping_a_future_loses_nothing() -> Result<()> {
    let service = Canned::default();
    service.respond(200, page(&["1"], "null"));
    let mut items = recon(&service)?.items();
    {
        let mut next = Box::pin(items.next());
        let waker = std::task::Waker::noop();
        assert!(next.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
    }
    assert_eq!(drain(&mut items).await?, ["1"]);
    assert_eq!(service.taken().len(), 1);
    Ok(())
}

/// A stream by its trait, as `futures` sees it.
async fn count<S: futures_core::Stream + Unpin>(mut stream: S) -> usize {
    let mut count = 0;
    while std::future::poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await.is_some() {
        count += 1;
    }
    count
}

#[tokio::test]
async fn pages_and_items_are_send_streams() -> Result<()> {
    let service = Canned::default();
    for _ in 0..2 {
        service.respond(200, page(&["1", "2"], r#""a""#));
        service.respond(200, page(&["3"], "null"));
    }
    assert_eq!(tokio::spawn(count(recon(&service)?.pages())).await?, 2);
    assert_eq!(tokio::spawn(count(recon(&service)?.items())).await?, 3);
    Ok(())
}
