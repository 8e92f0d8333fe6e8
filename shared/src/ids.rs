//! Identifiers: one newtype per noun around a UUID, made by the caller (version 7, so that they sort by time).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )+};
}

ids! {
    /// A company that uses the system. Nothing crosses from one to another.
    OrgId,
    /// A person who works with the system.
    UserId,
    /// A team of reps with a supervisor.
    TeamId,
    /// A prospect or customer.
    CustomerId,
    /// A thing that happened with a customer, told to the owner; equals the id of the check-in or the deal.
    MilestoneId,
    /// One import of a file; what it did can be undone together.
    ImportId,
    /// A sales meeting.
    MeetingId,
    /// One task before a meeting.
    PreparationId,
    /// One measure of improvement.
    ImprovementId,
    /// One customer invited to one meeting.
    InvitationId,
    /// Somebody expected or arrived at a meeting; equals the invitation's id for an invited guest.
    GuestId,
    /// One scan, search or walk-in at a desk.
    CheckInId,
    /// Two check-ins of one guest; equals the id of the later check-in.
    ConflictId,
    /// A point of an agenda that began or ended.
    AgendaMarkId,
    /// Something noticed of a guest.
    GuestNoteId,
    /// A call for somebody to come.
    HelpCallId,
    /// Something that is sold.
    ProductId,
    /// One thing that may be said for a product.
    SellingPointId,
    /// A promotion.
    PromotionId,
    /// A sale, from interest to delivery.
    DealId,
    /// One payment received.
    PaymentId,
    /// A file that belongs to a record.
    AttachmentId,
    /// Customers given out as a file.
    ExportId,
    /// A command that waits for a person; equals the command's uuid.
    HeldCommandId,
    /// A device (browser installation), as the sync protocol knows it.
    ClientId,
    /// What somebody is to sell in a period.
    TargetId,
    /// A desk at a venue.
    DeskId,
    /// A table or a row of chairs in a meeting's hall.
    TableId,
    /// A seat given to a guest once.
    SeatingId,
    /// A material, gift or piece of equipment of a meeting.
    ItemId,
    /// Once in contact with a customer.
    ContactId,
    /// A complaint of a customer's.
    ComplaintId,
    /// What became of a follow-up task; derived from the task ([`crate::follow_ups::Why::id`]), so that everybody means the same one.
    FollowUpId,
    /// One of an item handed to a guest; its receipt has the same id.
    HandoutId,
}
