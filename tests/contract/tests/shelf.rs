//! A transport that keeps every request and responds from a shelf: one body for each operation. For
//! responses of the reference that the sandbox would not give.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use cashfree::{
    BoxFuture, Call, Client, Credentials, Environment, IdempotencyKey, Response, Transport, TransportError,
};
use cashfree_sandbox::RecordedRequest;

use crate::wire::{identified, printed};

/// The next response, and the last request.
#[derive(Debug, Default)]
struct Inner {
    response: Bytes,
    requests: Vec<RecordedRequest>,
}

#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Inner>>);

impl Transport for Recorder {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _: Duration,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let response = identified(&request, &inner.response);
        let (parts, body) = request.into_parts();
        let headers = parts.headers.iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let record = RecordedRequest {
            operation_id: None,
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            headers: headers.collect(),
            body: body.to_vec(),
        };
        inner.requests.push(record);
        Box::pin(async move { Ok(http::Response::new(response)) })
    }
}

/// A client whose requests are looked at.
pub(crate) struct Shelf {
    pub(crate) client: Client,
    recorder: Recorder,
}

impl Shelf {
    pub(crate) fn open() -> Result<Self> {
        let recorder = Recorder::default();
        let credentials = Credentials::client_secret("client_1", "secret_1");
        let client =
            Client::builder(Environment::Sandbox, credentials).transport(recorder.clone()).build()?;
        Ok(Self { client, recorder })
    }

    /// Sends a call, which gets this body, and holds its request against the snapshot of its
    /// name.
    pub(crate) async fn shot<T: Send + 'static>(
        &mut self,
        variant: &str,
        call: Call<T>,
        response: &'static str,
    ) -> Result<Response<T>> {
        let operation = call.operation().id;
        {
            let mut inner = self.recorder.0.lock().unwrap_or_else(PoisonError::into_inner);
            inner.response = Bytes::from_static(response.as_bytes());
            inner.requests.clear();
        }
        let response = call
            .idempotency_key(IdempotencyKey::new("key-1")?)
            .request_id("request-1")
            .await
            .with_context(|| format!("{operation} {variant}"))?;
        let request = {
            let mut inner = self.recorder.0.lock().unwrap_or_else(PoisonError::into_inner);
            anyhow::ensure!(inner.requests.len() == 1, "{} requests", inner.requests.len());
            inner.requests.pop().context("none")?
        };
        let name = if variant.is_empty() { operation.to_owned() } else { format!("{operation}-{variant}") };
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_snapshot_path("snapshots/wire");
        settings.bind(|| insta::assert_snapshot!(name, printed(&request)));
        Ok(response)
    }
}
