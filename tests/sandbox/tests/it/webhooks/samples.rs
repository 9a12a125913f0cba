//! Samples of events, sent by `trigger`.

use super::*;

#[tokio::test]
async fn samples_are_sent_on_demand() -> Result<()> {
    let receiver = Receiver::open(&[]).await?;
    let trigger = Trigger {
        event_type: "PAYMENT_SUCCESS_WEBHOOK".to_owned(),
        sample: Some("upi".to_owned()),
        url: receiver.url.clone(),
        secret: "s3cret".to_owned(),
        set: vec!["data.order.order_id=o_1".to_owned(), "data.payment.payment_amount=2.5".to_owned()],
        attempt: Some(3),
        timestamp: Some("1746427759733".to_owned()),
        twice: true,
        ..Trigger::default()
    };
    assert_eq!(trigger.send().await?, [WebhookOutcome::Responded(200), WebhookOutcome::Responded(200)]);
    let received = receiver.received();
    assert!(received.iter().all(|received| received.is_signed_with("s3cret")));
    let headers =
        |at: usize| (received[at].header("x-webhook-attempt"), received[at].header("x-webhook-timestamp"));
    assert_eq!((headers(0), headers(1)), (("3", "1746427759733"), ("4", "1746427759733")));
    assert_eq!(received[0].header("x-idempotency-key"), received[1].header("x-idempotency-key"));
    let sent = received[0].json();
    assert_eq!(
        (&sent["data"]["order"]["order_id"], &sent["data"]["payment"]["payment_amount"]),
        (&json!("o_1"), &json!(2.5))
    );

    for sample in webhook_samples()? {
        let trigger = Trigger {
            event_type: sample.event_type.clone(),
            sample: Some(sample.name.clone()),
            url: receiver.url.clone(),
            secret: "s3cret".to_owned(),
            ..Trigger::default()
        };
        assert_eq!(trigger.send().await?, [WebhookOutcome::Responded(200)]);
    }
    let abroad = Trigger { url: "http://192.0.2.1/".to_owned(), ..trigger.clone() };
    assert!(abroad.send().await.is_err_and(|error| error.to_string().contains("not this machine")));
    let unknown = Trigger { event_type: "NO_SUCH".to_owned(), ..trigger };
    assert!(unknown.send().await.is_err_and(|error| error.to_string().contains("NO_SUCH")));
    Ok(())
}

/// Runs the command. Returns its exit code, stdout and stderr.
async fn command(arguments: &[&str]) -> Result<(i32, String)> {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_cashfree-sandbox"));
    command.args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok((output.status.code().context("no code")?, text.concat()))
}

#[tokio::test]
async fn the_command_sends_and_reports_the_outcome() -> Result<()> {
    let receiver = Receiver::open(&[200, 500, 200, 404]).await?;
    let trigger = ["trigger", "REFUND_STATUS_WEBHOOK", "--to", receiver.url.as_str(), "--secret", "s3cret"];
    assert_eq!(command(&trigger).await?, (0, "status 200\n".to_owned()));
    assert_eq!(command(&trigger).await?, (1, "status 500\n".to_owned()));
    let twice = [&trigger[..], &["--twice", "--set", "data.refund.refund_id=r_1", "--attempt", "2"]].concat();
    assert_eq!(command(&twice).await?, (1, "status 200\nstatus 404\n".to_owned()));
    let received = receiver.received();
    assert_eq!(received[2].json()["data"]["refund"]["refund_id"], "r_1");
    assert_eq!(
        (received[2].header("x-webhook-attempt"), received[3].header("x-webhook-attempt")),
        ("2", "3")
    );
    assert!(received.iter().all(|received| received.is_signed_with("s3cret")));

    let to = |kind, url| ["trigger", kind, "--to", url, "--secret", "s3cret"];
    // A port that nothing listens to any more.
    let gone = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let gone = format!("http://{gone}/");
    for (arguments, expected, printed) in [
        (to("WEBHOOK", gone.as_str()), 1, "nothing takes a connection there"),
        (to("WEBHOOK", "http://192.0.2.1/"), 2, "not this machine"),
        (to("WEBHOOK", "127.0.0.1:80"), 2, "http"),
        (to("PAYMENT_SUCESS", receiver.url.as_str()), 2, "did you mean PAYMENT_SUCCESS_WEBHOOK?"),
        (to("NO_SUCH", receiver.url.as_str()), 2, "there is no event `NO_SUCH`: see --list"),
    ] {
        let (code, text) = command(&arguments).await?;
        assert!(code == expected && text.contains(printed), "{code}: {text}");
    }
    for (more, printed) in [
        (["--sample", "cheque"], "has no sample `cheque`; it has"),
        (["--set", "data.refund"], "has no ="),
        (["--set", "data.refund.refund_id.x=1"], "setting `data.refund.refund_id.x`"),
    ] {
        let (code, text) = command(&[&trigger[..], &more].concat()).await?;
        assert!(code == 2 && text.contains(printed), "{code}: {text}");
    }
    assert_eq!(command(&["trigger", "WEBHOOK"]).await?.0, 2);
    let (code, text) = command(&["trigger", "--list"]).await?;
    let types: BTreeSet<String> = webhook_samples()?.into_iter().map(|sample| sample.event_type).collect();
    assert!(code == 0 && types.iter().all(|kind| text.lines().any(|line| line == kind)), "{text}");
    assert!(text.contains("samples: card, upi, netbanking"), "{text}");
    Ok(())
}
