//! A program that installs a provider of its own after it made a client.

mod provider;
mod server;

use anyhow::{Result, anyhow, ensure};
use cashfree::ErrorKind;
use rustls::{CipherSuite, ProtocolVersion};

use server::{Server, client};

/// One test for the whole process.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_keeps_the_provider_that_it_was_made_with() -> Result<()> {
    let server = Server::usual().await?;
    let (before, careful) = (server.client()?, client(&server.url, &[])?);
    provider::install()?;
    let after = server.client()?;

    before.orders().get("order_1").await?;
    after.orders().get("order_1").await?;
    // Its connections are others, opened now.
    let blocking = before.clone();
    tokio::task::spawn_blocking(move || blocking.orders().get("order_1").send_blocking()).await??;
    let error = careful.orders().get("order_1").await.err().ok_or_else(|| anyhow!("it was trusted"))?;
    ensure!(error.kind() == ErrorKind::Connect, "{error:?}");

    let agreed = server.agreed();
    assert!(agreed.iter().all(|agreed| agreed.version == ProtocolVersion::TLSv1_3), "{agreed:?}");
    let suites: Vec<CipherSuite> = agreed.iter().map(|agreed| agreed.suite).collect();
    assert_eq!(suites, [CipherSuite::TLS13_AES_256_GCM_SHA384, provider::SUITE, provider::SUITE]);
    Ok(())
}
