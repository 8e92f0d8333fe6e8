//! Commands: everything a person can do. A name and its version never change meaning; what changes gets a new version,
//! and the old one is understood for ever.

use crate::check_ins::command::*;
use crate::complaints::command::*;
use crate::contacts::command::*;
use crate::customers::command::*;
use crate::deals::command::*;
use crate::exports::command::*;
use crate::files::NewAttachment;
use crate::floor::command::*;
use crate::follow_ups::command::*;
use crate::improvements::command::*;
use crate::invitations::command::*;
use crate::meetings::command::*;
use crate::people::command::*;
use crate::preparations::command::*;
use crate::products::command::*;
use crate::promotions::command::*;
use crate::quarantine::command::*;
use crate::seating::command::*;
use crate::settings::command::*;
use crate::stock::command::*;
use crate::sync::protocol::RawCommand;
use crate::targets::command::*;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};

macro_rules! commands {
    ($($name:ident = $wire:literal $(: $fact:ident)? $(| $older:literal $older_args:ident)*),+ $(,)?) => {
        /// What a person asks for.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "documented at each command's own type")]
        pub enum Command {
            $($name($name),)+
        }

        impl Command {
            /// The names of the commands that this version gives.
            pub const NAMES: &'static [&'static str] = &[$($wire),+];

            /// Names of earlier releases, which are understood for ever, each with what it is called today.
            pub const OLDER: &'static [(&'static str, &'static str)] = &[$($(($older, $wire),)*)+];

            /// The versioned name on the wire.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$name(_) => $wire,)+ }
            }

            /// Reads a command from the wire; older versions of a command become the present one here.
            ///
            /// # Errors
            /// [`Unreadable`].
            pub fn read(raw: &RawCommand) -> Result<Self, Unreadable> {
                match raw.name.as_str() {
                    $(
                        $wire => args::<$name>(raw).map(Self::$name),
                        $($older => args::<$older_args>(raw).map(|older| Self::$name(older.into())),)*
                    )+
                    _ => Err(Unreadable::UnknownName),
                }
            }

            fn args(&self) -> serde_json::Result<Box<RawValue>> {
                match self { $(Self::$name(args) => to_raw_value(args),)+ }
            }

            /// Whether it reports something that has happened in the world (a check-in, a signature, a payment).
            /// Such a command is never refused for good: what the rules cannot accept waits for a person.
            #[must_use]
            pub fn is_field_fact(&self) -> bool {
                Self::names_field_fact(self.name())
            }

            /// Whether a name is that of a field fact.
            #[must_use]
            pub fn names_field_fact(name: &str) -> bool {
                match name { $($wire $(| $older)* => commands!(@fact $($fact)?),)+ _ => false }
            }
        }

        $(impl From<$name> for Command {
            fn from(args: $name) -> Self { Self::$name(args) }
        })+
    };
    (@fact field_fact) => { true };
    (@fact) => { false };
}

commands! {
    AddTeam = "add_team_v1",
    AddUser = "add_user_v1",
    EditUser = "edit_user_v1",
    AddCustomer = "add_customer_v1",
    EditCustomer = "edit_customer_v1",
    TransferCustomers = "transfer_customers_v1",
    ClaimCustomer = "claim_customer_v1",
    ImportCustomers = "import_customers_v1",
    UndoImport = "undo_import_v1",
    MergeCustomers = "merge_customers_v1",
    UndoMerge = "undo_merge_v1",
    RecordExport = "record_export_v1": field_fact,
    PlanMeeting = "plan_meeting_v1",
    EditMeeting = "edit_meeting_v1",
    CancelMeeting = "cancel_meeting_v1",
    PlanInvitations = "plan_invitations_v1",
    RecordAnswer = "record_answer_v1",
    ConfirmInvitation = "confirm_invitation_v1",
    ChangeParty = "change_party_v1",
    TellWaiting = "tell_waiting_v1",
    MakeLink = "make_link_v1",
    WithdrawLinks = "withdraw_links_v1",
    AskQuestion = "ask_question_v1",
    RefuseReminders = "refuse_reminders_v1",
    NoteReminder = "note_reminder_v1",
    CheckInGuest = "check_in_v1": field_fact,
    RegisterWalkIn = "register_walk_in_v1": field_fact,
    UndoCheckIn = "undo_check_in_v1",
    RuleConflict = "rule_conflict_v1",
    AddProduct = "add_product_v1",
    EditProduct = "edit_product_v1",
    PutSellingPoint = "put_selling_point_v1",
    ApproveSellingPoint = "approve_selling_point_v1",
    RemoveSellingPoint = "remove_selling_point_v1",
    PutPromotion = "put_promotion_v1",
    WithdrawPromotion = "withdraw_promotion_v1",
    HonourPromotion = "honour_promotion_v1",
    OpenDeal = "open_deal_v3": field_fact | "open_deal_v2" OpenDeal | "open_deal_v1" OpenDeal,
    ChangeDeal = "change_deal_v3": field_fact | "change_deal_v2" ChangeDeal | "change_deal_v1" ChangeDeal,
    ApproveDiscount = "approve_discount_v1",
    RefuseDiscount = "refuse_discount_v1",
    SignDeal = "sign_deal_v3": field_fact | "sign_deal_v2" SignDeal | "sign_deal_v1" SignDealV1,
    RecordPayment = "record_payment_v2": field_fact | "record_payment_v1" RecordPaymentV1,
    CancelDeal = "cancel_deal_v1",
    VoidPayment = "void_payment_v1",
    RecordRefund = "record_refund_v1": field_fact,
    AskCancellation = "ask_cancellation_v1",
    RuleCancellation = "rule_cancellation_v1",
    ConfirmDelivery = "confirm_delivery_v1": field_fact,
    ShareContract = "share_contract_v1",
    WithdrawCopies = "withdraw_copies_v1",
    MarkAgenda = "mark_agenda_v1": field_fact,
    UndoAgendaMark = "undo_agenda_mark_v1",
    NoteGuest = "note_guest_v1": field_fact,
    CallForHelp = "call_for_help_v1": field_fact,
    AnswerHelpCall = "answer_help_call_v1": field_fact,
    CloseHelpCall = "close_help_call_v1": field_fact,
    RuleHeldCommand = "rule_held_command_v1",
    SetDevicePolicy = "set_device_policy_v1",
    SetTemplate = "set_template_v1",
    SetContractTemplate = "set_contract_template_v1",
    PutEntry = "put_entry_v1",
    SetEntryState = "set_entry_state_v1",
    MoveEntry = "move_entry_v1",
    PutWording = "put_wording_v1",
    RemoveWording = "remove_wording_v1",
    AddPreparation = "add_preparation_v1",
    EditPreparation = "edit_preparation_v1",
    SetPreparationState = "set_preparation_state_v1",
    CopyMeeting = "copy_meeting_v1",
    AddImprovement = "add_improvement_v1",
    EditImprovement = "edit_improvement_v1",
    SetImprovementState = "set_improvement_state_v1",
    OpenDesk = "open_desk_v1",
    EditDesk = "edit_desk_v1",
    StaffDesk = "staff_desk_v1",
    LeaseSeats = "lease_seats_v1",
    ReturnSeats = "return_seats_v1",
    PutTables = "put_tables_v1",
    RemoveTables = "remove_tables_v1",
    BlockSeats = "block_seats_v1",
    GiveSeats = "give_seats_v1": field_fact,
    TakeBackSeat = "take_back_seat_v1",
    ReleaseNoShows = "release_no_shows_v1",
    RuleSeats = "rule_seats_v1",
    SetNoShowTime = "set_no_show_time_v1",
    PlanItem = "plan_item_v1",
    EditItem = "edit_item_v1",
    AllotItem = "allot_item_v1",
    CountArrival = "count_arrival_v1": field_fact,
    CountReturn = "count_return_v1": field_fact,
    HandOut = "hand_out_v1": field_fact,
    UndoHandOut = "undo_hand_out_v1",
    LogContact = "log_contact_v1": field_fact,
    ReportComplaint = "report_complaint_v1": field_fact,
    AssignComplaint = "assign_complaint_v1",
    NoteComplaintStep = "note_complaint_step_v1": field_fact,
    SettleComplaint = "settle_complaint_v1",
    TellComplainant = "tell_complainant_v1": field_fact,
    ReopenComplaint = "reopen_complaint_v1",
    MarkFollowUp = "mark_follow_up_v1",
    SetFollowUpRule = "set_follow_up_rule_v1",
    SetTarget = "set_target_v1",
    EditTarget = "edit_target_v1",
}

/// Why a command that arrived cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// The name is not known here: the sender is newer.
    UnknownName,
    /// The name is known and its arguments are not what it needs.
    BadArguments,
}

impl Command {
    /// The files that it brings: their bytes travel by themselves.
    #[must_use]
    pub const fn attachments(&self) -> &[NewAttachment] {
        match self {
            Self::RecordPayment(args) => args.photo.as_slice(),
            _ => &[],
        }
    }

    /// The form in which it travels and is stored.
    #[must_use]
    pub fn to_raw(&self) -> RawCommand {
        let args = self.args().expect("commands hold only maps with text keys, so they always serialise");
        RawCommand { name: self.name().to_owned(), args }
    }
}

fn args<T: DeserializeOwned>(raw: &RawCommand) -> Result<T, Unreadable> {
    serde_json::from_str(raw.args.get()).map_err(|_| Unreadable::BadArguments)
}
