//! Follow-up tasks as a person sees them: whom to call, why, until when, in whose hands (clause G1).

use crate::state::order::InOrder;
use shared::contacts::LoggedContact;
use shared::customers::milestones::{Milestone, What};
use shared::customers::{Customer, Salutation};
use shared::deals::Stage;
use shared::decide::Actor;
use shared::follow_ups::Why;
use shared::follow_ups::decide::may_take_over;
use shared::follow_ups::tasks::{Hands, Task, Tasks, tasks};
use shared::ids::{CustomerId, FollowUpId, UserId};
use shared::meetings::Meeting;
use shared::people::User;
use shared::phone::Phone;
use shared::record::Index;
use shared::sync::replica::Replica;
use shared::time::Timestamp;
use std::sync::Arc;

/// One task, with what is needed to do it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The task's id.
    pub id: FollowUpId,
    /// The task.
    pub task: Task,
    /// Whether it should have been done by now.
    pub overdue: bool,
    /// Whether this device holds the customer: then the row leads there.
    pub is_held: bool,
    /// The customer's name.
    pub name: String,
    /// How to address the customer.
    pub salutation: Option<Salutation>,
    /// The phone to call.
    pub phone: Option<Phone>,
    /// What the task is about: a meeting's theme, or what was to be done.
    pub about: String,
    /// What the colleague says who handed it over.
    pub words: String,
}

/// The tasks of a person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// To be done, the overdue ones first.
    pub due: Vec<Row>,
    /// Put off.
    pub later: Vec<Row>,
    /// In colleagues' hands.
    pub handed_over: Vec<Row>,
}

/// The tasks of whoever works here.
#[must_use]
pub fn own_tasks(replica: &Replica, actor: &Actor, now: Timestamp) -> Tasks {
    if actor.role.sells() { tasks(replica, actor.user, now) } else { Tasks::default() }
}

/// Tasks with what is needed to do them: one's own, or, for those above, those of their people.
#[must_use]
pub fn rows(replica: &Replica, tasks: Tasks, now: Timestamp) -> Rows {
    let rows = |tasks: Vec<Task>| tasks.into_iter().filter_map(|task| row(replica, task, now)).collect();
    Rows { due: rows(tasks.due), later: rows(tasks.later), handed_over: rows(tasks.handed_over) }
}

fn row(replica: &Replica, task: Task, now: Timestamp) -> Option<Row> {
    let customer = replica.noun::<Customer>(task.customer);
    let (name, salutation, phone, words) = match (&task.hands, customer) {
        (Hands::From(errand), _) => (errand.name.clone(), errand.salutation, errand.phones.first().cloned(), errand.words.clone()),
        (Hands::Own | Hands::With(_), Some(customer)) => {
            let profile = &customer.profile;
            (profile.name.clone(), profile.salutation, profile.phones.first().cloned(), String::new())
        }
        (Hands::Own | Hands::With(_), None) => return None,
    };
    let about = match task.why {
        Why::CameOnly { meeting } | Why::StayedAway { meeting } => {
            replica.noun::<Meeting>(meeting).map(|meeting| meeting.plan.theme.clone()).unwrap_or_default()
        }
        Why::Promised { contact } => {
            let contact = replica.noun::<LoggedContact>(contact);
            contact.and_then(|contact| contact.next.as_ref()).map(|next| next.words.clone()).unwrap_or_default()
        }
        Why::FirstCare { .. } | Why::SecondCare { .. } | Why::Rhythm { .. } => String::new(),
    };
    Some(Row { id: task.id(), overdue: task.is_overdue(now), is_held: customer.is_some(), name, salutation, phone, about, words, task })
}

/// To whom a task of a customer can be handed, by name.
#[must_use]
pub fn colleagues(replica: &Replica, actor: &Actor, customer: CustomerId) -> Vec<Arc<User>> {
    let owner = replica.noun::<Customer>(customer).and_then(|customer| customer.owner);
    let can = |user: &&Arc<User>| user.id != actor.user && may_take_over(replica, actor.org, user, actor, owner) == Ok(true);
    let mut found: Vec<_> = replica.all::<User>().filter(can).cloned().collect();
    found.order_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    found
}

/// Whether a customer has bought something: then one asks how satisfied they are.
#[must_use]
pub fn has_bought(replica: &Replica, customer: CustomerId) -> bool {
    let is_sold = |milestone: &&Arc<Milestone>| matches!(milestone.what, What::Deal { stage: Stage::Signed | Stage::Paid, .. });
    replica.nouns::<Milestone>(&Index::MilestonesByCustomer(customer)).iter().any(is_sold)
}

/// Who has a task that is not the person's own to do now.
#[must_use]
pub fn other_hands(task: &Task) -> Option<UserId> {
    match &task.hands {
        Hands::Own => None,
        Hands::From(errand) => Some(errand.from),
        Hands::With(user) => Some(*user),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use shared::follow_ups::command::{Mark, MarkFollowUp};
    use shared::testing::World;

    /// An hour after the meeting at which two of the rep's customers were.
    fn after() -> (World, [CustomerId; 2]) {
        let mut world = World::new();
        let (rep, meeting) = (world.rep, world.meeting);
        let customers = ["王到場", "李到場"].map(|name| world.add_customer(rep, name));
        for customer in customers {
            let guest = world.expect_guest(meeting, customer);
            let command = world.check_in(meeting, guest);
            world.apply(rep, command).expect("on duty");
        }
        world.now = world.get::<Meeting>(meeting).plan.ends_at + TimeDelta::hours(1);
        (world, customers)
    }

    fn of(world: &World, user: UserId) -> Rows {
        let replica = world.replica(user);
        rows(&replica, own_tasks(&replica, &world.actor(user), world.now), world.now)
    }

    #[test]
    fn g1_a_row_says_whom_to_call_about_what_and_who_is_late() {
        let (mut world, customers) = after();
        let rep = world.rep;
        let found = of(&world, rep).due;
        let phone = world.profile("王到場").phones[0].clone();
        let first = found.iter().find(|row| row.task.customer == customers[0]).expect("a task");
        assert_eq!((first.name.as_str(), first.about.as_str(), first.phone.clone()), ("王到場", "秋季理財說明會", Some(phone)));
        assert!(first.is_held && !first.overdue);
        world.now += TimeDelta::days(3);
        assert!(of(&world, rep).due.iter().all(|row| row.overdue));
        assert_eq!(of(&world, world.administrator), Rows::default());
        let seen_by = |above: UserId| rows(&world.replica(above), tasks(&world.replica(above), rep, world.now), world.now);
        assert_eq!(seen_by(world.supervisor), of(&world, rep), "whoever is above sees what their people see");
        assert_eq!(seen_by(world.other_supervisor), Rows::default());
    }

    #[test]
    fn g2_whoever_has_bought_is_asked_how_satisfied_they_are() {
        let (mut world, [customer, other]) = after();
        let rep = world.rep;
        let command = world.open_deal(customer, None);
        let deal = command.deal;
        world.apply(rep, command).expect("theirs");
        assert!(!has_bought(&world.replica(rep), customer), "an offer is no purchase");
        world.apply(rep, world.sign(deal)).expect("theirs");
        assert!(has_bought(&world.replica(rep), customer) && !has_bought(&world.replica(rep), other));
    }

    #[test]
    fn g1_whoever_gets_a_task_sees_whom_to_call_without_holding_the_customer() {
        let (mut world, [customer, _]) = after();
        let (rep, colleague) = (world.rep, world.colleague);
        let names: Vec<_> = colleagues(&world.replica(rep), &world.actor(rep), customer).iter().map(|user| user.id).collect();
        assert_eq!(names, [colleague, world.supervisor], "of one team, with access");
        let why = Why::CameOnly { meeting: world.meeting };
        let mark = Mark::HandedOver { to: colleague, due: world.now, words: "下午打".into() };
        world.apply(rep, MarkFollowUp { customer, why, mark }).expect("of one team");
        let theirs = of(&world, colleague).due;
        let [row] = &theirs[..] else { panic!("{theirs:?}") };
        assert_eq!((row.name.as_str(), row.words.as_str(), row.is_held, other_hands(&row.task)), ("王到場", "下午打", false, Some(rep)));
        assert!(row.phone.is_some());
        assert_eq!(other_hands(&of(&world, rep).handed_over[0].task), Some(colleague));
    }
}
