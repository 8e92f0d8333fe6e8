//! Rules about complaints: whoever works on the customer reports and notes; a supervisor or a manager in reach sees to it and says what the outcome is.

use super::command::{AssignComplaint, NoteComplaintStep, ReopenComplaint, ReportComplaint, SettleComplaint, TellComplainant};
use super::{Complaint, ComplaintState, ComplaintStep, StepTaken};
use crate::customers::decide::{SELLERS, reached, works_on};
use crate::deals::Deal;
use crate::decide::prelude::*;
use crate::decide::{Actor, Patch, Unavailable};
use crate::ids::{ComplaintId, CustomerId, UserId};
use crate::people::{Access, User};
use crate::preparations::decide::is_plausible_day;
use crate::record::Index;
use chrono::NaiveDate;
use std::sync::Arc;

/// Those who see to complaints.
const HANDLERS: [Role; 2] = [Role::Supervisor, Role::Manager];
/// Most steps of one complaint.
pub const MOST_STEPS: usize = 300;

/// Reports a complaint. The supervisor of the owner's team sees to it, where there is one; else those above find it without a handler.
pub(crate) fn report_complaint<V: View + ?Sized>(view: &V, args: &ReportComplaint, context: &Context<'_>) -> Decision {
    context.actor.need_role(&SELLERS)?;
    let customer = reached(view, args.customer, context)?;
    view.need_free::<Complaint>(args.complaint)?;
    required_text(Field::Description, &args.what, WORDS_MAX)?;
    check_day(args.deadline)?;
    // A deal that a colleague has made is not held on every device; one that is held must be the customer's.
    if let Some(id) = args.deal
        && view.get::<Deal>(id)?.is_some_and(|deal| deal.customer != customer.id)
    {
        return Err(Rejection::NotFound { kind: Kind::Deal }.into());
    }
    Ok(vec![Patch::put(Complaint {
        id: args.complaint,
        customer: customer.id,
        owner: customer.owner,
        deal: args.deal,
        what: tidy(&args.what),
        severity: args.severity,
        reported_by: context.actor.user,
        reported_at: context.at,
        handler: usual_handler(view, customer.owner)?,
        deadline: args.deadline,
        state: ComplaintState::Open,
        steps: Vec::new(),
    })])
}

/// Says who sees to a complaint, and until when.
pub(crate) fn assign_complaint<V: View + ?Sized>(view: &V, args: &AssignComplaint, context: &Context<'_>) -> Decision {
    let complaint = seen_to(view, args.complaint, context)?;
    check_day(args.deadline)?;
    if complaint.handler != Some(args.handler) && !handles(view, args.handler, complaint.owner, context)? {
        return Err(Rejection::Forbidden.into());
    }
    let is_same = complaint.handler == Some(args.handler) && complaint.deadline == args.deadline;
    let next = Complaint { handler: Some(args.handler), deadline: args.deadline, severity: args.severity, ..(*complaint).clone() };
    if is_same {
        return Ok(vec![Patch::put(next)]);
    }
    step(next, StepTaken::Assigned { handler: args.handler, deadline: args.deadline }, context)
}

/// Notes what was done.
pub(crate) fn note_complaint_step<V: View + ?Sized>(view: &V, args: &NoteComplaintStep, context: &Context<'_>) -> Decision {
    let complaint = worked_on(view, args.complaint, context)?;
    required_text(Field::Words, &args.words, WORDS_MAX)?;
    step((*complaint).clone(), StepTaken::Noted { words: tidy(&args.words) }, context)
}

/// Says what the outcome is. Another outcome replaces one that the customer has not been told.
pub(crate) fn settle_complaint<V: View + ?Sized>(view: &V, args: &SettleComplaint, context: &Context<'_>) -> Decision {
    let complaint = seen_to(view, args.complaint, context)?;
    if complaint.state == ComplaintState::Told {
        return Err(Rejection::AlreadyEnded.into());
    }
    required_text(Field::Result, &args.outcome, WORDS_MAX)?;
    step(Complaint { state: ComplaintState::Settled, ..(*complaint).clone() }, StepTaken::Settled { outcome: tidy(&args.outcome) }, context)
}

/// Says that the customer was told. Where it was taken up again meanwhile, it stays open: what was told is noted all the same.
pub(crate) fn tell_complainant<V: View + ?Sized>(view: &V, args: &TellComplainant, context: &Context<'_>) -> Decision {
    let complaint = worked_on(view, args.complaint, context)?;
    text(Field::Words, &args.words, WORDS_MAX)?;
    let state = if complaint.state == ComplaintState::Open { ComplaintState::Open } else { ComplaintState::Told };
    step(Complaint { state, ..(*complaint).clone() }, StepTaken::Told { way: args.way, words: tidy(&args.words) }, context)
}

/// Takes a complaint up again.
pub(crate) fn reopen_complaint<V: View + ?Sized>(view: &V, args: &ReopenComplaint, context: &Context<'_>) -> Decision {
    let complaint = worked_on(view, args.complaint, context)?;
    required_text(Field::Reason, &args.reason, WORDS_MAX)?;
    check_day(args.deadline)?;
    if complaint.state == ComplaintState::Open {
        // Somebody else has taken it up before: the day is theirs, and what was said here is kept.
        return step((*complaint).clone(), StepTaken::Reopened { reason: tidy(&args.reason) }, context);
    }
    let next = Complaint { state: ComplaintState::Open, deadline: args.deadline, ..(*complaint).clone() };
    step(next, StepTaken::Reopened { reason: tidy(&args.reason) }, context)
}

fn step(mut complaint: Complaint, what: StepTaken, context: &Context<'_>) -> Decision {
    length(Field::Rows, complaint.steps.len() + 1, 1, MOST_STEPS as i64)?;
    complaint.steps.push(ComplaintStep { at: context.at, by: context.actor.user, what });
    Ok(vec![Patch::put(complaint)])
}

fn check_day(day: NaiveDate) -> Result<(), Rejection> {
    if is_plausible_day(day) { Ok(()) } else { Err(Rejection::Malformed { field: Field::Due }) }
}

/// Whether somebody notes steps, tells the customer and takes it up again: whoever works on the customer.
///
/// # Errors
/// The store's failure.
pub fn may_work_on<V: View + ?Sized>(view: &V, actor: &Actor, complaint: &Complaint) -> Result<bool, Unavailable> {
    match complaint.owner {
        Some(owner) => actor.reaches(view, owner),
        None => Ok(HANDLERS.contains(&actor.role)),
    }
}

/// Whether somebody says who sees to it, and what the outcome is: supervisors and managers in reach.
///
/// # Errors
/// The store's failure.
pub fn may_see_to<V: View + ?Sized>(view: &V, actor: &Actor, complaint: &Complaint) -> Result<bool, Unavailable> {
    Ok(HANDLERS.contains(&actor.role) && may_work_on(view, actor, complaint)?)
}

fn worked_on<V: View + ?Sized>(view: &V, id: ComplaintId, context: &Context<'_>) -> Result<Arc<Complaint>, Stop> {
    let complaint = view.need::<Complaint>(id)?;
    if may_work_on(view, &context.actor, &complaint)? { Ok(complaint) } else { Err(Rejection::Forbidden.into()) }
}

fn seen_to<V: View + ?Sized>(view: &V, id: ComplaintId, context: &Context<'_>) -> Result<Arc<Complaint>, Stop> {
    let complaint = view.need::<Complaint>(id)?;
    if may_see_to(view, &context.actor, &complaint)? { Ok(complaint) } else { Err(Rejection::Forbidden.into()) }
}

/// Whether somebody can see to complaints of an owner's customers.
fn handles<V: View + ?Sized>(view: &V, handler: UserId, owner: Option<UserId>, context: &Context<'_>) -> Result<bool, Stop> {
    let user = view.need::<User>(handler)?;
    can_handle(view, context.actor.org, &user, owner).map_err(Stop::from)
}

/// Whether somebody has access, sees to complaints, and reaches the owner of the customer.
///
/// # Errors
/// The store's failure.
pub fn can_handle<V: View + ?Sized>(view: &V, org: crate::ids::OrgId, user: &User, owner: Option<UserId>) -> Result<bool, Unavailable> {
    let Some(actor) = Actor::of(org, user).filter(|actor| HANDLERS.contains(&actor.role)) else { return Ok(false) };
    owner.map_or(Ok(true), |owner| actor.reaches(view, owner))
}

/// The first supervisor of an owner's team who has access; somebody who sees to complaints sees to those of their own customers.
fn usual_handler<V: View + ?Sized>(view: &V, owner: Option<UserId>) -> Result<Option<UserId>, Unavailable> {
    let owner = owner.map(|owner| view.get::<User>(owner)).transpose()?.flatten();
    let Some(owner) = owner else { return Ok(None) };
    if HANDLERS.contains(&owner.role) && owner.access == Access::Granted {
        return Ok(Some(owner.id));
    }
    let team = owner.team.map(|team| view.list::<User>(&Index::UsersByTeam(team))).transpose()?.unwrap_or_default();
    Ok(team.iter().find(|user| user.role == Role::Supervisor && user.access == Access::Granted).map(|user| user.id))
}

/// The complaints of a customer, who has another owner now. Whoever sees to them goes on if they reach that owner.
pub(crate) fn moved<V: View + ?Sized>(view: &V, customer: CustomerId, to: Option<UserId>, context: &Context<'_>) -> Result<Vec<Patch>, Unavailable> {
    let mut patches = Vec::new();
    for complaint in view.list::<Complaint>(&Index::ComplaintsByCustomer(customer))? {
        let handler = complaint.handler.map(|handler| view.get::<User>(handler)).transpose()?.flatten();
        let goes_on = handler.as_ref().map_or(Ok(false), |handler| can_handle(view, context.actor.org, handler, to))?;
        let handler = if goes_on { complaint.handler } else { usual_handler(view, to)? };
        patches.push(Patch::put(Complaint { owner: to, handler, ..(*complaint).clone() }));
    }
    Ok(patches)
}

/// Whether somebody may report complaints of a customer.
///
/// # Errors
/// The store's failure.
pub fn may_report<V: View + ?Sized>(view: &V, actor: &Actor, customer: &crate::customers::Customer) -> Result<bool, Unavailable> {
    Ok(SELLERS.contains(&actor.role) && works_on(view, actor, customer)?)
}
