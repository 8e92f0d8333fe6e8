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
        "import_customers" => t::import_customers(),
        "undo_import" => t::undo_import(),
        "plan_meeting" => t::plan_meeting(),
        "edit_meeting" => t::edit_meeting(),
        "cancel_meeting" => t::cancel_meeting(),
        "plan_invitations" => t::plan_invitations(),
        "record_answer" => t::record_answer(),
        "confirm_invitation" => t::confirm_invitation(),
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
        "rule_held_command" => t::rule_held_command(),
        "set_device_policy" => t::set_device_policy(),
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
