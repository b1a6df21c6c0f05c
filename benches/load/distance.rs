//! A server as far away as DynamoDB is: bytes take their time, either way.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::{Instant, sleep_until};

use crate::Failed;

/// The address of a server, of which a round trip to that address takes so
/// long.
pub(crate) async fn away(address: String, trip: Duration) -> Result<String, Failed> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let here = format!("http://{}", listener.local_addr()?);
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(address.trim_start_matches("http://")).await;
            let Ok(far) = far.and_then(|far| far.set_nodelay(true).map(|()| far)) else { return };
            let _ = near.set_nodelay(true);
            let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
            tokio::spawn(carry(near_in, far_out, trip / 2));
            tokio::spawn(carry(far_in, near_out, trip / 2));
        }
    });
    Ok(here)
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, time: Duration) {
    let (send, mut receive) = unbounded_channel();
    let read = async move {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            let bytes = buffer.get(..length).unwrap_or_default().to_vec();
            if send.send((Instant::now() + time, bytes)).is_err() {
                return;
            }
        }
    };
    let write = async move {
        while let Some((at, bytes)) = receive.recv().await {
            sleep_until(at).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(read, write);
}
