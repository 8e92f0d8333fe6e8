//! At the venue: the desk, the scanner, the search, walk-ins, conflicts (clauses D1 to D3).

mod conflicts;
mod door;
mod home;
mod scan;
mod search;
mod verdict;
mod walk_in;

pub use conflicts::ConflictsPage;
pub(crate) use home::DeskName;
pub use home::{DeskPage, VenuePage};
pub use scan::ScanPage;
pub use search::FindGuestPage;
pub use walk_in::WalkInPage;
