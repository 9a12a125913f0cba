//! The stop of the tour at payment links, customers, the token vault, offers, eligibility, simulation,
//! downtimes and utilities; and what becomes of a link, a saved card and a simulated payment.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};
use cashfree::api::DowntimeFilter;
use cashfree::types::{
    Card, CardChannel, CheckCardlessEmiEligibility, CheckOfferEligibility, CheckPaylaterEligibility,
    CheckPaymentMethodEligibility, CreateCustomer, CreateOffer, CreatePaymentLink, CreditCustomerDetails,
    CreditQueries, DiscountDetails, DiscountDetailsParts, DiscountType, IncidentImpact, IncidentMethodFilter,
    IncidentStatus, IncidentStatusFilter, InstrumentStatus, LinkCustomerDetails, LinkStatus, OfferDetails,
    OfferFilters, OfferMeta, OfferMetaParts, OfferPaymentMethod, OfferPaymentMethodNetbanking, OfferQueries,
    OfferTnc, OfferTncType, OfferType, OfferTypeFilter, OfferValidations, PayOrder, PayOrderPaymentMethod,
    PaymentMethodFilters, PaymentMethodQueries, PaymentOutcome, PaymentStatus, PlainCard, PlainCardParts,
    SimulatePayment, SimulateSettlement, SimulatedPaymentStatus, SimulatedSettlementStatus,
};
use cashfree::{CfPaymentId, InstrumentId, Money};
use cashfree_sandbox::{Change, Downtime, Impact};

use crate::{Shop, amount, card, collect, failure, order, payment_id, requests, session};

/// The phone of the test accounts for credit.
const CREDIT_PHONE: &str = "8714268343";

pub(crate) async fn tour(shop: &Shop) -> Result<()> {
    customers_and_vault(shop).await?;
    links(shop).await?;
    offers(shop).await?;
    credit(shop).await?;
    simulations(shop).await?;
    downtimes(shop).await?;
    utilities(shop).await
}

/// Pays an order with a new card and saves it, as the customer `cust_42` of every order here.
async fn save(shop: &Shop, order_id: &str) -> Result<InstrumentId> {
    let order = shop.order(order_id, "10.00").await?;
    let pay = PayOrder::new(session(&order)?, card(CardChannel::Post)).save_instrument(true);
    let begun = shop.client.payments().pay(pay).await?;
    let payment = payment_id(&begun)?;
    shop.client.payments().submit_otp(payment, shop.sandbox.otp()).await?;
    let saved = shop.client.token_vault().list("cust_42").await?;
    saved.last().and_then(|card| card.instrument_id.clone()).context("no card was saved")
}

async fn customers_and_vault(shop: &Shop) -> Result<()> {
    let customer = CreateCustomer::new("9999999999").customer_name("A. Payer");
    let customer = shop.client.customers().create(customer).await?;
    assert!(customer.customer_uid.as_deref().is_some_and(|uid| uid.starts_with("cfcustom_")));
    assert_eq!(customer.customer_name.as_deref(), Some("A. Payer"));
    assert_eq!(customer.customer_email, None);

    let id = save(shop, "saving").await?;
    let vault = shop.client.token_vault();
    let saved = vault.get("cust_42", id.clone()).await?;
    assert_eq!(saved.instrument_display.as_deref(), Some("xxxxxxxxxxxx2123"));
    assert_eq!(saved.instrument_status, Some(InstrumentStatus::Active));
    assert!(saved.created_at.is_some());
    let meta = saved.instrument_meta.as_ref().context("no meta")?;
    assert_eq!(meta.card_network.as_deref(), Some("VISA"));
    let token = vault.get_cryptogram("cust_42", id.clone()).await?;
    assert_eq!(token.card_display.as_deref(), Some("2123"));
    assert!(token.cryptogram.is_some() && token.card_number.is_some());
    let deleted = vault.delete("cust_42", id.clone()).await?;
    assert_eq!(deleted.instrument_status, Some(InstrumentStatus::Inactive));
    assert!(failure(vault.get("cust_42", id).await)?.is_not_found());
    Ok(())
}

fn link(link_id: &str, amount: &str) -> Result<CreatePaymentLink> {
    let payer = LinkCustomerDetails::new("9999999999").customer_email("payer@shop.example");
    requests::payment_link(link_id, Money::inr(amount)?, &payer)
}

async fn links(shop: &Shop) -> Result<()> {
    let links = shop.client.payment_links();
    let made = links.create(link("link_cancelled", "499.90")?).await?;
    assert_eq!((&made.link_status, made.link_amount), (&LinkStatus::Active, amount("499.90")?));
    assert_eq!(links.cancel("link_cancelled").await?.link_status, "CANCELLED");
    assert_eq!(links.get("link_cancelled").await?.link_status, "CANCELLED");
    assert!(links.list_orders("link_cancelled").await?.is_empty());
    Ok(())
}

async fn offers(shop: &Shop) -> Result<()> {
    let shown = OfferMeta::new(OfferMetaParts {
        offer_title: "Ten off".into(),
        offer_description: "Ten per cent off every ticket".into(),
        offer_code: "TEN".into(),
        offer_start_time: "2023-03-21T08:09:51Z".into(),
        offer_end_time: "2099-03-21T08:09:51Z".into(),
    });
    let terms = OfferTnc::new(OfferTncType::Text, "While tickets last");
    let ten = DiscountDetails::new(DiscountDetailsParts {
        discount_type: DiscountType::Percentage,
        discount_value: amount("10")?,
        max_discount_amount: amount("25.50")?,
    });
    let gives = OfferDetails::new(OfferType::Discount).discount_details(ten);
    let any_bank = OfferPaymentMethod::netbanking(OfferPaymentMethodNetbanking::new().bank_name("all"));
    let tied = OfferValidations::new(amount("100")?, any_bank).min_amount(amount("15")?);
    let made = shop.client.offers().create(CreateOffer::new(shown, terms, gives, tied)).await?;
    let id = made.offer_id.clone().context("no id")?;
    let read = shop.client.offers().get(id.clone()).await?;
    assert_eq!(read.offer_status.as_deref(), Some("active"));
    let discount = read.offer_details.as_ref().and_then(|details| details.discount_details.as_ref());
    assert_eq!(discount.context("no discount")?.max_discount_amount, Some(amount("25.50")?));

    let eligibility = shop.client.eligibility();
    let above = CheckOfferEligibility::new(OfferQueries::new().amount(amount("15")?))
        .filters(OfferFilters::new().offer_type(vec![OfferTypeFilter::Discount]));
    let found = eligibility.check_offers(above).await?;
    assert_eq!(found.iter().map(|offer| offer.offer_id.as_ref()).collect::<Vec<_>>(), [Some(&id)]);
    let below = CheckOfferEligibility::new(OfferQueries::new().amount(amount("14.99")?));
    assert!(eligibility.check_offers(below).await?.is_empty());
    Ok(())
}

async fn credit(shop: &Shop) -> Result<()> {
    let eligibility = shop.client.eligibility();
    let asked = || -> Result<CreditQueries> {
        let payer = CreditCustomerDetails::new(CREDIT_PHONE);
        Ok(CreditQueries::new().amount(amount("1000.00")?).customer_details(payer))
    };
    let found = eligibility.check_cardless_emi(CheckCardlessEmiEligibility::new(asked()?)).await?;
    let hdfc = found.iter().find(|found| found.entity_value.as_deref() == Some("hdfc")).context("no hdfc")?;
    assert_eq!(hdfc.eligibility, Some(true));
    let plans = &hdfc.entity_details.as_ref().context("no details")?.emi_plans;
    assert_eq!((plans[0].tenure, plans[0].emi), (Some(3), Some(amount("344")?)));
    assert_eq!(plans[0].total_amount, Some(amount("1030")?));
    let found = eligibility.check_paylater(CheckPaylaterEligibility::new(asked()?)).await?;
    assert!(found.iter().all(|found| found.eligibility == Some(true)) && !found.is_empty());

    let some = PaymentMethodFilters::new().payment_methods(vec!["netbanking".into(), "paypal".into()]);
    let asked = PaymentMethodQueries::new().amount(amount("100")?);
    let check = CheckPaymentMethodEligibility::new(asked).filters(some);
    let found = eligibility.check_payment_methods(check).await?;
    let eligible: Vec<_> = found.iter().map(|one| (one.entity_value.as_deref(), one.eligibility)).collect();
    assert_eq!(eligible, [(Some("netbanking"), Some(true)), (Some("paypal"), Some(false))]);
    let banks = &found[0].entity_details.as_ref().context("no details")?.payment_method_details;
    assert_eq!(banks[0].code.as_deref(), Some("3333"));
    Ok(())
}

/// Sets how a payment ends in the sandbox.
fn ending(payment: &CfPaymentId, status: SimulatedPaymentStatus) -> Result<SimulatePayment> {
    requests::simulated(payment.as_str(), &PaymentOutcome::new(status))
}

async fn simulations(shop: &Shop) -> Result<()> {
    let simulation = shop.client.simulation();
    let begun = shop.begun(order("simulated", "77.70")?, card(CardChannel::Link)).await?;
    let payment = payment_id(&begun)?;
    let made = simulation.simulate_payment(ending(&payment, SimulatedPaymentStatus::Success)?).await?;
    let id = made.simulation_id.clone().context("no id")?;
    let read = simulation.get_payment(id).await?;
    assert_eq!(read.entity_id.as_deref(), Some(payment.as_str()));
    let payment = shop.client.payments().get("simulated", payment).await?;
    assert_eq!(payment.payment_status, PaymentStatus::Success);

    let settle = SimulateSettlement::new(SimulatedSettlementStatus::Success)
        .merchant_order_ids(vec!["simulated".to_owned()]);
    let made = simulation.simulate_settlement(settle).await?;
    assert_eq!((made.settlement_ids.len(), made.simulation_status.as_deref()), (1, Some("SUCCESS")));
    let id = made.simulation_id.clone().context("no id")?;
    assert_eq!(simulation.get_settlement(id).await?.settlement_ids, made.settlement_ids);
    Ok(())
}

async fn downtimes(shop: &Shop) -> Result<()> {
    let id = shop.sandbox.report_downtime(Downtime::upi(&["Sandbox Bank"]).impact(Impact::High));
    let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    let maintenance = Downtime::wallet(&["Sandbox Wallet"]).announced(tomorrow, tomorrow);
    shop.sandbox.report_downtime(maintenance);
    shop.sandbox.report_downtime(Downtime::card(&["Sandbox Bank"], &["VISA"]));
    let downtimes = shop.client.downtimes();
    let filter = DowntimeFilter::new()
        .status(IncidentStatusFilter::Active)
        .status(IncidentStatusFilter::Upcoming)
        .payment_method(IncidentMethodFilter::Upi)
        .payment_method(IncidentMethodFilter::Wallet);
    let listed = downtimes.list(filter).await?;
    assert_eq!((listed.count, listed.incidents.len()), (Some(2), 2));
    shop.sandbox.resolve_downtime(&id);
    let over = downtimes.get(id).await?;
    assert_eq!(over.incident_status, Some(IncidentStatus::Resolved));
    assert_eq!(over.incident_impact, Some(IncidentImpact::High));
    assert!(over.incident_end_time.is_some() && over.payment_method.is_some());
    Ok(())
}

async fn utilities(shop: &Shop) -> Result<()> {
    let utilities = shop.client.utilities();
    let bin = utilities.get_card_bin("510510").await?;
    assert_eq!((bin.scheme.as_deref(), bin.type_.as_deref()), (Some("mastercard"), Some("credit")));
    let plain = PlainCard::new(PlainCardParts {
        card_number: "5105105105105100".into(),
        card_cvv: "123".into(),
        card_expiry_mm: "03".into(),
        card_expiry_yy: "28".into(),
    });
    assert!(utilities.get_par(plain).await?.par.is_some());
    Ok(())
}

#[tokio::test]
async fn a_link_is_paid_in_parts() -> Result<()> {
    let shop = Shop::open().await?;
    let links = shop.client.payment_links();
    let parts =
        link("link_1", "100.10")?.link_partial_payments(true).link_minimum_partial_amount(amount("20.05")?);
    let made = links.create(parts).await?;
    assert_eq!(made.link_minimum_partial_amount, Some(amount("20.05")?));
    let again = failure(links.create(link("link_1", "1")?).await)?;
    ensure!(again.is_conflict(), "{again}");

    // A payer opens the link for a part of it, another for the rest: each gets an order of its own.
    for (part, status, so_far) in [(Some("40.05"), "PARTIALLY_PAID", "40.05"), (None, "PAID", "100.10")] {
        let order_id = shop.sandbox.open_link("link_1", part).context("the link takes no payment")?;
        let open = links.list_orders("link_1").await?;
        let order = open.last().context("no order")?;
        ensure!(order.order_id.as_ref().is_some_and(|id| id.as_str() == order_id), "{order:?}");
        let session = order.payment_session_id.clone().context("no session")?;
        shop.client.payments().pay(PayOrder::new(session, collect("testsuccess"))).await?;
        let read = links.get("link_1").await?;
        assert_eq!(read.link_status, status);
        assert_eq!(read.link_amount_paid, Some(amount(so_far)?));
    }
    ensure!(shop.sandbox.open_link("link_1", None).is_none(), "a paid link was opened");
    let paid = links.list_paid_orders("link_1").await?;
    let amounts: Vec<_> = paid.iter().map(|order| order.order_amount).collect();
    assert_eq!(amounts, [Some(amount("40.05")?), Some(amount("60.05")?)]);
    let late = failure(links.cancel("link_1").await)?;
    assert_eq!(late.status().map(|status| status.as_u16()), Some(400));
    Ok(())
}

#[tokio::test]
async fn a_saved_card_pays_a_second_order() -> Result<()> {
    let shop = Shop::open().await?;
    let id = save(&shop, "first").await?;
    let saved = PayOrderPaymentMethod::card(Card::new(CardChannel::Post).instrument_id(id.clone()));
    let begun = shop.begun(order("second", "20.00")?, saved.clone()).await?;
    shop.client.payments().submit_otp(payment_id(&begun)?, shop.sandbox.otp()).await?;
    assert_eq!(shop.sandbox.committed_of(Change::PaymentMade).len(), 2);
    assert_eq!(shop.sandbox.committed_of(Change::InstrumentSaved).len(), 1);
    shop.client.token_vault().delete("cust_42", id).await?;
    let gone = shop.begun(order("third", "20.00")?, saved).await;
    ensure!(gone.is_err(), "a deleted card paid");
    Ok(())
}

#[tokio::test]
async fn a_simulated_failure_carries_its_code() -> Result<()> {
    let shop = Shop::open().await?;
    let begun = shop.begun(order("order_1", "10")?, card(CardChannel::Link)).await?;
    let payment = payment_id(&begun)?;
    let outcome =
        PaymentOutcome::new(SimulatedPaymentStatus::Failed).payment_error_code("ISSUER_NOT_AVAILABLE");
    let simulate = requests::simulated(payment.as_str(), &outcome)?;
    shop.client.simulation().simulate_payment(simulate).await?;
    let failed = shop.client.payments().get("order_1", payment.clone()).await?;
    assert_eq!(failed.payment_status, PaymentStatus::Failed);
    let error = failed.error_details.as_ref().context("no error")?;
    assert_eq!(error.error_code.as_deref(), Some("ISSUER_NOT_AVAILABLE"));
    let late = shop.client.simulation().simulate_payment(ending(&payment, SimulatedPaymentStatus::Success)?);
    assert_eq!(failure(late.await)?.code(), Some("entity_id_invalid"));
    Ok(())
}
