//! Deals, contracts and signatures (clauses F1 to F3).

mod after;
mod approval;
mod change;
mod contract;
mod copy;
mod detail;
mod list;
mod new;
mod order;
pub(crate) mod pad;
mod payments;
mod promotion;
mod receipt;
mod sign;
mod slip;

pub use change::{ChangeDealPage, NewVersionPage};
pub use detail::DealPage;
pub(in crate::pages) use list::deal_badge;
pub use list::{DealsPage, NoDealChosen};
pub use new::NewDealPage;
pub use receipt::ReceiptPage;
pub use sign::SignPage;
