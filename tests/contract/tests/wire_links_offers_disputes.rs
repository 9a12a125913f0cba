//! What payment links, customers, the token vault, offers, eligibility and disputes put on the wire, kept for
//! a person to read, and what the document's example responses are read as.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use cashfree::types::{
    CashbackDetails, CashbackDetailsParts, CashbackType, CheckCardlessEmiEligibility, CheckOfferEligibility,
    CheckPaylaterEligibility, CheckPaymentMethodEligibility, CreateCustomer, CreateOffer,
    CreditCustomerDetails, CreditQueries, DiscountDetails, DiscountDetailsParts, DiscountType, DisputeStatus,
    DisputeType, InstrumentStatus, LinkCustomerDetails, LinkMeta, LinkNotify, OfferDetails, OfferFilters,
    OfferMeta, OfferMetaParts, OfferPaymentMethod, OfferPaymentMethodApp, OfferPaymentMethodCard,
    OfferPaymentMethodCardParts, OfferPaymentMethodEmi, OfferPaymentMethodEmiParts, OfferPaymentMethodEntity,
    OfferPaymentMethodNetbanking, OfferPaymentMethodPaylater, OfferQueries, OfferTnc, OfferTncType,
    OfferType, OfferTypeFilter, OfferValidations, PaymentMethodFilters, PaymentMethodQueries, VendorSplit,
};
use cashfree::{
    Amount, BoxFuture, Call, Client, Credentials, Environment, Money, Response, Transport, TransportError,
};
use serde_json::{Value, json};

use crate::wire::{identified, indented};
use crate::{amount, attempts, requests, reviewed};

const INSTRUMENT: &str = "54deabb4-ba45-4a60-9e6a-9c016fe7ab10";

/// Records each request and responds with the given body.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<(Bytes, Vec<http::Request<Bytes>>)>>);

impl Transport for Recorder {
    fn send(
        &self,
        request: http::Request<Bytes>,
        _timeout: Duration,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut response = http::Response::new(identified(&request, &kept.0));
        kept.1.push(request);
        let json = http::HeaderValue::from_static("application/json");
        response.headers_mut().insert(http::header::CONTENT_TYPE, json);
        Box::pin(async move { Ok(response) })
    }
}

/// A client whose requests are looked at.
struct Scene {
    client: Client,
    recorder: Recorder,
}

impl Scene {
    fn open() -> Result<Self> {
        let recorder = Recorder::default();
        let client = Client::builder(Environment::Sandbox, Credentials::client_secret("app", "secret"))
            .transport(recorder.clone())
            .retry(attempts(1))
            .build()?;
        Ok(Self { client, recorder })
    }

    /// Sends a call, responds with this body, and holds the request against the snapshot of this name.
    async fn shot<T: Send + 'static>(
        &mut self,
        variant: &str,
        call: Call<T>,
        body: &Value,
    ) -> Result<Response<T>> {
        let operation = call.operation().id;
        *self.recorder.0.lock().unwrap_or_else(PoisonError::into_inner) =
            (Bytes::from(body.to_string()), Vec::new());
        let response = call
            .idempotency_key(cashfree::IdempotencyKey::new("key-1")?)
            .request_id("request-1")
            .await
            .with_context(|| format!("{operation} {variant}"))?;
        let sent = std::mem::take(&mut self.recorder.0.lock().unwrap_or_else(PoisonError::into_inner).1);
        ensure!(sent.len() == 1, "{} requests of {operation}", sent.len());
        let name = if variant.is_empty() { operation.to_owned() } else { format!("{operation}-{variant}") };
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_snapshot_path("snapshots/wire");
        settings.bind(|| insta::assert_snapshot!(name, printed(&sent[0])));
        Ok(response)
    }
}

/// A request as it is read in a review.
fn printed(request: &http::Request<Bytes>) -> String {
    let mut out = format!("{} {}", request.method(), request.uri());
    let mut headers: Vec<String> =
        request.headers().iter().map(|(name, value)| reviewed(name.as_str(), value.as_bytes())).collect();
    headers.sort();
    let _ = write!(out, "\n{}\n\n{}", headers.join("\n"), indented(&String::from_utf8_lossy(request.body())));
    out
}

fn link_example() -> Value {
    json!({
        "cf_link_id": "1996567", "link_id": "my_link_id", "link_status": "ACTIVE", "link_currency": "INR",
        "link_amount": 100, "link_amount_paid": 0, "link_partial_payments": true,
        "link_minimum_partial_amount": 20, "link_purpose": "Payment for PlayStation 11",
        "link_created_at": "2021-09-30T17:05:01+05:30",
        "customer_details": {
            "customer_name": "John Doe", "customer_phone": "9999999999", "customer_email": "john@example.com"
        },
        "link_meta": {
            "notify_url": "https://shop.example/hook", "upi_intent": false,
            "return_url": "https://shop.example/back"
        },
        "link_url": "https://payments-test.cashfree.com/links/o1tf1nvcvjhg",
        "link_expiry_time": "2021-10-14T15:04:05+05:30",
        "link_notes": { "key_1": "value_1", "key_2": "value_2" }, "link_auto_reminders": true,
        "link_qrcode": "data:image/png;base64,iVBORw0KGgo=",
        "link_notify": { "send_sms": false, "send_email": true },
        "order_splits": [
            { "vendor_id": "Jane", "percentage": 10, "tags": { "address": "Hyderabad" } },
            { "vendor_id": "Barbie", "percentage": 50, "tags": { "address": "Bengaluru, India" } }
        ]
    })
}

fn link_order_example() -> Value {
    json!([{
        "cf_order_id": "2149460581", "created_at": "2023-08-11T18:02:46+05:30",
        "customer_details": {
            "customer_id": "409128494", "customer_name": "Johmn Doe", "customer_email": "pmlpayme@ntsas.com",
            "customer_phone": "9876543210", "customer_uid": INSTRUMENT
        },
        "entity": "order", "order_amount": 22, "payment_session_id": "session_a1VXIPJo8kh7IBig",
        "order_currency": "INR", "order_expiry_time": "2023-09-09T18:02:46+05:30",
        "order_id": "order_3242Tq4Edj9CC5RDcMeobmJOWOBJij",
        "order_meta": {
            "return_url": "https://www.cashfree.com/devstudio/thankyou", "payment_methods": "cc",
            "notify_url": "https://example.com/cf_notify"
        },
        "order_note": "some order note LIST", "order_splits": [], "order_status": "ACTIVE",
        "order_tags": { "name": "John", "age": "19" }, "terminal_data": null, "cart_details": { "cart_id": "1" }
    }])
}

#[tokio::test]
async fn payment_links() -> Result<()> {
    let mut scene = Scene::open()?;
    let links = scene.client.payment_links();
    let payer = LinkCustomerDetails::new("9999999999");

    let small = requests::payment_link("link_1", Money::inr("499.00")?, &payer)?;
    let link = scene.shot("", links.create(small), &link_example()).await?;
    assert_eq!(link.link_amount, amount("499")?);
    assert_eq!(link.link_amount_paid, Some(Amount::rupees(0)));
    assert_eq!(link.cf_link_id, "1996567");
    assert_eq!(link.link_notes.get("key_2").map(String::as_str), Some("value_2"));
    assert_eq!(link.order_splits.len(), 2);
    assert!(link.link_url.is_some() && link.link_qrcode.is_some() && link.link_meta.is_some());

    let payer = payer.customer_name("A. Payer").customer_email("payer@shop.example");
    let full = requests::payment_link("link_2", Money::inr("499.50")?, &payer)?
        .link_partial_payments(true)
        .link_minimum_partial_amount(amount("20.10")?)
        .link_expiry_time("2099-10-14T15:04:05+05:30")
        .link_notify(LinkNotify::new().send_email(true).send_sms(false))
        .link_auto_reminders(true)
        .link_notes([("seat", "12")])
        .link_meta(
            LinkMeta::new()
                .return_url("https://shop.example/back")
                .notify_url("https://shop.example/hook")
                .payment_methods("cc,upi"),
        )
        .order_splits(vec![VendorSplit::new("vendor_1").amount(amount("1.45")?)]);
    scene.shot("full", links.create(full), &link_example()).await?;

    scene.shot("", links.get("link 1"), &link_example()).await?;
    let mut cancelled = link_example();
    cancelled["link_status"] = json!("CANCELLED");
    let link = scene.shot("", links.cancel("link_1"), &cancelled).await?;
    assert!(format!("{:?}", link.link_status).to_lowercase().contains("cancelled"));

    let orders = scene.shot("paid", links.list_paid_orders("link_1"), &json!([])).await?;
    assert!(orders.is_empty());
    let orders = scene.shot("all", links.list_orders("link_1"), &link_order_example()).await?;
    let order = orders.first().context("an order")?;
    assert_eq!(order.order_id.as_ref().context("an id")?, &"order_3242Tq4Edj9CC5RDcMeobmJOWOBJij");
    assert_eq!(order.order_amount, Some(Amount::rupees(22)));
    assert!(order.payment_session_id.is_some());
    Ok(())
}

#[tokio::test]
async fn customers() -> Result<()> {
    let mut scene = Scene::open()?;
    let customers = scene.client.customers();
    let response = json!({
        "customer_uid": "cfcustom_78364873648723", "customer_phone": "9999999999",
        "customer_email": "prasun@example.com", "customer_name": "Prasun"
    });
    let small = CreateCustomer::new("9999999999");
    let full = small.clone().customer_name("Prasun").customer_email("prasun@example.com");
    let customer = scene.shot("full", customers.create(full), &response).await?;
    assert_eq!(customer.customer_uid.as_deref(), Some("cfcustom_78364873648723"));
    // The published example is an array of one.
    let again = scene.shot("", customers.create(small), &json!([response])).await?;
    assert_eq!(*again, *customer);
    Ok(())
}

#[tokio::test]
async fn token_vault() -> Result<()> {
    let mut scene = Scene::open()?;
    let vault = scene.client.token_vault();
    let response = json!({
        "customer_id": "siddhesh_desai", "afa_reference": "740324562", "instrument_id": INSTRUMENT,
        "instrument_type": "card",
        "instrument_uid": "0d8f70838cc5af8b1cd2bc0fe71278551fd3f1101e40020d89ad22ceba4f933c",
        "instrument_display": "xxxxxxxxxxxx4375", "instrument_status": "ACTIVE",
        "created_at": "2021-11-11 16:57:57",
        "instrument_meta": {
            "card_network": "VISA", "card_bank_name": "HDFC Bank Limited", "card_country": "IN",
            "card_type": "DEBIT_CARD",
            "card_token_details": { "par": "somepar", "expiry_month": "12", "expiry_year": "23" }
        }
    });
    let cards = scene.shot("", vault.list("cust_42"), &json!([response])).await?;
    let card = cards.first().context("a card")?;
    assert_eq!(card.instrument_id.as_ref().context("an id")?, &INSTRUMENT);
    assert_eq!(card.instrument_status, Some(InstrumentStatus::Active));
    scene.shot("", vault.get("cust_42", INSTRUMENT), &response).await?;
    scene.shot("", vault.delete("cust_42", INSTRUMENT), &response).await?;

    let token = json!({
        "instrument_id": INSTRUMENT, "token_requestor_id": "22457512314", "card_number": "4491365621601472",
        "card_expiry_mm": "06", "card_expiry_yy": "2025", "cryptogram": "AQBBBBBBZatIlaIAmWKSghwBBBB=",
        "card_display": "1234"
    });
    let token = scene.shot("", vault.get_cryptogram("cust_42", INSTRUMENT), &token).await?;
    assert!(token.card_number.is_some() && token.cryptogram.is_some());
    let shown = format!("{token:?}");
    assert!(!shown.contains("4491365621601472") && !shown.contains("AQBBBB"), "{shown}");
    Ok(())
}

fn offer_example() -> Value {
    json!({
        "offer_id": "d2b430fb-1afe-455a-af31-66d00377b29a", "offer_status": "active",
        "offer_meta": {
            "offer_title": "Test Offer", "offer_description": "Offer Description", "offer_code": "CFTESTOFFER",
            "offer_start_time": "2023-03-21T08:09:51Z", "offer_end_time": "2024-03-21T08:09:51Z"
        },
        "offer_tnc": { "offer_tnc_type": "text", "offer_tnc_value": "Terms and Condition of the Offer" },
        "offer_details": {
            "offer_type": "DISCOUNT_AND_CASHBACK",
            "discount_details": { "discount_type": "flat", "discount_value": "10", "max_discount_amount": "10" },
            "cashback_details": {
                "cashback_type": "percentage", "cashback_value": "20", "max_cashback_amount": "150"
            }
        },
        "offer_validations": {
            "min_amount": 15, "max_allowed": 100,
            "payment_method": { "card": { "type": ["cc"], "bank_name": "hdfc bank", "scheme_name": ["visa"] } }
        }
    })
}

fn offer(details: OfferDetails, validations: OfferValidations) -> CreateOffer {
    let meta = OfferMeta::new(OfferMetaParts {
        offer_title: "Test Offer".into(),
        offer_description: "Offer Description".into(),
        offer_code: "CFTESTOFFER".into(),
        offer_start_time: "2023-03-21T08:09:51Z".into(),
        offer_end_time: "2024-03-21T08:09:51Z".into(),
    });
    let terms = OfferTnc::new(OfferTncType::Text, "Terms and Condition of the Offer");
    CreateOffer::new(meta, terms, details, validations)
}

#[tokio::test]
async fn offers() -> Result<()> {
    use OfferPaymentMethod as Method;

    let mut scene = Scene::open()?;
    let offers = scene.client.offers();
    let card = OfferPaymentMethodCard::new(OfferPaymentMethodCardParts {
        type_: ["cc".to_owned()].into(),
        bank_name: "hdfc bank".into(),
        scheme_name: ["visa".to_owned()].into(),
    });
    let both = OfferDetails::new(OfferType::DiscountAndCashback)
        .discount_details(DiscountDetails::new(DiscountDetailsParts {
            discount_type: DiscountType::Flat,
            discount_value: Amount::rupees(10),
            max_discount_amount: Amount::rupees(10),
        }))
        .cashback_details(CashbackDetails::new(CashbackDetailsParts {
            cashback_type: CashbackType::Percentage,
            cashback_value: Amount::rupees(20),
            max_cashback_amount: amount("150.50")?,
        }));
    let tied = OfferValidations::new(Amount::rupees(100), Method::card(card)).min_amount(Amount::rupees(15));
    let response = scene.shot("card", offers.create(offer(both, tied)), &offer_example()).await?;
    let details = response.offer_details.as_ref().context("details")?;
    let cashback = details.cashback_details.as_ref().context("a cashback")?;
    assert_eq!(cashback.max_cashback_amount, Some(Amount::rupees(150)));
    let validations = response.offer_validations.as_ref().context("validations")?;
    let Some(OfferPaymentMethodEntity::Card(card)) = &validations.payment_method else {
        anyhow::bail!("{:?} is no card", validations.payment_method);
    };
    assert_eq!(card.bank_name.as_deref(), Some("hdfc bank"));

    let emi = OfferPaymentMethodEmi::new(OfferPaymentMethodEmiParts {
        type_: "cardless_emi".into(),
        issuer: "hdfc bank".into(),
        tenures: [3, 6].into(),
    });
    for (name, method) in [
        ("all", Method::all(json!({}))),
        ("netbanking", Method::netbanking(OfferPaymentMethodNetbanking::new().bank_name("all"))),
        ("app", Method::app(OfferPaymentMethodApp::new().provider("paytm"))),
        ("upi", Method::upi(json!({}))),
        ("paylater", Method::paylater(OfferPaymentMethodPaylater::new().provider("simpl"))),
        ("emi", Method::emi(emi)),
    ] {
        let tied = OfferValidations::new(Amount::rupees(10_000), method);
        let create = offer(OfferDetails::new(OfferType::NoCostEmi), tied);
        scene.shot(name, offers.create(create), &offer_example()).await?;
    }
    let response =
        scene.shot("", offers.get("d2b430fb-1afe-455a-af31-66d00377b29a"), &offer_example()).await?;
    assert_eq!(response.offer_status.as_deref(), Some("active"));

    // Published examples say `wallet` where the schema says `app`: kept, not read as something else.
    let mut wallet = offer_example();
    wallet["offer_validations"]["payment_method"] = json!({ "wallet": { "issuer": "paytm" } });
    let response = scene.shot("", offers.get("d2b430fb-1afe-455a-af31-66d00377b29a"), &wallet).await?;
    let method = response.offer_validations.as_ref().and_then(|tied| tied.payment_method.as_ref());
    assert_eq!(method.map(OfferPaymentMethodEntity::key), Some("wallet"));
    Ok(())
}

#[tokio::test]
async fn eligibility() -> Result<()> {
    let mut scene = Scene::open()?;
    let eligibility = scene.client.eligibility();

    let check = CheckOfferEligibility::new(OfferQueries::new().amount(Amount::rupees(1000)))
        .filters(OfferFilters::new().offer_type([OfferTypeFilter::NoCostEmi]));
    let entry = json!([{
        "eligibility": true, "entity_type": "offer", "entity_value": "d2b430fb-1afe-455a-af31-66d00377b29a",
        "entity_details": offer_example()
    }]);
    let response = scene.shot("", eligibility.check_offers(check), &entry).await?;
    let entry = response.first().context("an entry")?;
    assert_eq!(entry.eligibility, Some(true));
    assert!(entry.entity_details.as_ref().is_some_and(|offer| offer.offer_id.is_some()));

    let check = CheckPaymentMethodEligibility::new(PaymentMethodQueries::new().order_id("order_1"))
        .filters(PaymentMethodFilters::new().payment_methods(["netbanking".to_owned()]));
    let methods = json!([{
        "eligibility": true, "entity_type": "payment_methods", "entity_value": "netbanking",
        "entity_details": { "payment_method_details": [
            { "nick": "motak_kahindra_bank", "display": "Motak Kahindra Bank", "eligibility": true, "code": 3032 },
            { "nick": "bank_of_india", "display": "Bank Of India", "eligibility": true, "code": 3031 }
        ] }
    }]);
    let response = scene.shot("", eligibility.check_payment_methods(check), &methods).await?;
    let details = response.first().and_then(|method| method.entity_details.as_ref()).context("details")?;
    let banks: Vec<_> =
        details.payment_method_details.iter().filter_map(|bank| bank.nick.as_deref()).collect();
    assert_eq!(banks, ["motak_kahindra_bank", "bank_of_india"]);

    let query = CreditQueries::new()
        .amount(amount("10000.50")?)
        .customer_details(CreditCustomerDetails::new("9898989898"));
    let lenders = json!([{
        "eligibility": true, "entity_type": "cardlessemi", "entity_value": "idfc",
        "entity_details": { "payment_method": "idfc", "emi_plans": [{
            "tenure": 1, "interest_rate": 10, "currency": "INR", "emi": 400, "total_interest": 10,
            "total_amount": 40
        }] }
    }]);
    let check = CheckCardlessEmiEligibility::new(query.clone());
    let response = scene.shot("", eligibility.check_cardless_emi(check), &lenders).await?;
    let details = response.first().and_then(|lender| lender.entity_details.as_ref()).context("details")?;
    assert_eq!(details.emi_plans.first().and_then(|plan| plan.tenure), Some(1));

    let providers = json!([{
        "eligibility": true, "entity_type": "paylater", "entity_value": "olapostpaid",
        "entity_details": { "payment_method": "olapostpaid" }
    }]);
    let check = CheckPaylaterEligibility::new(query.order_id("order_1"));
    let response = scene.shot("", eligibility.check_paylater(check), &providers).await?;
    let provider = response.first().context("a provider")?;
    assert_eq!(provider.entity_value.as_deref(), Some("olapostpaid"));
    Ok(())
}

fn dispute_example() -> Value {
    json!({
        "dispute_id": 433_447_817, "dispute_type": "DISPUTE", "reason_code": 1401,
        "reason_description": "Fraud Transaction", "dispute_amount": 10.0, "dispute_amount_currency": "INR",
        "created_at": "2023-01-18T11:26:58", "respond_by": "2023-01-19T00:00:00",
        "updated_at": "2023-01-18T11:26:58", "resolved_at": "9999-09-09T00:00:00",
        "dispute_status": "DISPUTE_DOCS_RECEIVED", "cf_dispute_remarks": "Load Testing",
        "preferred_evidence": [{
            "document_type": "Delivery/Service Proof",
            "document_description": "Proof that the cardholder/customer received the goods or services."
        }],
        "dispute_evidence": [{
            "document_id": 18150, "document_name": "disputeSampleFile.pdf", "document_type": "DeliveryProof"
        }],
        "order_details": {
            "order_id": "Load_test_0103_FGA4HF12AC", "order_currency": "INR", "order_amount": 10.0,
            "cf_payment_id": 1_489_901_523, "payment_currency": "INR", "payment_amount": 10.0
        },
        "customer_details": {
            "customer_name": "John Ellur", "customer_phone": 9_876_543_210_u64,
            "customer_email": "john@cashfree.com"
        }
    })
}

#[tokio::test]
async fn disputes() -> Result<()> {
    let mut scene = Scene::open()?;
    let disputes = scene.client.disputes();

    let dispute = scene.shot("", disputes.get("433447817"), &dispute_example()).await?;
    assert_eq!(dispute.dispute_id.as_ref().context("an id")?, &"433447817");
    assert_eq!(dispute.reason_code.as_deref(), Some("1401"));
    assert_eq!(dispute.dispute_type, Some(DisputeType::Dispute));
    assert_eq!(dispute.dispute_status, Some(DisputeStatus::DisputeDocsReceived));
    assert_eq!(dispute.preferred_evidence.len(), 1);
    let customer = dispute.customer_details.as_ref().context("a customer")?;
    assert_eq!(customer.customer_phone.as_deref(), Some("9876543210"));
    let order = dispute.order_details.as_ref().context("an order")?;
    assert_eq!(order.cf_payment_id.as_ref().context("an id")?, &"1489901523");

    let mut accepted = dispute_example();
    accepted["dispute_status"] = json!("DISPUTE_MERCHANT_ACCEPTED");
    let dispute = scene.shot("", disputes.accept("433447817"), &accepted).await?;
    assert_eq!(dispute.dispute_status, Some(DisputeStatus::DisputeMerchantAccepted));

    let response = json!([dispute_example()]);
    assert_eq!(scene.shot("", disputes.list_by_order("order_1"), &response).await?.len(), 1);
    assert_eq!(scene.shot("", disputes.list_by_payment("1489901523"), &response).await?.len(), 1);
    Ok(())
}
