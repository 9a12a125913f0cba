//! Plans, subscriptions, their payments and refunds, from the mandate to the last debit.

use anyhow::{Context, Result, ensure};
use cashfree::types::{
    CreatePlan, CreatePlanParts, CreateSubscription, CreateSubscriptionPayment,
    CreateSubscriptionPaymentParts, CreateSubscriptionPlanDetails, PlanIntervalType, PlanStatus, PlanType,
    Subscription, SubscriptionCustomerDetails, SubscriptionCustomerDetailsParts, SubscriptionEligibility,
    SubscriptionEligibilityFilters, SubscriptionEligibilityQueries, SubscriptionPaymentMethod,
    SubscriptionPaymentStatus, SubscriptionPaymentType, SubscriptionPnach, SubscriptionStatus,
    SubscriptionUpi,
};
use cashfree::{Amount, Response, Upload};
use cashfree_sandbox::{Change, MandateEvent};

use crate::{Shop, amount, failure, requests};

const LATER: &str = "2090-01-10T23:00:08+05:30";

fn plan(plan_id: &str, cycles: i64) -> Result<CreatePlan> {
    let plan = CreatePlan::new(CreatePlanParts {
        plan_id: plan_id.into(),
        plan_name: "Every month".into(),
        plan_type: PlanType::Periodic,
        plan_max_amount: Amount::rupees(500),
    });
    Ok(plan
        .plan_recurring_amount(amount("499.50")?)
        .plan_interval_type(PlanIntervalType::Month)
        .plan_intervals(1)
        .plan_max_cycles(cycles))
}

async fn subscribed(shop: &Shop, id: &str, plan_id: &str) -> Result<Response<Subscription>> {
    let payer = SubscriptionCustomerDetails::new(SubscriptionCustomerDetailsParts {
        customer_email: "payer@shop.example".into(),
        customer_phone: "9999999999".into(),
    });
    let terms = CreateSubscriptionPlanDetails::new().plan_id(plan_id);
    Ok(shop.client.subscriptions().create(CreateSubscription::new(id, payer, terms)).await?)
}

fn authorisation(
    subscription: &Subscription,
    payment_id: &str,
    method: SubscriptionPaymentMethod,
) -> Result<CreateSubscriptionPayment> {
    let id = subscription.subscription_id.clone();
    let session = subscription.subscription_session_id.clone().context("no session")?;
    Ok(CreateSubscriptionPayment::new(CreateSubscriptionPaymentParts {
        subscription_id: id,
        payment_id: payment_id.into(),
        payment_type: SubscriptionPaymentType::Auth,
    })
    .subscription_session_id(session)
    .payment_method(method))
}

fn upi(word: &str) -> SubscriptionPaymentMethod {
    let upi = SubscriptionUpi::new().channel("COLLECT").upi_id(format!("{word}@gocash"));
    SubscriptionPaymentMethod::upi(upi)
}

/// A debit of ten rupees and a half.
fn debit(subscription: &str, payment_id: &str) -> Result<CreateSubscriptionPayment> {
    let debit = CreateSubscriptionPayment::new(CreateSubscriptionPaymentParts {
        subscription_id: subscription.into(),
        payment_id: payment_id.into(),
        payment_type: SubscriptionPaymentType::Charge,
    });
    Ok(debit.payment_amount(amount("10.50")?))
}

pub(crate) async fn tour(shop: &Shop) -> Result<()> {
    let client = &shop.client;
    let (subscriptions, payments) = (client.subscriptions(), client.subscription_payments());
    let created = client.plans().create(plan("monthly", 12)?).await?;
    assert_eq!(created.plan_recurring_amount, Some(amount("499.50")?));
    client.plans().create(plan("yearly", 1)?).await?;
    let read = client.plans().get("monthly").await?;
    assert_eq!((read.plan_status.clone(), read.plan_max_cycles), (Some(PlanStatus::Active), Some(12)));

    let subscription = subscribed(shop, "tour", "monthly").await?;
    assert_eq!(subscription.subscription_status, SubscriptionStatus::Initialized);
    let query = SubscriptionEligibility::new(SubscriptionEligibilityQueries::new("tour"))
        .filters(SubscriptionEligibilityFilters::new().payment_methods(vec!["pnach".to_owned()]));
    let methods = subscriptions.get_eligible_methods(query).await?;
    let words: Vec<_> = methods.iter().map(|method| method.entity_value.as_deref()).collect();
    assert_eq!(words, [Some("pnach")]);
    assert_eq!(methods.first().and_then(|method| method.eligibility), Some(true));

    let paper = SubscriptionPnach::new().account_holder_name("A. Payer").account_number("001518121112");
    let paper = authorisation(&subscription, "tour_auth", SubscriptionPaymentMethod::pnach(paper))?;
    let begun = payments.create(paper).await?;
    assert_eq!(begun.payment_status, SubscriptionPaymentStatus::Initialized);
    let form = Upload::new("mandate.png", &b"signed"[..]);
    let filed = client.documents().upload_for_subscription_payment("tour_auth", form).await?;
    assert_eq!(filed.action.as_deref(), Some("SUBMIT_DOCUMENT"));
    ensure!(shop.sandbox.mandate("tour", MandateEvent::Approved), "the bank was not asked");
    let active = subscriptions.get("tour").await?;
    assert_eq!(active.subscription_status, SubscriptionStatus::Active);

    payments.create(debit("tour", "tour_1")?).await?;
    ensure!(shop.sandbox.debit("tour_1", true), "no debit");
    let paid = payments.get("tour", "tour_1").await?;
    assert_eq!(paid.payment_status, SubscriptionPaymentStatus::Success);
    assert_eq!(paid.payment_amount, amount("10.50")?);
    let summary = payments.generate_return_summary("tour_1").await?;
    let link = summary.data.as_ref().and_then(|data| data.link.as_ref()).context("no link")?;
    ensure!(format!("{link:?}").len() > 2, "an empty link");
    let refund = requests::subscription_refund("tour", "tour_refund", "tour_1", amount("10.25")?)?;
    let refund = payments.create_refund(refund).await?;
    assert_eq!(refund.refund_amount, Some(amount("10.25")?));
    let refund = payments.get_refund("tour", "tour_refund").await?;
    assert_eq!(refund.payment_id.as_ref().map(|id| id.as_str()), Some("tour_1"));

    payments.create(debit("tour", "tour_2")?).await?;
    let cancelled = payments.cancel("tour", "tour_2").await?;
    assert_eq!(cancelled.payment_status, SubscriptionPaymentStatus::Cancelled);
    let listed = payments.list("tour").await?;
    let ids: Vec<_> = listed.iter().map(|payment| &payment.payment_id).collect();
    assert_eq!(ids.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["tour_auth", "tour_1", "tour_2"]);

    let moved = subscriptions.change_plan("tour", "yearly").await?;
    assert_eq!(moved.plan_details.as_ref().and_then(|plan| plan.plan_max_cycles), Some(1));
    for (call, expected) in [
        (subscriptions.pause("tour"), SubscriptionStatus::Paused),
        (subscriptions.activate("tour"), SubscriptionStatus::Active),
        (subscriptions.cancel("tour"), SubscriptionStatus::Cancelled),
    ] {
        assert_eq!(call.await?.subscription_status, expected);
    }
    Ok(())
}

#[tokio::test]
async fn a_declined_mandate_is_authorised_anew() -> Result<()> {
    let shop = Shop::open().await?;
    shop.client.plans().create(plan("monthly", 12)?).await?;
    let subscription = subscribed(&shop, "sub_1", "monthly").await?;
    let payments = shop.client.subscription_payments();
    payments.create(authorisation(&subscription, "a_1", upi("testdeclineuser"))?).await?;
    let failed = payments.get("sub_1", "a_1").await?;
    assert_eq!(failed.payment_status, SubscriptionPaymentStatus::Failed);
    let reason = failed.failure_details.as_ref().and_then(|details| details.failure_reason.as_deref());
    assert_eq!(reason, Some("the payer declined the request"));
    let early = failure(payments.create(debit("sub_1", "c_1")?).await)?;
    assert_eq!(early.code(), Some("subscription_status_invalid"));
    payments.create(authorisation(&subscription, "a_2", upi("testsuccess"))?).await?;
    let active = shop.client.subscriptions().get("sub_1").await?;
    assert_eq!(active.subscription_status, SubscriptionStatus::Active);
    let mandate = active.authorisation_details.as_ref().context("no mandate")?;
    assert_eq!(mandate.payment_id.as_ref().map(|id| id.as_str()), Some("a_2"));
    Ok(())
}

#[tokio::test]
async fn a_failed_debit_is_retried_and_the_last_one_completes() -> Result<()> {
    let shop = Shop::open().await?;
    shop.client.plans().create(plan("once", 1)?).await?;
    let subscription = subscribed(&shop, "sub_1", "once").await?;
    let payments = shop.client.subscription_payments();
    payments.create(authorisation(&subscription, "a_1", upi("testsuccess"))?).await?;
    payments.create(debit("sub_1", "c_1")?).await?;
    // One attempt and the three repeats of UPI.
    for _ in 0..4 {
        ensure!(shop.sandbox.debit("c_1", false), "no debit");
    }
    let failed = payments.get("sub_1", "c_1").await?;
    assert_eq!(failed.payment_status, SubscriptionPaymentStatus::Failed);
    assert_eq!(failed.retry_attempts, Some(3));
    let held = shop.client.subscriptions().get("sub_1").await?;
    assert_eq!(held.subscription_status, SubscriptionStatus::OnHold);
    let again = payments.retry("sub_1", "c_1", LATER).await?;
    assert_eq!(again.payment_status, SubscriptionPaymentStatus::Initialized);
    ensure!(shop.sandbox.debit("c_1", true), "no debit");
    let done = shop.client.subscriptions().get("sub_1").await?;
    assert_eq!(done.subscription_status, SubscriptionStatus::Completed);
    // The mandate and the debit: what failed on the way took nothing.
    assert_eq!(shop.sandbox.committed_of(Change::SubscriptionPaymentMade).len(), 2);
    Ok(())
}
