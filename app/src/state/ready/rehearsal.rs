//! The rehearsal of the venue-ready check: an invented guest at a door that exists in memory only.

use crate::state::venue::{Verdict, WalkIn, WalkInIds, settings, verdict_of_code};
use shared::Command;
use shared::check_ins::Method;
use shared::check_ins::command::CheckInGuest;
use shared::decide::Actor;
use shared::ids::{CheckInId, ClientId, CustomerId, GuestId, MeetingId};
use shared::invitations::Invitation;
use shared::invitations::ticket::{Ticket, TicketSigner};
use shared::meetings::{Meeting, Plan, Staff};
use shared::people::User;
use shared::record::{Index, Record};
use shared::settings::Settings;
use shared::sync::protocol::RowHash;
use shared::sync::replica::{Pending, Replica};
use shared::sync::slot::Held;
use shared::time::Timestamp;
use uuid::Uuid;

/// The steps of the rehearsal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// What the door needs is not here.
    NotHere,
    /// The practice ticket, drawn as a code, was not read.
    Scan,
    /// The guest with a good ticket was not welcome.
    Welcome,
    /// The check-in was not accepted by the rules.
    CheckIn,
    /// The second scan of the same ticket was not noticed.
    Again,
    /// A forged ticket was not noticed.
    Forged,
    /// A ticket of another meeting was not noticed.
    OtherMeeting,
    /// A guest without an invitation could not be entered.
    WalkIn,
    /// A ticket of the company's own was not found genuine.
    OwnTicket,
}

/// A door that exists in memory only, with a key of its own: what is done there touches nothing that is stored.
pub(crate) struct Practice {
    replica: Replica,
    meeting: MeetingId,
    signer: TicketSigner,
    ticket: String,
    now: Timestamp,
}

impl Practice {
    /// The door of a meeting, for practice. `chance` makes its keys.
    ///
    /// # Errors
    /// [`Step::NotHere`].
    pub(crate) fn at(real: &Replica, actor: &Actor, id: MeetingId, chance: &[u8; 32], now: Timestamp) -> Result<Self, Step> {
        let meeting = real.noun::<Meeting>(id).ok_or(Step::NotHere)?;
        let settings = settings(real).ok_or(Step::NotHere)?;
        let signer = TicketSigner::from_seed(chance);
        let (door, guest) = (MeetingId(Uuid::from_u128(PRACTICE)), GuestId(Uuid::from_u128(PRACTICE + 1)));
        let ticket = signer.sign(door, guest, now, NAME);
        let mut replica = Replica::new(ClientId(Uuid::from_u128(PRACTICE)), Some(actor.clone()));
        let duty = meeting.plan.staff.first().map_or(shared::meetings::Duty::Reception, |staff| staff.duty);
        let plan = Plan { staff: vec![Staff { user: actor.user, duty }], ..meeting.plan.clone() };
        hold(&mut replica, Meeting { id: door, plan, ..(**meeting).clone() }.into());
        hold(&mut replica, Settings { ticket_key: signer.public_key(), ..(**settings).clone() }.into());
        if let Some(me) = real.noun::<User>(actor.user) {
            hold(&mut replica, (**me).clone().into());
        }
        Ok(Self { replica, meeting: door, signer, ticket, now })
    }

    /// The practice ticket, to be drawn and read as a camera's frame is.
    pub(crate) fn ticket(&self) -> &str {
        &self.ticket
    }

    /// Lets an invented guest in by the code that was read, and tries what must be noticed.
    ///
    /// # Errors
    /// The step that went wrong.
    pub(crate) fn rehearse(mut self, codes: &[String]) -> Result<(), Step> {
        let Some(code) = codes.iter().find(|code| **code == self.ticket).cloned() else { return Err(Step::Scan) };
        let Verdict::Welcome(who) = self.judge(&code) else { return Err(Step::Welcome) };
        let check_in = CheckInId(Uuid::from_u128(PRACTICE + 2));
        let (meeting, desk, ticket) = (self.meeting, "A".to_owned(), Some(code.clone()));
        self.carry_out(CheckInGuest { check_in, meeting, guest: who.guest, desk, method: Method::Ticket, ticket }, Step::CheckIn)?;
        if !matches!(self.judge(&code), Verdict::AlreadyIn { .. }) {
            return Err(Step::Again);
        }
        let another = TicketSigner::from_seed(&[0; 32]).sign(meeting, who.guest, self.now, NAME);
        if self.judge(&another) != Verdict::Forged {
            return Err(Step::Forged);
        }
        let elsewhere = self.signer.sign(MeetingId(Uuid::from_u128(PRACTICE + 3)), who.guest, self.now, NAME);
        if !matches!(self.judge(&elsewhere), Verdict::WrongMeeting { .. }) {
            return Err(Step::OtherMeeting);
        }
        let ids = [4, 5, 6].map(|number| Uuid::from_u128(PRACTICE + number));
        let ids = WalkInIds { check_in: CheckInId(ids[0]), guest: GuestId(ids[1]), customer: CustomerId(ids[2]) };
        let form = WalkIn { name: NAME.to_owned(), email: "practice@example.org".to_owned(), ..WalkIn::default() };
        let home = settings(&self.replica).ok_or(Step::NotHere)?.country;
        let walk_in = form.command(ids, meeting, "A", home).map_err(|_| Step::WalkIn)?;
        self.carry_out(walk_in, Step::WalkIn)
    }

    fn judge(&self, code: &str) -> Verdict {
        verdict_of_code(&self.replica, self.meeting, code)
    }

    fn carry_out(&mut self, command: impl Into<Command>, step: Step) -> Result<(), Step> {
        let command = command.into();
        let patches = self.replica.predict(&command, self.now).map_err(|_| step)?;
        self.replica.add_pending(Pending { uuid: Uuid::from_u128(PRACTICE), at: self.now, command: Some(command), applied_at: None });
        if patches.is_empty() { Err(step) } else { Ok(()) }
    }
}

/// Whether a ticket that the company signed for this meeting, if this device holds one, is found genuine here.
pub(crate) fn own_ticket_is_good(replica: &Replica, id: MeetingId) -> bool {
    let Some(settings) = settings(replica) else { return false };
    let tickets = replica.nouns::<Invitation>(&Index::InvitationsByMeeting(id)).into_iter().filter_map(|invitation| invitation.ticket.clone());
    tickets.take(1).all(|ticket| Ticket::verify(&ticket, &settings.ticket_key).is_ok())
}

/// Where the ids of what is for practice begin; no version-7 id does.
const PRACTICE: u128 = 0xC5;
const NAME: &str = "演練";

fn hold(replica: &mut Replica, record: Record) {
    let (key, scope, body) = (record.key(), record.scope(), record.encode());
    let held = Held { scope, version: 1, hash: RowHash::of_kind(key.kind, key.id, 1, &body) };
    replica.put_row(key.kind.name(), key.id, held, Some(record));
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::check_ins::CheckIn;
    use shared::testing::World;

    #[test]
    fn c5_the_rehearsal_lets_an_invented_guest_in_and_leaves_no_trace() {
        let mut world = World::new();
        world.expect_guest(world.meeting, world.customer);
        for user in [world.rep, world.supervisor, world.manager] {
            let (replica, actor) = (world.replica(user), world.actor(user));
            let before: Vec<_> = world.all().map(Record::encode).collect();
            let practice = Practice::at(&replica, &actor, world.meeting, &[3; 32], world.now).expect("the meeting is here");
            let code = practice.ticket().to_owned();
            assert_eq!(practice.rehearse(&[code]), Ok(()));
            assert!(replica.pending().is_empty());
            assert_eq!(replica.all::<CheckIn>().count(), 0);
            assert_eq!(world.all().map(Record::encode).collect::<Vec<_>>(), before);
        }
    }

    #[test]
    fn c5_a_rehearsal_notices_what_would_go_wrong_at_the_door() {
        let world = World::new();
        let (replica, actor) = (world.replica(world.rep), world.actor(world.rep));
        let practice = |chance| Practice::at(&replica, &actor, world.meeting, chance, world.now).expect("the meeting is here");
        assert_eq!(practice(&[3; 32]).rehearse(&[]), Err(Step::Scan), "the scanner read nothing");
        assert_eq!(practice(&[3; 32]).rehearse(&["HX1.another".to_owned()]), Err(Step::Scan));
        // Chance that is none is that of the forger.
        let practice_of_the_forger = practice(&[0; 32]);
        let code = practice_of_the_forger.ticket.clone();
        assert_eq!(practice_of_the_forger.rehearse(&[code]), Err(Step::Forged));
        let empty = Replica::new(world.device(world.rep), Some(actor.clone()));
        assert!(matches!(Practice::at(&empty, &actor, world.meeting, &[3; 32], world.now), Err(Step::NotHere)));
        let practice = Practice::at(&replica, &world.actor(world.administrator), world.meeting, &[3; 32], world.now).expect("the meeting is here");
        let code = practice.ticket.clone();
        assert_eq!(practice.rehearse(&[code]), Err(Step::CheckIn), "the rules are those of the door");
    }

    #[test]
    fn c5_a_ticket_of_the_company_that_is_held_must_be_genuine_here() {
        let mut world = World::new();
        world.expect_guest(world.meeting, world.customer);
        assert!(own_ticket_is_good(&world.replica(world.rep), world.meeting));
        assert!(own_ticket_is_good(&world.replica(world.rep), world.other_meeting), "none is held");
        let settings = (*world.get::<Settings>(world.org)).clone();
        world.put(Settings { ticket_key: TicketSigner::from_seed(&[9; 32]).public_key(), ..settings });
        assert!(!own_ticket_is_good(&world.replica(world.rep), world.meeting));
    }
}
