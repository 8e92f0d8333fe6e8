//! `GET /api/sync/events`: tells a device that its organisation has a new version, and nothing else. The device then pulls.

use crate::app::App;
use crate::auth::Session;
use crate::problem::Problem;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use shared::ids::OrgId;
use shared::sync::server::Transaction;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, watch};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

/// Comments that keep proxies and phones from closing a silent connection.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// The stream of versions, beginning with the present one, so that nothing is missed between two connections. The session alone is enough:
/// browsers send no headers of ours with it, and a version tells nothing of anybody.
///
/// # Errors
/// [`Problem::NotLoggedIn`], [`Problem::AccessRevoked`].
pub(crate) async fn events(State(app): State<App>, session: Session) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    session.stored_user(&app).await?;
    let (out, stream) = mpsc::channel(4);
    tokio::spawn(tell(app, session.org, out));
    Ok(Sse::new(ReceiverStream::new(stream)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// Sends versions until the device goes away or the server stops.
async fn tell(app: App, org: OrgId, out: mpsc::Sender<Result<Event, Infallible>>) {
    let mut changes = app.store.changes();
    let mut stopping = app.stopping.clone();
    let (mut next, mut last) = (present(&app, org).await, None);
    loop {
        let news = next.take().filter(|version| last != Some(*version));
        last = news.or(last);
        if let Some(version) = news
            && out.send(Ok(Event::default().data(format!(r#"{{"version":{version}}}"#)))).await.is_err()
        {
            return;
        }
        tokio::select! {
            change = changes.recv() => match change {
                Ok(change) if change.org == org => next = Some(change.version),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => next = present(&app, org).await,
                Err(RecvError::Closed) => return,
            },
            () = out.closed() => return,
            () = stopped(&mut stopping) => return,
        }
    }
}

/// Waits until the server is told to stop. The guard that `wait_for` gives must not be held while others wait.
async fn stopped(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await.map(|_| ());
}

async fn present(app: &App, org: OrgId) -> Option<u64> {
    app.store.read(move |tx| tx.of(org)?.version()).await.ok()
}
