//! A program that connects to Redis over TLS; the client asks rustls for its provider at the first connection.

use anyhow::{Result, ensure};
use tokio::net::TcpListener;

fn main() -> Result<()> {
    shared::run(|| async {
        // No Redis: the handshake must end with an error, not with a panic.
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("rediss://{}/", listener.local_addr()?);
        let accept = async {
            let accepted = listener.accept().await;
            drop(accepted);
            std::future::pending::<()>().await;
        };
        let client = redis::Client::open(url)?;
        tokio::select! {
            connected = client.get_multiplexed_async_connection() => {
                ensure!(connected.is_err(), "connected to nothing");
                Ok(())
            }
            () = accept => Ok(()),
        }
    })
}
