//! Responses that belong to other requests: never a value, never certainty about a write, and no further request on
//! the connection.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::Result;
use cashfree::{Client, Credentials, Effect, ErrorKind, RetryPolicy};

use crate::{client_at, failure, order};

/// A service that keeps connections open and responds with this status and this request id.
struct Service {
    url: String,
    connections: Arc<AtomicUsize>,
}

impl Service {
    fn start(status: &'static str, id: &'static str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let connections = Arc::<AtomicUsize>::default();
        let counted = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::SeqCst);
                thread::spawn(move || serve(stream, status, id));
            }
        });
        Ok(Self { url, connections })
    }

    fn client(&self) -> Result<Client> {
        client_at(&self.url, Credentials::client_secret("id", "secret"), |it| it.retry(RetryPolicy::none()))
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn serve(mut stream: TcpStream, status: &str, id: &str) -> std::io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    while stream.read(&mut buffer)? > 0 {
        let body = r#"{"order_id":"order_1","order_amount":5,"order_currency":"INR","cf_order_id":"1"}"#;
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-request-id: {id}\r\ncontent-length: {length}\r\n\r\n{body}"
        )?;
    }
    Ok(())
}

#[tokio::test]
async fn a_response_with_another_request_id_is_no_value() -> Result<()> {
    let service = Service::start("200 OK", "of_somebody_else")?;
    let client = service.client()?;
    let read = failure(client.orders().get("order_1").await)?;
    assert_eq!(read.kind(), ErrorKind::Transport, "{read:?}");
    let write = failure(client.orders().create(order("order_1", "5")?).await)?;
    assert_eq!((write.kind(), write.effect()), (ErrorKind::Transport, Effect::Unknown), "{write:?}");
    assert!(write.to_string().contains("belongs to another request"), "{write}");
    assert_eq!(service.connections(), 2, "the connection was used again");
    Ok(())
}

#[tokio::test]
async fn a_refusal_of_another_request_leaves_a_write_open() -> Result<()> {
    let service = Service::start("404 Not Found", "of_somebody_else")?;
    let client = service.client()?;
    for _ in 0..2 {
        let error = failure(client.orders().create(order("order_1", "5")?).await)?;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Transport, Effect::Unknown), "{error:?}");
    }
    assert_eq!(service.connections(), 2, "the connection was used again");
    Ok(())
}

#[tokio::test]
async fn the_own_id_and_a_blank_one_are_fine() -> Result<()> {
    for id in ["mine", "", "  mine "] {
        let service = Service::start("200 OK", id)?;
        let client = service.client()?;
        for _ in 0..2 {
            client.orders().get("order_1").request_id("mine").await?;
        }
        assert_eq!(service.connections(), 1, "{id:?}");
    }
    Ok(())
}
