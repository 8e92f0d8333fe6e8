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
            print!("{}", greeting(&running));
            asked_to_stop().await;
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

/// SIGTERM or Ctrl-C.
async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).expect("signal handlers can be installed");
        tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
    }
    #[cfg(not(unix))]
    let _ = interrupt.await;
}
