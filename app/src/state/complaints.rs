//! Complaints as those see them who work with the customers, and those who see to them (clause G3).

use crate::state::order::InOrder;
use crate::state::venue::settings;
use chrono::{Days, NaiveDate};
use shared::complaints::decide::{can_handle, may_see_to, may_work_on};
use shared::complaints::{Complaint, ComplaintState, Severity};
use shared::customers::{Customer, Salutation};
use shared::deals::Deal;
use shared::decide::Actor;
use shared::ids::{CustomerId, UserId};
use shared::people::{Access, User};
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::sync::Arc;

/// One complaint, for the person who looks at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The complaint.
    pub complaint: Arc<Complaint>,
    /// The customer's name.
    pub name: String,
    /// How to address the customer.
    pub salutation: Option<Salutation>,
    /// Whether its day is over on the organisation's clock.
    pub overdue: bool,
    /// Whether the person notes steps, tells the customer, takes it up again.
    pub works: bool,
    /// Whether the person says who sees to it, and what the outcome is.
    pub sees_to: bool,
    /// Who sees to it, if they still can: nobody where they have left or gone elsewhere.
    pub handler: Option<UserId>,
    /// Whose customer it is, if that person still has access.
    pub owner: Option<UserId>,
}

impl Line {
    /// Whether it is the person who must do what comes next: settle it, or tell the customer.
    #[must_use]
    pub fn is_next(&self, actor: &Actor) -> bool {
        match self.complaint.state {
            ComplaintState::Open => self.handler.map_or(self.sees_to, |handler| handler == actor.user),
            ComplaintState::Settled => self.owner.or(self.handler).map_or(self.sees_to, |who| who == actor.user),
            ComplaintState::Told => false,
        }
    }
}

/// All that the person holds: what is late first, then the worst, then by day; those that are closed last, the latest first.
#[must_use]
pub fn lines(replica: &Replica, actor: &Actor, now: Timestamp) -> Vec<Line> {
    in_order(replica.all::<Complaint>().map(|complaint| line(replica, actor, complaint, now)).collect())
}

/// Those of one customer.
#[must_use]
pub fn of_customer(replica: &Replica, actor: &Actor, customer: CustomerId, now: Timestamp) -> Vec<Line> {
    let complaints = replica.nouns::<Complaint>(&Index::ComplaintsByCustomer(customer));
    in_order(complaints.into_iter().map(|complaint| line(replica, actor, complaint, now)).collect())
}

fn in_order(mut lines: Vec<Line>) -> Vec<Line> {
    let closed = |line: &Line| (!line.complaint.is_open()).then_some(std::cmp::Reverse(line.complaint.reported_at));
    lines.order_by(|a, b| {
        let key = |line: &Line| (closed(line), !line.overdue, line.complaint.severity, line.complaint.deadline, line.complaint.id);
        key(a).cmp(&key(b))
    });
    lines
}

fn line(replica: &Replica, actor: &Actor, complaint: &Arc<Complaint>, now: Timestamp) -> Line {
    let profile = replica.noun::<Customer>(complaint.customer).map(|customer| &customer.profile);
    let user = |id: &UserId| replica.noun::<User>(*id);
    let handles = |id: &UserId| user(id).is_some_and(|user| can_handle(replica, actor.org, user, complaint.owner) == Ok(true));
    Line {
        handler: complaint.handler.filter(handles),
        owner: complaint.owner.filter(|id| user(id).is_some_and(|user| user.access == Access::Granted)),
        complaint: complaint.clone(),
        name: profile.map(|profile| profile.name.clone()).unwrap_or_default(),
        salutation: profile.and_then(|profile| profile.salutation),
        overdue: settings(replica).is_some_and(|settings| complaint.is_overdue(settings.utc_offset, now)),
        works: may_work_on(replica, actor, complaint) == Ok(true),
        sees_to: may_see_to(replica, actor, complaint) == Ok(true),
    }
}

/// Who can see to a complaint, by name.
#[must_use]
pub fn handlers(replica: &Replica, actor: &Actor, complaint: &Complaint) -> Vec<Arc<User>> {
    let can = |user: &&Arc<User>| can_handle(replica, actor.org, user, complaint.owner) == Ok(true);
    let mut found: Vec<_> = replica.all::<User>().filter(can).cloned().collect();
    found.order_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    found
}

/// The deals that a complaint of a customer can be about, the latest first.
#[must_use]
pub fn deals(replica: &Replica, customer: CustomerId) -> Vec<Arc<Deal>> {
    let mut deals: Vec<_> = replica.nouns::<Deal>(&Index::DealsByCustomer(customer)).into_iter().filter(|deal| deal.is_sold()).cloned().collect();
    deals.order_by_key(|deal| (std::cmp::Reverse(deal.opened_at), deal.id));
    deals
}

/// The day until which a complaint is settled, unless somebody sets another.
#[must_use]
pub fn usual_deadline(replica: &Replica, severity: Severity, now: Timestamp) -> Option<NaiveDate> {
    settings(replica)?.utc_offset.day_of(now).checked_add_days(Days::new(severity.usual_days()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::complaints::command::{ReportComplaint, SettleComplaint, TellComplainant};
    use shared::contacts::Way;
    use shared::ids::{ComplaintId, UserId};
    use shared::testing::World;

    fn report(world: &mut World, severity: Severity, deadline: &str) -> ComplaintId {
        let (complaint, customer) = (world.id(), world.customer);
        let deadline = deadline.parse().expect("a day");
        world.apply(world.rep, ReportComplaint { complaint, customer, deal: None, what: "漏水".into(), severity, deadline }).expect("theirs");
        complaint
    }

    fn of(world: &World, user: UserId) -> Vec<Line> {
        lines(&world.replica(user), &world.actor(user), world.now)
    }

    fn next(world: &World, user: UserId) -> Vec<ComplaintId> {
        of(world, user).iter().filter(|line| line.is_next(&world.actor(user))).map(|line| line.complaint.id).collect()
    }

    #[test]
    fn g3_what_is_late_comes_first_then_the_worst_and_what_is_closed_last() {
        let mut world = World::new();
        let minor = report(&mut world, Severity::Minor, "2026-12-01");
        let late = report(&mut world, Severity::Minor, "2026-11-22");
        let urgent = report(&mut world, Severity::Urgent, "2026-12-01");
        let closed = report(&mut world, Severity::Urgent, "2026-11-22");
        world.apply(world.supervisor, SettleComplaint { complaint: closed, outcome: "換新".into() }).expect("she sees to it");
        world.apply(world.rep, TellComplainant { complaint: closed, way: Way::Call, words: String::new() }).expect("theirs");
        let ids = |user| of(&world, user).iter().map(|line| (line.complaint.id, line.overdue)).collect::<Vec<_>>();
        let expected = [(late, true), (urgent, false), (minor, false), (closed, false)];
        assert_eq!(ids(world.supervisor), expected, "the team's");
        assert_eq!(ids(world.rep), expected, "their own");
        assert_eq!(ids(world.colleague), []);
        assert_eq!(ids(world.other_supervisor), []);
    }

    #[test]
    fn g3_the_next_step_is_the_supervisors_until_there_is_an_outcome_and_then_the_reps() {
        let mut world = World::new();
        let complaint = report(&mut world, Severity::Serious, "2026-12-01");
        assert_eq!((next(&world, world.supervisor), next(&world, world.rep), next(&world, world.manager)), (vec![complaint], vec![], vec![]));
        world.apply(world.supervisor, SettleComplaint { complaint, outcome: "換新".into() }).expect("she sees to it");
        assert_eq!((next(&world, world.supervisor), next(&world, world.rep)), (vec![], vec![complaint]));
        world.apply(world.rep, TellComplainant { complaint, way: Way::Visit, words: String::new() }).expect("theirs");
        assert_eq!((next(&world, world.supervisor), next(&world, world.rep)), (vec![], vec![]));
        let handlers = handlers(&world.replica(world.supervisor), &world.actor(world.supervisor), &world.get::<Complaint>(complaint));
        assert_eq!(handlers.iter().map(|user| user.id).collect::<std::collections::BTreeSet<_>>(), [world.supervisor, world.manager].into());
        let day = usual_deadline(&world.replica(world.rep), Severity::Serious, world.now);
        assert_eq!(day, "2026-11-26".parse().ok());
    }
}
