//! The sandbox from the command line: prints where it is and with which credentials, then serves
//! until Ctrl-C.

use anyhow::Result;
use cashfree_sandbox::Sandbox;
use clap::Parser;

/// A local stand-in for the Cashfree Payments API, version 2025-01-01.
#[derive(Debug, Parser)]
#[command(name = "cashfree-sandbox")]
struct Arguments {
    /// Port of 127.0.0.1 to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8090)]
    port: u16,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let sandbox = Sandbox::builder().port(arguments.port).start().await?;
    println!("Cashfree sandbox at {}", sandbox.base_url());
    println!();
    println!("client id         {}", sandbox.client_id());
    println!("client secret     {}", sandbox.client_secret());
    println!("client signature  {}", sandbox.client_signature());
    println!("partner API key   {}", sandbox.partner_api_key());
    println!("merchant id       {}", sandbox.merchant_id());
    println!("card              4706131211212123, expiry 03/28, CVV 123, OTP {}", sandbox.otp());
    println!("UPI id            testsuccess@gocash");
    println!();
    println!("CASHFREE_ENVIRONMENT={}", sandbox.base_url());
    println!("CASHFREE_CLIENT_ID={}", sandbox.client_id());
    println!("CASHFREE_CLIENT_SECRET={}", sandbox.client_secret());
    tokio::signal::ctrl_c().await?;
    Ok(())
}
