//! Commands drawn at random, for properties and the simulation: mostly sensible ones, some out of reach, out of turn or out of bounds.
//!
//! Law: the same seed and the same records give the same command.

use crate::analysis::{Group, Length, Measure, Period};
use crate::check_ins::command::{CheckInGuest, RegisterWalkIn, RuleConflict, UndoCheckIn};
use crate::check_ins::{CheckIn, Conflict, Method};
use crate::command::Command;
use crate::complaints::Complaint;
use crate::contacts::LoggedContact;
use crate::customers::command::{
    AddCustomer, ClaimCustomer, EditCustomer, ImportCustomers, ImportRow, MergeCustomers, ProfileChange, TransferCustomers, UndoImport, UndoMerge,
};
use crate::customers::{Contact, Customer, Intent, Profile};
use crate::deals::command::*;
use crate::deals::contract::sha256_hex;
use crate::deals::schedule::monthly;
use crate::deals::{Deal, Instalment, PaymentMethod, Point, Stroke};
use crate::exports;
use crate::exports::command::RecordExport;
use crate::files::{Content, Media, NewAttachment};
use crate::floor::command::{AnswerHelpCall, CallForHelp, CloseHelpCall, MarkAgenda, NoteGuest, UndoAgendaMark};
use crate::floor::{Chip, Need, Step};
use crate::follow_ups::Errand;
use crate::ids::*;
use crate::improvements::About;
use crate::improvements::command::{AddImprovement, EditImprovement, ImprovementProgress, SetImprovementState};
use crate::invitations::command::{
    AskQuestion, ChangeParty, ConfirmInvitation, MakeLink, NoteReminder, PlanInvitations, PlannedInvitation, RecordAnswer, RefuseReminders,
    TellWaiting, WithdrawLinks,
};
use crate::invitations::link::LinkToken;
use crate::invitations::{Answer, Channel, Confirmation, Invitation, ReminderOutcome};
use crate::meetings::command::{CancelMeeting, EditMeeting, PlanMeeting};
use crate::meetings::{Duty, Guest, Meeting, Plan, Staff};
use crate::money::{Currency, Money};
use crate::people::command::{AddTeam, AddUser, EditUser};
use crate::people::{Access, Role, User};
use crate::phone::Phone;
use crate::preparations::command::{AddPreparation, CopiedPreparation, CopyMeeting, EditPreparation, Progress, SetPreparationState};
use crate::preparations::{Owner, Preparation};
use crate::products::command::*;
use crate::products::{Listing, Product, SellingPoint};
use crate::promotions::command::*;
use crate::promotions::{Gives, Part, Promotion, Reduction, Terms};
use crate::quarantine::HeldVerdict;
use crate::quarantine::command::RuleHeldCommand;
use crate::record::Record;
use crate::seating::{Desk, Seating, Table};
use crate::settings::command::{MoveEntry, PutEntry, PutWording, RemoveWording, SetContractTemplate, SetDevicePolicy, SetEntryState, SetTemplate};
use crate::settings::{Dictionary, EntryState, Fault, Language, Purpose, Texts};
use crate::stock::{Handout, Item};
use crate::targets::command::{EditTarget, SetTarget};
use crate::targets::{Goal, TargetOf};
use crate::time::{Timestamp, UtcOffset};
use std::sync::Arc;
use uuid::Uuid;

mod after;
mod deals;
mod hall;
mod promotions;

/// A small generator of numbers (SplitMix64): no cryptography, only repeatable.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above zero.
    pub const fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    /// Yes, once in so many times.
    pub const fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of some.
    pub fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let at = self.below((of.len() as u64).max(1));
        usize::try_from(at).ok().and_then(|at| of.get(at)).cloned()
    }

    /// A new id.
    pub fn id<T: From<Uuid>>(&mut self) -> T {
        Uuid::from_u64_pair(self.roll(), self.roll()).into()
    }

    fn known_or_new<T: Clone + From<Uuid>>(&mut self, of: &[T]) -> T {
        if self.once_in(40) { self.id() } else { self.pick(of).unwrap_or_else(|| self.id()) }
    }
}

/// What a drawn command can be about.
#[derive(Debug, Default)]
#[expect(missing_docs, reason = "each list says what it holds")]
pub struct Choices {
    pub teams: Vec<TeamId>,
    pub users: Vec<Arc<User>>,
    pub customers: Vec<Arc<Customer>>,
    pub meetings: Vec<Arc<Meeting>>,
    pub guests: Vec<Arc<Guest>>,
    pub invitations: Vec<Arc<Invitation>>,
    pub check_ins: Vec<Arc<CheckIn>>,
    pub conflicts: Vec<Arc<Conflict>>,
    pub products: Vec<Arc<Product>>,
    pub deals: Vec<Arc<Deal>>,
    /// What may be said for products.
    pub points: Vec<Arc<SellingPoint>>,
    pub imports: Vec<ImportId>,
    pub held: Vec<HeldCommandId>,
    pub preparations: Vec<Arc<Preparation>>,
    pub improvements: Vec<ImprovementId>,
    pub desks: Vec<Arc<Desk>>,
    pub tables: Vec<Arc<Table>>,
    pub seatings: Vec<Arc<Seating>>,
    pub items: Vec<Arc<Item>>,
    pub handouts: Vec<Arc<Handout>>,
    pub pool: Vec<CustomerId>,
    pub merged: Vec<CustomerId>,
    pub marks: Vec<AgendaMarkId>,
    pub calls: Vec<HelpCallId>,
    pub contacts: Vec<Arc<LoggedContact>>,
    pub complaints: Vec<Arc<Complaint>>,
    pub errands: Vec<Arc<Errand>>,
    pub targets: Vec<TargetId>,
    pub promotions: Vec<Arc<Promotion>>,
}

impl Choices {
    /// The choices that records give. The order of the records matters: it must be the same for the same seed.
    #[must_use]
    pub fn of<'a>(records: impl Iterator<Item = &'a Record>) -> Self {
        let mut choices = Self::default();
        for record in records {
            match record {
                Record::Settings(_)
                | Record::Places(_)
                | Record::Contract(_)
                | Record::Attachment(_)
                | Record::Hall(_)
                | Record::HandoutReceipt(_)
                | Record::Export(_)
                | Record::FollowUp(_)
                | Record::Taking(_)
                | Record::Milestone(_) => {}
                Record::LoggedContact(contact) => choices.contacts.push(contact.clone()),
                Record::Complaint(complaint) => choices.complaints.push(complaint.clone()),
                Record::Errand(errand) => choices.errands.push(errand.clone()),
                Record::HeldCommand(held) => choices.held.push(held.id),
                Record::Preparation(preparation) => choices.preparations.push(preparation.clone()),
                Record::Improvement(improvement) => choices.improvements.push(improvement.id),
                Record::Team(team) => choices.teams.push(team.id),
                Record::User(user) => choices.users.push(user.clone()),
                Record::Customer(customer) => {
                    choices.imports.extend(customer.import);
                    choices.customers.push(customer.clone());
                }
                Record::MergedCustomer(merged) => choices.merged.push(merged.was.id),
                Record::PoolCard(card) => choices.pool.push(card.customer),
                Record::ImportedChange(change) => choices.imports.push(change.import),
                Record::Meeting(meeting) => choices.meetings.push(meeting.clone()),
                Record::Guest(guest) => choices.guests.push(guest.clone()),
                Record::Invitation(invitation) => choices.invitations.push(invitation.clone()),
                Record::CheckIn(check_in) => choices.check_ins.push(check_in.clone()),
                Record::Conflict(conflict) => choices.conflicts.push(conflict.clone()),
                Record::Product(product) => choices.products.push(product.clone()),
                Record::Deal(deal) => choices.deals.push(deal.clone()),
                Record::SellingPoint(point) => choices.points.push(point.clone()),
                Record::Promotion(promotion) => choices.promotions.push(promotion.clone()),
                Record::Desk(desk) => choices.desks.push(desk.clone()),
                Record::Table(table) => choices.tables.push(table.clone()),
                Record::Seating(seating) => choices.seatings.push(seating.clone()),
                Record::Item(item) => choices.items.push(item.clone()),
                Record::Handout(handout) => choices.handouts.push(handout.clone()),
                Record::AgendaMark(mark) => choices.marks.push(mark.id),
                Record::HelpCall(call) => choices.calls.push(call.id),
                Record::Target(target) => choices.targets.push(target.id),
                Record::GuestNote(_) => {}
            }
        }
        choices
    }

    /// A command that a user might ask for.
    pub fn draw(&self, user: UserId, now: Timestamp, dice: &mut Dice) -> Command {
        if dice.once_in(4) {
            return self.draw_of_hall(now, dice);
        }
        match dice.below(162) {
            0 if dice.once_in(2) => PlanMeeting { meeting: dice.id(), plan: self.plan(now, dice) }.into(),
            0 => AddTeam { team: dice.id(), name: name(dice) }.into(),
            1 => self.add_user(dice).into(),
            2 => self.edit_user(dice).into(),
            3..8 => self.add_customer(user, dice).into(),
            8..11 => EditCustomer { customer: self.customer(user, dice), changes: changes(dice) }.into(),
            11..14 => self.transfer(user, dice).into(),
            14..17 => self.import(user, dice).into(),
            17..19 => UndoImport { import: dice.known_or_new(&self.imports) }.into(),
            19 => PlanMeeting { meeting: dice.id(), plan: self.plan(now, dice) }.into(),
            20 => EditMeeting { meeting: self.meeting(dice), plan: self.plan(now, dice) }.into(),
            21 if dice.once_in(2) => CancelMeeting { meeting: self.meeting(dice) }.into(),
            21..27 => self.plan_invitations(user, dice).into(),
            27..32 => self.record_answer(user, now, dice).into(),
            32 => self.confirm(user, dice).into(),
            33 => self.change_party(user, dice).into(),
            34 => self.tell(user, dice).into(),
            35 if dice.once_in(2) => self.make_link(user, dice).into(),
            35 if dice.once_in(3) => WithdrawLinks { invitation: self.invitation(user, dice) }.into(),
            35 if dice.once_in(4) => RefuseReminders { invitation: self.invitation(user, dice) }.into(),
            35 if dice.once_in(4) => {
                NoteReminder { invitation: self.invitation(user, dice), channel: Channel::Sms, outcome: ReminderOutcome::Sent }.into()
            }
            35 | 105 => self.confirm(user, dice).into(),
            36..44 => self.check_in(dice).into(),
            44..47 => self.walk_in(user, dice).into(),
            47..49 => UndoCheckIn { check_in: dice.known_or_new(&ids(&self.check_ins, |it| it.id)) }.into(),
            49 => self.rule(dice).into(),
            50 => self.rule_held(dice).into(),
            51 => AddProduct { product: dice.id(), name: name(dice), description: String::new(), price: price(dice) }.into(),
            52 => self.edit_product(dice).into(),
            53..57 => self.open_deal(user, dice).into(),
            57..60 => self.sign(user, dice).into(),
            60..63 => self.pay(user, dice).into(),
            63..66 => self.change_deal(user, dice).into(),
            66..69 => self.approve(user, dice).into(),
            69..71 => self.refuse(user, dice).into(),
            71 if dice.once_in(3) => self.export(dice).into(),
            71 => SetDevicePolicy { idle_minutes: 2 + dice.below(4) as u8, lease_hours: 1 + dice.below(720) as u16 }.into(),
            72..75 => ClaimCustomer { customer: self.customer_of_pool(dice) }.into(),
            75..77 => self.tell(user, dice).into(),
            77..82 => self.on_the_floor(dice),
            82..85 => AskQuestion { invitation: self.invitation(user, dice), question: name(dice) }.into(),
            85 => self::template(dice).into(),
            86 => contract_template(dice).into(),
            87..91 => dictionaries(dice),
            91..95 => wordings(dice),
            95..99 => self.prepare(now, dice),
            99..101 => self.improve(now, dice),
            101..104 => MergeCustomers { kept: self.customer(user, dice), merged: self.customer(user, dice) }.into(),
            108..116 => self.follow_up(user, now, dice),
            136..144 => self.aim(now, dice),
            144..150 => self.selling_point(dice),
            150..158 => self.promote(user, now, dice),
            158 => EditMeeting { meeting: self.meeting(dice), plan: self.plan(now, dice) }.into(),
            159..162 => self.tell(user, dice).into(),
            104 => UndoMerge { merged: dice.known_or_new(&self.merged) }.into(),
            116..136 => self.after_signing(user, dice),
            _ => CancelDeal { deal: self.deal(user, dice), reason: "改期".into() }.into(),
        }
    }

    fn on_the_floor(&self, dice: &mut Dice) -> Command {
        let (meeting, guest) = match dice.pick(&self.guests) {
            Some(guest) if !dice.once_in(10) => (guest.meeting, guest.id),
            _ => (self.meeting(dice), dice.id()),
        };
        match dice.below(6) {
            0 => MarkAgenda { mark: dice.id(), meeting, minute: dice.below(90) as u16, title: name(dice), step: Step::Started }.into(),
            1 => UndoAgendaMark { mark: dice.known_or_new(&self.marks) }.into(),
            2 => NoteGuest { note: dice.id(), owners_note: dice.id(), meeting, guest, chip: Chip::Warm, words: name(dice) }.into(),
            3 => CallForHelp { call: dice.id(), meeting, need: Need::Closer, place: name(dice) }.into(),
            4 => AnswerHelpCall { call: dice.known_or_new(&self.calls) }.into(),
            _ => CloseHelpCall { call: dice.known_or_new(&self.calls) }.into(),
        }
    }

    fn export(&self, dice: &mut Dice) -> RecordExport {
        let owner = self.users.first().map(|user| exports::Whose::Person(user.id));
        let filters = exports::Filters { searched: dice.once_in(2), owner, ..exports::Filters::default() };
        RecordExport { export: dice.id(), reason: "寄送禮品".into(), format: exports::Format::Csv, rows: dice.below(100) as u32, filters }
    }

    fn rule_held(&self, dice: &mut Dice) -> RuleHeldCommand {
        let verdict = if dice.once_in(3) { HeldVerdict::SetAside { reason: "登記錯人".into() } } else { HeldVerdict::Accepted };
        RuleHeldCommand { held: dice.known_or_new(&self.held), verdict }
    }

    fn user(&self, dice: &mut Dice) -> UserId {
        dice.known_or_new(&ids(&self.users, |user| user.id))
    }

    fn meeting(&self, dice: &mut Dice) -> MeetingId {
        dice.known_or_new(&ids(&self.meetings, |meeting| meeting.id))
    }

    /// Mostly one of the user's own.
    fn customer(&self, user: UserId, dice: &mut Dice) -> CustomerId {
        let own: Vec<_> = self.customers.iter().filter(|customer| customer.owner == Some(user)).map(|customer| customer.id).collect();
        if own.is_empty() || dice.once_in(6) { dice.known_or_new(&ids(&self.customers, |customer| customer.id)) } else { dice.known_or_new(&own) }
    }

    /// Mostly one that has a card, or is held, in the pool.
    fn customer_of_pool(&self, dice: &mut Dice) -> CustomerId {
        if dice.once_in(6) { dice.known_or_new(&ids(&self.customers, |customer| customer.id)) } else { dice.known_or_new(&self.pool) }
    }

    fn invitation(&self, user: UserId, dice: &mut Dice) -> InvitationId {
        let own: Vec<_> = self.invitations.iter().filter(|invitation| invitation.rep == user).map(|invitation| invitation.id).collect();
        if own.is_empty() || dice.once_in(6) { dice.known_or_new(&ids(&self.invitations, |it| it.id)) } else { dice.known_or_new(&own) }
    }

    fn add_user(&self, dice: &mut Dice) -> AddUser {
        let login = format!("u{}", dice.below(50));
        AddUser { user: dice.id(), name: name(dice), login, role: role(dice), team: dice.pick(&self.teams) }
    }

    fn edit_user(&self, dice: &mut Dice) -> EditUser {
        let access = if dice.once_in(4) { Access::Revoked } else { Access::Granted };
        EditUser { user: self.user(dice), name: name(dice), role: role(dice), team: dice.pick(&self.teams), access }
    }

    fn add_customer(&self, user: UserId, dice: &mut Dice) -> AddCustomer {
        let owner = match dice.below(10) {
            0 => None,
            1 => Some(self.user(dice)),
            _ => Some(user),
        };
        AddCustomer { customer: dice.id(), owner, profile: profile(dice) }
    }

    fn transfer(&self, user: UserId, dice: &mut Dice) -> TransferCustomers {
        let to = if dice.once_in(4) { None } else { Some(self.user(dice)) };
        let customers = (0..=dice.below(3)).map(|_| self.customer(user, dice)).collect();
        TransferCustomers { customers, to }
    }

    fn import(&self, user: UserId, dice: &mut Dice) -> ImportCustomers {
        let import = if dice.once_in(3) { dice.known_or_new(&self.imports) } else { dice.id() };
        let row = |dice: &mut Dice| match dice.below(3) {
            0 => ImportRow::Update { customer: self.customer(user, dice), changes: changes(dice) },
            _ => ImportRow::Create { customer: dice.id(), profile: Box::new(profile(dice)) },
        };
        ImportCustomers { import, rows: (0..=dice.below(3)).map(|_| row(dice)).collect() }
    }

    fn plan(&self, now: Timestamp, dice: &mut Dice) -> Plan {
        let starts_at = now + chrono::Duration::hours(dice.below(500) as i64);
        let duties = [Duty::Reception, Duty::Usher, Duty::Closer, Duty::Speaker];
        let staff = (0..dice.below(4)).map(|_| Staff { user: self.user(dice), duty: dice.pick(&duties).unwrap_or(Duty::Closer) }).collect();
        Plan {
            theme: name(dice),
            starts_at,
            ends_at: starts_at + chrono::Duration::hours(dice.below(6) as i64),
            utc_offset: UtcOffset::EAST_8,
            venue: name(dice),
            address: String::new(),
            // Often full: those who say yes must wait.
            capacity: if dice.once_in(2) { dice.below(4) as u32 } else { dice.below(300) as u32 },
            agenda: Vec::new(),
            staff,
        }
    }

    fn prepare(&self, now: Timestamp, dice: &mut Dice) -> Command {
        let owner = match dice.below(4) {
            0 => Owner::Person { user: self.user(dice) },
            1 => Owner::Duty { duty: Duty::Closer },
            _ => Owner::Role { role: role(dice) },
        };
        let due = UtcOffset::EAST_8.day_of(now + chrono::Duration::days(dice.below(20) as i64));
        let of = |dice: &mut Dice| dice.known_or_new(&ids(&self.preparations, |it| it.id));
        match dice.below(8) {
            0..3 => AddPreparation { preparation: dice.id(), meeting: self.meeting(dice), what: name(dice), note: String::new(), owner, due }.into(),
            3 => EditPreparation { preparation: of(dice), what: name(dice), note: String::new(), owner, due }.into(),
            4..6 => {
                let progress = match dice.below(4) {
                    0 => Progress::Open,
                    1 => Progress::Doing,
                    2 => Progress::Done,
                    _ => Progress::Dropped { reason: "不需要".into() },
                };
                SetPreparationState { preparation: of(dice), progress }.into()
            }
            _ => {
                let from = dice.pick(&self.preparations).map_or_else(|| self.meeting(dice), |task| task.meeting);
                let tasks: Vec<_> = self.preparations.iter().filter(|task| task.meeting == from).map(|task| task.id).collect();
                let preparations = tasks.into_iter().map(|of| CopiedPreparation { of, preparation: dice.id() }).collect();
                CopyMeeting { from, meeting: dice.id(), plan: self.plan(now, dice), preparations }.into()
            }
        }
    }

    fn improve(&self, now: Timestamp, dice: &mut Dice) -> Command {
        let (owner, until) = (self.user(dice), UtcOffset::EAST_8.day_of(now));
        let improvement = dice.known_or_new(&self.improvements);
        match dice.below(4) {
            0..2 => {
                let about = if dice.once_in(2) { self.found(now, dice) } else { About::RefusalReason { code: "no_time".into() } };
                AddImprovement { improvement: dice.id(), about, measure: "加開晚上場".into(), owner, until }.into()
            }
            2 => EditImprovement { improvement, measure: name(dice), owner, until }.into(),
            _ => {
                let progress = match dice.below(3) {
                    0 => ImprovementProgress::Doing,
                    1 => ImprovementProgress::Done { result: name(dice) },
                    _ => ImprovementProgress::Dropped { reason: name(dice) },
                };
                SetImprovementState { improvement, progress }.into()
            }
        }
    }

    fn found(&self, now: Timestamp, dice: &mut Dice) -> About {
        let group = match dice.below(4) {
            0 => Some(Group::Rep(self.user(dice))),
            1 => dice.pick(&self.products).map(|product| Group::Product(product.id)),
            2 => Some(Group::Region(name(dice))),
            _ => None,
        };
        let measure = dice.pick(&Measure::ALL).unwrap_or(Measure::Amount);
        About::Report { measure, group, period: period(now, dice), finding: name(dice) }
    }

    fn aim(&self, now: Timestamp, dice: &mut Dice) -> Command {
        let amount = dice.once_in(2).then(|| price(dice));
        let goal = Goal { amount, deals: dice.once_in(2).then(|| dice.below(40) as u32) };
        if dice.once_in(3) {
            return EditTarget { target: dice.known_or_new(&self.targets), goal }.into();
        }
        let whose = match dice.below(6) {
            0 => TargetOf::Department,
            1 => dice.pick(&self.teams).map_or(TargetOf::Department, |team| TargetOf::Team { team }),
            _ => TargetOf::Rep { rep: self.user(dice) },
        };
        SetTarget { target: dice.id(), whose, period: period(now, dice), goal }.into()
    }

    fn plan_invitations(&self, user: UserId, dice: &mut Dice) -> PlanInvitations {
        let planned = |dice: &mut Dice| {
            let rep = if dice.once_in(5) { self.user(dice) } else { user };
            PlannedInvitation { invitation: dice.id(), customer: self.customer(user, dice), rep, channel: Channel::Phone, due: None }
        };
        // Many to one meeting, so that its places run out.
        let known = self.meetings.first().map(|meeting| meeting.id).filter(|_| dice.once_in(2));
        PlanInvitations { meeting: known.unwrap_or_else(|| self.meeting(dice)), planned: (0..=dice.below(2)).map(|_| planned(dice)).collect() }
    }

    fn record_answer(&self, user: UserId, now: Timestamp, dice: &mut Dice) -> RecordAnswer {
        let answer = match dice.below(12) {
            0 => Answer::Planned,
            1 => Answer::Declined { reason: "no_time".into(), words: "下次".into() },
            2 => Answer::CallBack { at: now },
            3 => Answer::NoAnswer,
            4 => Answer::WrongNumber,
            5 => Answer::DoNotContact,
            _ => Answer::Agreed,
        };
        let questions = (0..dice.below(2)).map(|_| name(dice)).collect();
        RecordAnswer { invitation: self.invitation(user, dice), channel: Channel::Phone, answer, questions }
    }

    fn confirm(&self, user: UserId, dice: &mut Dice) -> ConfirmInvitation {
        let said = [Confirmation::Confirmed, Confirmation::CannotCome, Confirmation::Unreachable];
        ConfirmInvitation { invitation: self.invitation(user, dice), confirmation: dice.pick(&said).unwrap_or(Confirmation::Confirmed) }
    }

    fn tell(&self, user: UserId, dice: &mut Dice) -> TellWaiting {
        let waiting = || self.invitations.iter().filter(|invitation| invitation.waiting.is_some());
        let own: Vec<_> = waiting().filter(|invitation| invitation.rep == user).map(|invitation| invitation.id).collect();
        let all: Vec<_> = waiting().map(|invitation| invitation.id).collect();
        TellWaiting { invitation: dice.pick(&own).or_else(|| dice.pick(&all)).unwrap_or_else(|| dice.id()) }
    }

    fn change_party(&self, user: UserId, dice: &mut Dice) -> ChangeParty {
        ChangeParty { invitation: self.invitation(user, dice), companions: dice.below(11) as u8 }
    }

    fn make_link(&self, user: UserId, dice: &mut Dice) -> MakeLink {
        MakeLink { invitation: self.invitation(user, dice), link: LinkToken::of(&[dice.below(40) as u8; 24]).hash() }
    }

    fn check_in(&self, dice: &mut Dice) -> CheckInGuest {
        let (meeting, guest) = match dice.pick(&self.guests) {
            Some(guest) if !dice.once_in(10) => (guest.meeting, guest.id),
            _ => match dice.pick(&self.invitations) {
                Some(invitation) if !dice.once_in(3) => (invitation.meeting, GuestId(invitation.id.0)),
                _ => (self.meeting(dice), dice.id()),
            },
        };
        let ticket = self.invitations.iter().find(|invitation| invitation.id.0 == guest.0).and_then(|invitation| invitation.ticket.clone());
        let method = if ticket.is_some() { Method::Ticket } else { Method::Search };
        CheckInGuest { check_in: dice.id(), meeting, guest, desk: "A".into(), method, ticket }
    }

    fn walk_in(&self, user: UserId, dice: &mut Dice) -> RegisterWalkIn {
        RegisterWalkIn {
            check_in: dice.id(),
            guest: dice.id(),
            customer: if dice.once_in(3) { self.customer(user, dice) } else { dice.id() },
            meeting: self.meeting(dice),
            desk: "B".into(),
            name: name(dice),
            salutation: None,
            phone: Some(phone(dice)),
            email: String::new(),
            company: String::new(),
        }
    }

    fn rule(&self, dice: &mut Dice) -> RuleConflict {
        match dice.pick(&self.conflicts) {
            Some(conflict) => RuleConflict { conflict: conflict.id, keep: if dice.once_in(2) { conflict.first } else { conflict.second } },
            None => RuleConflict { conflict: dice.id(), keep: dice.id() },
        }
    }

    fn edit_product(&self, dice: &mut Dice) -> EditProduct {
        let product = dice.known_or_new(&ids(&self.products, |product| product.id));
        let listing = if dice.once_in(3) { Listing::Withdrawn } else { Listing::OnSale };
        let suits = dice.once_in(2).then(|| name(dice));
        EditProduct { product, name: name(dice), description: String::new(), price: price(dice), listing, suits }
    }

    /// What may be said for a product: written, approved as it is or as it was, taken away.
    fn selling_point(&self, dice: &mut Dice) -> Command {
        let known = dice.pick(&self.points).filter(|_| !dice.once_in(6));
        let point = known.as_ref().map_or_else(|| dice.id(), |point| point.id);
        match dice.below(6) {
            0 | 1 => {
                let text = known.filter(|_| !dice.once_in(5)).map_or_else(|| name(dice), |point| point.text.clone());
                ApproveSellingPoint { point, text }.into()
            }
            2 if dice.once_in(2) => RemoveSellingPoint { point }.into(),
            _ => {
                let product = known.map_or_else(|| dice.known_or_new(&ids(&self.products, |product| product.id)), |point| point.product);
                PutSellingPoint { point, product, text: name(dice), answers: vec![name(dice)] }.into()
            }
        }
    }
}

/// A photo of which there are a few: now and then two attachments have the same bytes.
fn photo(dice: &mut Dice) -> NewAttachment {
    let bytes = vec![dice.below(20) as u8; 1_000];
    let content = Content::of(&bytes, Media::Jpeg).expect("a thousand bytes");
    NewAttachment { attachment: dice.id(), content }
}

/// A drawing that passes for a signature.
#[must_use]
pub fn signature() -> Vec<Stroke> {
    let stroke = |row: i32| Stroke((0..40_i32).map(|x| Point(x * 30, row * 100 + (x % 5) * 20, x.unsigned_abs() * 8)).collect());
    (0..4).map(stroke).collect()
}

fn ids<T, I>(of: &[Arc<T>], id: impl Fn(&T) -> I) -> Vec<I> {
    of.iter().map(|noun| id(noun)).collect()
}

fn role(dice: &mut Dice) -> Role {
    dice.pick(&Role::ALL).unwrap_or(Role::Rep)
}

fn name(dice: &mut Dice) -> String {
    let characters: Vec<char> = "王陳林張李小明美華大同文雄".chars().collect();
    (0..dice.below(4)).filter_map(|_| dice.pick(&characters)).collect()
}

fn phone(dice: &mut Dice) -> Phone {
    Phone::try_from(format!("+8869{:08}", dice.below(300))).expect("plus and twelve digits")
}

fn template(dice: &mut Dice) -> SetTemplate {
    let channel = dice.pick(&[None, Some(Channel::Phone), Some(Channel::Sms), Some(Channel::Mail), Some(Channel::Other)]).flatten();
    let text = ["", "{customer}您好", "{theme} {date}", "{nobody}"][dice.below(4) as usize].to_owned();
    let (purpose, language) = (dice.pick(&Purpose::ALL).unwrap_or(Purpose::Invite), dice.pick(&Language::ALL).unwrap_or(Language::En));
    SetTemplate { purpose, channel, language, text }
}

fn contract_template(dice: &mut Dice) -> SetContractTemplate {
    // The first is what the organisation begins with.
    let texts = ["{buyer} {total}", "{number} {org} {buyer} {items} {total}", "{org} {number} {buyer} {items} {total} {schedule}", "{buyer} {prize}"];
    let text = dice.pick(&texts).unwrap_or_default().to_owned();
    let before = sha256_hex(dice.pick(&texts).unwrap_or_default());
    SetContractTemplate { language: dice.pick(&Language::ALL).unwrap_or(Language::En), text, before }
}

fn dictionaries(dice: &mut Dice) -> Command {
    let (dictionary, codes) = if dice.once_in(4) {
        (Dictionary::Sources, ["referral", "e1", "e2"])
    } else {
        (Dictionary::RefusalReasons, ["no_time", "no_interest", "e1"])
    };
    let code = |dice: &mut Dice| codes[dice.below(3) as usize].to_owned();
    match dice.below(3) {
        0 => PutEntry { dictionary, code: code(dice), texts: texts(dice) }.into(),
        1 => {
            let state = if dice.once_in(2) { EntryState::InUse } else { EntryState::Retired };
            SetEntryState { dictionary, code: code(dice), state }.into()
        }
        _ => {
            let before = (!dice.once_in(3)).then(|| code(dice));
            MoveEntry { dictionary, code: code(dice), before }.into()
        }
    }
}

fn wordings(dice: &mut Dice) -> Command {
    let code = ["guaranteed", "w1", "w2"][dice.below(3) as usize].to_owned();
    if dice.once_in(2) {
        RemoveWording { code }.into()
    } else {
        PutWording { code, phrase: name(dice), fault: Fault::Pushy, why: texts(dice) }.into()
    }
}

fn texts(dice: &mut Dice) -> Texts {
    Texts { zh_hant: name(dice), zh_hans: String::new(), en: name(dice) }
}

fn period(now: Timestamp, dice: &mut Dice) -> Period {
    Period::of(dice.pick(&Length::ALL).unwrap_or(Length::Month), UtcOffset::EAST_8.day_of(now))
}

fn price(dice: &mut Dice) -> Money {
    Money::new(dice.below(2_000_000) as i64, Currency::Twd)
}

fn profile(dice: &mut Dice) -> Profile {
    Profile { name: name(dice), phones: (0..dice.below(3)).map(|_| phone(dice)).collect(), ..Profile::default() }
}

fn changes(dice: &mut Dice) -> Vec<ProfileChange> {
    let change = |dice: &mut Dice| match dice.below(7) {
        0 => ProfileChange::Name(name(dice)),
        1 => ProfileChange::Phones(vec![phone(dice), phone(dice)]),
        2 => ProfileChange::Intent(Some(Intent::B)),
        3 => ProfileChange::Contact(if dice.once_in(2) { Contact::Refused } else { Contact::Allowed }),
        4 => ProfileChange::BirthYear(Some(1_900 + dice.below(220) as u16)),
        5 => ProfileChange::Reminders(if dice.once_in(2) { Contact::Refused } else { Contact::Allowed }),
        _ => ProfileChange::Company(name(dice)),
    };
    (0..=dice.below(2)).map(|_| change(dice)).collect()
}
