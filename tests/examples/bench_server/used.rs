//! What a process has used, as Linux counts it.

use super::Result;
use std::time::Duration;

/// Processor time of all its threads.
pub(crate) fn processor(process: Option<u32>) -> Result<Duration> {
    let id = process.ok_or("the process has ended")?;
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name, in brackets, may hold spaces; user and system time are the 12th and 13th field after it.
    let fields = stat.rsplit_once(')').ok_or("no name in stat")?.1.split_whitespace();
    let ticks = fields.skip(11).take(2).map(str::parse::<u64>).sum::<std::result::Result<u64, _>>()?;
    Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

/// The most memory that it has had.
pub(crate) fn most_memory(process: Option<u32>) -> String {
    let status = process.and_then(|id| std::fs::read_to_string(format!("/proc/{id}/status")).ok()).unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kib.map_or_else(|| "memory unknown".into(), |kib| format!("{:.0} MB", kib / 1024.0))
}
