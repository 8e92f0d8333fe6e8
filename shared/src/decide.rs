//! The one function that says what a command changes: pure, run on the device as a prediction and on the server as the ruling.

use crate::command::Command;
use crate::ids::{ClientId, OrgId, TeamId, UserId};
use crate::invitations::ticket::TicketSigner;
use crate::people::{Access, Role, User};
use crate::record::{Entity, Index, Key, Record};
use crate::rejection::Rejection;
use crate::settings::Settings;
use crate::time::Timestamp;
use std::sync::Arc;

/// Reading from a store failed: disk, network, or a stored record that cannot be decoded. Not a matter of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable(pub String);

/// Why `decide` gave no patches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The rules say no.
    Rejected(Rejection),
    /// The store could not be read; try again.
    Unavailable(Unavailable),
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<Unavailable> for Stop {
    fn from(failure: Unavailable) -> Self {
        Self::Unavailable(failure)
    }
}

impl From<crate::money::MoneyError> for Stop {
    fn from(error: crate::money::MoneyError) -> Self {
        Self::Rejected(match error {
            crate::money::MoneyError::Overflow => Rejection::MoneyOverflow,
            crate::money::MoneyError::CurrencyMixed => Rejection::CurrencyMixed,
        })
    }
}

/// What rules may read. On the device it is memory, on the server a transaction.
pub trait View {
    /// The record of a key.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn record(&self, key: Key) -> Result<Option<Record>, Unavailable>;

    /// The records found by an index, in the order of their ids.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn records(&self, index: &Index) -> Result<Vec<Record>, Unavailable>;
}

/// Typed reading on top of any [`View`].
pub trait ViewExt: View {
    /// The noun of an id.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn get<T: Entity>(&self, id: T::Id) -> Result<Option<Arc<T>>, Unavailable> {
        Ok(self.record(Key { kind: T::KIND, id: id.into() })?.as_ref().and_then(T::of).cloned())
    }

    /// The noun of an id, or the rejection that says it is missing.
    ///
    /// # Errors
    /// [`Stop`].
    fn need<T: Entity>(&self, id: T::Id) -> Result<Arc<T>, Stop> {
        self.get(id)?.ok_or(Stop::Rejected(Rejection::NotFound { kind: T::KIND }))
    }

    /// Refuses an id that is taken.
    ///
    /// # Errors
    /// [`Stop`].
    fn need_free<T: Entity>(&self, id: T::Id) -> Result<(), Stop> {
        match self.get::<T>(id)? {
            Some(_) => Err(Rejection::AlreadyExists { kind: T::KIND }.into()),
            None => Ok(()),
        }
    }

    /// The nouns found by an index.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn list<T: Entity>(&self, index: &Index) -> Result<Vec<Arc<T>>, Unavailable> {
        debug_assert_eq!(index.kind(), T::KIND);
        Ok(self.records(index)?.iter().filter_map(T::of).cloned().collect())
    }
}

impl<V: View + ?Sized> ViewExt for V {}

/// One change of the stored records.
#[derive(Clone, Debug, PartialEq)]
pub enum Patch {
    /// The record is now this.
    Put(Record),
    /// The record is gone.
    Delete(Key),
}

impl Patch {
    /// Stores a noun.
    #[must_use]
    pub fn put<T: Entity>(noun: T) -> Self {
        Self::Put(noun.into())
    }

    /// Removes a noun.
    #[must_use]
    pub fn delete<T: Entity>(id: T::Id) -> Self {
        Self::Delete(Key { kind: T::KIND, id: id.into() })
    }

    /// What it changes.
    #[must_use]
    pub fn key(&self) -> Key {
        match self {
            Self::Put(record) => record.key(),
            Self::Delete(key) => *key,
        }
    }
}

/// Who acts. On the server it comes from the session and the stored user, never from the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The organisation.
    pub org: OrgId,
    /// The person.
    pub user: UserId,
    /// What the person may do.
    pub role: Role,
    /// The person's team.
    pub team: Option<TeamId>,
}

impl Actor {
    /// The actor that a stored user is; none if access was taken away.
    #[must_use]
    pub fn of(org: OrgId, user: &User) -> Option<Self> {
        match user.access {
            Access::Granted => Some(Self { org, user: user.id, role: user.role, team: user.team }),
            Access::Revoked => None,
        }
    }

    /// Whether the actor has one of the roles.
    ///
    /// # Errors
    /// [`Rejection::Forbidden`].
    pub fn need_role(&self, roles: &[Role]) -> Result<(), Rejection> {
        if roles.contains(&self.role) { Ok(()) } else { Err(Rejection::Forbidden) }
    }

    /// Whether the actor may handle what belongs to a person: their own, their team's, or everybody's.
    ///
    /// # Errors
    /// The store's failure, which must not be taken for a no.
    pub fn reaches<V: View + ?Sized>(&self, view: &V, owner: UserId) -> Result<bool, Unavailable> {
        Ok(match self.role {
            Role::Manager => true,
            Role::Director | Role::Marketing | Role::Office | Role::Finance | Role::Administrator => false,
            Role::Rep => owner == self.user,
            Role::Supervisor => owner == self.user || (self.team.is_some() && view.get::<User>(owner)?.is_some_and(|user| user.team == self.team)),
        })
    }

    /// Refuses what [`Self::reaches`] denies.
    ///
    /// # Errors
    /// [`Rejection::Forbidden`], or the store's failure.
    pub fn need_reach<V: View + ?Sized>(&self, view: &V, owner: UserId) -> Result<(), Stop> {
        if self.reaches(view, owner)? { Ok(()) } else { Err(Rejection::Forbidden.into()) }
    }
}

/// Everything a rule may know besides the stored records.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// Who acts.
    pub actor: Actor,
    /// When the person acted, on their device's clock. Equal on the device and on the server; it never decides an order.
    pub at: Timestamp,
    /// On which device.
    pub device: ClientId,
    /// What the server alone has. A prediction leaves out what is signed with it.
    pub authority: Option<Authority<'a>>,
}

/// The server's key and clock.
#[derive(Clone, Copy, Debug)]
pub struct Authority<'a> {
    /// Signs tickets and countersigns contracts.
    pub signer: &'a TicketSigner,
    /// When the command has arrived. It is in nothing but what is signed.
    pub now: Timestamp,
}

impl Context<'_> {
    /// The organisation's settings.
    ///
    /// # Errors
    /// [`Stop`].
    pub fn settings<V: View + ?Sized>(&self, view: &V) -> Result<Arc<Settings>, Stop> {
        view.need(self.actor.org)
    }
}

/// What a rule gives: the changes, or why there are none.
pub type Decision = Result<Vec<Patch>, Stop>;

/// Says what a command changes.
///
/// # Errors
/// [`Stop`]: refused by a rule, or the store could not be read.
pub fn decide<V: View + ?Sized>(view: &V, command: &Command, context: &Context<'_>) -> Decision {
    use crate::{
        check_ins, complaints, contacts, customers, deals, exports, floor, follow_ups, improvements, invitations, meetings, people, preparations,
        products, promotions, quarantine, seating, settings, stock, targets,
    };
    // What names somebody who is known under another name by now means that one.
    let followed = customers::merging::follow::followed(view, command)?;
    match followed.as_ref().unwrap_or(command) {
        Command::AddTeam(args) => people::decide::add_team(view, args, context),
        Command::AddUser(args) => people::decide::add_user(view, args, context),
        Command::EditUser(args) => people::decide::edit_user(view, args, context),
        Command::AddCustomer(args) => customers::decide::add_customer(view, args, context),
        Command::EditCustomer(args) => customers::decide::edit_customer(view, args, context),
        Command::TransferCustomers(args) => customers::decide::transfer_customers(view, args, context),
        Command::ClaimCustomer(args) => customers::decide::claim_customer(view, args, context),
        Command::ImportCustomers(args) => customers::decide::import_customers(view, args, context),
        Command::UndoImport(args) => customers::decide::undo_import(view, args, context),
        Command::MergeCustomers(args) => customers::merging::decide::merge_customers(view, args, context),
        Command::UndoMerge(args) => customers::merging::decide::undo_merge(view, args, context),
        Command::RecordExport(args) => exports::decide::record_export(view, args, context),
        Command::PlanMeeting(args) => meetings::decide::plan_meeting(view, args, context),
        Command::EditMeeting(args) => meetings::decide::edit_meeting(view, args, context),
        Command::CancelMeeting(args) => meetings::decide::cancel_meeting(view, args, context),
        Command::PlanInvitations(args) => invitations::decide::plan_invitations(view, args, context),
        Command::RecordAnswer(args) => invitations::decide::record_answer(view, args, context),
        Command::ConfirmInvitation(args) => invitations::decide::confirm_invitation(view, args, context),
        Command::ChangeParty(args) => invitations::decide::change_party(view, args, context),
        Command::TellWaiting(args) => invitations::decide::tell_waiting(view, args, context),
        Command::MakeLink(args) => invitations::decide::make_link(view, args, context),
        Command::NoteReminder(args) => invitations::decide::note_reminder(view, args, context),
        Command::RefuseReminders(args) => invitations::decide::refuse_reminders(view, args, context),
        Command::WithdrawLinks(args) => invitations::decide::withdraw_links(view, args, context),
        Command::AskQuestion(args) => invitations::decide::ask_question(view, args, context),
        Command::CheckInGuest(args) => check_ins::decide::check_in(view, args, context),
        Command::RegisterWalkIn(args) => check_ins::decide::register_walk_in(view, args, context),
        Command::UndoCheckIn(args) => check_ins::decide::undo_check_in(view, args, context),
        Command::RuleConflict(args) => check_ins::decide::rule_conflict(view, args, context),
        Command::AddProduct(args) => products::decide::add_product(view, args, context),
        Command::EditProduct(args) => products::decide::edit_product(view, args, context),
        Command::PutSellingPoint(args) => products::decide::put_selling_point(view, args, context),
        Command::ApproveSellingPoint(args) => products::decide::approve_selling_point(view, args, context),
        Command::PutPromotion(args) => promotions::decide::put_promotion(view, args, context),
        Command::WithdrawPromotion(args) => promotions::decide::withdraw_promotion(view, args, context),
        Command::HonourPromotion(args) => promotions::decide::honour_promotion(view, args, context),
        Command::RemoveSellingPoint(args) => products::decide::remove_selling_point(view, args, context),
        Command::OpenDeal(args) => deals::decide::open_deal(view, args, context),
        Command::ChangeDeal(args) => deals::decide::change_deal(view, args, context),
        Command::ApproveDiscount(args) => deals::decide::approve_discount(view, args, context),
        Command::RefuseDiscount(args) => deals::decide::refuse_discount(view, args, context),
        Command::SignDeal(args) => deals::decide::sign_deal(view, args, context),
        Command::RecordPayment(args) => deals::decide::record_payment(view, args, context),
        Command::CancelDeal(args) => deals::decide::cancel_deal(view, args, context),
        Command::VoidPayment(args) => deals::after::void_payment(view, args, context),
        Command::RecordRefund(args) => deals::after::record_refund(view, args, context),
        Command::AskCancellation(args) => deals::after::ask_cancellation(view, args, context),
        Command::RuleCancellation(args) => deals::after::rule_cancellation(view, args, context),
        Command::ConfirmDelivery(args) => deals::after::confirm_delivery(view, args, context),
        Command::ShareContract(args) => deals::after::share_contract(view, args, context),
        Command::WithdrawCopies(args) => deals::after::withdraw_copies(view, args, context),
        Command::MarkAgenda(args) => floor::decide::mark_agenda(view, args, context),
        Command::UndoAgendaMark(args) => floor::decide::undo_agenda_mark(view, args, context),
        Command::NoteGuest(args) => floor::decide::note_guest(view, args, context),
        Command::CallForHelp(args) => floor::decide::call_for_help(view, args, context),
        Command::AnswerHelpCall(args) => floor::decide::answer_help_call(view, args, context),
        Command::CloseHelpCall(args) => floor::decide::close_help_call(view, args, context),
        Command::RuleHeldCommand(args) => quarantine::decide::rule_held_command(view, args, context),
        Command::SetDevicePolicy(args) => settings::decide::set_device_policy(view, args, context),
        Command::SetTemplate(args) => settings::decide::set_template(view, args, context),
        Command::SetContractTemplate(args) => settings::decide::set_contract_template(view, args, context),
        Command::PutEntry(args) => settings::decide::put_entry(view, args, context),
        Command::SetEntryState(args) => settings::decide::set_entry_state(view, args, context),
        Command::MoveEntry(args) => settings::decide::move_entry(view, args, context),
        Command::PutWording(args) => settings::decide::put_wording(view, args, context),
        Command::RemoveWording(args) => settings::decide::remove_wording(view, args, context),
        Command::AddPreparation(args) => preparations::decide::add_preparation(view, args, context),
        Command::EditPreparation(args) => preparations::decide::edit_preparation(view, args, context),
        Command::SetPreparationState(args) => preparations::decide::set_preparation_state(view, args, context),
        Command::CopyMeeting(args) => preparations::decide::copy_meeting(view, args, context),
        Command::AddImprovement(args) => improvements::decide::add_improvement(view, args, context),
        Command::EditImprovement(args) => improvements::decide::edit_improvement(view, args, context),
        Command::SetImprovementState(args) => improvements::decide::set_improvement_state(view, args, context),
        Command::OpenDesk(args) => seating::decide::open_desk(view, args, context),
        Command::EditDesk(args) => seating::decide::edit_desk(view, args, context),
        Command::StaffDesk(args) => seating::decide::staff_desk(view, args, context),
        Command::LeaseSeats(args) => seating::decide::lease_seats(view, args, context),
        Command::ReturnSeats(args) => seating::decide::return_seats(view, args, context),
        Command::PutTables(args) => seating::decide::put_tables(view, args, context),
        Command::RemoveTables(args) => seating::decide::remove_tables(view, args, context),
        Command::BlockSeats(args) => seating::decide::block_seats(view, args, context),
        Command::GiveSeats(args) => seating::decide::give_seats(view, args, context),
        Command::TakeBackSeat(args) => seating::decide::take_back_seat(view, args, context),
        Command::ReleaseNoShows(args) => seating::decide::release_no_shows(view, args, context),
        Command::RuleSeats(args) => seating::decide::rule_seats(view, args, context),
        Command::SetNoShowTime(args) => seating::decide::set_no_show_time(view, args, context),
        Command::PlanItem(args) => stock::decide::plan_item(view, args, context),
        Command::EditItem(args) => stock::decide::edit_item(view, args, context),
        Command::AllotItem(args) => stock::decide::allot_item(view, args, context),
        Command::CountArrival(args) => stock::decide::count_arrival(view, args, context),
        Command::CountReturn(args) => stock::decide::count_return(view, args, context),
        Command::HandOut(args) => stock::decide::hand_out(view, args, context),
        Command::UndoHandOut(args) => stock::decide::undo_hand_out(view, args, context),
        Command::LogContact(args) => contacts::decide::log_contact(view, args, context),
        Command::ReportComplaint(args) => complaints::decide::report_complaint(view, args, context),
        Command::AssignComplaint(args) => complaints::decide::assign_complaint(view, args, context),
        Command::NoteComplaintStep(args) => complaints::decide::note_complaint_step(view, args, context),
        Command::SettleComplaint(args) => complaints::decide::settle_complaint(view, args, context),
        Command::TellComplainant(args) => complaints::decide::tell_complainant(view, args, context),
        Command::ReopenComplaint(args) => complaints::decide::reopen_complaint(view, args, context),
        Command::MarkFollowUp(args) => follow_ups::decide::mark_follow_up(view, args, context),
        Command::SetFollowUpRule(args) => follow_ups::decide::set_follow_up_rule(view, args, context),
        Command::SetTarget(args) => targets::decide::set_target(view, args, context),
        Command::EditTarget(args) => targets::decide::edit_target(view, args, context),
    }
}

/// What every module of rules needs.
pub(crate) mod prelude {
    pub(crate) use super::{Context, Decision, Stop, View, ViewExt};
    pub(crate) use crate::people::Role;
    pub(crate) use crate::record::Kind;
    pub(crate) use crate::rejection::{Field, Rejection};
    pub(crate) use crate::validation::*;
}

pub(crate) mod ahead;
#[cfg(test)]
mod laws;
