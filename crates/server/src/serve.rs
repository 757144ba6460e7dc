//! The process: opens the stores, listens, and ends without dropping anything.

use crate::auth::PEER;
use crate::{App, Error, Result, router};
use axum::http::{HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tower::{Service, ServiceExt};

/// How long requests in flight may take once the process is told to end.
const GRACE: Duration = Duration::from_secs(20);

/// Serves until `stop` is ready, then lets the requests in flight finish. Leases and uploads live in
/// the stores and go on after the next start.
pub async fn serve(app: App, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<()> {
    let routes = router(app.clone());
    let learning = crate::brain::start(app.clone());
    let graceful = hyper_util::server::graceful::GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, mostly: others will close some.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let _ = stream.set_nodelay(true);
        let service = per_connection(routes.clone(), peer);
        let mut server = http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(30));
        let connection = server.serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "a connection broke");
            }
        });
    }
    drop(listener);
    learning.abort();
    app.streams.end();
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(GRACE) => tracing::warn!("some requests did not end in time"),
    }
    Ok(())
}

/// Notes the connection's own address, over whatever the caller wrote in its place.
fn per_connection(
    routes: axum::Router,
    peer: SocketAddr,
) -> impl hyper::service::Service<
    hyper::Request<hyper::body::Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Send,
> + Clone {
    hyper::service::service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        if let Ok(value) = HeaderValue::from_str(&peer.ip().to_string()) {
            request.headers_mut().insert(HeaderName::from_static(PEER), value);
        }
        let mut routes = routes.clone();
        async move {
            let ready =
                ServiceExt::<hyper::Request<hyper::body::Incoming>>::ready(&mut routes).await;
            match ready {
                Ok(routes) => routes.call(request).await,
                Err(never) => match never {},
            }
        }
    })
}

/// Binds the address to listen on; says which, in words, when it cannot.
pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|error| Error::Internal(format!("cannot listen on {address}: {error}")))
}
