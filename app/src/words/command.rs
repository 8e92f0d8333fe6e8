//! What a person did, by the name of the command.

use crate::texts::commands as t;

/// What a command is called; its version does not matter to people.
#[must_use]
pub fn command(name: &str) -> &'static str {
    let plain = name.rsplit_once("_v").map_or(name, |(plain, _)| plain);
    match plain {
        "add_team" => t::add_team(),
        "add_user" => t::add_user(),
        "edit_user" => t::edit_user(),
        "add_customer" => t::add_customer(),
        "edit_customer" => t::edit_customer(),
        "transfer_customers" => t::transfer_customers(),
        "merge_customers" => t::merge_customers(),
        "undo_merge" => t::undo_merge(),
        "claim_customer" => t::claim_customer(),
        "import_customers" => t::import_customers(),
        "undo_import" => t::undo_import(),
        "record_export" => t::record_export(),
        "plan_meeting" => t::plan_meeting(),
        "edit_meeting" => t::edit_meeting(),
        "cancel_meeting" => t::cancel_meeting(),
        "plan_invitations" => t::plan_invitations(),
        "record_answer" => t::record_answer(),
        "confirm_invitation" => t::confirm_invitation(),
        "change_party" => t::change_party(),
        "tell_waiting" => t::tell_waiting(),
        "make_link" => t::make_link(),
        "note_reminder" => t::note_reminder(),
        "refuse_reminders" => t::refuse_reminders(),
        "withdraw_links" => t::withdraw_links(),
        "ask_question" => t::ask_question(),
        "check_in" => t::check_in(),
        "register_walk_in" => t::register_walk_in(),
        "undo_check_in" => t::undo_check_in(),
        "rule_conflict" => t::rule_conflict(),
        "add_product" => t::add_product(),
        "edit_product" => t::edit_product(),
        "open_deal" => t::open_deal(),
        "change_deal" => t::change_deal(),
        "approve_discount" => t::approve_discount(),
        "refuse_discount" => t::refuse_discount(),
        "sign_deal" => t::sign_deal(),
        "record_payment" => t::record_payment(),
        "cancel_deal" => t::cancel_deal(),
        "mark_agenda" => t::mark_agenda(),
        "undo_agenda_mark" => t::undo_agenda_mark(),
        "note_guest" => t::note_guest(),
        "call_for_help" => t::call_for_help(),
        "answer_help_call" => t::answer_help_call(),
        "close_help_call" => t::close_help_call(),
        "rule_held_command" => t::rule_held_command(),
        "set_device_policy" => t::set_device_policy(),
        "set_template" => t::set_template(),
        "put_entry" => t::put_entry(),
        "set_entry_state" => t::set_entry_state(),
        "move_entry" => t::move_entry(),
        "put_wording" => t::put_wording(),
        "remove_wording" => t::remove_wording(),
        "add_preparation" => t::add_preparation(),
        "edit_preparation" => t::edit_preparation(),
        "set_preparation_state" => t::set_preparation_state(),
        "copy_meeting" => t::copy_meeting(),
        "add_improvement" => t::add_improvement(),
        "edit_improvement" => t::edit_improvement(),
        "set_improvement_state" => t::set_improvement_state(),
        "open_desk" => t::open_desk(),
        "edit_desk" => t::edit_desk(),
        "staff_desk" => t::staff_desk(),
        "lease_seats" => t::lease_seats(),
        "return_seats" => t::return_seats(),
        "put_tables" => t::put_tables(),
        "remove_tables" => t::remove_tables(),
        "block_seats" => t::block_seats(),
        "give_seats" => t::give_seats(),
        "take_back_seat" => t::take_back_seat(),
        "release_no_shows" => t::release_no_shows(),
        "rule_seats" => t::rule_seats(),
        "set_no_show_time" => t::set_no_show_time(),
        "plan_item" => t::plan_item(),
        "edit_item" => t::edit_item(),
        "allot_item" => t::allot_item(),
        "count_arrival" => t::count_arrival(),
        "count_return" => t::count_return(),
        "hand_out" => t::hand_out(),
        "undo_hand_out" => t::undo_hand_out(),
        "set_target" => t::set_target(),
        "edit_target" => t::edit_target(),
        _ => t::unknown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_its_own_words() {
        for name in shared::Command::NAMES {
            assert_ne!(command(name), t::unknown(), "{name}");
        }
    }
}
