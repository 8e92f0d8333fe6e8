//! Times in milliseconds, and how they are told.

use serde_json::Value;
use tests::harness::{Result, Trouble};

#[derive(Clone, Debug, Default)]
pub(crate) struct Times(Vec<f64>);

impl Times {
    /// Of a list that the page gave.
    pub(crate) fn of(value: &Value) -> Result<Self> {
        let list = value.as_array().ok_or_else(|| Trouble::new(format!("the page gave no times but {value}")))?;
        let mut times = Self::default();
        list.iter().try_for_each(|value| times.add(value))?;
        Ok(times)
    }

    pub(crate) fn add(&mut self, value: &Value) -> Result {
        self.0.push(number(value)?);
        Ok(())
    }

    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn median(&self) -> f64 {
        self.at(0.5)
    }

    pub(crate) fn p95(&self) -> f64 {
        self.at(0.95)
    }

    pub(crate) fn most(&self) -> f64 {
        self.at(1.0)
    }

    fn at(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(((sorted.len().max(1) - 1) as f64 * share).round() as usize).copied().unwrap_or(f64::NAN)
    }
}

pub(crate) fn number(value: &Value) -> Result<f64> {
    value.as_f64().ok_or_else(|| Trouble::new(format!("the page gave no number but {value}")))
}

/// A line: what, median, 95th percentile, the slowest, and a remark.
pub(crate) fn line(what: &str, times: &Times, remark: &str) {
    let shown = format!("  {what:<44} {:>9} {:>9} {:>9}  {remark}", ms(times.median()), ms(times.p95()), ms(times.most()));
    println!("{}", shown.trim_end());
}

pub(crate) fn head(what: &str) {
    println!("\n{what:<46} {:>9} {:>9} {:>9}", "median", "p95", "most");
}

fn ms(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0} ms") } else { format!("{value:.2} ms") }
}
