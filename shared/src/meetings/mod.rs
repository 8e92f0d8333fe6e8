//! Meetings 會議: theme, place, times, staff (clause C1), and the guest cards that those who work there hold.

pub mod command;
pub mod decide;
pub mod places;
#[cfg(test)]
mod tests;

use crate::customers::{Customer, Profile, Salutation};
use crate::ids::{CustomerId, GuestId, MeetingId, UserId};
use crate::phone::Phone;
use crate::record::{Entity, Index, Scope};
use crate::time::{Timestamp, UtcOffset};
use serde::{Deserialize, Serialize};

/// A sales meeting. Holds no customer data: everybody in the organisation may see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// Identifier.
    pub id: MeetingId,
    /// What was planned.
    pub plan: Plan,
    /// Planned or cancelled.
    pub state: MeetingState,
}

/// What is planned for a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Theme.
    pub theme: String,
    /// Start.
    pub starts_at: Timestamp,
    /// End, after the start.
    pub ends_at: Timestamp,
    /// The clock of the venue: a day counts on it (B4).
    pub utc_offset: UtcOffset,
    /// Venue.
    pub venue: String,
    /// Address of the venue.
    pub address: String,
    /// Places; 1 to 100,000.
    pub capacity: u32,
    /// What happens when.
    pub agenda: Vec<AgendaItem>,
    /// Who works there.
    pub staff: Vec<Staff>,
}

/// One point of the agenda.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgendaItem {
    /// Minutes after the start.
    pub minute: u16,
    /// What.
    pub title: String,
    /// Who speaks; may be empty.
    pub speaker: String,
}

/// Somebody who works at a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// Who.
    pub user: UserId,
    /// As what.
    pub duty: Duty,
}

/// What somebody does at a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// 接待: checks guests in.
    Reception,
    /// 帶位: brings them to their seats.
    Usher,
    /// 成交: closes deals.
    Closer,
    /// 主講: presents.
    Speaker,
}

/// Whether a meeting takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeetingState {
    /// It does.
    Planned,
    /// It does not.
    Cancelled,
}

impl Entity for Meeting {
    fn id(&self) -> MeetingId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Org
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        let mut staff: Vec<_> = self.plan.staff.iter().map(|staff| staff.user).collect();
        staff.sort_unstable();
        staff.dedup();
        out.extend(staff.into_iter().map(Index::MeetingsByStaff));
    }
}

/// A guest card: what those who work at a meeting may know of a guest. The customer's record stays with the owner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// Identifier; equals the invitation's.
    pub id: GuestId,
    /// Which meeting.
    pub meeting: MeetingId,
    /// The customer behind it. Whoever does not hold the customer sees an id only.
    pub customer: CustomerId,
    /// Name.
    pub name: String,
    /// How to address the guest.
    pub salutation: Option<Salutation>,
    /// The phone's last digits, to tell two of one name apart.
    pub phone_masked: String,
    /// Company.
    pub company: String,
    /// Who invited the guest, or received the walk-in.
    pub inviter: UserId,
    /// How the guest came onto the list.
    pub origin: GuestOrigin,
    /// Whether the guest is expected.
    pub standing: Standing,
    /// How many the guest brings along.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub companions: u8,
    /// The same person is on the list as another guest, who stands for both since two customers were merged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<GuestId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_nobody(companions: &u8) -> bool {
    *companions == 0
}

impl Guest {
    /// A new card.
    #[must_use]
    pub fn new(id: GuestId, meeting: MeetingId, customer: &Customer, inviter: UserId, origin: GuestOrigin, standing: Standing) -> Self {
        let (name, phone_masked, company) = (String::new(), String::new(), String::new());
        let empty = Self {
            id,
            meeting,
            customer: customer.id,
            name,
            salutation: None,
            phone_masked,
            company,
            inviter,
            origin,
            standing,
            companions: 0,
            same_as: None,
        };
        empty.showing(&customer.profile)
    }

    /// The card with what it shows of a profile.
    #[must_use]
    pub fn showing(self, profile: &Profile) -> Self {
        Self {
            name: profile.name.clone(),
            salutation: profile.salutation,
            phone_masked: profile.phones.first().map(Phone::masked).unwrap_or_default(),
            company: profile.company.clone(),
            ..self
        }
    }
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guest").field("id", &self.id).field("meeting", &self.meeting).field("standing", &self.standing).finish_non_exhaustive()
    }
}

/// How a guest came onto the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GuestOrigin {
    /// By an invitation.
    Invited,
    /// At the door.
    WalkIn,
}

/// Whether a guest is expected. Having arrived is not a state: it follows from the check-ins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Said yes.
    Agreed,
    /// Said yes again on the day before.
    Confirmed,
    /// Said yes, then no; the ticket does not open the door any more.
    Revoked,
}

impl Entity for Guest {
    fn id(&self) -> GuestId {
        self.id
    }
    fn scope(&self) -> Scope {
        Scope::Meeting(self.meeting)
    }
    fn indexes(&self, out: &mut Vec<Index>) {
        if self.same_as.is_none() {
            out.push(Index::GuestsByMeeting(self.meeting));
        }
        out.push(Index::GuestsByCustomer(self.customer));
    }
}
