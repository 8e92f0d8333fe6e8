//! At the venue: the desk, the scanner, the search, walk-ins, conflicts (clauses D1 to D4), and two tablets that give each other
//! what the other lacks (D9).

mod carry;
mod conflicts;
mod door;
mod floor;
mod for_guest;
mod home;
mod kiosk;
mod kiosk_begin;
mod labels;
mod leaving;
mod notes;
mod ready;
mod scan;
mod search;
mod verdict;
mod viewfinder;
mod walk_in;

pub use carry::{GivePage, TakePage};
pub use conflicts::ConflictsPage;
pub use floor::FloorPage;
pub(crate) use floor::{HelpWatch, need_words};
pub(crate) use home::DeskName;
pub use home::{DeskPage, VenuePage};
pub(crate) use kiosk::{KioskLocked, KioskPage};
pub use kiosk_begin::KioskBeginPage;
pub use labels::LabelsPage;
pub use leaving::LeavingPage;
pub(crate) use leaving::memory as leavings;
pub(crate) use notes::VenueNotes;
pub(in crate::pages) use notes::chip_words;
pub use ready::ReadyPage;
pub(crate) use ready::memory as checks;
pub use scan::ScanPage;
pub use search::FindGuestPage;
pub use walk_in::WalkInPage;
