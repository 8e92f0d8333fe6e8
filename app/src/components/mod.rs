//! The pieces that pages are made of. They look and behave alike everywhere and know nothing of the domain.
//!
//! Laws: a text is a [`leptos::text_prop::TextProp`], so that it follows the language; what an action does is a `Callback`;
//! a `test_id` lands on the element that a person touches.

mod banner;
mod button;
mod chart;
mod dialog;
mod empty_state;
mod field;
mod icon;
mod inputs;
mod list;
mod photo;
mod progress;
mod qr;
mod search_field;
mod split_view;
pub mod toast;
mod virtual_list;

pub use banner::{Badge, Banner, Mood};
pub use button::{Button, LinkButton, Look};
pub use chart::{Bar, BarChart, LineChart, Stop};
pub use dialog::Sheet;
pub use empty_state::EmptyState;
pub use field::Field;
pub use icon::{Glyph, Icon};
pub use inputs::{Chips, ChipsMany, Choice, DateTimeField, MoneyField, Select, Switch, TelField, TextArea, TextField};
pub use list::{List, ListRow};
pub use photo::{Photo, PhotoField};
pub use progress::Progress;
pub use qr::Qr;
pub(crate) use qr::modules;
pub use search_field::SearchField;
pub use split_view::{PageHead, SplitView};
pub use virtual_list::VirtualList;
