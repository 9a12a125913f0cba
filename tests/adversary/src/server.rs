//! Sockets: the listener, which outages close, and a task for each connection.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};

use crate::engine::{Ending, Engine};
use crate::{Outage, Response, wire};

/// How often the listener looks whether an outage has begun.
const TICK: Duration = Duration::from_millis(10);

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(4_096)
}

/// Binds a free port of the loopback interface.
pub(crate) fn bind_free() -> io::Result<TcpListener> {
    bind(SocketAddr::from(([127, 0, 0, 1], 0)))
}

/// Accepts connections until the task is aborted.
pub(crate) async fn accept(engine: Arc<Engine>, listener: TcpListener) -> io::Result<()> {
    let address = listener.local_addr()?;
    let mut listener = Some(listener);
    loop {
        if let Some((Outage::Refused, left)) = engine.outage() {
            listener = None;
            tokio::time::sleep(left).await;
            continue;
        }
        let open = match listener.take() {
            Some(open) => listener.insert(open),
            None => listener.insert(bind(address)?),
        };
        // The listener is dropped when connections are to be refused, so nothing waits for it for long.
        let Ok(accepted) = tokio::time::timeout(TICK, open.accept()).await else { continue };
        let Ok((stream, _)) = accepted else { continue };
        let engine = Arc::clone(&engine);
        tokio::spawn(async move {
            // A connection that fails ends; its caller knows.
            let _ = serve(engine, stream).await;
        });
    }
}

async fn serve(engine: Arc<Engine>, stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let mut before: Option<Response> = None;
    loop {
        if let Some((Outage::Refused | Outage::Reset, _)) = engine.outage()
            && engine.profile.outages.as_ref().is_some_and(|outages| outages.merchants.is_none())
        {
            return Ok(());
        }
        let Some(request) = wire::read(&mut stream).await? else { return Ok(()) };
        match engine.handle(request, before.as_ref()).await {
            Ending::Send(response) => {
                stream.get_mut().write_all(&response.encode()).await?;
                before = Some(response);
            }
            Ending::SendHalf(response) => {
                let bytes = response.encode();
                // Within the body, so that the head announces more than arrives.
                let half = bytes.len() - response.body.len().div_ceil(2);
                stream.get_mut().write_all(bytes.get(..half).unwrap_or_default()).await?;
                return stream.get_mut().shutdown().await;
            }
            Ending::Close => return Ok(()),
            Ending::Hang => {
                tokio::time::sleep(engine.profile.patience * 10).await;
                return Ok(());
            }
        }
    }
}
