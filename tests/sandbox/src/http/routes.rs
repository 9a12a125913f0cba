//! Routing: one route for each operation of the document, and the order in which a request is looked at: faults
//! ahead of the service, version, credentials, call limit, document, idempotency key, work, faults on the response.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::StatusCode;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, get, on};

use serde_json::Value;

use crate::app::App;
use crate::control;
use crate::document::{Document, LATER_API_VERSION, Operation};
use crate::domain::call::Call;
use crate::domain::operations;
use crate::faults::scripted::Fault;
use crate::http::API_PREFIX;
use crate::http::auth::{self, Caller};
use crate::http::errors::{JsonResponse, Refusal};
use crate::http::files;
use crate::http::idempotency::{Fingerprint, Scope, Turn};
use crate::http::incoming::{BODY_LIMIT, Incoming, parameter_name};
use crate::http::multipart;
use crate::http::net::Line;
use crate::http::origin::{self, Reach};
use crate::http::respond::{self, Notes};
use crate::http::shapes;
use crate::http::validate::{self, Subject};
use crate::http::visits;
use crate::journal::{self, RecordedResponse};
use crate::web;

/// One route per operation, a page for the payer, and a sentence for everything else.
pub(crate) fn router(app: Arc<App>, reach: Reach) -> Result<Router> {
    let mut paths: HashMap<String, MethodRouter<Arc<App>>> = HashMap::new();
    for operation in app.document.operations.iter().chain(&app.document.later) {
        let method = axum::http::Method::from_bytes(operation.method.as_bytes())?;
        let filter = MethodFilter::try_from(method).with_context(|| operation.id.clone())?;
        let handler = {
            let operation = Arc::clone(operation);
            move |Shared(app): Shared<Arc<App>>, ConnectInfo(line): ConnectInfo<Line>, request: Request| {
                serve(app, operation, line, request)
            }
        };
        // The router wants one name per position, the document has several: number them.
        let numbered: Vec<String> = operation
            .path
            .split('/')
            .enumerate()
            .map(|(at, segment)| parameter_name(segment).map_or(segment.to_owned(), |_| format!("{{p{at}}}")))
            .collect();
        let route = paths.remove(&numbered.join("/")).unwrap_or_default();
        let route = route.merge(on(filter, handler));
        // Operations without credentials are called by browsers.
        let route = if operation.is_open() { route.options(unknown).layer(web::cors()) } else { route };
        paths.insert(numbered.join("/"), route);
    }
    let mut router = Router::new();
    for (path, route) in paths {
        router = router.route(&format!("{API_PREFIX}{path}"), route);
    }
    let pages = web::routes()
        .route(&format!("{API_PREFIX}/view/summaries/{{cf_payment_id}}"), get(files::summary_page))
        .route(&format!("{API_PREFIX}/view/vendor-docs/{{signature}}"), get(files::vendor_document))
        .layer(middleware::from_fn_with_state(Arc::clone(&app), visits::record));
    Ok(router
        .merge(pages)
        .merge(control::routes(Arc::clone(&app)))
        .merge(web::dashboard(Arc::clone(&app)))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), once_written))
        .layer(middleware::from_fn_with_state(reach, origin::refuse_foreign))
        .with_state(app))
}

/// Lets a response leave once what was changed for it is in the data file.
async fn once_written(Shared(app): Shared<Arc<App>>, request: Request, next: middleware::Next) -> Response {
    let response = next.run(request).await;
    let Some(data) = &app.data else {
        return response;
    };
    match data.written().await {
        Ok(()) => response,
        Err(error) => {
            let Refusal(json) = Refusal::internal();
            eprintln!("error: {error:#}");
            respond::json_response(json.status, &json.body)
        }
    }
}

async fn serve(app: Arc<App>, operation: Arc<Operation>, line: Line, request: Request) -> Response {
    let incoming = Incoming::read(request).await;
    let ticket = app.record(Some(&operation), &incoming);
    let fault = app.script.next(&operation.id).or_else(|| {
        let chaos = app.chaos()?;
        chaos.draw(&operation.id, &app.about(&incoming))
    });
    let mut notes =
        Notes::new(&app, &incoming, &app.limits.peek(&caller_of(&operation), &operation.id), &operation);
    if let Some(fault) = fault.as_ref().filter(|fault| fault.is_ahead()) {
        app.journal.ended(ticket, journal::Outcome { fault: Some(fault.name()), ..Default::default() });
        return respond::ahead(fault, &mut notes, &line, &app.door).await;
    }
    // Work goes on when the caller hangs up, as it does behind a real service.
    let work = tokio::spawn({
        let (app, operation, fault) = (Arc::clone(&app), Arc::clone(&operation), fault.clone());
        async move {
            let outcome = process(&app, &operation, &incoming, fault.as_ref(), &mut notes).await;
            let mut json = outcome.unwrap_or_else(|refusal| refusal.0);
            if json.status == 200
                && notes.version == LATER_API_VERSION
                && app.document.version != LATER_API_VERSION
            {
                shapes::to_later(&app.state(), &operation.id, &mut json.body);
                shapes::to_published(&operation.id, &mut json.body);
            }
            if json.status == 200 && app.strict_document {
                shapes::to_declared(&operation.id, &mut json.body);
            }
            app.sends(&operation, json.status);
            let response = RecordedResponse { status: json.status, body: json.body.to_string().into_bytes() };
            let subject = subject(&operation, &incoming, &json.body);
            let fault = fault.as_ref().map(Fault::name);
            let asked = incoming.header("x-api-version");
            let version = asked.is_some_and(|asked| asked != notes.version).then(|| notes.version.clone());
            app.journal.ended(ticket, journal::Outcome { response: Some(response), subject, fault, version });
            (json, notes)
        }
    });
    match work.await {
        Ok((json, notes)) => respond::after(json, &notes, fault.as_ref(), &line).await,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The object that a request is about, by the merchant's id: the first of the path, else that of the response.
fn subject(operation: &Operation, incoming: &Incoming, body: &Value) -> Option<String> {
    let mut named = operation.path.split('/').filter_map(parameter_name);
    let in_path = named.next().zip(incoming.identifiers(&operation.path).ok());
    let in_path = in_path.and_then(|(name, mut identifiers)| identifiers.remove(name));
    let ids = ["order_id", "link_id", "subscription_id", "plan_id", "vendor_id", "customer_id"];
    in_path.or_else(|| ids.iter().find_map(|id| body[id].as_str().map(str::to_owned)))
}

fn caller_of(operation: &Operation) -> Caller {
    if operation.is_open() { Caller::Address } else { Caller::Account }
}

async fn process(
    app: &App,
    operation: &Operation,
    incoming: &Incoming,
    fault: Option<&Fault>,
    notes: &mut Notes,
) -> Result<JsonResponse, Refusal> {
    let header = |name: &str| incoming.header(name);
    check_version(&app.document, operation, header("x-api-version"), notes)?;
    let caller = auth::check(&app.document, &app.account, operation, &header)?;
    notes.standing = app.limits.count(&caller, &operation.id);
    if notes.standing.is_breached() {
        let scope = if caller == Caller::Address { "IP" } else { "account" };
        return Err(Refusal::rate_limited(scope));
    }
    if incoming.broken {
        return Err(Refusal::bad_request(
            "request_body_invalid",
            "the body breaks off, or its chunks are malformed",
        ));
    }
    if incoming.oversized {
        return Err(Refusal::too_large(BODY_LIMIT));
    }
    let content_type = header("content-type").unwrap_or_default();
    let parts = multipart::parts(&content_type, incoming.body.clone()).await?;
    let checked = {
        let subject = Subject {
            path: incoming.identifiers(&operation.path)?,
            query: incoming.query_values(),
            header: &header,
            body: &incoming.body,
            parts: &parts,
        };
        validate::check(&app.document, operation, subject)?
    };
    let key = header("x-idempotency-key").filter(|key| !key.is_empty() && operation.takes_key());
    let mut claim = None;
    if let Some(key) = key.as_ref().filter(|_| !app.forgets_keys) {
        let scope = Scope { caller, operation: operation.id.clone(), key: key.clone() };
        let target = format!("{}?{}", incoming.path, incoming.query.as_deref().unwrap_or_default());
        let fingerprint = Fingerprint::of(&target, &incoming.body);
        match app.keys.turn(&scope, fingerprint).await? {
            Turn::First(first) => claim = Some(first),
            Turn::Replay(response) => {
                notes.replayed = true;
                return Ok(response);
            }
        }
    }
    if let Some(Fault::Delay(pause)) = fault {
        tokio::time::sleep(*pause).await;
    }
    let request_id = header("x-request-id");
    let call = Call {
        operation: Some(&operation.id),
        path: &checked.path,
        query: &checked.query,
        body: &checked.body,
        parts: &parts,
        key: key.as_deref(),
        request_id: request_id.as_deref(),
        is_later: notes.version == LATER_API_VERSION,
    };
    let mut state = Some(app.state());
    let outcome = match (fault, &mut state) {
        (Some(Fault::ServerError500), _) | (_, None) => Err(Refusal::internal()),
        (_, Some(state)) => operations::perform(state, &operation.id, &call).map(|mut response| {
            // A document of the later version is the one that the response is held against.
            if app.document.version == LATER_API_VERSION && response.status == 200 {
                shapes::to_later(state, &operation.id, &mut response.body);
            }
            response
        }),
    };
    if app.data.is_none() {
        state = None;
    }
    let mut response = outcome.unwrap_or_else(|refusal| refusal.0);
    // The sandbox is worth nothing if it returns what the service never would: better no response.
    if let Err(message) = validate::check_response(&app.document, operation, &response) {
        response = Refusal::response_invalid(&message).0;
    }
    app.record_status(&operation.id, response.status);
    // An operation that isn't imitated leaves nothing behind, its key included.
    if let Some(claim) = claim.filter(|_| response.status != 501) {
        // Together with what the request changed: neither is ever on the disk without the other.
        claim.store(&app.keys, &response, state.as_deref_mut().map(|state| &mut state.staged));
    }
    Ok(response)
}

fn check_version(
    document: &Document,
    operation: &Operation,
    version: Option<String>,
    notes: &mut Notes,
) -> Result<(), Refusal> {
    match version {
        None => Err(Refusal::bad_request("version_missing", "the x-api-version header is required")),
        Some(known) if document.published.contains(&known) => {
            if let Some(since) = operation.since.filter(|since| **since != *known) {
                let message = format!("{} is an operation of {since}, not of {known}", operation.id);
                return Err(Refusal::not_found("operation_not_found", message));
            }
            shapes::spoken(document, &known).clone_into(&mut notes.version);
            Ok(())
        }
        Some(_) => Err(Refusal::bad_request("version_invalid", "x-api-version is not a version of this API")),
    }
}

/// Whatever the document does not describe: 404 with a sentence that says what was asked, and what may have
/// been meant.
async fn unknown(Shared(app): Shared<Arc<App>>, request: Request) -> Response {
    // Nothing is known of the body: it is not kept.
    let incoming = Incoming { body: Bytes::new(), ..Incoming::read(request).await };
    let ticket = app.record(None, &incoming);
    let path = incoming.path.as_str();
    let mut message = format!("the document has no operation for {} {path}", incoming.method);
    let inside = path.strip_prefix(API_PREFIX).filter(|rest| rest.starts_with('/'));
    let methods: Vec<&str> = app.document.methods_at(inside.unwrap_or(path)).collect();
    match (inside, methods.is_empty()) {
        (Some(_), false) => message.push_str(&format!(": this address takes {}", methods.join(", "))),
        (None, false) => message.push_str(&format!(": addresses begin with {API_PREFIX}")),
        (_, true) => {}
    }
    let Refusal(json) = Refusal::not_found("operation_not_found", message);
    let recorded = RecordedResponse { status: json.status, body: json.body.to_string().into_bytes() };
    app.journal.ended(ticket, journal::Outcome { response: Some(recorded), ..Default::default() });
    let mut response = respond::json_response(json.status, &json.body);
    respond::echo_request_id(&incoming.headers, response.headers_mut());
    response
}
