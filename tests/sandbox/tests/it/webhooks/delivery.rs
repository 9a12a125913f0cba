//! Deliveries: attempts and their schedule, queues, addresses, secrets and faults.

use super::*;

#[tokio::test]
async fn an_unacknowledged_delivery_is_resent() -> Result<()> {
    let receiver = Receiver::open(&[500, 404, 201]).await?;
    let shop = shop(Sandbox::builder().webhooks(receiver.url.as_str()).webhook_time_scale(0.0)).await?;
    assert!(shop.sandbox.save_card("cust_1", "instrument_1", "4706131211212123"));
    let deliveries = settled(&shop).await?;
    let waits: Vec<u64> = deliveries.iter().map(|delivery| delivery.wait.as_secs() / 60).collect();
    assert_eq!(waits, [0, 2, 10, 30]);
    let responses: Vec<&WebhookOutcome> = deliveries.iter().map(|delivery| &delivery.outcome).collect();
    assert_eq!(responses, [500, 404, 201, 200].map(WebhookOutcome::Responded).each_ref());
    let received = receiver.received();
    let attempts: Vec<&str> = received.iter().map(|received| received.header("x-webhook-attempt")).collect();
    assert_eq!(attempts, ["1", "2", "3", "4"]);
    for again in &received {
        assert!(again.is_signed_with(shop.sandbox.client_secret()));
        assert_eq!(again.body, received[0].body);
        assert_eq!(again.header("x-idempotency-key"), received[0].header("x-idempotency-key"));
    }
    Ok(())
}

#[tokio::test]
async fn deliveries_end_with_the_schedule_and_keep_its_times() -> Result<()> {
    let receiver = Receiver::open(&[500; 9]).await?;
    let waits = [10, 40].map(Duration::from_secs);
    let endpoint = WebhookEndpoint::new(receiver.url.as_str()).schedule(WebhookSchedule::custom(waits));
    // Ten seconds are fifty milliseconds.
    let shop = shop(Sandbox::builder().webhooks(endpoint).webhook_time_scale(0.005)).await?;
    assert!(shop.sandbox.save_card("cust_1", "instrument_1", "4706131211212123"));
    assert_eq!(settled(&shop).await?.len(), 3);
    let received = receiver.received();
    for (pair, wait) in received.windows(2).zip([50, 200]) {
        let waited = pair[1].at.duration_since(pair[0].at);
        assert!(waited >= Duration::from_millis(wait), "{waited:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_address_that_waits_does_not_keep_others_waiting() -> Result<()> {
    let (slow, quick) = (Receiver::open(&[500]).await?, Receiver::open(&[]).await?);
    let shop = shop(Sandbox::builder().webhooks(slow.url.as_str()).webhooks(quick.url.as_str())).await?;
    assert!(shop.sandbox.save_card("cust_1", "instrument_1", "4706131211212123"));
    assert!(shop.sandbox.save_card("cust_1", "instrument_2", "4706131211212123"));
    // The second attempt is two minutes away.
    assert!(!shop.sandbox.webhooks_settled(Duration::from_millis(500)).await);
    assert_eq!((slow.received().len(), quick.received().len()), (2, 2));
    Ok(())
}

#[tokio::test]
async fn a_receiver_that_hangs_does_not_keep_others_waiting() -> Result<()> {
    // Accepts connections and never responds.
    let hanging = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let hanging = (format!("http://{}/hooks", hanging.local_addr()?), hanging);
    let quick = Receiver::open(&[]).await?;
    let shop = shop(Sandbox::builder().webhooks(hanging.0.as_str()).webhooks(quick.url.as_str())).await?;
    let before = Instant::now();
    let ids: Vec<String> = (0..5).map(|_| shop.sandbox.report_downtime(Downtime::upi(&["HDFC"]))).collect();
    while quick.received().len() < 5 && before.elapsed() < Duration::from_secs(8) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let order: Vec<Value> =
        quick.received().iter().map(|alert| alert.json()["data"]["incident"]["id"].clone()).collect();
    assert_eq!(order, ids);
    assert!(shop.sandbox.deliveries().iter().all(|delivery| delivery.url == quick.url));
    Ok(())
}

#[tokio::test]
async fn a_delivery_is_sent_again_by_hand() -> Result<()> {
    let receiver = Receiver::open(&[500, 200, 500]).await?;
    let shop = shop(Sandbox::builder().webhooks(receiver.url.as_str()).webhook_time_scale(0.0)).await?;
    assert!(shop.sandbox.save_card("cust_1", "instrument_1", "4706131211212123"));
    let first = settled(&shop).await?;
    assert_eq!(
        first.iter().map(|delivery| (delivery.id, delivery.attempt)).collect::<Vec<_>>(),
        [(1, 1), (2, 2)]
    );
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert!(shop.sandbox.resend(1) && !shop.sandbox.resend(99));
    // Fails and is not retried.
    let all = settled(&shop).await?;
    assert_eq!(all.len(), 3);
    let (last, again) = (&all[2], receiver.received().pop().context("nothing")?);
    assert_eq!((last.id, last.attempt, &last.outcome), (3, 3, &WebhookOutcome::Responded(500)));
    assert!(again.is_signed_with(shop.sandbox.client_secret()));
    assert_eq!(again.header("x-idempotency-key"), first[0].header("x-idempotency-key").unwrap_or_default());
    assert_ne!(
        again.header("x-webhook-timestamp"),
        first[0].header("x-webhook-timestamp").unwrap_or_default()
    );
    assert!(last.at > first[0].at);
    Ok(())
}

#[tokio::test]
async fn nothing_leaves_this_machine() -> Result<()> {
    let shop = shop(Sandbox::builder().webhooks("http://192.0.2.1/hooks")).await?;
    let mut body = order_body("order_1", "10")?;
    body["order_meta"] = json!({ "notify_url": "https://shop.example/hooks" });
    let (_, order) = shop.post("/orders", body).await?;
    shop.pay(order["payment_session_id"].as_str().context("session")?, collect("testfailure")).await?;
    let deliveries = settled(&shop).await?;
    assert_eq!(types(&deliveries), ["PAYMENT_FAILED_WEBHOOK"; 2]);
    for (delivery, reason) in deliveries.iter().zip(["plain http", "not this machine"]) {
        let WebhookOutcome::Refused(why) = &delivery.outcome else {
            anyhow::bail!("{delivery:?}");
        };
        assert!(why.contains(reason), "{why}");
    }
    Ok(())
}

#[tokio::test]
async fn an_endpoint_may_have_a_secret_of_its_own() -> Result<()> {
    let receiver = Receiver::open(&[]).await?;
    let endpoint = WebhookEndpoint::new(receiver.url.as_str()).secret("the partner's key");
    let shop = shop(Sandbox::builder().webhooks(endpoint)).await?;
    shop.sandbox.report_downtime(Downtime::upi(&["HDFC"]));
    settled(&shop).await?;
    assert!(receiver.received()[0].is_signed_with("the partner's key"));
    Ok(())
}

#[tokio::test]
async fn faults_are_what_they_say() -> Result<()> {
    let receiver = Receiver::open(&[]).await?;
    let shop = shop(Sandbox::builder().webhooks(receiver.url.as_str())).await?;
    let secret = shop.sandbox.client_secret();
    let mut save = 0;
    let mut saved = || {
        save += 1;
        shop.sandbox.save_card("cust_1", &format!("instrument_{save}"), "4706131211212123")
    };

    shop.sandbox.script_webhooks(&WebhookFault::Duplicate, 1);
    assert!(saved());
    settled(&shop).await?;
    let twice = receiver.received();
    assert_eq!(twice.len(), 2);
    assert_eq!(twice[0].header("x-idempotency-key"), twice[1].header("x-idempotency-key"));
    assert_eq!((twice[1].header("x-webhook-attempt"), twice[1].is_signed_with(secret)), ("2", true));

    for fault in [WebhookFault::TamperedBody, WebhookFault::WrongSignature] {
        shop.sandbox.script_webhooks(&fault, 1);
        assert_eq!(shop.sandbox.faults_left(), 1);
        assert!(saved());
        settled(&shop).await?;
        let last = receiver.received().pop().context("nothing")?;
        assert!(last.json().is_object() && !last.is_signed_with(secret), "{fault:?}");
    }

    let before = receiver.received().len();
    shop.sandbox.script_webhooks(&WebhookFault::OutOfOrder, 1);
    let late = shop.sandbox.report_downtime(Downtime::upi(&["HDFC"]));
    assert!(shop.sandbox.resolve_downtime(&late));
    settled(&shop).await?;
    let order: Vec<Value> = receiver.received()[before..]
        .iter()
        .map(|alert| alert.json()["data"]["incident"]["status"].clone())
        .collect();
    assert_eq!(order, ["RESOLVED", "OPEN"]);

    let before = Instant::now();
    shop.sandbox.script_webhooks(&WebhookFault::Delay(Duration::from_millis(80)), 1);
    assert!(saved());
    settled(&shop).await?;
    assert!(before.elapsed() >= Duration::from_millis(80));
    assert_eq!(shop.sandbox.faults_left(), 0);
    Ok(())
}
