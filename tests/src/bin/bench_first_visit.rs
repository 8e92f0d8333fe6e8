//! What a first visit costs: the bytes that the server sends, compressed as browsers ask for, for everything that the page loads before it
//! can be used without a network, and what the service worker adds for later. Needs a release build: `trunk build --release --offline`.

use std::path::Path;
use std::process::ExitCode;
use tests::harness::places::checkout_folder;

fn main() -> ExitCode {
    match measure(&checkout_folder().join("dist")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("bench_first_visit: {trouble}");
            ExitCode::FAILURE
        }
    }
}

fn measure(dist: &Path) -> std::io::Result<()> {
    let mut files = Vec::new();
    collect(dist, &mut files)?;
    files.sort_by_key(|(_, _, brotli)| std::cmp::Reverse(*brotli));
    let is_for_later = |name: &str| name.contains("scanner") || name.contains("icon-") || name == "sw.js";
    let (mut first, mut later) = (0, 0);
    println!("{:>10} {:>10}  file", "raw", "brotli");
    for (name, raw, brotli) in &files {
        println!("{raw:>10} {brotli:>10}  {name}{}", if is_for_later(name) { " (later)" } else { "" });
        if is_for_later(name) { later += brotli } else { first += brotli }
    }
    println!("first visit: {first} bytes; later, for the venue: {later} bytes; together {}", first + later);
    Ok(())
}

/// Name, bytes, and bytes as sent: the .br sibling where there is one.
fn collect(folder: &Path, files: &mut Vec<(String, u64, u64)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".br") || name.ends_with(".gz") {
            continue;
        }
        let raw = path.metadata()?.len();
        let brotli = path.with_file_name(format!("{name}.br")).metadata().map_or(raw, |metadata| metadata.len());
        files.push((name, raw, brotli));
    }
    Ok(())
}
