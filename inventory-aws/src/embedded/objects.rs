use std::path::Path;

use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tokio::net::{TcpListener, TcpStream};

use super::endpoints::{ACCESS_KEY, SECRET_KEY};
use super::server::{Server, Stop};
use crate::error::{Error, ErrorKind};

/// Serves the buckets in a folder, each a folder in it.
pub(super) async fn serve(folder: &Path) -> Result<Server, Error> {
    let doing = || Error::new(ErrorKind::Invalid, format!("open the buckets in {}", folder.display()));
    let buckets = FileSystem::new(folder).map_err(|error| doing().caused_by(format!("{error:?}")))?;
    let mut service = S3ServiceBuilder::new(buckets);
    service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    let service = service.build();
    Server::spawn(async move |listener, stop| {
        accept(listener, service, stop).await;
        Ok(())
    })
    .await
}

/// Accepts connections until told to stop, then lets the open ones finish.
async fn accept(listener: TcpListener, service: S3Service, stop: Stop) {
    let connections = GracefulShutdown::new();
    let mut stopped = std::pin::pin!(stop.requested());
    loop {
        tokio::select! {
            // A connection lost before it was accepted is its client's to retry.
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                answer(stream, &service, &connections);
            },
            () = &mut stopped => break,
        }
    }
    drop(listener);
    connections.shutdown().await;
}

/// Answers one connection's requests on a task of its own.
fn answer(stream: TcpStream, service: &S3Service, connections: &GracefulShutdown) {
    let server = Builder::new(TokioExecutor::new()).http1_only();
    let connection = server.serve_connection(TokioIo::new(stream), service.clone()).into_owned();
    let watched = connections.watch(connection);
    tokio::spawn(async move {
        // The client sees the connection break; nothing here could mend it.
        let _ = watched.await;
    });
}
