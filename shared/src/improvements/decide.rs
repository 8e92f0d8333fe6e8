//! Rules about improvements: supervisors and managers decide on measures; who carries one out, and whoever stands above, says how far it is.

use super::command::{AddImprovement, EditImprovement, ImprovementProgress, SetImprovementState};
use super::{About, Improvement, ImprovementState};
use crate::analysis::Group;
use crate::decide::prelude::*;
use crate::decide::{Actor, Patch};
use crate::ids::UserId;
use crate::meetings::Meeting;
use crate::people::{Team, User};
use crate::preparations::decide::is_plausible_day;
use crate::products::Product;
use chrono::NaiveDate;

const DECIDERS: [Role; 2] = [Role::Supervisor, Role::Manager];
/// Longest measure, result and reason.
const MEASURE_MAX: usize = 500;

/// Decides on a measure.
pub(crate) fn add_improvement<V: View + ?Sized>(view: &V, args: &AddImprovement, context: &Context<'_>) -> Decision {
    context.actor.need_role(&DECIDERS)?;
    view.need_free::<Improvement>(args.improvement)?;
    let about = known(view, &args.about, context)?;
    check(&args.measure, args.until)?;
    carried_out(view, &about, args.owner, context)?;
    Ok(vec![Patch::put(Improvement {
        id: args.improvement,
        about,
        measure: tidy(&args.measure),
        owner: args.owner,
        until: args.until,
        state: ImprovementState::Open,
        decided_by: context.actor.user,
        decided_at: context.at,
    })])
}

/// Changes a measure.
pub(crate) fn edit_improvement<V: View + ?Sized>(view: &V, args: &EditImprovement, context: &Context<'_>) -> Decision {
    let improvement = view.need::<Improvement>(args.improvement)?;
    if !may_change(&context.actor, &improvement) {
        return Err(Rejection::Forbidden.into());
    }
    check(&args.measure, args.until)?;
    if args.owner != improvement.owner {
        carried_out(view, &improvement.about, args.owner, context)?;
    }
    Ok(vec![Patch::put(Improvement { measure: tidy(&args.measure), owner: args.owner, until: args.until, ..(*improvement).clone() })])
}

/// Says how far a measure is.
pub(crate) fn set_improvement_state<V: View + ?Sized>(view: &V, args: &SetImprovementState, context: &Context<'_>) -> Decision {
    let improvement = view.need::<Improvement>(args.improvement)?;
    if !may_tell(&context.actor, &improvement) {
        return Err(Rejection::Forbidden.into());
    }
    let (by, at) = (context.actor.user, context.at);
    let state = match &args.progress {
        ImprovementProgress::Open => ImprovementState::Open,
        ImprovementProgress::Doing => ImprovementState::Doing { by, at },
        ImprovementProgress::Done { result } => {
            required_text(Field::Result, result, MEASURE_MAX)?;
            ImprovementState::Done { by, at, result: tidy(result) }
        }
        ImprovementProgress::Dropped { reason } => {
            required_text(Field::Reason, reason, MEASURE_MAX)?;
            ImprovementState::Dropped { by, at, reason: tidy(reason) }
        }
    };
    Ok(vec![Patch::put(Improvement { state, ..(*improvement).clone() })])
}

fn check(measure: &str, until: NaiveDate) -> Result<(), Rejection> {
    required_text(Field::Measure, measure, MEASURE_MAX)?;
    if is_plausible_day(until) { Ok(()) } else { Err(Rejection::Malformed { field: Field::Due }) }
}

/// Whether somebody decides on measures.
#[must_use]
pub fn may_add(role: Role) -> bool {
    DECIDERS.contains(&role)
}

/// Whether somebody changes a measure: whoever decided on it, and managers.
#[must_use]
pub fn may_change(actor: &Actor, improvement: &Improvement) -> bool {
    may_add(actor.role) && (actor.role == Role::Manager || improvement.decided_by == actor.user)
}

/// Whether somebody says how far a measure is: who carries it out, and who may change it.
#[must_use]
pub fn may_tell(actor: &Actor, improvement: &Improvement) -> bool {
    improvement.owner == actor.user || may_change(actor, improvement)
}

/// What a measure is about, if there is such a thing and the actor answers for it.
fn known<V: View + ?Sized>(view: &V, about: &About, context: &Context<'_>) -> Result<About, Stop> {
    match about {
        About::RefusalReason { code } => {
            // Of a reason that is offered no more too: what it was is to become better all the same.
            if !context.settings(view)?.refusal_reasons.iter().any(|entry| entry.code == *code) {
                return Err(Rejection::UnknownReason.into());
            }
            Ok(about.clone())
        }
        About::Report { measure, group, period, finding } => {
            required_text(Field::Finding, finding, MEASURE_MAX)?;
            match group {
                None | Some(Group::Team(None) | Group::Meeting(None) | Group::Period(_)) => {}
                Some(Group::Rep(rep)) => context.actor.need_reach(view, *rep)?,
                Some(Group::Team(Some(team))) => drop(view.need::<Team>(*team)?),
                Some(Group::Meeting(Some(meeting))) => drop(view.need::<Meeting>(*meeting)?),
                Some(Group::Product(product)) => drop(view.need::<Product>(*product)?),
                // Words that a list of customers came with may name one of them: everybody may read a finding.
                Some(Group::Channel(channel)) if channel.is_empty() => {}
                Some(Group::Channel(channel)) => {
                    if !context.settings(view)?.sources.iter().any(|entry| entry.code == *channel) {
                        return Err(Rejection::Malformed { field: Field::Source }.into());
                    }
                }
                Some(Group::Region(region)) => line(Field::Region, region, NAME_MAX)?,
            }
            Ok(About::Report { measure: *measure, group: group.clone(), period: *period, finding: tidy(finding) })
        }
    }
}

/// Somebody with access; what is about one person's figures is carried out by that person or somebody above, as nobody else knows of it.
fn carried_out<V: View + ?Sized>(view: &V, about: &About, owner: UserId, context: &Context<'_>) -> Result<(), Stop> {
    let owner = Actor::of(context.actor.org, &*view.need::<User>(owner)?).ok_or(Rejection::Forbidden)?;
    about.rep().map_or(Ok(()), |rep| owner.need_reach(view, rep))
}
