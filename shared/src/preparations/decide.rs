//! Rules about preparations: those who plan and prepare meetings add tasks; whose task it is says how far it is.

use super::command::{AddPreparation, CopyMeeting, EditPreparation, Progress, SetPreparationState};
use super::{Owner, Preparation, PreparationState};
use crate::decide::prelude::*;
use crate::decide::{Actor, Patch, Unavailable};
use crate::meetings::Meeting;
use crate::meetings::command::PlanMeeting;
use crate::meetings::decide::{plan_meeting, planned};
use crate::people::{Access, User};
use crate::record::Index;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;

/// Most tasks of a meeting.
pub const MOST_PREPARATIONS: usize = 200;
/// Longest reason for dropping a task.
pub const REASON_MAX: usize = 300;
/// Those who add tasks.
const PREPARERS: [Role; 4] = [Role::Supervisor, Role::Manager, Role::Marketing, Role::Office];

/// Adds a task.
pub(crate) fn add_preparation<V: View + ?Sized>(view: &V, args: &AddPreparation, context: &Context<'_>) -> Decision {
    context.actor.need_role(&PREPARERS)?;
    let meeting = planned(view, args.meeting)?;
    view.need_free::<Preparation>(args.preparation)?;
    check(&args.what, &args.note, args.due)?;
    owned(view, args.owner)?;
    let there = view.list::<Preparation>(&Index::PreparationsByMeeting(meeting.id))?.len();
    length(Field::Task, there + 1, 0, MOST_PREPARATIONS as i64)?;
    Ok(vec![Patch::put(Preparation {
        id: args.preparation,
        meeting: meeting.id,
        what: tidy(&args.what),
        note: tidy(&args.note),
        owner: args.owner,
        due: args.due,
        state: PreparationState::Open,
    })])
}

/// Changes a task: supervisors and managers any, marketing and office their own.
pub(crate) fn edit_preparation<V: View + ?Sized>(view: &V, args: &EditPreparation, context: &Context<'_>) -> Decision {
    let preparation = view.need::<Preparation>(args.preparation)?;
    let meeting = planned(view, preparation.meeting)?;
    if !may_change(&context.actor, &preparation, &meeting) {
        return Err(Rejection::Forbidden.into());
    }
    check(&args.what, &args.note, args.due)?;
    // Whoever has left does not make a task unchangeable.
    if args.owner != preparation.owner {
        owned(view, args.owner)?;
    }
    let (what, note) = (tidy(&args.what), tidy(&args.note));
    Ok(vec![Patch::put(Preparation { what, note, owner: args.owner, due: args.due, ..(*preparation).clone() })])
}

/// Says how far a task is: whose it is, the supervisor of that person, managers. Also at a meeting that was called off, so that its tasks can be closed.
pub(crate) fn set_preparation_state<V: View + ?Sized>(view: &V, args: &SetPreparationState, context: &Context<'_>) -> Decision {
    let preparation = view.need::<Preparation>(args.preparation)?;
    let meeting = view.need::<Meeting>(preparation.meeting)?;
    if !may_tell(view, &context.actor, &preparation, &meeting)? {
        return Err(Rejection::Forbidden.into());
    }
    let (by, at) = (context.actor.user, context.at);
    let state = match &args.progress {
        Progress::Open => PreparationState::Open,
        Progress::Doing => PreparationState::Doing { by, at },
        Progress::Done => PreparationState::Done { by, at },
        Progress::Dropped { reason } => {
            required_text(Field::Reason, reason, REASON_MAX)?;
            PreparationState::Dropped { by, at, reason: tidy(reason) }
        }
    };
    Ok(vec![Patch::put(Preparation { state, ..(*preparation).clone() })])
}

/// Plans a meeting after the pattern of another one.
pub(crate) fn copy_meeting<V: View + ?Sized>(view: &V, args: &CopyMeeting, context: &Context<'_>) -> Decision {
    let mut patches = plan_meeting(view, &PlanMeeting { meeting: args.meeting, plan: args.plan.clone() }, context)?;
    let pattern = view.need::<Meeting>(args.from)?;
    length(Field::Task, args.preparations.len(), 0, MOST_PREPARATIONS as i64)?;
    let new_day = args.plan.utc_offset.day_of(args.plan.starts_at);
    let old_day = pattern.plan.utc_offset.day_of(pattern.plan.starts_at);
    let mut ids = BTreeSet::new();
    for copied in &args.preparations {
        let task = view.need::<Preparation>(copied.of)?;
        if task.meeting != args.from {
            return Err(Rejection::NotFound { kind: Kind::Preparation }.into());
        }
        view.need_free::<Preparation>(copied.preparation)?;
        if !ids.insert(copied.preparation) {
            return Err(Rejection::AlreadyExists { kind: Kind::Preparation }.into());
        }
        let due = new_day.checked_add_signed(task.due - old_day).filter(|due| is_plausible_day(*due));
        let due = due.ok_or(Rejection::Malformed { field: Field::Due })?;
        patches.push(Patch::put(Preparation {
            id: copied.preparation,
            meeting: args.meeting,
            due,
            owner: still_there(view, task.owner)?,
            state: PreparationState::Open,
            ..(*task).clone()
        }));
    }
    Ok(patches)
}

fn check(what: &str, note: &str, due: NaiveDate) -> Result<(), Rejection> {
    required(Field::Task, what, NAME_MAX)?;
    text(Field::Description, note, WORDS_MAX)?;
    if is_plausible_day(due) { Ok(()) } else { Err(Rejection::Malformed { field: Field::Due }) }
}

/// A day that a person can mean.
pub(crate) fn is_plausible_day(day: NaiveDate) -> bool {
    (1900..2200).contains(&day.year())
}

/// A person must exist and have access.
fn owned<V: View + ?Sized>(view: &V, owner: Owner) -> Result<(), Stop> {
    let Owner::Person { user } = owner else { return Ok(()) };
    match view.need::<User>(user)?.access {
        Access::Granted => Ok(()),
        Access::Revoked => Err(Rejection::Forbidden.into()),
    }
}

/// Whoever has left takes no task along to a new meeting: it is for those of the same role.
fn still_there<V: View + ?Sized>(view: &V, owner: Owner) -> Result<Owner, Stop> {
    let Owner::Person { user } = owner else { return Ok(owner) };
    let user = view.need::<User>(user)?;
    Ok(if user.access == Access::Granted { owner } else { Owner::Role { role: user.role } })
}

/// Whether somebody adds tasks.
#[must_use]
pub fn may_add(role: Role) -> bool {
    PREPARERS.contains(&role)
}

/// Whether somebody changes what a task is, whose and until when.
#[must_use]
pub fn may_change(actor: &Actor, task: &Preparation, meeting: &Meeting) -> bool {
    let plans = matches!(actor.role, Role::Supervisor | Role::Manager);
    plans || PREPARERS.contains(&actor.role) && task.owner.is(actor.user, actor.role, meeting)
}

/// Whether somebody says how far a task is.
///
/// # Errors
/// The store's failure.
pub fn may_tell<V: View + ?Sized>(view: &V, actor: &Actor, task: &Preparation, meeting: &Meeting) -> Result<bool, Unavailable> {
    let supervises = match (actor.role, task.owner) {
        (Role::Manager, _) | (Role::Supervisor, Owner::Role { role: Role::Rep } | Owner::Duty { .. }) => true,
        (Role::Supervisor, Owner::Person { user }) => actor.reaches(view, user)?,
        _ => false,
    };
    Ok(supervises || task.owner.is(actor.user, actor.role, meeting))
}
