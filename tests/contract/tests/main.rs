//! The client as its users have it, held against the sandbox and looked at on the wire.

mod auth;
mod blocking;
mod canned;
mod checkers;
mod claims;
mod coverage;
mod dedupe;
mod discretion;
mod download;
mod echo;
mod errors;
mod events;
mod failures;
mod flow;
mod follows;
mod forward_compat;
mod fuzz;
mod hostile;
mod idempotency;
mod isolation;
mod kills;
mod limits;
mod mock;
mod pagination;
mod paths;
mod payloads;
mod proxy;
mod raw;
mod read_back;
mod redaction;
mod requests;
mod retry;
mod runtimes;
mod secrets;
mod send;
mod shelf;
mod soak;
mod tour;
mod tour_easy_split;
mod tour_links_offers_vault;
mod tour_settlements;
mod tour_subscriptions;
mod tour_terminals;
mod tracing;
mod typed;
mod webhook;
mod webhook_deduplicate;
mod webhook_delivery;
mod webhook_receive;
mod wire;
mod wire_documents;
mod wire_easy_split;
mod wire_links_offers_disputes;
mod wire_recon;
mod wire_subscriptions;
mod wire_terminals;

use std::num::NonZeroU32;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use cashfree::types::{
    AuthenticateStatus, Card, CardChannel, CreateOrder, CustomerDetails, CustomerDetailsParts, Order,
    PayOrder, PayOrderPaymentMethod, PayOrderResponse, Upi, UpiChannel,
};
use cashfree::{
    Amount, CfPaymentId, Client, ClientBuilder, Credentials, Environment, Error, Money, PaymentSessionId,
    Response, RetryPolicy,
};
use cashfree_sandbox::{Builder, RecordedRequest, Sandbox};

/// Who can be distinguished from the headers of a request.
const CREDENTIAL_HEADERS: [&str; 5] =
    ["x-client-id", "x-client-secret", "x-client-signature", "x-partner-apikey", "x-partner-merchantid"];

/// A header of a request as it is read in a review: without credentials, and the same for each version of the API.
fn reviewed(name: &str, value: &[u8]) -> String {
    match name {
        credential if CREDENTIAL_HEADERS.contains(&credential) => format!("{name}: ***"),
        "x-api-version" if value == cashfree_gen::API_VERSION.as_bytes() => format!("{name}: <current>"),
        _ => format!("{name}: {}", String::from_utf8_lossy(value)),
    }
}

/// The standard policy without its waits.
fn hasty() -> RetryPolicy {
    attempts(3)
}

fn attempts(most: u32) -> RetryPolicy {
    RetryPolicy::standard()
        .backoff(Duration::from_millis(2), Duration::from_millis(5))
        .max_attempts(NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN))
}

/// A sandbox, and a client of the merchant who has an account there.
struct Shop {
    sandbox: Sandbox,
    client: Client,
}

impl Shop {
    async fn open() -> Result<Self> {
        Self::with(Sandbox::builder(), |client| client).await
    }

    async fn with(sandbox: Builder, set: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Result<Self> {
        let sandbox = sandbox.start().await?;
        let credentials = merchant(&sandbox);
        let client = client_of(&sandbox, credentials, set)?;
        Ok(Self { sandbox, client })
    }

    async fn order(&self, order_id: &str, amount: &str) -> Result<Response<Order>> {
        Ok(self.client.orders().create(order(order_id, amount)?).await?)
    }

    /// An order, and a payment begun for it.
    async fn begun(
        &self,
        order: CreateOrder,
        method: PayOrderPaymentMethod,
    ) -> Result<Response<PayOrderResponse>> {
        let order = self.client.orders().create(order).await?;
        Ok(self.client.payments().pay(PayOrder::new(session(&order)?, method)).await?)
    }

    /// An order, paid by UPI.
    async fn paid(&self, order_id: &str, amount: &str) -> Result<CfPaymentId> {
        let begun = self.begun(order(order_id, amount)?, collect("testsuccess")).await?;
        payment_id(&begun)
    }

    /// An order whose amount is held on a card.
    async fn held(&self, order_id: &str, amount: &str) -> Result<CfPaymentId> {
        let order = order(order_id, amount)?.order_note("preauth_transaction");
        let begun = self.begun(order, card(CardChannel::Post)).await?;
        let payment = payment_id(&begun)?;
        let response = self.client.payments().submit_otp(payment.clone(), self.sandbox.otp()).await?;
        ensure!(response.authenticate_status == Some(AuthenticateStatus::Success), "{response:?}");
        Ok(payment)
    }

    /// The only request that reached an operation.
    fn only(&self, operation: &str) -> Result<RecordedRequest> {
        let mut requests = self.sandbox.requests_of(operation);
        ensure!(requests.len() == 1, "{} requests of {operation}", requests.len());
        requests.pop().context("none")
    }
}

fn merchant(sandbox: &Sandbox) -> Credentials {
    Credentials::client_secret(sandbox.client_id(), sandbox.client_secret())
}

fn client_of(
    sandbox: &Sandbox,
    credentials: Credentials,
    set: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<Client> {
    client_at(sandbox.base_url(), credentials, set)
}

fn client_at(
    url: &str,
    credentials: Credentials,
    set: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Result<Client> {
    let builder = Client::builder(Environment::custom(url)?, credentials).retry(hasty());
    Ok(set(builder).build()?)
}

fn order(order_id: &str, amount: &str) -> Result<CreateOrder> {
    let customer = CustomerDetails::new(CustomerDetailsParts {
        customer_id: "cust_42".into(),
        customer_phone: "9999999999".into(),
    });
    Ok(CreateOrder::new(Money::inr(amount)?, customer).order_id(order_id))
}

fn card(channel: CardChannel) -> PayOrderPaymentMethod {
    let card = Card::new(channel)
        .card_number("4706131211212123")
        .card_expiry_mm("03")
        .card_expiry_yy("28")
        .card_cvv("123");
    PayOrderPaymentMethod::card(card)
}

/// A collect request to one of the test accounts.
fn collect(word: &str) -> PayOrderPaymentMethod {
    PayOrderPaymentMethod::upi(Upi::new(UpiChannel::Collect).upi_id(format!("{word}@gocash")))
}

/// The least of an order.
const NAMED: &str = r#"{"order_id":"order_1","cf_order_id":"1","order_amount":5.00,"order_currency":"INR"}"#;

fn session(order: &Order) -> Result<PaymentSessionId> {
    Ok(order.session()?.clone())
}

fn payment_id(response: &PayOrderResponse) -> Result<CfPaymentId> {
    response.cf_payment_id.clone().context("a payment has an id")
}

fn amount(text: &str) -> Result<Amount> {
    Ok(text.parse()?)
}

/// The error of a call that must fail.
fn failure<T>(result: Result<Response<T>, Error>) -> Result<Error> {
    result.err().ok_or_else(|| anyhow!("the call succeeded"))
}
