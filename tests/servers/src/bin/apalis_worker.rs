//! A worker of stored calls on apalis that does nothing more once it has the response of its job, to be killed there. It
//! ends with its standard input.

use anyhow::Result;
use cashfree::Credentials;
use clap::Parser;
use servers::apalis::{Shop, work};
use tokio::io::AsyncReadExt;
use tokio::sync::watch;

#[derive(Parser)]
struct Arguments {
    /// URL of the Redis with the queue
    #[arg(long)]
    redis: String,
    /// Address that the calls are sent to
    #[arg(long)]
    service: String,
    /// Client id of the calls
    #[arg(long)]
    client_id: String,
    /// Client secret of the calls
    #[arg(long)]
    client_secret: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let Arguments { redis, service, client_id, client_secret } = Arguments::parse();
    let shop = Shop::connect(&redis, &service, Credentials::client_secret(client_id, client_secret)).await?;
    let (_stop, stopped) = watch::channel(false);
    let mut parent = tokio::io::stdin();
    tokio::select! {
        () = work("killed", Shop { hang: true, ..shop }, stopped) => {}
        _ = parent.read_u8() => {}
    }
    Ok(())
}
