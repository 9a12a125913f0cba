//! A write that was lost, at a service that has forgotten its key: what exists is read back.

use adversary::{Adversary, Commit, Profile, Requests, ValueRules};
use anyhow::{Context, Result};
use cashfree::types::{
    CreateRefund, CreateSubscription, CreateSubscriptionAuthorizationDetails, CreateSubscriptionPlanDetails,
    PlanIntervalType, PlanType, SubscriptionCustomerDetails, SubscriptionCustomerDetailsParts,
};
use cashfree::{Amount, Client, Credentials, Effect, operations};
use cashfree_sandbox::{Change, Fault, Sandbox};

use crate::{Shop, amount, client_at, failure, order};

async fn forgetful() -> Result<Shop> {
    Shop::with(Sandbox::builder().forgets_keys(true), |client| client).await
}

#[tokio::test]
async fn a_created_order_is_read_back() -> Result<()> {
    let shop = forgetful().await?;
    for fault in [Fault::DropAfterCommit, Fault::GatewayTimeout, Fault::TruncatedJson, Fault::CutShort] {
        let id = format!("order_{fault:?}");
        shop.sandbox.clear_requests();
        shop.sandbox.script(fault, "PGCreateOrder", 1);
        let created = shop.order(&id, "499.10").await?;
        assert!(created.meta().read_back());
        assert_eq!((created.meta().attempts(), created.meta().replayed()), (2, None));
        assert_eq!(created.order_id, id.as_str());
        assert!(created.payment_session_id.is_some());
        let read = shop.only("PGFetchOrder")?;
        assert_eq!(read.header("x-idempotency-key"), None);
        assert_eq!(read.header("x-client-secret"), Some(shop.sandbox.client_secret()));
    }
    assert_eq!(shop.sandbox.committed_of(Change::OrderCreated).len(), 4);
    Ok(())
}

#[tokio::test]
async fn a_created_refund_is_read_back_and_money_moves_once() -> Result<()> {
    let shop = forgetful().await?;
    shop.paid("order_1", "100").await?;
    shop.sandbox.script(Fault::DropAfterCommit, "PGOrderCreateRefund", 1);
    let wanted = CreateRefund::new(amount("10.50")?, "refund_1").refund_note("one ticket");
    let refund = shop.client.refunds().create("order_1", wanted).await?;
    assert!(refund.meta().read_back());
    assert_eq!(refund.refund_amount, amount("10.5")?);
    assert_eq!(shop.sandbox.committed_of(Change::RefundCreated).len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_created_subscription_is_read_back() -> Result<()> {
    let shop = forgetful().await?;
    let payer = || {
        SubscriptionCustomerDetails::new(SubscriptionCustomerDetailsParts {
            customer_email: "payer@shop.example".into(),
            customer_phone: "9999999999".into(),
        })
    };
    let monthly = || {
        CreateSubscriptionPlanDetails::new()
            .plan_name("Every month")
            .plan_type(PlanType::Periodic)
            .plan_amount(Amount::rupees(499))
            .plan_max_amount(Amount::rupees(500))
            .plan_interval_type(PlanIntervalType::Month)
            .plan_intervals(1)
    };
    let mandate = CreateSubscriptionAuthorizationDetails::new().authorization_amount(Amount::rupees(1));
    for (id, mandate) in [("sub_1", None), ("sub_2", Some(mandate))] {
        shop.sandbox.script(Fault::DropAfterCommit, "SubsCreateSubscription", 1);
        let wanted = CreateSubscription::new(id, payer(), monthly());
        let wanted = match mandate {
            Some(mandate) => wanted.authorization_details(mandate),
            None => wanted,
        };
        let made = shop.client.subscriptions().create(wanted).await?;
        assert!(made.meta().read_back(), "{id}");
        assert_eq!(made.subscription_id, id);
    }
    assert_eq!(shop.sandbox.committed_of(Change::SubscriptionCreated).len(), 2);
    Ok(())
}

#[tokio::test]
async fn rule_3_what_exists_and_differs_is_ambiguous_and_named() -> Result<()> {
    let shop = forgetful().await?;
    shop.order("order_1", "7").await?;
    // This attempt fails before the service looks at it, which nobody can know.
    shop.sandbox.script(Fault::DropBeforeRead, "PGCreateOrder", 1);
    let error = failure(shop.client.orders().create(order("order_1", "8")?).await)?;
    // The service may show an amount in its own way, so a difference is no proof that nothing happened.
    assert_eq!((error.effect(), error.is_conflict()), (Effect::Unknown, true));
    assert_eq!(error.differing_fields(), ["order_amount"]);
    assert_eq!(error.code(), Some("order_already_exists"));
    Ok(())
}

/// A service that carries every request out, whatever its key, loses the first response, and shows values its own way.
async fn altering(rules: impl FnOnce(&mut ValueRules)) -> Result<(Adversary, Client)> {
    let mut profile = Profile::calm(1);
    profile.keys.ignored = vec![Requests::Method("POST")];
    profile.values.altered = 1.0;
    rules(&mut profile.values);
    let service = Adversary::start(profile).await?;
    let client = client_at(service.url(), Credentials::client_secret("app", "secret"), |client| client)?;
    Ok((service, client))
}

#[tokio::test]
async fn rule_3_a_value_in_another_form_leaves_the_outcome_open() -> Result<()> {
    type Rule = fn(&mut ValueRules);
    let rules: [(&str, Rule, &str); 4] = [
        ("whole", |rules| rules.whole = true, "order_amount"),
        ("paise", |rules| rules.paise = true, "order_amount"),
        ("masked", |rules| rules.masked = true, "customer_details.customer_id"),
        ("splits", |rules| rules.splits = true, "order_splits"),
    ];
    for (name, rule, differing) in rules {
        let (service, client) = altering(rule).await?;
        let mut struck = 0;
        for number in 0..6 {
            let id = format!("order_{number}");
            service.script("POST", "orders", adversary::Fault::Close(Commit::Now), 1);
            match client.orders().create(order(&id, "499.10")?).await {
                // The seed leaves this one as it was.
                Ok(created) => assert!(created.meta().read_back(), "{name}"),
                Err(error) => {
                    struck += 1;
                    assert_eq!(error.effect(), Effect::Unknown, "{name}: {error}");
                    assert_eq!(error.differing_fields(), [differing], "{name}");
                }
            }
            assert_eq!(service.settled().await.count(adversary::Change::OrderCreated, &id), 1, "{name}");
        }
        assert!(struck > 0, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn rule_3_an_order_that_was_terminated_since_says_so() -> Result<()> {
    let (service, client) = altering(|_| {}).await?;
    let mut call = client.orders().create(order("order_1", "499.10")?);
    call.prepared_key().context("a key")?;
    call.clone().await?;
    client.orders().terminate("order_1").await?;
    let error = failure(call.await)?;
    assert_eq!(error.effect(), Effect::Unknown, "{error}");
    assert!(error.to_string().contains("the existing object has order_status TERMINAT"), "{error}");
    assert_eq!(service.settled().await.count(adversary::Change::OrderCreated, "order_1"), 1);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_read_back_stays_unknown() -> Result<()> {
    let shop = forgetful().await?;
    for fault in [Fault::Html502, Fault::EmptyBody, Fault::TruncatedJson] {
        shop.sandbox.script(Fault::DropAfterCommit, "PGCreateOrder", 1);
        shop.sandbox.script(fault.clone(), "PGFetchOrder", 3);
        let wanted = order(&format!("order_{fault:?}"), "8")?;
        let error = failure(shop.client.orders().create(wanted).await)?;
        assert_eq!((error.effect(), error.is_conflict()), (Effect::Unknown, true), "{fault:?} {error:?}");
        assert!(error.differing_fields().is_empty());
        shop.sandbox.clear_script();
    }
    Ok(())
}

#[test]
fn the_table_says_what_is_read_back() -> Result<()> {
    let mut pairs: Vec<_> =
        operations::ALL.iter().filter_map(|write| Some((write.id, write.read_back?.id))).collect();
    pairs.sort_unstable();
    assert_eq!(
        pairs,
        [
            ("PGCreateLink", "PGFetchLink"),
            ("PGCreateOrder", "PGFetchOrder"),
            ("PGOrderCreateRefund", "PGOrderFetchRefund"),
            ("SubsCreatePlan", "SubsFetchPlan"),
            ("SubsCreateRefund", "SubsFetchSubscriptionRefund"),
            ("SubsCreateSubscription", "SubsFetchSubscription"),
        ]
    );
    let capture = operations::ALL.iter().find(|operation| operation.id == "PGAuthorizeOrder");
    assert!(capture.context("capture")?.read_back.is_none(), "it has no identifier of its own");
    Ok(())
}
