//! The conflict inbox (clause D2): one guest let in twice at desks that could not see each other. Both check-ins are kept; a person says which counts.

use crate::state::order::InOrder;
use crate::state::people::name_of;
use crate::state::venue::{Who, who};
use shared::check_ins::{CheckIn, Conflict, Method, Ruling};
use shared::ids::{CheckInId, ClientId, ConflictId, GuestId, MeetingId};
use shared::meetings::Guest;
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::Timestamp;

/// A conflict as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    pub(crate) conflict: ConflictId,
    pub(crate) meeting: MeetingId,
    /// The guest's card; none if only the tickets were seen.
    pub(crate) who: Option<Who>,
    /// Both check-ins, the earlier one first. One that has not reached this device is missing.
    pub(crate) sides: Vec<Side>,
    pub(crate) outcome: Option<Outcome>,
}

/// One of the two check-ins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Side {
    pub(crate) check_in: CheckInId,
    pub(crate) at: Timestamp,
    pub(crate) desk: String,
    pub(crate) by: String,
    pub(crate) method: Method,
    pub(crate) on_this_device: bool,
    pub(crate) undone: bool,
}

/// What a person decided.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) kept: CheckInId,
    pub(crate) by: String,
    pub(crate) at: Timestamp,
}

/// The conflicts of a meeting: open ones first, in each part the latest first.
pub(crate) fn cases(replica: &Replica, meeting: MeetingId, device: ClientId) -> Vec<Case> {
    let conflicts = replica.nouns::<Conflict>(&Index::ConflictsByMeeting(meeting));
    let mut cases: Vec<_> = conflicts.into_iter().map(|conflict| case(replica, conflict, device)).collect();
    let latest = |case: &Case| case.sides.iter().map(|side| side.at).max();
    cases.order_by(|a, b| a.outcome.is_some().cmp(&b.outcome.is_some()).then(latest(b).cmp(&latest(a))).then(a.conflict.cmp(&b.conflict)));
    cases
}

fn case(replica: &Replica, conflict: &Conflict, device: ClientId) -> Case {
    let check_ins = [conflict.first, conflict.second].into_iter().filter_map(|id| replica.noun::<CheckIn>(id));
    let mut sides: Vec<_> = check_ins.map(|check_in| side(replica, check_in, device)).collect();
    sides.order_by_key(|side| (side.at, side.check_in));
    Case {
        conflict: conflict.id,
        meeting: conflict.meeting,
        who: guest(replica, conflict.guest),
        sides,
        outcome: conflict.ruling.as_ref().map(|ruling| outcome(replica, ruling)),
    }
}

fn guest(replica: &Replica, guest: GuestId) -> Option<Who> {
    replica.noun::<Guest>(guest).map(|guest| who(replica, guest))
}

fn side(replica: &Replica, check_in: &CheckIn, device: ClientId) -> Side {
    Side {
        check_in: check_in.id,
        at: check_in.at,
        desk: check_in.desk.clone(),
        by: name_of(replica, check_in.by),
        method: check_in.method,
        on_this_device: check_in.device == device,
        undone: check_in.undone.is_some(),
    }
}

fn outcome(replica: &Replica, ruling: &Ruling) -> Outcome {
    Outcome { kept: ruling.kept, by: name_of(replica, ruling.by), at: ruling.at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::check_ins::command::RuleConflict;
    use shared::testing::World;

    #[test]
    fn d2_a_conflict_shows_both_check_ins_and_after_the_ruling_who_decided() {
        let mut world = World::new();
        let guest = world.expect_guest(world.meeting, world.customer);
        let (here, there) = (world.check_in(world.meeting, guest), world.check_in(world.meeting, guest));
        let (first, second) = (here.check_in, there.check_in);
        world.apply(world.rep, here).expect("on duty");
        world.apply(world.colleague, there).expect("on duty");
        let device = world.device(world.rep);

        let open = cases(&world.replica(world.rep), world.meeting, device);
        let [case] = &open[..] else { panic!("one conflict") };
        assert_eq!(case.who.as_ref().map(|who| who.name.as_str()), Some("王小明"));
        let sides: Vec<_> = case.sides.iter().map(|side| (side.check_in, side.by.as_str(), side.on_this_device)).collect();
        assert_eq!(sides, [(first, "林佳穎", true), (second, "吳宗翰", false)]);
        assert_eq!(case.outcome, None);

        world.apply(world.colleague, RuleConflict { conflict: case.conflict, keep: first }).expect("on duty");
        let ruled = cases(&world.replica(world.rep), world.meeting, device);
        let outcome = ruled[0].outcome.as_ref().expect("ruled");
        assert_eq!((outcome.kept, outcome.by.as_str()), (first, "吳宗翰"));
    }
}
