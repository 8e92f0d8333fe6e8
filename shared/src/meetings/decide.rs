//! Rules about meetings: managers plan them.

use super::command::{CancelMeeting, EditMeeting, PlanMeeting};
use super::places::offered_by_plan;
use super::{AgendaItem, Meeting, MeetingState, Plan, Staff};
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::ids::MeetingId;
use crate::people::{Access, User};
use std::sync::Arc;

/// Most places of a meeting.
pub const CAPACITY_MAX: i64 = 100_000;

/// Plans a meeting.
pub(crate) fn plan_meeting<V: View + ?Sized>(view: &V, args: &PlanMeeting, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Manager])?;
    check_plan(view, &args.plan, &[])?;
    view.need_free::<Meeting>(args.meeting)?;
    Ok(vec![Patch::put(Meeting { id: args.meeting, plan: tidied(&args.plan), state: MeetingState::Planned })])
}

/// Changes the plan of a meeting that takes place.
pub(crate) fn edit_meeting<V: View + ?Sized>(view: &V, args: &EditMeeting, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Manager])?;
    let meeting = planned(view, args.meeting)?;
    check_plan(view, &args.plan, &meeting.plan.staff)?;
    let next = Meeting { plan: tidied(&args.plan), ..(*meeting).clone() };
    let offered = offered_by_plan(view, &next)?;
    Ok([Patch::put(next)].into_iter().chain(offered).collect())
}

/// Calls a meeting off.
pub(crate) fn cancel_meeting<V: View + ?Sized>(view: &V, args: &CancelMeeting, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Manager])?;
    let meeting = planned(view, args.meeting)?;
    Ok(vec![Patch::put(Meeting { state: MeetingState::Cancelled, ..(*meeting).clone() })])
}

/// A meeting that takes place.
pub(crate) fn planned<V: View + ?Sized>(view: &V, id: MeetingId) -> Result<Arc<Meeting>, Stop> {
    let meeting = view.need::<Meeting>(id)?;
    match meeting.state {
        MeetingState::Planned => Ok(meeting),
        MeetingState::Cancelled => Err(Rejection::MeetingCancelled.into()),
    }
}

/// Staff who are on duty `already` may stay though they have lost access since: the plan must not become unchangeable by that.
fn check_plan<V: View + ?Sized>(view: &V, plan: &Plan, already: &[Staff]) -> Result<(), Stop> {
    required(Field::Theme, &plan.theme, NAME_MAX)?;
    required(Field::Venue, &plan.venue, NAME_MAX)?;
    text(Field::Address, &plan.address, 300)?;
    within(Field::Capacity, i64::from(plan.capacity), 1, CAPACITY_MAX)?;
    instant(Field::StartsAt, plan.starts_at)?;
    instant(Field::EndsAt, plan.ends_at)?;
    if plan.ends_at <= plan.starts_at {
        return Err(Rejection::EndsBeforeStart.into());
    }
    length(Field::Agenda, plan.agenda.len(), 0, 200)?;
    for item in &plan.agenda {
        required(Field::Agenda, &item.title, NAME_MAX)?;
        line(Field::Speaker, &item.speaker, NAME_MAX)?;
    }
    length(Field::Staff, plan.staff.len(), 0, 500)?;
    for staff in &plan.staff {
        let access = view.need::<User>(staff.user)?.access;
        if access == Access::Revoked && !already.iter().any(|other| other.user == staff.user) {
            return Err(Rejection::Forbidden.into());
        }
    }
    Ok(())
}

fn tidied(plan: &Plan) -> Plan {
    let agenda = plan.agenda.iter().map(|item| AgendaItem { title: tidy(&item.title), speaker: tidy(&item.speaker), ..*item }).collect();
    Plan { theme: tidy(&plan.theme), venue: tidy(&plan.venue), agenda, ..plan.clone() }
}
