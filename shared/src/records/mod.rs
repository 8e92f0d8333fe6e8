//! Sales records 銷售記錄: what lacks in what is known of a customer or of a deal, and where anything that was ever said is found (clause H1).
//!
//! Laws: nothing of a sales record is stored, it forms itself out of what other nouns tell; what lacks follows from the records and the time alone, and is
//! told only where somebody who holds the record can mend it.

pub mod search;
#[cfg(test)]
mod tests;

use crate::contacts::LoggedContact;
use crate::customers::milestones::{Milestone, What};
use crate::customers::{Contact, Customer};
use crate::deals::{Deal, Payment, PaymentMethod, Stage};
use crate::floor::GuestNote;
use crate::ids::{MeetingId, PaymentId};
use crate::meetings::Guest;
use crate::record::Index;
use crate::settings::Settings;
use crate::sync::replica::Replica;
use crate::time::{Timestamp, UtcOffset};
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// After so many days a sale of which nobody has said that it was handed over is worth a question.
pub const DELIVERY_DAYS: i64 = 14;

/// Something that a record lacks, and why it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lack {
    /// Nobody can call the customer.
    Phone,
    /// Nobody knows where the customer came from: no channel can be credited.
    Source,
    /// Neither needs nor pains are known: nobody knows what to explain.
    Needs,
    /// Came to this meeting, and nobody has noted how they found it, neither there nor since.
    Reaction(MeetingId),
    /// Bought, and nobody has reached the customer since, though the first care is due.
    Contact,
    /// Bought, and nobody has asked since how satisfied the customer is, though the second care is due.
    Satisfaction,
    /// Paid today by transfer or card without a photo of the slip: until the day is over, whoever received it may record it again.
    Slip(PaymentId),
    /// Sold [`DELIVERY_DAYS`] ago, and nobody has said that it was handed over.
    Delivery,
    /// Money that is the customer's was not given back.
    Refund,
}

/// How whole a record is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completeness {
    /// How many questions there are to this record by now.
    pub asked: usize,
    /// Those without an answer, in the order in which they are worth asking.
    pub lacks: Vec<Lack>,
}

impl Completeness {
    /// Whether nothing lacks.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.lacks.is_empty()
    }

    /// How many questions are answered.
    #[must_use]
    pub fn answered(&self) -> usize {
        self.asked.saturating_sub(self.lacks.len())
    }

    fn ask(&mut self, about: Lack, is_answered: bool) {
        self.asked += 1;
        if !is_answered {
            self.lacks.push(about);
        }
    }
}

/// How whole the record of a customer is. Nobody is asked to contact somebody who wants to be contacted by nobody.
#[must_use]
pub fn of_customer(replica: &Replica, customer: &Customer, now: Timestamp) -> Completeness {
    let mut whole = Completeness::default();
    let profile = &customer.profile;
    let may_contact = profile.contact == Contact::Allowed;
    if may_contact {
        whole.ask(Lack::Phone, !profile.phones.is_empty());
    }
    whole.ask(Lack::Source, !profile.source.trim().is_empty());
    whole.ask(Lack::Needs, !profile.needs.trim().is_empty() || !profile.pains.trim().is_empty());

    let (mut came, mut sold) = (BTreeMap::<MeetingId, Timestamp>::new(), Vec::new());
    for milestone in replica.nouns::<Milestone>(&Index::MilestonesByCustomer(customer.id)) {
        match &milestone.what {
            What::Arrived { meeting, undone: false } => {
                let at = came.entry(*meeting).or_insert(milestone.at);
                *at = milestone.at.min(*at);
            }
            What::Deal { stage: Stage::Signed | Stage::Paid, signed_at, .. } => sold.push(signed_at.unwrap_or(milestone.at)),
            What::Arrived { undone: true, .. } | What::Deal { .. } => {}
        }
    }
    let contacts: Vec<_> =
        replica.nouns::<LoggedContact>(&Index::ContactsByCustomer(customer.id)).into_iter().filter(|contact| contact.came.is_reached()).collect();
    for (meeting, at) in came {
        // Whoever bought there, or has talked to somebody since, has told how they found it.
        let is_told = is_noted(replica, customer, meeting) || contacts.iter().any(|contact| contact.at >= at) || sold.iter().any(|sold| *sold >= at);
        whole.ask(Lack::Reaction(meeting), is_told);
    }

    let Some(settings) = replica.all::<Settings>().next() else { return whole };
    let Some(last_sale) = sold.into_iter().max().filter(|_| may_contact) else { return whole };
    let is_due = |days: Option<u16>| days.is_some_and(|days| now - last_sale >= TimeDelta::days(i64::from(days)));
    let mut since = contacts.iter().filter(|contact| contact.at >= last_sale);
    if is_due(settings.follow_ups.first_care) {
        whole.ask(Lack::Contact, since.clone().next().is_some());
    }
    if is_due(settings.follow_ups.second_care) {
        whole.ask(Lack::Satisfaction, since.any(|contact| contact.satisfaction.is_some()));
    }
    whole
}

/// How whole the record of a deal is, on the organisation's clock; without one nobody is asked what can be mended on one day only. What has another version
/// lacks nothing: the version is asked.
#[must_use]
pub fn of_deal(deal: &Deal, clock: Option<UtcOffset>, now: Timestamp) -> Completeness {
    let mut whole = Completeness::default();
    let is_today = |at| clock.is_some_and(|clock| clock.day_of(at) == clock.day_of(now));
    let leaves_a_slip = |payment: &&Payment| payment.method != PaymentMethod::Cash && !matches!(deal.stage, Stage::Cancelled { .. });
    // As long as whoever received it may void it (`may_void`).
    for payment in deal.received().filter(leaves_a_slip).filter(|payment| payment.photo.is_some() || is_today(payment.at)) {
        whole.ask(Lack::Slip(payment.id), payment.photo.is_some());
    }
    if deal.sold_at().is_some_and(|sold| deal.delivered.is_some() || now - sold >= TimeDelta::days(DELIVERY_DAYS)) {
        whole.ask(Lack::Delivery, deal.delivered.is_some());
    }
    if !deal.refunds.is_empty() || deal.to_refund().minor > 0 {
        whole.ask(Lack::Refund, deal.to_refund().minor == 0);
    }
    whole
}

/// Whether anybody has noted something of a customer at a meeting: the owner holds a copy of each note, those on duty the others.
fn is_noted(replica: &Replica, customer: &Customer, meeting: MeetingId) -> bool {
    let is_there = |note: &&std::sync::Arc<GuestNote>| note.meeting == meeting;
    let staffs = |guest: &std::sync::Arc<Guest>| replica.nouns::<GuestNote>(&Index::GuestNotesByGuest(guest.id));
    replica.nouns::<GuestNote>(&Index::GuestNotesByCustomer(customer.id)).iter().any(is_there)
        || replica.nouns::<Guest>(&Index::GuestsByCustomer(customer.id)).into_iter().flat_map(staffs).any(|note| is_there(&note))
}
