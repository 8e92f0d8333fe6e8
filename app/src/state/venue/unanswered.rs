//! Those who were invited and have not said yes (clause D1). They have no card; some come all the same, and at the door that is their answer.
//! Whoever has said no comes too, once somebody has been told of it and lets them in.
//!
//! A device knows those whom its person may see: what others invite is told by cards alone.

use shared::customers::Customer;
use shared::ids::{GuestId, InvitationId, MeetingId};
use shared::invitations::{Answer, Invitation};
use shared::meetings::{Guest, GuestOrigin, Standing};
use shared::record::Index;
use shared::sync::replica::Replica;

/// The cards that they would have, of everybody invited to a meeting.
pub(crate) fn of_meeting(replica: &Replica, meeting: MeetingId) -> Vec<Guest> {
    replica.nouns::<Invitation>(&Index::InvitationsByMeeting(meeting)).into_iter().filter_map(|invitation| card(replica, invitation)).collect()
}

/// The card that one of them would have.
pub(crate) fn one(replica: &Replica, meeting: MeetingId, guest: GuestId) -> Option<Guest> {
    replica
        .noun::<Invitation>(InvitationId(guest.0))
        .filter(|invitation| invitation.meeting == meeting)
        .and_then(|invitation| card(replica, invitation))
}

fn card(replica: &Replica, invitation: &Invitation) -> Option<Guest> {
    let id = GuestId(invitation.id.0);
    // Nearly everybody who has a card has it under their invitation's id: that is quickly seen.
    if invitation.same_as.is_some() || replica.noun::<Guest>(id).is_some() {
        return None;
    }
    let customer = replica.noun::<Customer>(invitation.customer)?;
    let cards = replica.nouns::<Guest>(&Index::GuestsByCustomer(customer.id));
    let has_card = cards.iter().any(|card| card.meeting == invitation.meeting);
    let standing = match invitation.answer {
        Answer::Declined { .. } | Answer::DoNotContact => Standing::Revoked,
        Answer::Planned | Answer::Agreed | Answer::CallBack { .. } | Answer::NoAnswer | Answer::WrongNumber => Standing::Agreed,
    };
    (!has_card).then(|| Guest::new(id, invitation.meeting, customer, invitation.rep, GuestOrigin::Invited, standing))
}

#[cfg(test)]
mod tests {
    use super::super::{Verdict, verdict_of_guest};
    use super::*;
    use shared::invitations::Channel;
    use shared::invitations::command::RecordAnswer;
    use shared::testing::World;

    #[test]
    fn d1_who_was_invited_and_never_answered_is_let_in_under_their_own_name() {
        let mut world = World::new();
        let invitation = world.invite(world.meeting, world.customer);
        let guest = GuestId(invitation.0);
        let verdict = |world: &World, meeting| verdict_of_guest(&world.replica(world.rep), meeting, guest);
        let Verdict::Welcome(who) = verdict(&world, world.meeting) else { panic!("has come") };
        assert_eq!((who.name.as_str(), who.customer), ("王小明", Some(world.customer)));
        assert_eq!(verdict(&world, world.other_meeting), Verdict::NotOnList);
        let command = world.check_in(world.meeting, guest);
        world.apply(world.rep, command).expect("on duty");
        assert!(matches!(verdict(&world, world.meeting), Verdict::AlreadyIn { .. }));
        assert_eq!(of_meeting(&world.replica(world.rep), world.meeting), []);
    }

    #[test]
    fn d1_who_said_no_and_comes_all_the_same_is_told_first_and_let_in_then() {
        let mut world = World::new();
        let invitation = world.invite(world.meeting, world.customer);
        let declined = Answer::Declined { reason: "no_time".into(), words: String::new() };
        let said_no = RecordAnswer { invitation, channel: Channel::Phone, answer: declined, questions: Vec::new() };
        world.apply(world.rep, said_no).expect("the own customer");
        let guest = GuestId(invitation.0);
        assert!(matches!(verdict_of_guest(&world.replica(world.rep), world.meeting, guest), Verdict::Revoked(_)));
        let command = world.check_in(world.meeting, guest);
        world.apply(world.rep, command).expect("on duty");
        assert!(matches!(verdict_of_guest(&world.replica(world.rep), world.meeting, guest), Verdict::AlreadyIn { .. }));
    }

    #[test]
    fn d1_only_those_who_may_see_an_invitation_find_who_has_not_answered() {
        let mut world = World::new();
        world.invite(world.meeting, world.customer);
        let names = |user| of_meeting(&world.replica(user), world.meeting).into_iter().map(|card| card.name).collect::<Vec<_>>();
        assert_eq!((names(world.rep), names(world.stranger)), (vec!["王小明".to_owned()], Vec::new()));
    }
}
