//! Credentials do not leave this machine in clear text: hosts on it are not resolved and bypass proxies, and plain
//! http to another machine is asked for by name.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use cashfree::{BaseUrl, Client, ConfigError, Credentials, Environment};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{Shop, client_at};

/// A resolver that sends every name to another address of this machine, where nobody listens.
#[derive(Clone, Default)]
struct Liar(Arc<Mutex<Vec<String>>>);

impl Resolve for Liar {
    fn resolve(&self, name: Name) -> Resolving {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(name.as_str().to_owned());
        let addresses: Addrs = Box::new(std::iter::once(([127, 6, 6, 6], 0).into()));
        Box::pin(async { Ok(addresses) })
    }
}

#[tokio::test]
async fn localhost_is_never_resolved() -> Result<()> {
    let (shop, liar) = (Shop::open().await?, Liar::default());
    shop.order("order_1", "5").await?;
    let url = shop.sandbox.base_url().replace("127.0.0.1", "localhost");
    ensure!(url.contains("localhost"), "{url}");
    let credentials = Credentials::client_secret(shop.sandbox.client_id(), shop.sandbox.client_secret());
    for also_pinned in [false, true] {
        let resolver = liar.clone();
        let client = client_at(&url, credentials.clone(), |client| {
            client.reqwest(move |builder| {
                let builder = builder.dns_resolver(resolver.clone());
                if also_pinned { builder.resolve("localhost", ([127, 6, 6, 6], 0).into()) } else { builder }
            })
        })?;
        client.orders().get("order_1").await?;
    }
    let asked = liar.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert_eq!(asked, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn a_proxy_of_the_builder_hook_is_not_used() -> Result<()> {
    let shop = Shop::open().await?;
    shop.order("order_1", "5").await?;
    let credentials = Credentials::client_secret(shop.sandbox.client_id(), shop.sandbox.client_secret());
    // Nobody listens there: a call that went to the proxy would fail.
    let proxy = reqwest::Proxy::all("http://127.6.6.6:9")?;
    let client = client_at(shop.sandbox.base_url(), credentials, |client| {
        client.reqwest(move |builder| builder.proxy(proxy.clone()))
    })?;
    client.orders().get("order_1").await?;
    Ok(())
}

#[test]
fn plain_http_to_another_machine_is_refused_by_default() -> Result<()> {
    for url in
        ["http://sandbox:8090/pg", "http://10.0.0.7", "http://localhost.evil.example", "http://0.0.0.0"]
    {
        ensure!(url.parse::<Environment>().is_err(), "{url}");
        ensure!(matches!(Environment::custom(url), Err(ConfigError::BaseUrl { .. })), "{url}");
        let base = BaseUrl::parse_sending_credentials_in_clear_text(url)?;
        Client::new(Environment::Custom(base), Credentials::client_secret("id", "secret"))?;
    }
    Ok(())
}
