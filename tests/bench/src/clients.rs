//! The clients that are compared, each as its users would write it. All have a time limit, all send the
//! credentials and the version of the API.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use cashfree::types::{CreateOrder, CustomerDetails, CustomerDetailsParts};
use cashfree::{Credentials, Environment, Money};
use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;

use crate::calls::{self, Caller, Figures, Run};
use crate::responses::{CREATE_ORDER, Operation};
use crate::{Counter, plain};

#[path = "../../../cashfree/examples/hyper_transport/transport.rs"]
mod hyper_transport;

use hyper_transport::HyperTransport;

const ID: &str = "client-id";
const SECRET: &str = "client-secret-of-the-length-of-a-real-one-0123456789";
const VERSION: &str = cashfree_gen::API_VERSION;
const LIMIT: Duration = Duration::from_secs(30);

/// A client by name.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Kind {
    /// `hyper-util` with its pool, the body read and dropped: no less can be done.
    Floor,
    /// `reqwest`, the body read and dropped.
    Reqwest,
    /// `reqwest` with structs written by hand.
    Structs,
    /// `cashfree-gen` over a bare `reqwest`: no retries, keys, request ids or limits of size.
    Gen,
    /// `cashfree` as it comes.
    Cashfree,
    /// `cashfree` over the transport of `examples/hyper_transport/transport.rs`: what is left is its own.
    OverFloor,
}

/// Measures one client.
///
/// # Errors
/// The first call that fails.
pub fn measure(kind: Kind, run: &Run, counter: Counter) -> Result<Figures> {
    let base = format!("http://{}", run.address);
    match kind {
        Kind::Floor => calls::measure(run, counter, || Ok(Floor::new(base))),
        Kind::Reqwest => calls::measure(run, counter, || Reqwest::new(base)),
        Kind::Structs => calls::measure(run, counter, || Ok(Structs(Reqwest::new(base)?))),
        Kind::Gen => calls::measure(run, counter, || Generated::new(base)),
        Kind::Cashfree => calls::measure(run, counter, || Cashfree::at(&base)),
        Kind::OverFloor => calls::measure(run, counter, || {
            let environment = Environment::custom(&base)?;
            let credentials = Credentials::client_secret(ID, SECRET);
            let transport = HyperTransport::new();
            Ok(Cashfree(cashfree::Client::builder(environment, credentials).transport(transport).build()?))
        }),
    }
}

#[derive(Clone, Debug)]
struct Floor {
    pool: Pool<HttpConnector, Full<Bytes>>,
    base: String,
}

impl Floor {
    fn new(base: String) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { pool: Pool::builder(TokioExecutor::new()).build(connector), base }
    }
}

impl Caller for Floor {
    async fn call(&self, operation: Operation) -> Result<()> {
        let mut request = Request::builder()
            .method(operation.method())
            .uri(format!("{}{}", self.base, operation.path()))
            .header("x-client-id", ID)
            .header("x-client-secret", SECRET)
            .header("x-api-version", VERSION);
        let mut body = Bytes::new();
        if operation == Operation::CreateOrder {
            request = request.header(header::CONTENT_TYPE, "application/json");
            body = Bytes::from_static(CREATE_ORDER.as_bytes());
        }
        let response =
            tokio::time::timeout(LIMIT, self.pool.request(request.body(Full::new(body))?)).await??;
        if !response.status().is_success() {
            bail!("status {}", response.status());
        }
        black_box(response.into_body().collect().await?.to_bytes());
        Ok(())
    }
}

#[derive(Clone, Debug)]
struct Reqwest {
    http: reqwest::Client,
    base: String,
}

impl Reqwest {
    fn new(base: String) -> Result<Self> {
        Ok(Self { http: reqwest::Client::builder().timeout(LIMIT).no_proxy().build()?, base })
    }

    async fn fetch(&self, operation: Operation, body: Option<impl Into<reqwest::Body>>) -> Result<Bytes> {
        let mut request = self
            .http
            .request(operation.method(), format!("{}{}", self.base, operation.path()))
            .header("x-client-id", ID)
            .header("x-client-secret", SECRET)
            .header("x-api-version", VERSION);
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body);
        }
        Ok(request.send().await?.error_for_status()?.bytes().await?)
    }
}

impl Caller for Reqwest {
    async fn call(&self, operation: Operation) -> Result<()> {
        let body = (operation == Operation::CreateOrder).then_some(CREATE_ORDER);
        black_box(self.fetch(operation, body).await?);
        Ok(())
    }
}

#[derive(Clone)]
struct Structs(Reqwest);

impl Structs {
    async fn read<T: DeserializeOwned>(&self, operation: Operation, body: Option<Vec<u8>>) -> Result<()> {
        black_box(serde_json::from_slice::<T>(&self.0.fetch(operation, body).await?)?);
        Ok(())
    }
}

impl Caller for Structs {
    async fn call(&self, operation: Operation) -> Result<()> {
        match operation {
            Operation::GetOrder => self.read::<plain::Order>(operation, None).await,
            Operation::GetPayment => self.read::<plain::Payment>(operation, None).await,
            Operation::ListPayments => self.read::<Vec<plain::Payment>>(operation, None).await,
            Operation::CreateOrder => {
                let order = plain::CreateOrder {
                    order_id: "order_8123",
                    order_amount: 499.0,
                    order_currency: "INR",
                    customer_details: plain::CreateCustomer {
                        customer_id: "cust_42",
                        customer_phone: "9999999999",
                    },
                };
                self.read::<plain::Order>(operation, Some(serde_json::to_vec(&order)?)).await
            }
        }
    }
}

fn new_order() -> Result<CreateOrder> {
    Ok(CreateOrder::new(
        Money::inr("499.00")?,
        CustomerDetails::new(CustomerDetailsParts {
            customer_id: "cust_42".into(),
            customer_phone: "9999999999".into(),
        }),
    )
    .order_id("order_8123"))
}

/// The transport that somebody would write who wants the types and nothing else.
#[derive(Debug)]
struct Bare(Reqwest);

impl cashfree_gen::Transport for Bare {
    fn execute<'a>(
        &'a self,
        request: cashfree_gen::Request,
    ) -> cashfree_gen::BoxFuture<'a, Result<cashfree_gen::Response, cashfree_gen::BoxError>> {
        Box::pin(async move {
            let response = self
                .0
                .http
                .request(request.operation.method.clone(), format!("{}{}", self.0.base, request.path))
                .headers(request.headers)
                .header("x-client-id", ID)
                .header("x-client-secret", SECRET)
                .header("x-api-version", VERSION)
                .body(request.body)
                .send()
                .await?;
            let (status, headers) = (response.status(), response.headers().clone());
            Ok(cashfree_gen::Response { status, headers, body: response.bytes().await? })
        })
    }
}

#[derive(Clone)]
struct Generated(cashfree_gen::Client);

impl Generated {
    fn new(base: String) -> Result<Self> {
        Ok(Self(cashfree_gen::Client::new(Bare(Reqwest::new(base)?))))
    }
}

impl Caller for Generated {
    async fn call(&self, operation: Operation) -> Result<()> {
        let order = "order_8123".into();
        match operation {
            Operation::GetOrder => drop(black_box(self.0.pg_fetch_order(&order).await?)),
            Operation::GetPayment => {
                drop(black_box(self.0.pg_order_fetch_payment(&order, &"12376123".into()).await?));
            }
            Operation::ListPayments => drop(black_box(self.0.pg_order_fetch_payments(&order).await?)),
            Operation::CreateOrder => drop(black_box(self.0.pg_create_order(&new_order()?).await?)),
        }
        Ok(())
    }
}

/// `cashfree` as it comes.
#[derive(Clone)]
pub struct Cashfree(cashfree::Client);

impl Cashfree {
    /// One that calls this address.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn at(base: &str) -> Result<Self> {
        let environment = Environment::custom(base)?;
        Ok(Self(cashfree::Client::new(environment, Credentials::client_secret(ID, SECRET))?))
    }
}

impl Caller for Cashfree {
    async fn call(&self, operation: Operation) -> Result<()> {
        match operation {
            Operation::GetOrder => drop(black_box(self.0.orders().get("order_8123").await?)),
            Operation::GetPayment => {
                drop(black_box(self.0.payments().get("order_8123", "12376123").await?));
            }
            Operation::ListPayments => drop(black_box(self.0.payments().list("order_8123").await?)),
            Operation::CreateOrder => {
                drop(black_box(self.0.orders().create(new_order()?).await.context("create order")?));
            }
        }
        Ok(())
    }
}
