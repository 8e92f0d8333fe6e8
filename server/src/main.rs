//! The binary: reads the command line, starts the server, tells how to reach it, and stops it when asked.

use clap::Parser;
use server::config::{Cli, Config, Keep, Task, Verify, location};
use server::evidence::{self, Found};
use server::start::{Running, start};
use server::store::copy::{self, Target};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let task = Cli::parse().into_task();
    let filter = EnvFilter::try_from_env("HUIXIAO_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // A log that cannot be written (a full disk) must not stop the work: told on stderr, that would end in a panic.
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false).with_target(false).init();
    match task {
        Task::Serve(config) => serve(&config).await,
        Task::Verify(task) => tokio::task::spawn_blocking(move || verify(task)).await.unwrap_or_else(|_| ExitCode::from(2)),
        Task::Keep(task) => tokio::task::spawn_blocking(move || keep(task)).await.unwrap_or_else(|_| ExitCode::from(2)),
    }
}

async fn serve(config: &Config) -> ExitCode {
    match start(config).await {
        Ok(running) => {
            // Whoever has read the greeting may ask it to stop.
            let asked = asked_to_stop();
            print!("{}", greeting(&running));
            asked.await;
            running.stop().await;
            ExitCode::SUCCESS
        }
        Err(error) => refuse(&error),
    }
}

/// Backup, restore, copy.
fn keep(task: Keep) -> ExitCode {
    let mut told = |table: &str, rows: u64| {
        // Now and then: a line for every page would hide what matters.
        if rows.is_multiple_of(100_000) {
            eprintln!("  {table}: {rows} rows");
        }
    };
    let done = match task {
        Keep::Backup { file, place } => place.database().map(|from| copy::backup(&from, &file, &mut told)),
        Keep::Restore { file, replace, place } => place.database().map(|to| {
            // If the folder cannot be made, opening the database says so.
            let _ = place.make_folder();
            let target = if replace { Target::Replaced } else { Target::Empty };
            copy::restore(&file, &to, target, &mut told)
        }),
        Keep::Copy { from, to } => location(&from).and_then(|from| Ok((from, location(&to)?))).map(|(from, to)| copy::copy(&from, &to, &mut told)),
    };
    match done {
        Ok(Ok(copied)) => {
            for (table, rows) in copied {
                println!("{rows:>12} {table}");
            }
            ExitCode::SUCCESS
        }
        Ok(Err(error)) => refuse(&error),
        Err(line) => refuse(&line),
    }
}

/// Looks at contracts.
fn verify(task: Verify) -> ExitCode {
    let found = match task {
        Verify::VerifyContract { file, key, place } => evidence::verify_file(&file, key.as_deref(), &place),
        Verify::VerifyContracts { place } => evidence::verify_all(&place),
    };
    match found {
        Ok(Found { report, is_good }) => {
            print!("{report}");
            if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => refuse(&error),
    }
}

fn refuse(reason: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("huixiao: {reason}");
    ExitCode::from(2)
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
