//! A service that does what the input says: a transport without a network, and the client over it.

use std::cell::LazyCell;
use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use cashfree::{
    BoxFuture, Call, Client, Credentials, Environment, Error, Response, RetryPolicy, Sent, Transport,
    TransportError,
};
use http::{HeaderMap, Request, StatusCode};
use tokio::runtime::Runtime;

/// What happens to one attempt.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Response(ScriptedResponse),
    /// No response; part of one may have arrived.
    Failure {
        sent: Sent,
        timeout: bool,
        partial: Option<ScriptedResponse>,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct ScriptedResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl ScriptedResponse {
    fn into_http(self) -> http::Response<Bytes> {
        let mut response = http::Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

#[derive(Clone, Debug, Default)]
struct Script(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    ahead: VecDeque<Event>,
    happened: Vec<Event>,
    seen: Vec<Request<Bytes>>,
}

impl Script {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Script {
    fn send(
        &self,
        request: Request<Bytes>,
        _: Duration,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let mut state = self.state();
        state.seen.push(request);
        let event = state.ahead.pop_front();
        let event = event.unwrap_or(Event::Failure { sent: Sent::No, timeout: false, partial: None });
        state.happened.push(event.clone());
        Box::pin(async move {
            match event {
                Event::Response(response) => Ok(response.into_http()),
                Event::Failure { sent, timeout, partial } => {
                    let mut failure = TransportError::new(sent, "as scripted");
                    if timeout {
                        failure = failure.timed_out();
                    }
                    Err(match partial {
                        Some(response) => failure.with_partial(response.into_http()),
                        None => failure,
                    })
                }
            }
        })
    }
}

/// A call that was made.
pub(crate) struct Outcome<T> {
    pub(crate) result: Result<Response<T>, Error>,
    /// What happened, attempt by attempt, and the requests that it happened to.
    pub(crate) happened: Vec<Event>,
    pub(crate) seen: Vec<Request<Bytes>>,
}

struct Shop {
    script: Script,
    client: Client,
    /// Its time is made up: a wait is over when nothing else is left to do.
    runtime: Runtime,
}

thread_local! {
    static SHOP: LazyCell<Shop> = LazyCell::new(|| {
        let script = Script::default();
        let policy = RetryPolicy::standard()
            .max_attempts(NonZeroU32::MIN.saturating_add(3))
            .max_server_delay(Duration::MAX)
            .max_elapsed(Duration::MAX)
            .budget(10.0);
        let client = Client::builder(Environment::Sandbox, Credentials::client_secret("app_1", "secret_1"))
            .transport(script.clone())
            .retry(policy)
            .build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        match (client, runtime) {
            (Ok(client), Ok(runtime)) => Shop { script, client, runtime },
            (client, runtime) => panic!("{client:?} {runtime:?}"),
        }
    });
}

/// Makes a call to the service that this happens in.
pub(crate) fn call<T: Send + 'static>(
    events: impl IntoIterator<Item = Event>,
    make: impl FnOnce(&Client) -> Call<T>,
) -> Outcome<T> {
    SHOP.with(|shop| {
        *shop.script.state() = State { ahead: events.into_iter().collect(), ..State::default() };
        let call = make(&shop.client);
        let result = shop.runtime.block_on(call.send());
        let state = std::mem::take(&mut *shop.script.state());
        Outcome { result, happened: state.happened, seen: state.seen }
    })
}
