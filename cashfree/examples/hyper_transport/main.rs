//! A `Transport` over hyper-util, for programs that count microseconds and need no TLS, such as those behind a
//! local TLS-terminating proxy. All traffic stays on this machine.
//!
//! ```text
//! cargo run -p cashfree --example hyper_transport
//! ```
//!
//! `transport.rs` beside this file is the transport. It leaves out what the crate's own transport does: TLS, proxies, a
//! pool for each runtime, and incomplete responses (the status of a response whose body ended early).

mod transport;

use anyhow::{Result, ensure};
use cashfree::{Client, Credentials, Environment};
use cashfree_sandbox::Sandbox;

use transport::HyperTransport;

#[tokio::main]
async fn main() -> Result<()> {
    let sandbox = Sandbox::start().await?;
    let credentials = Credentials::client_secret(sandbox.client_id(), sandbox.client_secret());
    let client = Client::builder(Environment::custom(sandbox.base_url())?, credentials)
        .transport(HyperTransport::new())
        .build()?;
    let error = client.orders().get("order_1").await.err();
    ensure!(error.is_some_and(|error| error.is_not_found()), "the sandbox has the order");
    println!("the sandbox has no order_1, as expected");
    Ok(())
}
