//! What happened with one customer.

use crate::state::order::InOrder;
use shared::check_ins::CheckIn;
use shared::customers::Customer;
use shared::deals::{Deal, PaymentMethod};
use shared::ids::{DealId, MeetingId, UserId};
use shared::invitations::{Answer, Channel, Invitation};
use shared::meetings::Guest;
use shared::money::Money;
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::Timestamp;

/// Something that happened with a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Happening,
}

/// What can happen with a customer.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// The record was made.
    Added,
    /// Somebody tried to reach the customer.
    Attempt {
        /// For which meeting.
        meeting: MeetingId,
        /// By whom.
        by: UserId,
        /// How.
        channel: Channel,
        /// With which result.
        answer: Answer,
    },
    /// Came to a meeting.
    Arrived {
        /// Which.
        meeting: MeetingId,
        /// At which desk.
        desk: String,
        /// The check-in was taken back.
        undone: bool,
    },
    /// A deal was opened.
    Deal {
        /// Which.
        deal: DealId,
        /// Over how much.
        total: Money,
    },
    /// Something was paid.
    Paid {
        /// For which deal.
        deal: DealId,
        /// How much.
        amount: Money,
        /// How.
        method: PaymentMethod,
    },
}

/// What happened with a customer, the latest first.
#[must_use]
pub fn timeline(replica: &Replica, customer: &Customer) -> Vec<Event> {
    let mut events = vec![Event { at: customer.created_at, what: Happening::Added }];
    for invitation in replica.nouns::<Invitation>(&Index::InvitationsByCustomer(customer.id)) {
        let meeting = invitation.meeting;
        events.extend(invitation.attempts.iter().map(|attempt| Event {
            at: attempt.at,
            what: Happening::Attempt { meeting, by: attempt.by, channel: attempt.channel, answer: attempt.answer.clone() },
        }));
    }
    for guest in replica.nouns::<Guest>(&Index::GuestsByCustomer(customer.id)) {
        events.extend(replica.nouns::<CheckIn>(&Index::CheckInsByGuest(guest.id)).into_iter().map(|check_in| Event {
            at: check_in.at,
            what: Happening::Arrived { meeting: guest.meeting, desk: check_in.desk.clone(), undone: check_in.undone.is_some() },
        }));
    }
    for deal in replica.nouns::<Deal>(&Index::DealsByCustomer(customer.id)) {
        events.push(Event { at: deal.opened_at, what: Happening::Deal { deal: deal.id, total: deal.total } });
        events.extend(
            deal.payments.iter().map(|paid| Event { at: paid.at, what: Happening::Paid { deal: deal.id, amount: paid.amount, method: paid.method } }),
        );
    }
    events.order_by_key(|event| std::cmp::Reverse(event.at));
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::World;

    #[test]
    fn a_timeline_tells_what_happened_latest_first() {
        let mut world = World::new();
        let (meeting, customer, rep) = (world.meeting, world.customer, world.rep);
        let guest = world.expect_guest(meeting, customer);
        let check_in = world.check_in(meeting, guest);
        world.apply(rep, check_in).expect("on duty");
        let deal = world.open_deal(customer, Some(meeting));
        world.apply(rep, deal).expect("own customer");
        let events = timeline(&world.replica(rep), &world.get::<Customer>(customer));
        let kinds: Vec<_> = events.iter().map(|event| std::mem::discriminant(&event.what)).collect();
        assert_eq!(kinds.len(), 4);
        assert!(matches!(events[0].what, Happening::Deal { .. }) && matches!(events[1].what, Happening::Arrived { undone: false, .. }));
        assert!(matches!(events[3].what, Happening::Added));
    }
}
