//! What the programs share: the runtime, and the use of `cashfree` where it is asked for.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use anyhow::{Context, Result, bail, ensure};
use cashfree::{Client, Credentials, Environment, RetryPolicy};

const RESPONSE: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 83\r\n\r\n{\"order_id\":\"order_1\",\"cf_order_id\":\"1\",\"order_amount\":5.00,\"order_currency\":\"INR\"}";

/// Runs the program's own code, before and after `cashfree` is used if the argument says so.
pub fn run<F: Future<Output = Result<()>>>(own: impl Fn() -> F) -> Result<()> {
    let used = match std::env::args().nth(1).as_deref() {
        Some("unused") => false,
        Some("used") => true,
        other => bail!("`unused` or `used`, not {other:?}"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        if used {
            use_cashfree().await?;
        }
        own().await?;
        if used {
            use_cashfree().await?;
        }
        Ok(())
    })
}

/// One call over http, and one over https that ends at the handshake: the service speaks plain http.
async fn use_cashfree() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(RESPONSE.as_bytes());
        }
    });
    let client = |scheme: &str| -> Result<Client> {
        let environment = Environment::custom(&format!("{scheme}://127.0.0.1:{port}"))?;
        let builder = Client::builder(environment, Credentials::client_secret("app", "secret"));
        Ok(builder.retry(RetryPolicy::none()).build()?)
    };
    client("http")?.orders().get("order_1").await?;
    let error =
        client("https")?.orders().get("order_1").await.err().context("a handshake with plain http")?;
    ensure!(error.is_connect(), "{error:?}");
    Ok(())
}
