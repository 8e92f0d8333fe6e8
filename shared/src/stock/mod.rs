//! Stock 物資 (clauses C3, D4): materials, gifts and equipment of a meeting, each desk's share, and what was handed to which guest.
//!
//! Law: what was handed out is kept and never refused for want of stock. What is left is counted ([`count`]); more handed out or promised than there
//! is shows up as a shortage, with the guests whom it concerns.

pub mod command;
pub mod count;
pub mod decide;
#[cfg(test)]
mod tests;

use crate::deals::Stroke;
use crate::ids::{ClientId, DeskId, GuestId, HandoutId, ItemId, MeetingId, UserId};
use crate::record::{Entity, Index, Scope};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Something that a meeting needs. Holds no customer data: who prepares it need not know the guests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Identifier.
    pub id: ItemId,
    /// For which meeting.
    pub meeting: MeetingId,
    /// What was planned.
    pub plan: ItemPlan,
    /// Whether it is still part of the meeting.
    pub standing: ItemStanding,
    /// How many have arrived.
    pub arrived: u32,
    /// How many went back afterwards.
    pub returned: u32,
    /// Each desk's share.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Share>,
}

/// What is planned of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemPlan {
    /// What it is.
    pub name: String,
    /// Of what sort.
    pub sort: Sort,
    /// How many are needed.
    pub planned: u32,
    /// A desk is warned when so many or fewer are left of its share.
    pub low_at: u32,
    /// Who gets one.
    pub due: Due,
    /// What a guest gives for it.
    pub receipt: Receipt,
}

/// Of what sort an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// 資料: handbooks, folders, pens.
    Material,
    /// 禮品: gifts.
    Gift,
    /// 設備: projectors, microphones.
    Equipment,
}

/// Who gets one of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// Every guest, once.
    EveryGuest,
    /// Whoever is to have it, once.
    SomeGuests,
    /// No guest.
    Nobody,
}

/// What a guest gives for an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// Nothing.
    None,
    /// A signature.
    Signature,
}

/// Whether an item is part of a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemStanding {
    /// It is.
    InUse,
    /// It is not any more.
    Withdrawn,
}

/// What a desk may hand out by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Which desk.
    pub desk: DeskId,
    /// How many.
    pub quantity: u32,
}

/// One of an item handed to a guest. Never changed but by an undo, which stays visible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handout {
    /// Identifier.
    pub id: HandoutId,
    /// Where.
    pub meeting: MeetingId,
    /// What.
    pub item: ItemId,
    /// To whom.
    pub guest: GuestId,
    /// From which desk's share; none if it was not of a desk's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<DeskId>,
    /// What the desk was called.
    pub desk_name: String,
    /// When, on the desk's clock.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
    /// On which device.
    pub device: ClientId,
    /// What the guest gave for it; a signature is a record of its own ([`HandoutReceipt`]).
    pub receipt: Receipt,
    /// Taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undone: Option<TakenBack>,
}

/// A handout taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenBack {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: UserId,
    /// Why.
    pub reason: String,
}

/// The signature of a guest who got something. Who is on duty knows that there is one; the drawing stays with whoever handed it out, and above.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoutReceipt {
    /// For which handout.
    pub handout: HandoutId,
    /// Who held the device.
    pub by: UserId,
    /// When, on the device's clock.
    pub at: Timestamp,
    /// The signature as drawn.
    pub strokes: Vec<Stroke>,
}

impl std::fmt::Debug for HandoutReceipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HandoutReceipt").field("handout", &self.handout).finish_non_exhaustive()
    }
}

impl Entity for Item {
    fn id(&self) -> ItemId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Org
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::ItemsByMeeting(self.meeting));
    }
}

impl Entity for Handout {
    fn id(&self) -> HandoutId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Meeting(self.meeting)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        out.push(Index::HandoutsByMeeting(self.meeting));
        out.push(Index::HandoutsByGuest(self.guest));
    }
}

impl Entity for HandoutReceipt {
    fn id(&self) -> HandoutId {
        self.handout
    }
    fn scope(&self) -> Scope {
        Scope::Person(self.by)
    }
    fn indexes(&self, _: &mut Vec<Index>) {}
}
