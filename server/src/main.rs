//! The binary: reads the command line, starts the server, tells how to reach it, and stops it when asked.

use clap::Parser;
use server::config::Cli;
use server::start::{Running, start};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let config = Cli::parse().into_config();
    let filter = EnvFilter::try_from_env("HUIXIAO_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
    match start(&config).await {
        Ok(running) => {
            // Whoever has read the greeting may ask it to stop.
            let asked = asked_to_stop();
            print!("{}", greeting(&running));
            asked.await;
            running.stop().await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("huixiao: {error}");
            ExitCode::from(2)
        }
    }
}

fn greeting(running: &Running) -> String {
    let mut text = String::from("\nHuixiao is running:\n");
    for url in server::addresses::urls(running.address) {
        text += &format!("  {url}\n");
    }
    if let Some(welcome) = &running.welcome {
        text += &format!("\n{welcome}");
    }
    text + "\nStop it with Ctrl-C.\n"
}

/// Comes with SIGTERM or Ctrl-C; they are caught from this call on.
fn asked_to_stop() -> impl Future<Output = ()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let [mut interrupt, mut terminate] =
            [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).expect("signal handlers can be installed"));
        async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
        }
    }
    #[cfg(not(unix))]
    async {
        let _ = tokio::signal::ctrl_c().await;
    }
}
