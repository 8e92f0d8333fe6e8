//! What waits for a ruling: records that the rules could not accept, with what a person needs to decide.
//!
//! Law: whether somebody may rule is asked of the shared rules, so that no button leads to a refusal.

use crate::state::order::InOrder;
use crate::state::people::name_of;
use crate::state::phones::spoken;
use crate::words;
use shared::deals::Deal;
use shared::decide::Actor;
use shared::ids::{DealId, GuestId, HeldCommandId, MeetingId};
use shared::meetings::{Guest, Meeting};
use shared::people::{Access, User};
use shared::quarantine::decide::need_ruler;
use shared::quarantine::{HeldCommand, HeldVerdict};
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use shared::{Command, Rejection};

/// One held record as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) id: HeldCommandId,
    /// The command's versioned name.
    pub(crate) name: String,
    /// What it is about, the most telling first.
    pub(crate) about: Vec<String>,
    pub(crate) by: String,
    /// Whoever recorded it has no access any more.
    pub(crate) has_left: bool,
    pub(crate) occurred_at: Timestamp,
    pub(crate) why: Rejection,
    /// Whoever looks may rule on it.
    pub(crate) mine_to_rule: bool,
    pub(crate) outcome: Option<Outcome>,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) by: String,
    pub(crate) at: Timestamp,
    /// Why it was set aside; none if it was accepted.
    pub(crate) reason: Option<String>,
}

/// Everything held that is on this device: what waits first, in each part the latest first.
pub(crate) fn items(replica: &Replica, actor: &Actor) -> Vec<Item> {
    let mut items: Vec<Item> = replica.all::<HeldCommand>().map(|held| item(replica, actor, held)).collect();
    items.order_by_key(|item| (item.outcome.is_some(), std::cmp::Reverse(item.occurred_at), item.id));
    items
}

/// How many wait for a ruling of the actor's.
pub(crate) fn to_rule_on(replica: &Replica, actor: &Actor) -> usize {
    replica.all::<HeldCommand>().filter(|held| held.ruling.is_none() && need_ruler(replica, actor, held).is_ok()).count()
}

fn item(replica: &Replica, actor: &Actor, held: &HeldCommand) -> Item {
    let outcome = held.ruling.as_ref().map(|ruling| Outcome {
        by: name_of(replica, ruling.by),
        at: ruling.at,
        reason: match &ruling.verdict {
            HeldVerdict::Accepted => None,
            HeldVerdict::SetAside { reason } => Some(reason.clone()),
        },
    });
    Item {
        id: held.id,
        name: held.command.name.clone(),
        about: Command::read(&held.command).map(|command| about(replica, &command)).unwrap_or_default(),
        by: name_of(replica, held.by),
        has_left: replica.noun::<User>(held.by).is_none_or(|user| user.access == Access::Revoked),
        occurred_at: held.occurred_at,
        why: held.rejection.clone(),
        mine_to_rule: outcome.is_none() && need_ruler(replica, actor, held).is_ok(),
        outcome,
    }
}

fn about(replica: &Replica, command: &Command) -> Vec<String> {
    let guest = |id: GuestId| replica.noun::<Guest>(id).map(|guest| guest.name.clone());
    let meeting = |id: MeetingId| replica.noun::<Meeting>(id).map(|meeting| meeting.plan.theme.clone());
    let buyer = |id: DealId| replica.noun::<Deal>(id).map(|deal| deal.buyer.clone());
    let (texts, amount) = match command {
        Command::CheckInGuest(args) => (vec![guest(args.guest), meeting(args.meeting), Some(args.desk.clone())], None),
        Command::RegisterWalkIn(args) => {
            let phone = args.phone.as_ref().map(spoken);
            (vec![Some(args.name.clone()), phone, Some(args.company.clone()), meeting(args.meeting)], None)
        }
        Command::NoteGuest(args) => (vec![guest(args.guest), Some(args.words.clone()), meeting(args.meeting)], None),
        Command::MarkAgenda(args) => (vec![Some(args.title.clone()), meeting(args.meeting)], None),
        Command::CallForHelp(args) => (vec![Some(args.place.clone()), meeting(args.meeting)], None),
        Command::AddCustomer(args) => (vec![Some(args.profile.name.clone()), Some(args.profile.company.clone())], None),
        Command::OpenDeal(args) => (vec![Some(args.buyer.clone()), args.meeting.and_then(meeting)], None),
        Command::ChangeDeal(args) => (vec![buyer(args.deal)], None),
        Command::SignDeal(args) => (vec![Some(args.signer.clone()), buyer(args.deal).filter(|buyer| *buyer != args.signer)], None),
        Command::RecordPayment(args) => (vec![buyer(args.deal)], Some(words::money(args.amount))),
        Command::RecordRefund(args) => (vec![buyer(args.deal), Some(args.reason.clone())], Some(words::money(args.amount))),
        Command::ConfirmDelivery(args) => (vec![buyer(args.deal)], None),
        _ => (Vec::new(), None),
    };
    amount.into_iter().chain(texts.into_iter().flatten()).filter(|text| !text.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::meetings::command::EditMeeting;
    use shared::quarantine::command::RuleHeldCommand;
    use shared::testing::World;

    fn seen(world: &World, by: shared::ids::UserId) -> Vec<Item> {
        items(&world.replica(by), &world.actor(by))
    }

    #[test]
    fn a_check_in_of_somebody_off_duty_waits_for_those_above_and_tells_what_became_of_it() {
        let mut world = World::new();
        let guest = world.expect_guest(world.meeting, world.customer);
        let (meeting, plan) = (world.meeting, world.plan(&[]));
        world.apply(world.manager, EditMeeting { meeting, plan }).expect("a manager plans");
        let asked = world.check_in(meeting, guest);
        assert!(!world.receive(world.rep, asked.into()), "off duty");

        let [own] = &seen(&world, world.rep)[..] else { panic!("its author sees it") };
        assert_eq!((own.name.as_str(), own.mine_to_rule, own.has_left), ("check_in_v1", false, false));
        let [waiting] = &seen(&world, world.supervisor)[..] else { panic!("the supervisor sees it") };
        assert_eq!((waiting.mine_to_rule, waiting.by.as_str(), &waiting.why), (true, "林佳穎", &Rejection::Forbidden));
        assert_eq!(to_rule_on(&world.replica(world.supervisor), &world.actor(world.supervisor)), 1);
        assert_eq!(seen(&world, world.colleague), []);

        let reason = "登記錯人".to_owned();
        world.apply(world.manager, RuleHeldCommand { held: waiting.id, verdict: HeldVerdict::SetAside { reason: reason.clone() } }).expect("may");
        let [ruled] = &seen(&world, world.rep)[..] else { panic!("it stays") };
        assert_eq!(ruled.outcome.as_ref().map(|outcome| &outcome.reason), Some(&Some(reason)));
        assert_eq!(to_rule_on(&world.replica(world.supervisor), &world.actor(world.supervisor)), 0);
    }
}
