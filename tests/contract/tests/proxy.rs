//! No proxy unless it is asked for: the variables that other programs go by are set for a process of its own, and
//! the way there stays the direct one. What goes through a proxy that is asked for is tested beside TLS.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, ensure};
use cashfree::Credentials;

use crate::{Shop, client_at};

/// A proxy that responds to everything itself, and keeps the heads of what it was asked.
struct Proxy {
    url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let kept = Arc::clone(&heads);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let _ = response(stream, &kept);
            }
        });
        Ok(Self { url, heads })
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn response(mut stream: TcpStream, heads: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut head = String::new();
    let mut lines = BufReader::new(stream.try_clone()?);
    while lines.read_line(&mut head)? > 2 {}
    heads.lock().unwrap_or_else(PoisonError::into_inner).push(head.to_lowercase());
    let body =
        r#"{"order_id":"through_the_proxy","cf_order_id":"1","order_amount":5,"order_currency":"INR"}"#;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

const VARIABLES: [&str; 6] =
    ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const SERVICE: &str = "CASHFREE_TEST_SERVICE";
const CREDENTIALS: &str = "CASHFREE_TEST_CREDENTIALS";

#[tokio::test]
async fn a_variable_that_happens_to_be_set_leads_nowhere_else() -> Result<()> {
    let (shop, proxy) = (Shop::open().await?, Proxy::start()?);
    shop.order("order_1", "5").await?;
    let mut child = Command::new(std::env::current_exe()?);
    child.args(["--exact", "proxy::uses_the_configured_proxy", "--nocapture"]);
    child.env(SERVICE, shop.sandbox.base_url()).envs(VARIABLES.map(|name| (name, proxy.url.as_str())));
    child.env(CREDENTIALS, [shop.sandbox.client_id(), shop.sandbox.client_secret()].join(" "));
    child.env_remove("no_proxy").env_remove("NO_PROXY");
    let output = tokio::task::spawn_blocking(move || child.output()).await??;
    let printed =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && printed.contains("1 passed"), "{printed}");
    assert_eq!(proxy.heads(), Vec::<String>::new());
    assert_eq!(shop.sandbox.requests_of("PGFetchOrder").len(), 1);
    Ok(())
}

/// The other process of the test above; where that has not started it, there is nothing to ask.
#[tokio::test]
async fn uses_the_configured_proxy() -> Result<()> {
    let Ok(url) = std::env::var(SERVICE) else { return Ok(()) };
    let credentials = std::env::var(CREDENTIALS)?;
    let (id, secret) = credentials.split_once(' ').context("two words")?;
    let client = client_at(&url, Credentials::client_secret(id, secret), |client| client)?;
    let order = client.orders().get("order_1").await?;
    ensure!(order.order_id == "order_1", "{order:?}");
    Ok(())
}
