//! Customers as the pages show them: the list, the form, giving them away, and what happened with one of them.

mod form;
mod giving;
mod list;
mod merging;
mod pool;
mod timeline;

pub use form::{Clock, ProfileDraft, changes, local};
pub use giving::{in_turn, receivers, transfer};
pub use list::{CustomerList, Filter, InUse, Invited, Order, SavedView, Whose};
pub use merging::{Comparison, Side, compare, living, merged_into, same_phone};
pub use pool::{PoolFilter, pool};
pub use timeline::{Event, Happening, timeline};
