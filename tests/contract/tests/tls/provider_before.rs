//! A program that installs a provider of its own before it makes a client.

mod provider;
mod server;

use anyhow::{Result, anyhow, ensure};
use cashfree::ErrorKind;
use rustls::ProtocolVersion;

use server::{Agreed, ORDER, Server, client};

/// One test for the whole process.
#[tokio::test]
async fn the_provider_of_the_program_is_used() -> Result<()> {
    provider::install()?;
    let server = Server::usual().await?;
    server.client()?.orders().get("order_1").await?;
    let agreed = Agreed { version: ProtocolVersion::TLSv1_3, suite: provider::SUITE };
    assert_eq!(server.agreed(), [agreed]);

    // Nobody is trusted who was not before.
    let wrong = Server::start("api.cashfree.com", rustls::ALL_VERSIONS, ORDER.to_owned()).await?;
    for client in [client(&server.url, &[])?, wrong.client()?] {
        let error = client.orders().get("order_1").await.err().ok_or_else(|| anyhow!("it was trusted"))?;
        ensure!(error.kind() == ErrorKind::Connect, "{error:?}");
    }
    assert_eq!(server.agreed().len(), 1);
    Ok(())
}
