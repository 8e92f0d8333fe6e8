//! Which scopes a person may hold (product.md, People; clause M2). The server asks at every pull; the simulation checks devices against it.

use crate::decide::{Actor, Unavailable, View, ViewExt};
use crate::ids::{MeetingId, UserId};
use crate::meetings::Meeting;
use crate::people::{Role, User};
use crate::record::{Index, Scope};
use std::collections::BTreeSet;

/// Everything that exists to be held: the manager's scopes need the list of all people and meetings, which a [`View`] does not give.
pub trait Everyone {
    /// All users.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn users(&self) -> Result<Vec<UserId>, Unavailable>;
    /// All meetings.
    ///
    /// # Errors
    /// [`Unavailable`] if the store cannot be read.
    fn meetings(&self) -> Result<Vec<MeetingId>, Unavailable>;
}

/// The scopes of an actor, in their order.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn held_by<V: View + Everyone + ?Sized>(view: &V, actor: &Actor) -> Result<BTreeSet<Scope>, Unavailable> {
    let mut scopes = BTreeSet::from([Scope::Org]);
    match actor.role {
        Role::Administrator => {
            scopes.insert(Scope::Audit);
        }
        // Meetings, products and colleagues are everybody's. Nothing of theirs tells of a customer: neither what somebody worked on nor
        // the guests of a meeting, also where they are on duty.
        Role::Director | Role::Marketing | Role::Office | Role::Finance => {}
        Role::Rep => {
            scopes.insert(Scope::Sellers);
            person(view, actor.user, &mut scopes)?;
        }
        Role::Supervisor => {
            scopes.extend([Scope::Pool, Scope::Sellers]);
            person(view, actor.user, &mut scopes)?;
            if let Some(team) = actor.team {
                for user in view.list::<User>(&Index::UsersByTeam(team))? {
                    person(view, user.id, &mut scopes)?;
                }
            }
        }
        Role::Manager => {
            scopes.extend([Scope::Pool, Scope::Sellers, Scope::Audit]);
            scopes.extend(view.users()?.into_iter().map(Scope::Person));
            scopes.extend(view.meetings()?.into_iter().map(Scope::Meeting));
        }
    }
    Ok(scopes)
}

/// Whether an actor may hold a meeting's scope: the same as [`held_by`], without knowing everybody.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn may_hold_meeting<V: View + ?Sized>(view: &V, actor: &Actor, meeting: MeetingId) -> Result<bool, Unavailable> {
    let Some(meeting) = view.get::<Meeting>(meeting)? else { return Ok(false) };
    if actor.role == Role::Manager {
        return Ok(true);
    }
    for staff in &meeting.plan.staff {
        if actor.reaches(view, staff.user)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A person's own work, and the meetings where they are on duty.
fn person<V: View + ?Sized>(view: &V, user: UserId, scopes: &mut BTreeSet<Scope>) -> Result<(), Unavailable> {
    scopes.insert(Scope::Person(user));
    let meetings = view.list::<Meeting>(&Index::MeetingsByStaff(user))?;
    scopes.extend(meetings.iter().map(|meeting| Scope::Meeting(meeting.id)));
    Ok(())
}
