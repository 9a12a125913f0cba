//! The sandbox over TLS.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use cashfree_sandbox::{Sandbox, Tls};
use reqwest::{Certificate, Client};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::Shop;

/// A client that trusts this certificate alone, and finds each of these hosts at the sandbox.
fn client(certificate: &str, sandbox: &Sandbox, hosts: &[&str]) -> Result<Client> {
    let trusted = Certificate::from_pem(certificate.as_bytes())?;
    let mut http = Client::builder().no_proxy().tls_certs_only([trusted]).timeout(Duration::from_secs(20));
    for host in hosts {
        http = http.resolve(host, sandbox.address());
    }
    Ok(http.build()?)
}

#[tokio::test]
async fn an_order_is_paid_by_a_client_that_trusts_the_certificate() -> Result<()> {
    let sandbox = Sandbox::builder().tls(Tls::self_signed(["shop.test"])?).start().await?;
    let certificate = sandbox.certificate().context("no certificate")?.to_owned();
    assert!(sandbox.base_url().starts_with("https://127.0.0.1:"), "{}", sandbox.base_url());
    let hosts = ["sandbox.cashfree.com", "api.cashfree.com", "shop.test", "other.test"];
    let http = client(&certificate, &sandbox, &hosts)?;
    let shop = Shop { http, sandbox };
    shop.paid("order_tls", "5").await?;
    assert_eq!(shop.order_status("order_tls").await?, "PAID");
    // Links lead back over TLS.
    let session = shop.order("order_page", "5", None).await?;
    shop.visit(
        &shop
            .pay(&session, json!({ "netbanking": { "channel": "link", "netbanking_bank_code": 3333 } }))
            .await?,
    )
    .await?;
    // A program with a host of its own finds the sandbox under that name; under no name the certificate lacks.
    let port = shop.sandbox.address().port();
    for (host, responses) in [(hosts[0], true), (hosts[1], true), (hosts[2], true), (hosts[3], false)] {
        let url = format!("https://{host}:{port}/pg/orders/order_tls");
        let request = shop.http.get(url).header("x-api-version", shop.sandbox.api_version());
        let request = request.header("x-client-id", shop.sandbox.client_id());
        let response = request.header("x-client-secret", shop.sandbox.client_secret()).send().await;
        assert_eq!(response.is_ok_and(|response| response.status() == 200), responses, "{host}");
    }
    // Another client does not trust it.
    let stranger = Client::builder().no_proxy().build()?;
    assert!(stranger.get(shop.sandbox.origin()).send().await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_certificate_is_given_or_written_to_a_file() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("cashfree-sandbox-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
    std::fs::write(file("cert.pem"), made.cert.pem())?;
    std::fs::write(file("key.pem"), made.signing_key.serialize_pem())?;
    let (out, cert, key) = (file("out.pem"), file("cert.pem"), file("key.pem"));
    for (arguments, certificate) in
        [(vec!["--tls-cert-out", &out], &out), (vec!["--tls-cert", &cert, "--tls-key", &key], &cert)]
    {
        let mut server = Command::new(env!("CARGO_BIN_EXE_cashfree-sandbox"))
            .args(["--port", "0"])
            .args(&arguments)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut banner = BufReader::new(server.stdout.take().context("no stdout")?).lines();
        let first = banner.next_line().await?.context("no banner")?;
        let (_, base_url) = first.split_once(" at ").context("no address")?;
        assert!(base_url.starts_with("https://127.0.0.1:"), "{first}");
        let trusted = Certificate::from_pem(&std::fs::read(certificate)?)?;
        let http = Client::builder().no_proxy().tls_certs_only([trusted]).build()?;
        let response = http.get(format!("{base_url}/orders/o_1")).send().await?;
        assert_eq!(response.status(), 400, "no x-api-version: {arguments:?}");
        // The commands speak plain HTTP to the same port.
        let origin = base_url.trim_end_matches("/pg").replace("https://", "http://");
        let events = Command::new(env!("CARGO_BIN_EXE_cashfree-sandbox"))
            .args(["events", "--sandbox", &origin])
            .output()
            .await?;
        assert!(events.status.success(), "{}", String::from_utf8_lossy(&events.stderr));
    }
    let alone =
        Command::new(env!("CARGO_BIN_EXE_cashfree-sandbox")).args(["--tls-cert", &cert]).output().await?;
    assert_eq!(alone.status.code(), Some(2), "a certificate without its key");
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
