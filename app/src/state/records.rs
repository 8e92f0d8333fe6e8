//! The list of sales records, and one record as its page shows it (clause H1).

use crate::state::customers::timeline;
use crate::state::order::InOrder;
use crate::state::venue::settings;
use shared::complaints::Complaint;
use shared::contacts::LoggedContact;
use shared::customers::milestones::{Milestone, What};
use shared::customers::{Contact, Customer, Salutation};
use shared::deals::{Deal, Stage};
use shared::floor::{Chip, GuestNote};
use shared::ids::{CustomerId, DealId, MeetingId, UserId};
use shared::invitations::{Answer, Channel, Invitation};
use shared::meetings::{Meeting, MeetingState};
use shared::money::Money;
use shared::record::Index;
use shared::records::{Completeness, of_customer, of_deal};
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a record is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Of {
    /// A customer.
    Customer(CustomerId),
    /// A deal.
    Deal(DealId),
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Customers.
    Customers,
    /// Deals.
    Deals,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing is sold yet.
    Open,
    /// Something was sold.
    Sold,
    /// It was called off or replaced; the customer is to be contacted by nobody.
    Ended,
}

/// In which order records stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Those that lack the most first, then the latest.
    #[default]
    Lacking,
    /// Where something happened last first.
    Latest,
}

/// Which records are shown; none: all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Customers or deals.
    pub sort: Option<Sort>,
    /// Where they stand.
    pub state: Option<State>,
    /// Something happened within so many days.
    pub days: Option<i64>,
    /// In which order.
    pub order: Order,
}

/// One record in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Of what.
    pub of: Of,
    /// The customer's name, or the buyer's.
    pub name: String,
    /// How to address them.
    pub salutation: Option<Salutation>,
    /// When something happened last.
    pub at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// What lacks.
    pub whole: Completeness,
}

/// A record of everything that this device holds.
#[must_use]
pub fn lines(replica: &Replica, now: Timestamp) -> Vec<Line> {
    let customers = replica.all::<Customer>().map(|customer| Line {
        of: Of::Customer(customer.id),
        name: customer.profile.name.clone(),
        salutation: customer.profile.salutation,
        at: latest(replica, customer),
        state: state_of(replica, customer),
        whole: of_customer(replica, customer, now),
    });
    let clock = settings(replica).map(|settings| settings.utc_offset);
    let deals = replica.all::<Deal>().map(|deal| Line {
        of: Of::Deal(deal.id),
        name: deal.buyer.clone(),
        salutation: None,
        at: happened(deal),
        state: match deal.stage {
            Stage::Quoted => State::Open,
            Stage::Signed | Stage::Paid => State::Sold,
            Stage::Cancelled { .. } | Stage::Replaced { .. } => State::Ended,
        },
        whole: of_deal(deal, clock, now),
    });
    customers.chain(deals).collect()
}

/// Those that a filter takes, in its order.
#[must_use]
pub fn shown(lines: &[Line], filter: Filter, now: Timestamp) -> Vec<Line> {
    let takes = |line: &&Line| {
        let sort = match line.of {
            Of::Customer(_) => Sort::Customers,
            Of::Deal(_) => Sort::Deals,
        };
        filter.sort.is_none_or(|wanted| wanted == sort)
            && filter.state.is_none_or(|state| state == line.state)
            // What lies ahead of a clock that was set back is not long ago.
            && filter.days.is_none_or(|days| now - line.at <= chrono::TimeDelta::days(days))
    };
    let mut shown: Vec<_> = lines.iter().filter(takes).cloned().collect();
    let lacking = |line: &Line| if filter.order == Order::Lacking { line.whole.lacks.len() } else { 0 };
    shown.order_by_key(|line| (Reverse(lacking(line)), Reverse(line.at), line.of));
    shown
}

fn state_of(replica: &Replica, customer: &Customer) -> State {
    let is_sale = |milestone: &&Arc<Milestone>| matches!(milestone.what, What::Deal { stage: Stage::Signed | Stage::Paid, .. });
    if customer.profile.contact == Contact::Refused {
        State::Ended
    } else if replica.nouns::<Milestone>(&Index::MilestonesByCustomer(customer.id)).iter().any(is_sale) {
        State::Sold
    } else {
        State::Open
    }
}

/// When something happened last with a customer: what the timeline tells, and how far their deals are.
fn latest(replica: &Replica, customer: &Customer) -> Timestamp {
    let told = timeline(replica, customer).first().map(|latest| latest.at);
    let milestones = replica.nouns::<Milestone>(&Index::MilestonesByCustomer(customer.id)).into_iter();
    let signed = milestones.filter_map(|milestone| if let What::Deal { signed_at, .. } = &milestone.what { *signed_at } else { None });
    let deals = replica.nouns::<Deal>(&Index::DealsByCustomer(customer.id)).into_iter().map(|deal| happened(deal));
    told.into_iter().chain(signed).chain(deals).fold(customer.changed_at, Timestamp::max)
}

/// When something happened last with a deal.
fn happened(deal: &Deal) -> Timestamp {
    let payments = deal.payments.iter().map(|payment| payment.at);
    let rest = deal.refunds.iter().map(|refund| refund.at).chain(deal.signed_at).chain(deal.delivered.iter().map(|delivered| delivered.at));
    payments.chain(rest).fold(deal.opened_at, Timestamp::max)
}

/// What is told of one customer beside what happened in its order: each thing in its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// What lacks.
    pub whole: Completeness,
    /// The meetings to which the customer was invited or came, the latest first.
    pub meetings: Vec<Attended>,
    /// The deals, the latest first.
    pub deals: Vec<Sale>,
    /// How often somebody was in contact after that, and when last.
    pub contacts: (usize, Option<Timestamp>),
    /// How satisfied the customer said to be, the latest first.
    pub satisfaction: Vec<u8>,
    /// What the customer complained of, the latest first.
    pub complaints: Vec<Arc<Complaint>>,
}

/// One meeting, as it was for one customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Attended {
    /// Which.
    pub meeting: MeetingId,
    /// Who invited, how, and what the answer is; none where the customer came without.
    pub invited: Option<(UserId, Channel, Answer)>,
    /// When the customer came.
    pub came: Option<Timestamp>,
    /// The meeting was held, it is over, the customer was expected, and did not come.
    pub missed: bool,
    /// What was noticed there.
    pub reactions: Vec<Chip>,
    /// What was asked or noticed, in words.
    pub said: Vec<String>,
}

/// One deal of a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Sale {
    /// Which.
    pub deal: DealId,
    /// The contract's number; none where a colleague holds the deal.
    pub number: Option<String>,
    /// How far it is.
    pub stage: Stage,
    /// Over how much.
    pub total: Money,
    /// What was paid and not given back.
    pub paid: Money,
    /// When it was handed over.
    pub delivered: Option<Timestamp>,
    /// When it was opened.
    pub at: Timestamp,
}

/// The record of a customer, formed out of everything that this device holds.
#[must_use]
pub fn record(replica: &Replica, customer: &Customer, now: Timestamp) -> Record {
    let id = customer.id;
    let contacts = replica.nouns::<LoggedContact>(&Index::ContactsByCustomer(id));
    let mut scores: Vec<_> = contacts.iter().filter_map(|contact| contact.satisfaction.map(|score| (contact.at, score))).collect();
    scores.order_by_key(|(at, _)| Reverse(*at));
    let mut complaints: Vec<_> = replica.nouns::<Complaint>(&Index::ComplaintsByCustomer(id)).into_iter().cloned().collect();
    complaints.order_by_key(|complaint| (Reverse(complaint.reported_at), complaint.id));
    Record {
        whole: of_customer(replica, customer, now),
        meetings: meetings(replica, id, now),
        deals: sales(replica, id),
        contacts: (contacts.len(), contacts.iter().map(|contact| contact.at).max()),
        satisfaction: scores.into_iter().map(|(_, score)| score).collect(),
        complaints,
    }
}

fn meetings(replica: &Replica, customer: CustomerId, now: Timestamp) -> Vec<Attended> {
    let mut all = BTreeMap::<MeetingId, Attended>::new();
    let of = |meeting| Attended { meeting, invited: None, came: None, missed: false, reactions: Vec::new(), said: Vec::new() };
    let held = |meeting| replica.noun::<Meeting>(meeting);
    let was_held = |meeting| held(meeting).is_some_and(|meeting| meeting.state == MeetingState::Planned && meeting.plan.ends_at <= now);
    for invitation in replica.nouns::<Invitation>(&Index::InvitationsByCustomer(customer)) {
        let attended = all.entry(invitation.meeting).or_insert_with(|| of(invitation.meeting));
        attended.said.extend(invitation.questions.iter().filter(|question| !question.is_empty()).cloned());
        if invitation.same_as.is_none() {
            attended.invited = Some((invitation.rep, invitation.channel, invitation.answer.clone()));
            attended.missed = invitation.comes() && was_held(invitation.meeting);
        }
    }
    for milestone in replica.nouns::<Milestone>(&Index::MilestonesByCustomer(customer)) {
        if let What::Arrived { meeting, undone: false } = milestone.what {
            let attended = all.entry(meeting).or_insert_with(|| of(meeting));
            attended.came = Some(attended.came.map_or(milestone.at, |before| before.min(milestone.at)));
            attended.missed = false;
        }
    }
    let mut notes: Vec<_> = replica.nouns::<GuestNote>(&Index::GuestNotesByCustomer(customer));
    notes.order_by_key(|note| (note.at, note.id));
    for note in notes {
        let attended = all.entry(note.meeting).or_insert_with(|| of(note.meeting));
        attended.reactions.push(note.chip);
        attended.said.extend(Some(&note.words).filter(|words| !words.is_empty()).cloned());
    }
    let starts = |meeting| held(meeting).map(|meeting| meeting.plan.starts_at);
    let mut all: Vec<_> = all.into_values().collect();
    all.order_by_key(|attended| (Reverse(starts(attended.meeting)), attended.meeting));
    all
}

fn sales(replica: &Replica, customer: CustomerId) -> Vec<Sale> {
    let mut all = BTreeMap::<DealId, Sale>::new();
    for milestone in replica.nouns::<Milestone>(&Index::MilestonesByCustomer(customer)) {
        if let What::Deal { total, stage, payments, refunded, .. } = &milestone.what {
            let (deal, total) = (DealId(milestone.id.0), *total);
            let received = payments.iter().fold(0_i64, |sum, paid| sum.saturating_add(paid.amount.minor));
            let paid = Money { minor: received.saturating_sub(refunded.map_or(0, |refunded| refunded.minor)), ..total };
            all.insert(deal, Sale { deal, number: None, stage: stage.clone(), total, paid, delivered: None, at: milestone.at });
        }
    }
    let clock = settings(replica).map(|settings| settings.utc_offset);
    for deal in replica.nouns::<Deal>(&Index::DealsByCustomer(customer)) {
        let (number, delivered) = (clock.map(|clock| deal.number(clock)), deal.delivered.as_ref().map(|delivered| delivered.at));
        let (stage, total, paid) = (deal.stage.clone(), deal.total, deal.paid());
        all.insert(deal.id, Sale { deal: deal.id, number, stage, total, paid, delivered, at: deal.opened_at });
    }
    let mut all: Vec<_> = all.into_values().collect();
    all.order_by_key(|sale| (Reverse(sale.at), sale.deal));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::world::World;
    use shared::contacts::command::LogContact;
    use shared::contacts::{Came, Way};
    use shared::deals::PaymentMethod;
    use shared::deals::command::{AskCancellation, CancelDeal, ConfirmDelivery, RecordPayment, RecordRefund, RuleCancellation};
    use shared::floor::command::NoteGuest;
    use shared::invitations::Confirmation;
    use shared::invitations::command::RecordAnswer;
    use shared::records::Lack;

    fn listed(world: &World, filter: Filter, days: i64) -> Vec<Of> {
        let now = world.now + chrono::TimeDelta::days(days);
        shown(&lines(&world.replica(world.rep), now), filter, now).into_iter().map(|line| line.of).collect()
    }

    /// The rep's customer, to whom something was sold, and another one of whom everything is known.
    fn two() -> (World, Of, Of, Of) {
        let mut world = World::new();
        let known = world.add_customer(world.rep, "周美玲");
        let mut profile = (*world.get::<Customer>(known)).clone();
        (profile.profile.source, profile.profile.needs) = ("friend".into(), "睡得好".into());
        world.put(profile);
        world.now += chrono::TimeDelta::minutes(1);
        let deal = world.open_deal(world.customer, None);
        world.apply(world.rep, deal.clone()).expect("theirs");
        world.apply(world.rep, world.sign(deal.deal)).expect("quoted");
        let lacking = Of::Customer(world.customer);
        (world, lacking, Of::Customer(known), Of::Deal(deal.deal))
    }

    #[test]
    fn h1_records_stand_by_what_lacks_or_by_what_happened_last() {
        let (mut world, lacking, known, deal) = two();
        assert_eq!(listed(&world, Filter::default(), 0), [lacking, deal, known]);
        let added = world.add_customer(world.rep, "李四");
        let mut edited = (*world.get::<Customer>(added)).clone();
        (edited.profile.source, edited.profile.needs) = ("friend".into(), "睡得好".into());
        let fourth = Of::Customer(edited.id);
        world.put(edited);
        let latest = Filter { order: Order::Latest, ..Filter::default() };
        assert_eq!(listed(&world, latest, 0), [fourth, lacking, deal, known]);
        assert_eq!(listed(&world, Filter::default(), 0), [lacking, fourth, deal, known]);
    }

    #[test]
    fn h1_records_are_filtered_by_kind_state_and_period_and_an_empty_period_is_empty() {
        let (mut world, lacking, known, deal) = two();
        let listed_by = |world: &World, change: fn(&mut Filter)| {
            let mut filter = Filter::default();
            change(&mut filter);
            listed(world, filter, 0)
        };
        assert_eq!(listed_by(&world, |filter| filter.sort = Some(Sort::Deals)), [deal]);
        assert_eq!(listed_by(&world, |filter| filter.sort = Some(Sort::Customers)), [lacking, known]);
        assert_eq!(listed_by(&world, |filter| filter.state = Some(State::Sold)), [lacking, deal]);
        assert_eq!(listed_by(&world, |filter| filter.state = Some(State::Open)), [known]);
        assert_eq!(listed_by(&world, |filter| filter.state = Some(State::Ended)), []);
        let month = Filter { days: Some(30), ..Filter::default() };
        assert_eq!((listed(&world, month, 29).len(), listed(&world, month, 31)), (3, vec![]));
        assert_eq!(listed(&world, month, -400).len(), 3, "a clock set back hides nothing");
        let mut refused = (*world.get::<Customer>(world.customer)).clone();
        refused.profile.contact = Contact::Refused;
        world.put(refused);
        assert_eq!(listed_by(&world, |filter| filter.state = Some(State::Ended)), [lacking], "nobody works on it any more");
    }

    #[test]
    fn h1_a_record_forms_itself_out_of_what_is_there() {
        let mut world = World::new();
        let (rep, customer, meeting) = (world.rep, world.customer, world.meeting);
        let guest = world.expect_guest(meeting, customer);
        let invitation = shared::ids::InvitationId(guest.0);
        let answer = RecordAnswer { invitation, channel: Channel::Phone, answer: Answer::Agreed, questions: vec!["可以分期嗎".into()] };
        world.apply(rep, answer).expect("theirs");
        let check_in = world.check_in(meeting, guest);
        let came = world.now;
        world.apply(rep, check_in).expect("on duty");
        let note = NoteGuest { note: world.id(), owners_note: world.id(), meeting, guest, chip: Chip::Keen, words: "問了保固".into() };
        world.apply(world.colleague, note).expect("on duty");
        let open = world.open_deal(customer, Some(meeting));
        let (deal, opened) = (open.deal, world.now);
        world.apply(rep, open).expect("theirs");
        world.apply(rep, world.sign(deal)).expect("quoted");
        let amount = Money { minor: 100_000, ..world.get::<Deal>(deal).total };
        let payment = RecordPayment { deal, payment: world.id(), amount, method: PaymentMethod::Card, photo: None };
        world.apply(rep, payment).expect("below the total");
        let delivered = world.now;
        world.apply(rep, ConfirmDelivery { deal }).expect("sold");
        let mut logged = None;
        for satisfaction in [None, Some(3), Some(5)] {
            logged = Some(world.now);
            let contact = world.id();
            let log = LogContact {
                contact,
                customer,
                at: None,
                way: Way::Call,
                came: Came::Spoke,
                words: String::new(),
                next: None,
                satisfaction,
                task: None,
            };
            world.apply(rep, log).expect("theirs");
        }
        let told = record(&world.replica(rep), &world.get::<Customer>(customer), world.now);
        assert_eq!(told.whole.lacks, [Lack::Source, Lack::Needs]);
        let said = vec!["可以分期嗎".to_owned(), "問了保固".to_owned()];
        let invited = Some((rep, Channel::Phone, Answer::Agreed));
        assert_eq!(told.meetings, [Attended { meeting, invited, came: Some(came), missed: false, reactions: vec![Chip::Keen], said }]);
        let number = Some(world.get::<Deal>(deal).number(shared::time::UtcOffset::EAST_8));
        let total = world.get::<Deal>(deal).total;
        let sale = Sale { deal, number, stage: Stage::Signed, total, paid: amount, delivered: Some(delivered), at: opened };
        assert_eq!(told.deals, [sale]);
        assert_eq!((told.contacts, told.satisfaction, told.complaints), ((3, logged), vec![5, 3], vec![]));
    }

    #[test]
    fn h1_a_deal_that_a_colleague_holds_stands_in_the_record_without_its_number() {
        let mut world = World::new();
        let (customer, meeting, colleague) = (world.customer, world.meeting, world.colleague);
        world.expect_guest(meeting, customer);
        let open = world.open_deal(customer, Some(meeting));
        world.apply(colleague, open.clone()).expect("a guest there");
        let told = |world: &World| record(&world.replica(world.rep), &world.get::<Customer>(customer), world.now).deals;
        assert_eq!(
            told(&world).iter().map(|sale| (sale.deal, sale.number.clone(), sale.stage.clone())).collect::<Vec<_>>(),
            [(open.deal, None, Stage::Quoted)]
        );
        world.apply(colleague, CancelDeal { deal: open.deal, reason: "改期".into() }).expect("own deal");
        assert!(matches!(told(&world)[0].stage, Stage::Cancelled { .. }));
    }

    #[test]
    fn h1_only_who_was_expected_at_a_meeting_that_was_held_and_is_over_did_not_come() {
        let mut world = World::new();
        let (rep, customer, meeting) = (world.rep, world.customer, world.meeting);
        let invitation = shared::ids::InvitationId(world.expect_guest(meeting, customer).0);
        let plan = world.get::<Meeting>(meeting).plan.clone();
        let missed = |world: &World, now| {
            let told = record(&world.replica(rep), &world.get::<Customer>(customer), now).meetings;
            assert_eq!(told.len(), 1);
            told[0].missed
        };
        let moments = |world: &World| [plan.starts_at - chrono::TimeDelta::days(7), plan.starts_at, plan.ends_at].map(|now| missed(world, now));
        let changed = |world: &mut World, change: &dyn Fn(&mut Invitation)| {
            let mut invitation = (*world.get::<Invitation>(invitation)).clone();
            change(&mut invitation);
            world.put(invitation);
        };
        assert_eq!(moments(&world), [false, false, true], "neither one ahead nor one under way");
        let agreed = (*world.get::<Invitation>(invitation)).clone();
        for answer in [Answer::Planned, Answer::NoAnswer, Answer::DoNotContact, Answer::Declined { reason: "no_time".into(), words: String::new() }] {
            changed(&mut world, &|invitation| invitation.answer = answer.clone());
            assert_eq!(moments(&world), [false; 3], "{answer:?}");
        }
        world.put(agreed.clone());
        changed(&mut world, &|invitation| invitation.confirmation = Some(Confirmation::CannotCome));
        assert_eq!(moments(&world), [false; 3], "who took the yes back was not expected");
        world.put(agreed);
        let planned = (*world.get::<Meeting>(meeting)).clone();
        world.put(Meeting { state: MeetingState::Cancelled, ..planned.clone() });
        assert_eq!(moments(&world), [false; 3], "nobody could come to what was called off");
        world.put(planned);
        let check_in = world.check_in(meeting, shared::ids::GuestId(invitation.0));
        world.apply(rep, check_in).expect("on duty");
        assert_eq!(moments(&world), [false; 3]);
    }

    #[test]
    fn h1_what_a_colleague_has_given_back_is_not_told_as_paid() {
        let mut world = World::new();
        let (customer, meeting, colleague) = (world.customer, world.meeting, world.colleague);
        world.expect_guest(meeting, customer);
        let open = world.open_deal(customer, Some(meeting));
        let deal = open.deal;
        world.apply(colleague, open).expect("a guest there");
        world.apply(colleague, world.sign(deal)).expect("quoted");
        let paid = |world: &World| {
            let told = record(&world.replica(world.rep), &world.get::<Customer>(customer), world.now).deals;
            assert_eq!((told.len(), told[0].number.clone()), (1, None));
            told[0].paid.minor
        };
        let of = |world: &World, minor| Money { minor, ..world.get::<Deal>(deal).total };
        let payment = RecordPayment { deal, payment: world.id(), amount: of(&world, 100_000), method: PaymentMethod::Cash, photo: None };
        world.apply(colleague, payment).expect("below the total");
        assert_eq!(paid(&world), 100_000);
        world.apply(colleague, AskCancellation { deal, reason: "客戶改變主意".into() }).expect("sold");
        let asked_at = world.get::<Deal>(deal).cancellation.as_ref().expect("asked").asked_at;
        world.apply(world.supervisor, RuleCancellation { deal, asked_at, refusal: None }).expect("of the team");
        for (minor, left) in [(30_000, 70_000), (70_000, 0)] {
            let (refund, amount) = (world.id(), of(&world, minor));
            let refund = RecordRefund { deal, refund, amount, method: PaymentMethod::Transfer, reason: "解約退費".into() };
            world.apply(world.supervisor, refund).expect("of the team");
            assert_eq!(paid(&world), left);
        }
    }
}
