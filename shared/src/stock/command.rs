//! What may be asked about stock.

use super::{ItemPlan, ItemStanding};
use crate::deals::Stroke;
use crate::ids::{DeskId, GuestId, HandoutId, ItemId, MeetingId};
use serde::{Deserialize, Serialize};

/// Plans an item for a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanItem {
    /// Identifier, made by the caller.
    pub item: ItemId,
    /// For which meeting.
    pub meeting: MeetingId,
    /// What is planned.
    pub plan: ItemPlan,
}

/// Changes what is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditItem {
    /// Which.
    pub item: ItemId,
    /// The whole new plan.
    pub plan: ItemPlan,
    /// Whether it is still part of the meeting.
    pub standing: ItemStanding,
}

/// Gives a desk its share of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllotItem {
    /// What.
    pub item: ItemId,
    /// To which desk.
    pub desk: DeskId,
    /// How many it has from now on, those that it has handed out included.
    pub quantity: u32,
}

/// Some of an item have arrived. A field fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountArrival {
    /// What.
    pub item: ItemId,
    /// How many more; below zero, a count that was too high is mended.
    pub quantity: i32,
}

/// Some of an item went back after the meeting. A field fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountReturn {
    /// What.
    pub item: ItemId,
    /// How many more; below zero, a count that was too high is mended.
    pub quantity: i32,
}

/// Hands one of an item to a guest. A field fact: the guest has it in hand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOut {
    /// Identifier of the handout, made by the caller.
    pub handout: HandoutId,
    /// What.
    pub item: ItemId,
    /// To whom.
    pub guest: GuestId,
    /// From which desk's share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desk: Option<DeskId>,
    /// What the desk is called.
    pub desk_name: String,
    /// The guest's signature as drawn, where the item asks for one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strokes: Vec<Stroke>,
}

impl std::fmt::Debug for HandOut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HandOut").field("handout", &self.handout).field("item", &self.item).finish_non_exhaustive()
    }
}

/// Takes a handout back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoHandOut {
    /// Which.
    pub handout: HandoutId,
    /// Why.
    pub reason: String,
}
