//! What the tests of view models add to the invented organisation: more meetings, and invitations that are anywhere on their way.

use chrono::TimeDelta;
use shared::check_ins::{CheckIn, Method};
use shared::customers::{Customer, Profile};
use shared::ids::*;
use shared::invitations::{Answer, Channel, Invitation};
use shared::meetings::{Meeting, MeetingState};
pub(crate) use shared::testing::World;
use shared::time::Timestamp;

/// The instant `minutes` after noon of 2026-11-23 in Taipei. The organisation's own meetings are a week later.
pub(crate) fn at(minutes: i64) -> Timestamp {
    "2026-11-23T04:00:00Z".parse::<Timestamp>().expect("valid") + TimeDelta::minutes(minutes)
}

/// A customer of somebody's; `fill` writes the profile.
pub(crate) fn customer(world: &mut World, owner: Option<UserId>, name: &str, fill: impl FnOnce(&mut Profile)) -> CustomerId {
    let id: CustomerId = world.id();
    let mut profile = world.profile(name);
    fill(&mut profile);
    let made = at(i64::try_from(id.0.as_u128()).expect("small"));
    world.put(Customer { id, owner, team: None, profile, import: None, handovers: Vec::new(), created_at: made, changed_at: made });
    id
}

/// A meeting in Taipei of three hours.
pub(crate) fn meeting(world: &mut World, starts_at: Timestamp) -> MeetingId {
    let id = world.id();
    let mut plan = world.plan(&[]);
    (plan.starts_at, plan.ends_at) = (starts_at, starts_at + TimeDelta::hours(3));
    world.put(Meeting { id, plan, state: MeetingState::Planned });
    id
}

/// An invitation; `fill` says how far it is.
pub(crate) fn invitation(
    world: &mut World,
    meeting: MeetingId,
    customer: CustomerId,
    rep: UserId,
    fill: impl FnOnce(&mut Invitation),
) -> InvitationId {
    let id = world.id();
    let mut invitation = Invitation {
        id,
        meeting,
        customer,
        rep,
        channel: Channel::Phone,
        planned: None,
        due: None,
        answer: Answer::Planned,
        confirmation: None,
        confirmations: Vec::new(),
        attempts: Vec::new(),
        questions: Vec::new(),
        companions: 0,
        waiting: None,
        links: Vec::new(),
        asked: None,
        reminders: Vec::new(),
        same_as: None,
        ticket: None,
    };
    fill(&mut invitation);
    world.put(invitation);
    id
}

/// A guest let in.
pub(crate) fn check_in(world: &mut World, meeting: MeetingId, guest: GuestId, by: UserId) {
    let device = world.device(by);
    let id = world.id();
    world.put(CheckIn { id, meeting, guest, at: at(0), by, device, desk: "A".to_owned(), method: Method::Search, undone: None });
}
