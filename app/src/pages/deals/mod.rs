//! Deals, contracts and signatures (clauses F1, F2).

mod approval;
mod change;
mod contract;
mod detail;
mod list;
mod new;
mod order;
pub(crate) mod pad;
mod sign;
mod slip;

pub use change::ChangeDealPage;
pub use detail::DealPage;
pub use list::{DealsPage, NoDealChosen};
pub use new::NewDealPage;
pub use sign::SignPage;
