//! What plans, subscriptions and their payments put on the wire, and how their responses are read.

use anyhow::Result;
use cashfree::types::{
    CreatePlan, CreatePlanParts, CreateSubscription, CreateSubscriptionAuthorizationDetails,
    CreateSubscriptionMeta, CreateSubscriptionPayment, CreateSubscriptionPaymentParts,
    CreateSubscriptionPlanDetails, ManageSubscription, PlanIntervalType, PlanStatus, PlanType,
    SubscriptionAction, SubscriptionActionDetails, SubscriptionCard, SubscriptionCustomerDetails,
    SubscriptionCustomerDetailsParts, SubscriptionEligibility, SubscriptionEligibilityFilters,
    SubscriptionEligibilityQueries, SubscriptionEnach, SubscriptionPaymentMethod, SubscriptionPaymentStatus,
    SubscriptionPaymentType, SubscriptionPnach, SubscriptionSplit, SubscriptionStatus, SubscriptionUpi,
};
use cashfree::{Amount, Currency};
use serde_json::json;

use crate::shelf::Shelf;
use crate::{amount, requests};

const PLAN: &str = r#"{"plan_currency": "INR", "plan_id": "monthly", "plan_interval_type": "WEEK",
    "plan_intervals": 1, "plan_max_amount": 1, "plan_max_cycles": 4, "plan_status": "ACTIVE",
    "plan_type": "PERIODIC"}"#;

const SUBSCRIPTION: &str = r#"{"authorisation_details": {"authorization_amount": 1,
    "authorization_status": "INITIALIZED", "payment_id": "97877"}, "cf_subscription_id": "4",
    "plan_details": {"plan_type": "ON_DEMAND", "plan_interval_type": "", "plan_status": ""},
    "subscription_first_charge_time": "", "subscription_id": "sub_1",
    "subscription_session_id": "subs_token_tc9JCN4MzUIJ", "subscription_payment_splits": null,
    "subscription_status": "INITIALIZED", "subscription_tags": null}"#;

const PAYMENT: &str = r#"{"authorization_details": {"authorization_status": "ACTIVE"},
    "cf_payment_id": "123456", "failure_details": {"failure_reason": ""}, "payment_amount": 1,
    "payment_id": "auth_1", "payment_initiated_date": "2024-04-18T22:14:58+0530",
    "payment_schedule_date": "", "payment_status": "SUCCESS", "payment_type": "AUTH",
    "retry_attempts": 0, "cf_subscription_id": "4", "subscription_id": "sub_1"}"#;

const REFUND: &str = r#"{"payment_id": "charge_1", "cf_payment_id": "863782648", "refund_id": "refund_1",
    "cf_refund_id": "ref_212", "refund_amount": 100.5, "refund_status": "INITIATED"}"#;

/// Every way to authorise a mandate.
fn methods() -> [(&'static str, SubscriptionPaymentMethod); 4] {
    use SubscriptionPaymentMethod as Method;
    [
        ("upi", Method::upi(SubscriptionUpi::new().channel("COLLECT").upi_id("john@upi"))),
        (
            "enach",
            Method::enach(
                SubscriptionEnach::new()
                    .channel("link")
                    .auth_mode("net_banking")
                    .account_holder_name("John Doe")
                    .account_number("001518121112")
                    .account_type("SAVINGS")
                    .account_bank_code("ICIC"),
            ),
        ),
        (
            "pnach",
            Method::pnach(
                SubscriptionPnach::new()
                    .account_holder_name("John Doe")
                    .account_number("001518121112")
                    .account_ifsc("ICIC0000001")
                    .mandate_start_date("2030-01-01"),
            ),
        ),
        (
            "card",
            Method::card(
                SubscriptionCard::new()
                    .channel("link")
                    .card_number("4706131211212123")
                    .card_expiry_mm("03")
                    .card_expiry_yy("28")
                    .card_cvv("023"),
            ),
        ),
    ]
}

#[tokio::test]
async fn subscriptions_are_as_they_were_reviewed() -> Result<()> {
    let mut shelf = Shelf::open()?;
    let (plans, subscriptions) = (shelf.client.plans(), shelf.client.subscriptions());
    let payments = shelf.client.subscription_payments();

    let plan = CreatePlan::new(CreatePlanParts {
        plan_id: "monthly".into(),
        plan_name: "Every month".into(),
        plan_type: PlanType::Periodic,
        plan_max_amount: Amount::rupees(500),
    })
    .plan_currency(Currency::INR)
    .plan_recurring_amount(amount("499.50")?)
    .plan_interval_type(PlanIntervalType::Month)
    .plan_intervals(1)
    .plan_max_cycles(12)
    .plan_note("a note");
    let plan = shelf.shot("", plans.create(plan), PLAN).await?;
    assert_eq!(plan.plan_status, Some(PlanStatus::Active));
    let plan = shelf.shot("", plans.get("monthly"), PLAN).await?;
    assert_eq!(plan.plan_interval_type, Some(PlanIntervalType::Week));

    let payer = SubscriptionCustomerDetails::new(SubscriptionCustomerDetailsParts {
        customer_email: "payer@shop.example".into(),
        customer_phone: "9999999999".into(),
    })
    .customer_name("A. Payer");
    let terms = CreateSubscriptionPlanDetails::new().plan_id("monthly");
    let full = CreateSubscription::new("sub_1", payer, terms)
        .authorization_details(
            CreateSubscriptionAuthorizationDetails::new()
                .authorization_amount(Amount::rupees(1))
                .authorization_amount_refund(true)
                .payment_methods(vec!["upi".to_owned(), "enach".to_owned()]),
        )
        .subscription_meta(
            CreateSubscriptionMeta::new()
                .return_url("https://shop.example/back")
                .notification_channel(vec!["EMAIL".to_owned()]),
        )
        .subscription_expiry_time("2100-01-01T05:29:59+05:30")
        .subscription_first_charge_time("2030-01-10T23:00:08+05:30")
        .subscription_note("a note")
        .subscription_tags(json!({"seat": "12"}))
        .subscription_payment_splits(vec![
            SubscriptionSplit::new().vendor_id("vendor_1").percentage("12.5".parse()?),
        ]);
    let created = shelf.shot("", subscriptions.create(full), SUBSCRIPTION).await?;
    assert_eq!(created.subscription_status, SubscriptionStatus::Initialized);
    let read = shelf.shot("", subscriptions.get("sub_1"), SUBSCRIPTION).await?;
    assert!(!format!("{read:?}").contains("tc9JCN4MzUIJ"), "who has the session can authorise");
    for (name, call) in [
        ("pause", subscriptions.pause("sub_1")),
        ("activate", subscriptions.activate("sub_1")),
        ("cancel", subscriptions.cancel("sub_1")),
        ("change-plan", subscriptions.change_plan("sub_1", "yearly")),
    ] {
        shelf.shot(name, call, SUBSCRIPTION).await?;
    }
    let then = SubscriptionActionDetails::new().next_scheduled_time("2030-01-10T23:00:08+05:30");
    let resume = ManageSubscription::new("sub_1", SubscriptionAction::Activate).action_details(then);
    shelf.shot("activate-then", subscriptions.manage(resume), SUBSCRIPTION).await?;
    let query = SubscriptionEligibility::new(SubscriptionEligibilityQueries::new("sub_1"))
        .filters(SubscriptionEligibilityFilters::new().payment_methods(vec!["enach".to_owned()]));
    shelf.shot("", subscriptions.get_eligible_methods(query), "[]").await?;

    for (name, method) in methods() {
        let mandate = CreateSubscriptionPayment::new(CreateSubscriptionPaymentParts {
            subscription_id: "sub_1".into(),
            payment_id: "auth_1".into(),
            payment_type: SubscriptionPaymentType::Auth,
        })
        .subscription_session_id("sub_session_1")
        .payment_method(method);
        shelf.shot(&format!("auth-{name}"), payments.create(mandate), PAYMENT).await?;
    }
    let debit = CreateSubscriptionPayment::new(CreateSubscriptionPaymentParts {
        subscription_id: "sub_1".into(),
        payment_id: "charge_1".into(),
        payment_type: SubscriptionPaymentType::Charge,
    })
    .payment_amount(amount("10.50")?)
    .payment_schedule_date("2024-04-18T16:40:00")
    .payment_remarks("2nd EMI payment");
    let accepted = shelf.shot("charge", payments.create(debit), PAYMENT).await?;
    assert_eq!(accepted.payment_status, SubscriptionPaymentStatus::Success);
    let listed = shelf.shot("", payments.list("sub_1"), "[]").await?;
    assert!(listed.is_empty());
    let read = shelf.shot("", payments.get("sub_1", "auth_1"), PAYMENT).await?;
    assert_eq!(read.payment_type, Some(SubscriptionPaymentType::Auth));
    shelf.shot("cancel", payments.cancel("sub_1", "charge_1"), PAYMENT).await?;
    let retry = payments.retry("sub_1", "charge_1", "2030-01-10T23:00:08+05:30");
    shelf.shot("retry", retry, PAYMENT).await?;

    let refund = requests::subscription_refund("sub_1", "refund_1", "charge_1", amount("100.50")?)?;
    let refund = refund.refund_note("a week without service");
    let refund = shelf.shot("", payments.create_refund(refund), REFUND).await?;
    assert_eq!(refund.refund_amount, Some(amount("100.5")?));
    let refund = shelf.shot("", payments.get_refund("sub_1", "refund_1"), REFUND).await?;
    assert_eq!(refund.cf_refund_id.as_ref().map(|id| id.as_str()), Some("ref_212"));
    let summary = r#"{"data": {"paymentId": 123456, "status": "GENERATED", "link": "https://files.example/1"},
        "message": "fetched", "status": 200}"#;
    let summary = shelf.shot("", payments.generate_return_summary("charge_1"), summary).await?;
    let data = summary.data.as_ref();
    assert_eq!(data.and_then(|data| data.status.as_deref()), Some("GENERATED"));
    Ok(())
}

#[test]
fn no_number_of_a_mandate_is_printed() {
    for (name, method) in methods() {
        let shown = format!("{method:?}");
        for secret in ["001518121112", "4706131211212123", "023", "john@upi"] {
            assert!(!shown.contains(secret), "{name}: {shown}");
        }
    }
}
