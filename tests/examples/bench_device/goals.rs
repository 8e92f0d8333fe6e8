//! What the design promises, beside what was reached.

/// Goals with what was measured.
#[derive(Default)]
pub(crate) struct Goals(Vec<(&'static str, String, String, bool)>);

impl Goals {
    /// So many times as fast as a peer, at least.
    pub(crate) fn times(&mut self, what: &'static str, reached: f64, least: f64) {
        self.0.push((what, format!("{reached:.1} times"), format!("≥ {least} times"), reached >= least));
    }

    /// At most so much of a unit.
    pub(crate) fn most(&mut self, what: &'static str, reached: f64, most: f64, unit: &str) {
        self.0.push((what, format!("{reached:.1} {unit}"), format!("≤ {most} {unit}"), reached <= most));
    }

    pub(crate) fn tell(&self) {
        println!("\n{:<72} {:>14} {:>14}", "goals", "reached", "goal");
        for (what, reached, goal, is_reached) in &self.0 {
            println!("  {what:<70} {reached:>14} {goal:>14}  {}", if *is_reached { "yes" } else { "NO" });
        }
    }
}
