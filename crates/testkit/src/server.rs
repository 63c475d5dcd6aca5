//! A simulated vendor on loopback.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Serves a router on a loopback port: the one given, or any free one for 0. It runs until the task is aborted or the runtime ends.
///
/// # Errors
/// The port is taken, or there is no loopback interface.
pub async fn serve(
    router: Router,
    port: u16,
) -> io::Result<(SocketAddr, JoinHandle<io::Result<()>>)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = listener.local_addr()?;
    let task = tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((address, task))
}
