//! Places of a meeting and the line of those who wait for one (clause B8).
//!
//! Laws: a place is promised by the server's ruling alone, in the order in which rulings are made; a yes that finds no place is kept, in line;
//! a place that comes free is held for the first in line whose whole party fits it, until they have answered. Walk-ins are not counted: they
//! were promised nothing.

use super::{Guest, GuestOrigin, Meeting, Standing};
use crate::decide::prelude::*;
use crate::ids::{InvitationId, MeetingId};
use crate::record::{Entity, Index, Scope};
use serde::{Deserialize, Serialize};

/// Most companions that one guest brings.
pub const MOST_COMPANIONS: u8 = 9;
/// Most invitations that wait in line for one meeting: every device of the organisation holds the line.
pub const MOST_WAITING: usize = 500;

/// How many places of a meeting are taken, and who waits. Tells of invitations by their ids alone: everybody in the organisation may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Places {
    /// Which meeting.
    pub meeting: MeetingId,
    /// Places promised to guests and their companions.
    pub taken: u32,
    /// Who waits, the first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub line: Vec<InLine>,
}

/// One invitation in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InLine {
    /// Whose yes it was.
    pub invitation: InvitationId,
    /// How many places are needed: the guest and the companions.
    pub party: u32,
    /// A place is held for them and should be offered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub offered: bool,
}

/// What became of a yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seated {
    /// A place is theirs.
    Placed,
    /// They wait in line.
    Waits,
}

impl Places {
    /// A meeting for which nobody has been promised a place.
    #[must_use]
    pub const fn none_taken(meeting: MeetingId) -> Self {
        Self { meeting, taken: 0, line: Vec::new() }
    }

    /// Places held for those to whom one is offered.
    #[must_use]
    pub fn held(&self) -> u32 {
        self.line.iter().filter(|entry| entry.offered).fold(0, |sum, entry| sum.saturating_add(entry.party))
    }

    /// People in line to whom no place is offered yet.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.line.iter().filter(|entry| !entry.offered).fold(0, |sum, entry| sum.saturating_add(entry.party))
    }

    /// Places that can be given out at once.
    #[must_use]
    pub fn free(&self, capacity: u32) -> u32 {
        capacity.saturating_sub(self.taken).saturating_sub(self.held())
    }

    /// Where an invitation stands in line; the first one is 1.
    #[must_use]
    pub fn position(&self, invitation: InvitationId) -> Option<usize> {
        self.line.iter().position(|entry| entry.invitation == invitation).map(|at| at + 1)
    }

    /// Whether a place is held for an invitation.
    #[must_use]
    pub fn is_offered(&self, invitation: InvitationId) -> bool {
        self.line.iter().any(|entry| entry.invitation == invitation && entry.offered)
    }

    /// What is stored, or in a meeting of before there were lines what the guest cards say.
    pub(crate) fn of<V: View + ?Sized>(view: &V, meeting: MeetingId) -> Result<Self, Stop> {
        if let Some(stored) = view.get::<Self>(meeting)? {
            return Ok((*stored).clone());
        }
        let expected = |guest: &Guest| guest.origin == GuestOrigin::Invited && guest.standing != Standing::Revoked;
        let guests = view.list::<Guest>(&Index::GuestsByMeeting(meeting))?;
        let taken = guests.iter().filter(|guest| expected(guest)).fold(0_u32, |sum, guest| sum.saturating_add(party(guest.companions)));
        Ok(Self { taken, ..Self::none_taken(meeting) })
    }

    /// Somebody says yes who has no place: gives one, or a place in line. Whoever is in line stays where they are until a place is theirs.
    pub(crate) fn seat(&mut self, invitation: InvitationId, companions: u8, capacity: u32) -> Result<Seated, Rejection> {
        let known = self.line.iter().find(|entry| entry.invitation == invitation).copied();
        let fits = known.map_or_else(|| party(companions) <= self.free(capacity), |entry| entry.offered);
        if fits {
            self.line.retain(|entry| entry.invitation != invitation);
            self.taken = self.taken.saturating_add(party(companions));
            return Ok(Seated::Placed);
        }
        if known.is_none() {
            length(Field::Capacity, self.line.len() + 1, 0, MOST_WAITING as i64)?;
            self.line.push(InLine { invitation, party: party(companions), offered: false });
        }
        Ok(Seated::Waits)
    }

    /// Somebody is here, and has a place whether or not there was one.
    pub(crate) fn take(&mut self, invitation: InvitationId, companions: u8, capacity: u32) {
        self.taken = self.taken.saturating_add(party(companions));
        self.leave(invitation, capacity);
    }

    /// Somebody who had a place does not come.
    pub(crate) fn release(&mut self, companions: u8, capacity: u32) {
        self.taken = self.taken.saturating_sub(party(companions));
        self.offer(capacity);
    }

    /// Somebody does not wait any longer.
    pub(crate) fn leave(&mut self, invitation: InvitationId, capacity: u32) {
        self.line.retain(|entry| entry.invitation != invitation);
        self.offer(capacity);
    }

    /// Somebody who has a place, or waits for one, comes with more or fewer.
    pub(crate) fn resize(&mut self, invitation: InvitationId, before: u8, after: u8, capacity: u32) -> Result<(), Rejection> {
        let (before, after) = (party(before), party(after));
        let free = self.free(capacity);
        match self.line.iter_mut().find(|entry| entry.invitation == invitation) {
            Some(entry) => {
                entry.offered &= after <= before.saturating_add(free);
                entry.party = after;
            }
            None if after > before.saturating_add(free) => return Err(Rejection::NotEnoughPlaces { left: free }),
            None => self.taken = self.taken.saturating_sub(before).saturating_add(after),
        }
        self.offer(capacity);
        Ok(())
    }

    /// Holds what is free for the first in line whose party fits, and so on. A large party that does not fit yet keeps its place in line.
    pub(crate) fn offer(&mut self, capacity: u32) {
        let mut free = self.free(capacity);
        for entry in self.line.iter_mut().filter(|entry| !entry.offered) {
            if entry.party <= free {
                entry.offered = true;
                free -= entry.party;
            }
        }
    }

    /// The change of these places, if there is any.
    pub(crate) fn patch<V: View + ?Sized>(self, view: &V) -> Result<Option<crate::decide::Patch>, Stop> {
        let stored = view.get::<Self>(self.meeting)?;
        Ok((stored.as_deref() != Some(&self)).then(|| crate::decide::Patch::put(self)))
    }
}

/// What a change of a meeting's capacity offers to those in line.
pub(crate) fn offered_by_plan<V: View + ?Sized>(view: &V, meeting: &Meeting) -> Result<Option<crate::decide::Patch>, Stop> {
    let Some(stored) = view.get::<Places>(meeting.id)? else { return Ok(None) };
    let mut places = (*stored).clone();
    places.offer(meeting.plan.capacity);
    places.patch(view)
}

/// A guest and the companions.
#[must_use]
pub const fn party(companions: u8) -> u32 {
    1 + companions as u32
}

impl Entity for Places {
    fn id(&self) -> MeetingId {
        self.meeting
    }
    fn scope(&self) -> Scope {
        Scope::Org
    }
    fn indexes(&self, _: &mut Vec<Index>) {}
}
