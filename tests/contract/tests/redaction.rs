//! Secrets are redacted: marked values go through every request, response and error of the four
//! groups, and none comes out of `Debug` or `Display`.

use std::error::Error as _;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use cashfree::types::{
    App, AppParts, AppProvider, Card, CardChannel, CardEmi, CardEmiParts, CreateRefund, Netbanking, PayOrder,
    PayOrderPaymentMethod, Payment, Refund, Upi, UpiChannel,
};
use cashfree::{
    BoxFuture, Client, ConfigError, Credentials, Environment, Error, ErrorKind, RetryPolicy, Secret, Sent,
    Transport, TransportError,
};
use cashfree_gen::FromJson;
use cashfree_sandbox::{Fault, Sandbox};
use serde_json::json;

use crate::{Shop, client_at, client_of, failure, hasty, merchant, order, requests, session};

const SECRET: &str = "marked-client-secret";
const SIGNATURE: &str = "marked-signature";
const PARTNER_KEY: &str = "marked-partner-key";
const CARD: &str = "4706131211212123";
const CVV: &str = "marked-cvv";
const MONTH: &str = "marked-month";
const YEAR: &str = "marked-year";
const OTP: &str = "marked-otp";
const UPI: &str = "marked.payer@upi";
const ACCOUNT: &str = "000111122223333";
const CRYPTOGRAM: &str = "marked-cryptogram";

const MARKED: [&str; 11] =
    [SECRET, SIGNATURE, PARTNER_KEY, CARD, CVV, MONTH, YEAR, OTP, UPI, ACCOUNT, CRYPTOGRAM];

fn clean(what: &str, text: &str) {
    for marked in MARKED {
        assert!(!text.contains(marked), "{what} shows {marked}: {text}");
    }
}

fn quiet(what: &str, value: &dyn Debug) {
    clean(what, &format!("{value:?}"));
    clean(what, &format!("{value:#?}"));
}

/// An error in both forms, with all that it comes from.
fn mute(what: &str, error: &impl std::error::Error) {
    quiet(what, error);
    clean(what, &error.to_string());
    let mut source = error.source();
    while let Some(deeper) = source {
        quiet(what, &deeper);
        clean(what, &deeper.to_string());
        source = deeper.source();
    }
}

fn all_credentials() -> [Credentials; 4] {
    [
        Credentials::client_secret("app", SECRET),
        Credentials::client_signature("app", Secret::from(SIGNATURE)),
        Credentials::partner_for_client(PARTNER_KEY, "app"),
        Credentials::partner_for_merchant(PARTNER_KEY, "merchant"),
    ]
}

fn methods() -> [PayOrderPaymentMethod; 5] {
    use PayOrderPaymentMethod as Method;
    let card = Card::new(CardChannel::Post)
        .card_number(CARD)
        .card_expiry_mm(MONTH)
        .card_expiry_yy(YEAR)
        .card_cvv(CVV)
        .cryptogram(CRYPTOGRAM);
    [
        Method::card(card),
        Method::emi(CardEmi::new(CardEmiParts {
            channel: "link".into(),
            card_number: CARD.into(),
            card_expiry_mm: MONTH.into(),
            card_expiry_yy: YEAR.into(),
            card_cvv: CVV.into(),
            card_bank_name: "kotak".into(),
            emi_tenure: 6,
        })),
        Method::upi(Upi::new(UpiChannel::Collect).upi_id(UPI)),
        Method::netbanking(Netbanking::new("link").netbanking_bank_code(3333)),
        Method::app(App::new(AppParts {
            channel: "link".into(),
            provider: AppProvider::Gpay,
            phone: "9888888888".into(),
        })),
    ]
}

#[tokio::test]
async fn credentials_and_clients_show_no_secret() -> Result<()> {
    let sandbox = Sandbox::start().await?;
    for credentials in all_credentials() {
        quiet("credentials", &credentials);
        let environment = Environment::custom(sandbox.base_url())?;
        let builder = Client::builder(environment, credentials.clone())
            .proxy("http://user:marked-client-secret@127.0.0.1:1");
        quiet("builder", &builder);
        quiet("client", &builder.build()?);
        let client = client_of(&sandbox, merchant(&sandbox), |client| client)?;
        quiet("client", &client.with_credentials(credentials.clone()));
        quiet("group", &client.with_credentials(credentials.clone()).orders());
        let call = client.orders().create(order("order_1", "5")?).credentials(credentials.clone());
        let header = http::HeaderValue::from_static(SECRET);
        quiet("call", &call.header(http::header::AUTHORIZATION, header));
        assert!(format!("{credentials:?}").contains(&format!("{:?}", credentials.scheme())));
    }
    quiet("secret", &Secret::from(SECRET));
    Ok(())
}

#[test]
fn a_wrong_address_does_not_show_its_password() -> Result<()> {
    for url in [
        format!("https://user:{SECRET}@pg.example"),
        format!("https://{SECRET}@pg.example"),
        format!("ftp://user:{SECRET}@pg.example"),
        format!("https://user:{SECRET}@[bad"),
    ] {
        let error = Environment::custom(&url).err().context("a refusal")?;
        mute("address", &error);
    }
    let builder = Client::builder(Environment::Sandbox, Credentials::client_secret("app", SECRET));
    for proxy in [format!("http://user:{SECRET}@[bad"), format!("user:{SECRET}@"), format!("://{SECRET}")] {
        let builder = Client::builder(Environment::Sandbox, Credentials::client_secret("app", SECRET));
        if let Err(error) = builder.proxy(proxy).build() {
            mute("proxy", &error);
        }
    }
    let pem = format!("-----BEGIN CERTIFICATE-----\n{SECRET}\n-----END CERTIFICATE-----\n");
    let error: ConfigError = builder.root_certificates(pem).build().err().context("a refusal")?;
    mute("certificate", &error);
    Ok(())
}

#[test]
fn a_secret_in_the_wrong_place_is_not_shown() -> Result<()> {
    const KEY: &str = "cfsk_ma_test_marked-client-secret";
    let of = |error: Option<ConfigError>| error.context("a refusal");
    mute("environment", &KEY.parse::<Environment>().err().context("a refusal")?);
    mute("version", &of(cashfree::ApiVersion::new(KEY).err())?);
    for swapped in [
        Credentials::client_secret(KEY, "app"),
        Credentials::client_signature(KEY, Secret::from(SIGNATURE)),
        Credentials::partner_for_client(PARTNER_KEY, KEY),
    ] {
        quiet("credentials", &swapped);
        quiet("builder", &Client::builder(Environment::Sandbox, swapped.clone()));
        mute("swapped", &of(Client::new(Environment::Sandbox, swapped).err())?);
    }
    // An older secret looks like an id.
    for swapped in
        [Credentials::client_secret(SECRET, "app"), Credentials::partner_for_merchant("key", SECRET)]
    {
        quiet("credentials", &swapped);
        quiet("client", &Client::new(Environment::Sandbox, swapped)?);
    }
    Ok(())
}

#[test]
fn a_transport_error_shows_no_url_of_its_sources() {
    let url = format!("http://user:{SECRET}@proxy.example");
    for text in [
        format!("cannot connect to {url}"),
        format!("GET https://pg.example/orders?key={SECRET} failed"),
        format!("card {CARD} of {UPI}"),
    ] {
        quiet("error", &TransportError::new(Sent::Maybe, text));
    }
}

#[test]
fn names_of_fields_that_no_type_declares_are_not_shown() -> Result<()> {
    // A number that JSON can't keep is unparsed.
    let body = format!(
        r#"{{"cf_payment_id":"1","cf_refund_id":"2","order_id":"o","refund_id":"r","refund_amount":1,
             "refund_currency":"INR","metadata":{{"{CARD}":{{"{UPI}":1e400}}}},"{UPI}":"{CARD}",
             "refund_note":{{"{UPI}":1}}}}"#
    );
    let decoded = Refund::from_json_tolerant(body.as_bytes())?;
    assert!(decoded.unparsed.iter().any(|field| field.path() == "metadata.*.*"), "{decoded:?}");
    quiet("refund", &decoded);
    decoded.unparsed.iter().for_each(|field| clean("path", field.path()));
    Ok(())
}

#[tokio::test]
async fn debug_of_requests_masks_payment_methods() -> Result<()> {
    let shop = Shop::open().await?;
    for method in methods() {
        quiet("method", &method);
        let payment = PayOrder::new("session_1", method);
        quiet("payment", &payment);
        quiet("call", &shop.client.payments().pay(payment));
    }
    quiet("otp", &requests::otp(OTP)?);
    quiet("call", &shop.client.payments().submit_otp("4129256397", OTP));
    let mut create = order("order_1", "5")?;
    create.customer_details.customer_bank_account_number = Some(ACCOUNT.into());
    quiet("order", &create);
    let call = shop.client.orders().create(create);
    quiet("call", &call);
    let created = call.await?;
    quiet("response", &created);
    let customer = created.customer_details.as_ref().context("a customer")?;
    let account = customer.customer_bank_account_number.as_ref().map(|account| account.expose());
    assert_eq!(account, Some(ACCOUNT), "it was sent and received");
    Ok(())
}

#[tokio::test]
async fn debug_of_responses_masks_payment_methods() -> Result<()> {
    let shop = Shop::open().await?;
    let id = shop.paid("order_1", "5").await?;
    for method in [
        json!({ "upi": { "upi_id": UPI, "upi_payer_account_number": ACCOUNT } }),
        json!({ "upi": null, "card": { "card_number": CARD, "channel": "link" } }),
        json!({ "upi": null, "emi": { "card_number": CARD } }),
        json!({ "upi": null, "netbanking": { "netbanking_account_number": ACCOUNT } }),
        json!({ "upi": null, "banktransfer": { "banktransfer_account_number": ACCOUNT } }),
        json!({ "upi": null, "added_later": { "number": CARD, "id": UPI } }),
        json!({ "card": { "card_number": CARD } }),
    ] {
        let change = Fault::Altered(json!({ "payment_method": method }));
        shop.sandbox.script(change.clone(), "PGOrderFetchPayment", 1);
        shop.sandbox.script(change, "PGOrderFetchPayments", 1);
        let one = shop.client.payments().get("order_1", id.clone()).await?;
        assert!(MARKED.iter().any(|marked| String::from_utf8_lossy(one.body()).contains(marked)));
        quiet("payment", &one);
        quiet("meta", one.meta());
        let all: Vec<Payment> = shop.client.payments().list("order_1").await?.into_inner();
        quiet("payments", &all);
    }
    Ok(())
}

/// The errors of a call that carries everything marked, one of each kind.
async fn every_error(shop: &Shop) -> Result<Vec<Error>> {
    let credentials = all_credentials();
    let order = shop.order("order_1", "5").await?;
    let pay =
        |nth: usize| -> Result<PayOrder> { Ok(PayOrder::new(session(&order)?, methods()[nth].clone())) };
    let (payments, refunds) = (shop.client.payments(), shop.client.refunds());
    let mut errors = Vec::new();
    for credentials in &credentials {
        errors.push(failure(shop.client.orders().get("order_1").credentials(credentials.clone()).await)?);
        let client =
            client_at("http://127.0.0.1:9", credentials.clone(), |client| client.retry(RetryPolicy::none()))?;
        errors.push(failure(client.orders().get("order_1").await)?);
        errors.push(failure(client.payments().pay(pay(0)?).await)?);
    }
    let broken = Credentials::client_secret("app", format!("{SECRET}\n"));
    errors.push(failure(shop.client.orders().get("order_1").credentials(broken).await)?);
    let header = http::HeaderValue::from_static(SECRET);
    let name = http::HeaderName::from_static("x-client-secret");
    errors.push(failure(shop.client.orders().get("order_1").header(name, header).await)?);
    for nth in 0..methods().len() {
        let message = format!("card {CARD} of {UPI} is refused; number '{CARD}', payer <{UPI}>.");
        let quoting = |code: &str| json!({ "message": message, "code": code, "help": message }).to_string();
        for fault in [
            Fault::Status(400, quoting("card_number_invalid"), "application/json".to_owned()),
            Fault::Status(502, quoting("bank_processing_failure"), "application/json".to_owned()),
            Fault::Status(422, quoting(UPI), "application/json".to_owned()),
            Fault::Status(500, format!("<p>{CARD} {CVV} {OTP} {UPI}</p>"), "text/html".to_owned()),
            Fault::Status(200, format!("{CARD} {CVV} {OTP} {UPI}"), "text/plain".to_owned()),
            Fault::Status(
                200,
                json!({ "payment_amount": [CARD, CVV] }).to_string(),
                "application/json".to_owned(),
            ),
            Fault::Status(200, json!({ "data": UPI }).to_string(), "application/json".to_owned()),
            Fault::DropBeforeRead,
            Fault::CutShort,
            Fault::EmptyBody,
        ] {
            shop.sandbox.script(fault, "PGPayOrder", 1);
            errors.push(failure(payments.pay(pay(nth)?).await)?);
        }
        shop.sandbox.script(Fault::Delay(Duration::from_millis(100)), "PGPayOrder", 1);
        errors.push(failure(payments.pay(pay(nth)?).timeout(Duration::from_millis(20)).await)?);
    }
    errors.push(failure(payments.submit_otp("7", OTP).await)?);
    errors.push(failure(payments.submit_otp("..", OTP).await)?);
    let refund = CreateRefund::new("1".parse()?, "refund_1").refund_note(format!("to {ACCOUNT}"));
    errors.push(failure(refunds.create("order_none", refund).await)?);
    Ok(errors)
}

#[tokio::test]
async fn errors_show_nothing_of_what_was_sent() -> Result<()> {
    let shop = Shop::open().await?;
    let errors = every_error(&shop).await?;
    for kind in [
        ErrorKind::Request,
        ErrorKind::Auth,
        ErrorKind::Connect,
        ErrorKind::Timeout,
        ErrorKind::Transport,
        ErrorKind::Api,
        ErrorKind::Decode,
    ] {
        assert!(errors.iter().any(|error| error.kind() == kind), "no error of the kind {kind:?}");
    }
    for error in &errors {
        mute("error", error);
        if let Some(meta) = error.meta() {
            quiet("meta", meta);
        }
        // An application wraps errors and prints the whole chain.
        assert!(error.source().is_none_or(|source| !source.to_string().is_empty()));
    }
    Ok(())
}

/// Prints each request as a careless transport would, its body left out.
#[derive(Debug, Default, Clone)]
struct Careless(Arc<Mutex<String>>);

impl Transport for Careless {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _timeout: Duration,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let line = format!("{:?} {:?} {:?}\n", request.method(), request.uri(), request.headers());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(&line);
        Box::pin(async { Err(TransportError::new(Sent::No, "printed")) })
    }
}

#[tokio::test]
async fn a_transport_that_prints_headers_shows_no_secret() -> Result<()> {
    let careless = Careless::default();
    for credentials in all_credentials() {
        let client = Client::builder(Environment::Production, credentials)
            .transport(careless.clone())
            .retry(hasty())
            .build()?;
        mute("error", &failure(client.orders().get("order_1").await)?);
        mute("error", &failure(client.payments().submit_otp("7", OTP).await)?);
    }
    let printed = careless.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(
        printed.contains("https://api.cashfree.com/pg/orders/order_1") && printed.contains("x-client-secret")
    );
    clean("headers", &printed);
    Ok(())
}

/// Keeps the headers of each request.
#[derive(Debug, Default, Clone)]
struct Headers(Arc<Mutex<Vec<http::HeaderMap>>>);

impl Transport for Headers {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _timeout: Duration,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(request.into_parts().0.headers);
        Box::pin(async { Err(TransportError::new(Sent::No, "kept")) })
    }
}

#[tokio::test]
async fn every_credential_header_is_marked() -> Result<()> {
    let kept = Headers::default();
    for credentials in all_credentials() {
        let client = Client::builder(Environment::Sandbox, credentials)
            .transport(kept.clone())
            .retry(RetryPolicy::none())
            .build()?;
        failure(client.orders().get("order_1").await)?;
    }
    let kept = kept.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert_eq!(kept.len(), 4);
    for name in crate::CREDENTIAL_HEADERS {
        let values: Vec<_> = kept.iter().filter_map(|headers| headers.get(name)).collect();
        assert!(!values.is_empty() && values.iter().all(|value| value.is_sensitive()), "{name}");
    }
    Ok(())
}
