//! Analysis 數據分析: what was sold, by whom, to whom and from where, and how far guests came (clauses I1 to I3).
//!
//! Pure folds over narrow facts: a device runs them over what it holds, a server over everything, with the same result. Each needs memory for its
//! groups and for one customer at a time, however many deals there are.
//!
//! Laws: a deal counts on the day it was signed, on the organisation's clock, and once. Amounts are whole minor units: the shares of a deal's
//! lines add up to its total, and groups to the whole. What was called off counts nowhere.
//!
//! Deliberately absent: what a guest has cost and what came back of it, which expenses (section L) will tell.

mod facts;
mod figures;
mod funnel;
mod ledger;
mod period;
mod reach;
mod sales;
mod standard;
#[cfg(test)]
mod tests;

pub use facts::Facts;
pub use figures::{By, Figures, Filter, Group, Measure, Report, Tally};
pub use funnel::{Funnel, Guests, Person};
pub use ledger::Ledger;
pub use period::{Days, Length, Period};
pub use reach::Reach;
pub use sales::{Buyer, Company, Part, Sale, shares};
#[cfg(test)]
use sales::{Told, buyers};
pub use standard::{Actuals, Against, Answer, Line, Question, ServersAnswer, Standard};
