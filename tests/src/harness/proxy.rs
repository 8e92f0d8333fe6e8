//! The network between a browser and the server: a TCP proxy on one port for its whole life, so that the
//! origin stays the same whatever happens to the line.

use super::Result;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Everything passes.
    Open,
    /// Existing connections are reset, new ones too, at once.
    Cut,
    /// Every piece of data is held back for this long, both ways.
    Slow(Duration),
    /// A connection on which a path that begins so is asked for is reset; all others pass.
    Without(&'static str),
    /// A path that begins so is answered as by a server that cannot now; all others pass.
    Busy(&'static str),
    /// Every request is answered by somebody else's log-in page, with status 200.
    CaptivePortal,
    /// Every request is sent to somebody else's log-in page, on another host.
    RedirectingPortal,
    /// The request reaches the server, the answer never reaches the browser: the connection is reset instead.
    DropResponses,
}

pub struct Proxy {
    port: u16,
    line: Arc<Line>,
    accepting: AbortHandle,
}

struct Line {
    server: SocketAddr,
    dropped: AtomicUsize,
    to_browser: AtomicU64,
    state: Mutex<State>,
}

struct State {
    mode: watch::Sender<Mode>,
    severed: watch::Sender<u64>,
    connections: JoinSet<()>,
}

impl Proxy {
    /// An open line to `server` (`127.0.0.1:PORT`), which need not run yet.
    pub async fn start(server: &str) -> Result<Self> {
        let server = server.parse().map_err(|error| super::Trouble::new(format!("{server} is no address: {error}")))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let state = State { mode: watch::Sender::new(Mode::Open), severed: watch::Sender::new(0), connections: JoinSet::new() };
        let line = Arc::new(Line { server, dropped: AtomicUsize::new(0), to_browser: AtomicU64::new(0), state: Mutex::new(state) });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&line))).abort_handle();
        Ok(Self { port, line, accepting })
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Changes what the line does. When this returns, no connection of the time before a fault is alive any more.
    pub async fn switch(&self, mode: Mode) {
        let mut old = {
            let mut state = self.line.state();
            state.mode.send_replace(mode);
            if matches!(mode, Mode::Open | Mode::Slow(_)) {
                return;
            }
            state.severed.send_modify(|count| *count += 1);
            std::mem::take(&mut state.connections)
        };
        while old.join_next().await.is_some() {}
    }

    pub async fn cut(&self) {
        self.switch(Mode::Cut).await;
    }

    pub async fn mend(&self) {
        self.switch(Mode::Open).await;
    }

    /// How many bytes have travelled from the server to the browser, headers and all.
    pub fn bytes_to_browser(&self) -> u64 {
        self.line.to_browser.load(Ordering::SeqCst)
    }

    /// How many requests the server has answered without the browser hearing of it.
    pub fn dropped_responses(&self) -> usize {
        self.line.dropped.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Line {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding the line's state")
    }
}

async fn accept(listener: TcpListener, line: Arc<Line>) {
    while let Ok((client, _)) = listener.accept().await {
        let mut state = line.state();
        let (mode, severed) = (state.mode.subscribe(), state.severed.subscribe());
        while state.connections.try_join_next().is_some() {}
        state.connections.spawn(connection(client, Arc::clone(&line), mode, severed));
    }
}

async fn connection(mut client: TcpStream, line: Arc<Line>, mode: watch::Receiver<Mode>, mut severed: watch::Receiver<u64>) {
    let ending = tokio::select! {
        _ = severed.changed() => Ending::Reset,
        ending = serve(&mut client, &line, mode) => ending.unwrap_or(Ending::Reset),
    };
    if ending == Ending::Reset {
        let _ = client.set_zero_linger();
    }
}

#[derive(PartialEq, Eq)]
enum Ending {
    Closed,
    Reset,
}

async fn serve(client: &mut TcpStream, line: &Line, mode: watch::Receiver<Mode>) -> io::Result<Ending> {
    client.set_nodelay(true)?;
    let at_first = *mode.borrow();
    match at_first {
        Mode::Cut => Ok(Ending::Reset),
        Mode::CaptivePortal => answer_itself(client, "200 OK\r\ncontent-type: text/html; charset=utf-8", LOGIN_PAGE).await,
        Mode::RedirectingPortal => answer_itself(client, "302 Found\r\nlocation: http://portal.invalid/", "").await,
        Mode::Busy(path) if asks_first_for(client, path).await? => answer_itself(client, "200 OK\r\ncontent-type: application/json", NOT_NOW).await,
        Mode::Open | Mode::Slow(_) | Mode::Without(_) | Mode::Busy(_) => {
            let mut server = connect(line).await?;
            let (from_client, to_client) = client.split();
            let (from_server, to_server) = server.split();
            tokio::try_join!(pass(from_client, to_server, &mode, None), pass(from_server, to_client, &mode, Some(&line.to_browser)))?;
            Ok(Ending::Closed)
        }
        Mode::DropResponses => {
            let mut server = connect(line).await?;
            let (from_client, _) = client.split();
            let (mut from_server, to_server) = server.split();
            let mut first = [0];
            tokio::select! {
                // Waits on: the browser may have said everything while the server still thinks.
                Err(error) = pass(from_client, to_server, &mode, None) => return Err(error),
                read = from_server.read(&mut first) => if read? > 0 {
                    line.dropped.fetch_add(1, Ordering::SeqCst);
                },
            }
            Ok(Ending::Reset)
        }
    }
}

async fn connect(line: &Line) -> io::Result<TcpStream> {
    let server = TcpStream::connect(line.server).await?;
    server.set_nodelay(true)?;
    Ok(server)
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mode: &watch::Receiver<Mode>,
    counter: Option<&AtomicU64>,
) -> io::Result<()> {
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut piece).await?;
        let now = *mode.borrow();
        if let Mode::Slow(delay) = now {
            tokio::time::sleep(delay).await;
        }
        if length == 0 {
            return to.shutdown().await;
        }
        // Browsers send a request's first line in one piece, and nothing before it on the same connection.
        // One that is reset is sent again on a connection of its own, where it can be answered.
        if let Mode::Without(path) | Mode::Busy(path) = now
            && asks_for(&piece[..length], path)
        {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        to.write_all(&piece[..length]).await?;
        if let Some(counter) = counter {
            counter.fetch_add(length as u64, Ordering::SeqCst);
        }
    }
}

/// Whether it begins a request for a path that begins so.
fn asks_for(piece: &[u8], path: &str) -> bool {
    piece.split(|byte| *byte == b' ').nth(1).is_some_and(|asked| asked.starts_with(path.as_bytes()))
}

async fn asks_first_for(client: &TcpStream, path: &str) -> io::Result<bool> {
    let mut piece = vec![0; 1_024];
    let length = client.peek(&mut piece).await?;
    Ok(asks_for(&piece[..length], path))
}

/// What the server says to commands while its store is not available.
const NOT_NOW: &str = r#"{"answer":"retry","reason":"busy"}"#;
const LOGIN_PAGE: &str = "<!doctype html><title>Hotel Wi-Fi</title><h1>Welcome! Please log in to use the network.</h1>";

async fn answer_itself(client: &mut TcpStream, head: &str, body: &str) -> io::Result<Ending> {
    // The whole request is read first: closing with unread data would reset the connection, and the page would be lost.
    read_request(client).await?;
    let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    client.write_all(head.as_bytes()).await?;
    client.write_all(body.as_bytes()).await?;
    client.shutdown().await?;
    Ok(Ending::Closed)
}

async fn read_request(client: &mut TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    loop {
        if client.read_buf(&mut request).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some(head) = request.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let body = content_length(&request[..head]);
        if request.len() >= head + 4 + body {
            return Ok(());
        }
    }
}

fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head);
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).find_map(|(_, value)| value.trim().parse().ok()).unwrap_or(0)
}
