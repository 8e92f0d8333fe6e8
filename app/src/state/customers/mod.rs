//! Customers as the pages show them: the list, the form, giving them away, and what happened with one of them.

mod form;
mod giving;
mod list;
mod timeline;

pub use form::{ProfileDraft, changes};
pub use giving::{receivers, transfer};
pub use list::{CustomerList, Filter, InUse, Invited, Order, SavedView, Whose};
pub use timeline::{Event, Happening, timeline};
