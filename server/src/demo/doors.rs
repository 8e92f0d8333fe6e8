//! The day of the past meeting: tickets scanned at two desks, guests found by name, walk-ins, one guest scanned at both desks.

use super::invitations::Invited;
use super::{Company, Known, Planned};
use chrono::Duration;
use shared::Unavailable;
use shared::check_ins::Method;
use shared::check_ins::command::{CheckInGuest, RegisterWalkIn, RuleConflict, UndoCheckIn};
use shared::decide::ViewExt;
use shared::ids::{CheckInId, ConflictId, CustomerId, GuestId};
use shared::invitations::Invitation;
use shared::time::Timestamp;

const DESKS: [(&str, &str); 2] = [("rep1", "A"), ("rep2", "B")];
const WALK_INS: usize = 5;
/// Of another team, and on duty nowhere that day.
const HELPER: &str = "rep6";

/// Somebody who came.
pub(super) struct Arrived {
    pub(super) customer: Known,
    /// Whose customer.
    pub(super) rep: String,
}

impl Company<'_> {
    /// Gives those who came.
    pub(super) fn open_doors(&mut self, meeting: Planned, expected: &[Invited]) -> Result<Vec<Arrived>, Unavailable> {
        let opened = meeting.starts_at - Duration::minutes(35);
        let (regular, late) = expected.split_at(expected.len().saturating_sub(3));
        let mut arrived = Vec::new();
        for invited in regular {
            if self.chance.percent(84) {
                let at = opened + Duration::seconds(i64::try_from(self.chance.below(3_000)).unwrap_or(0));
                let desk = self.chance.below(2);
                self.let_in(meeting, invited, desk, at)?;
                arrived.push(Arrived { customer: invited.customer.clone(), rep: invited.rep.clone() });
            }
        }
        self.mix_up(meeting, late, opened)?;
        for _ in 0..WALK_INS {
            let at = meeting.starts_at + Duration::seconds(i64::try_from(self.chance.below(1_200)).unwrap_or(0));
            arrived.push(self.walk_in(meeting, at)?);
        }
        self.help_out(meeting)?;
        Ok(arrived)
    }

    fn let_in(&mut self, meeting: Planned, invited: &Invited, desk: usize, at: Timestamp) -> Result<CheckInId, Unavailable> {
        let (login, desk) = DESKS.get(desk).copied().unwrap_or(DESKS[0]);
        let ticket = self.organisation.get::<Invitation>(invited.invitation)?.and_then(|invitation| invitation.ticket.clone());
        let ticket = if self.chance.percent(70) { ticket } else { None };
        let method = if ticket.is_some() { Method::Ticket } else { Method::Search };
        let check_in = CheckInId(self.chance.id(at));
        let guest = GuestId(invited.invitation.0);
        self.act(login, at, CheckInGuest { check_in, meeting: meeting.id, guest, desk: desk.into(), method, ticket })?;
        Ok(check_in)
    }

    /// What goes wrong at a door: those who come last are scanned at both desks. One scan was taken back, one was ruled on, one waits for a ruling.
    fn mix_up(&mut self, meeting: Planned, late: &[Invited], opened: Timestamp) -> Result<(), Unavailable> {
        let at = opened + Duration::minutes(52);
        let mut doubles = Vec::new();
        for (place, invited) in late.iter().enumerate() {
            let first = self.let_in(meeting, invited, 0, at + Duration::minutes(i64::try_from(place).unwrap_or(0)))?;
            let second = self.let_in(meeting, invited, 1, at + Duration::minutes(3))?;
            doubles.push((first, second));
        }
        if let Some((_, second)) = doubles.first() {
            self.act("rep2", at + Duration::minutes(4), UndoCheckIn { check_in: *second })?;
        }
        if let Some((first, second)) = doubles.get(1) {
            self.act("supervisor1", at + Duration::minutes(30), RuleConflict { conflict: ConflictId(second.0), keep: *first })?;
        }
        Ok(())
    }

    /// A colleague who is not on duty helps at the door: the guest was there, but the record waits for a ruling.
    fn help_out(&mut self, meeting: Planned) -> Result<(), Unavailable> {
        let at = meeting.starts_at + Duration::minutes(25);
        let (_, command) = self.somebody_new(meeting, "B", at);
        self.act_without_right(HELPER, at, command)
    }

    fn walk_in(&mut self, meeting: Planned, at: Timestamp) -> Result<Arrived, Unavailable> {
        let (login, desk) = DESKS.get(self.chance.below(2)).copied().unwrap_or(DESKS[0]);
        let (customer, command) = self.somebody_new(meeting, desk, at);
        self.act(login, at, command)?;
        self.customers.entry(login.to_owned()).or_default().push(customer.clone());
        Ok(Arrived { customer, rep: login.to_owned() })
    }

    fn somebody_new(&mut self, meeting: Planned, desk: &str, at: Timestamp) -> (Known, RegisterWalkIn) {
        let profile = self.profile(at);
        let customer = Known { id: CustomerId(self.chance.id(at)), name: profile.name.clone() };
        let command = RegisterWalkIn {
            check_in: CheckInId(self.chance.id(at)),
            guest: GuestId(self.chance.id(at)),
            customer: customer.id,
            meeting: meeting.id,
            desk: desk.into(),
            name: profile.name,
            salutation: profile.salutation,
            phone: profile.phones.into_iter().next(),
            email: profile.email,
            company: profile.company,
        };
        (customer, command)
    }
}
