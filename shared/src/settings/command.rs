//! What may be asked about settings.

use super::{Dictionary, EntryState, Fault, Language, Purpose, Texts};
use crate::invitations::Channel;
use serde::{Deserialize, Serialize};

/// Sets how devices guard what is on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetDevicePolicy {
    /// After how many minutes without a touch a device locks itself.
    pub idle_minutes: u8,
    /// For how many hours without the server a device shows customers.
    pub lease_hours: u16,
}

/// Writes one text to guests, of one channel and in one language, so that two people who write others overwrite nothing of each other's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetTemplate {
    /// What for.
    pub purpose: Purpose,
    /// On which channel; none: on all that have no text of their own.
    pub channel: Option<Channel>,
    /// In which language.
    pub language: Language,
    /// The text; empty for a channel that is to have none of its own any more.
    pub text: String,
}

/// Writes the text that contracts are made from, in one language. What was signed before stays as it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetContractTemplate {
    /// In which language.
    pub language: Language,
    /// The text, with blanks of [`super::template::CONTRACT_VARIABLES`].
    pub text: String,
    /// SHA-256 of the text that was read before it was changed, 64 lower-case hex digits: somebody else's change is not written over unseen.
    pub before: String,
}

/// Adds an entry to a dictionary, or gives one other words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutEntry {
    /// Which dictionary.
    pub dictionary: Dictionary,
    /// The entry's stable code; one that is new adds it at the end.
    pub code: String,
    /// Its words; in one language at least.
    pub texts: Texts,
}

/// Offers an entry no more, or again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetEntryState {
    /// Which dictionary.
    pub dictionary: Dictionary,
    /// Which entry.
    pub code: String,
    /// What it is from now on.
    pub state: EntryState,
}

/// Puts an entry to another place of its dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveEntry {
    /// Which dictionary.
    pub dictionary: Dictionary,
    /// Which entry.
    pub code: String,
    /// Before which other one; none: to the end.
    pub before: Option<String>,
}

/// Adds a wording to those that are marked, or changes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PutWording {
    /// Its stable code.
    pub code: String,
    /// The words.
    pub phrase: String,
    /// What is wrong with them.
    pub fault: Fault,
    /// Why; in one language at least.
    pub why: Texts,
}

/// Marks a wording no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveWording {
    /// Its code.
    pub code: String,
}
