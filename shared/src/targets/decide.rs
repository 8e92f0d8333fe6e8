//! Rules about targets: managers set everybody's, supervisors those of their team's people. Nobody sets their own but managers, who answer for the whole.

use super::command::{EditTarget, SetTarget};
use super::{Goal, Target, TargetOf};
use crate::decide::prelude::*;
use crate::decide::{Actor, Patch, Unavailable};
use crate::people::{Access, Team, User};
use crate::record::Index;

/// Most that can be aimed at, in minor units.
pub const AMOUNT_MAX: i64 = 100_000_000_000_000;
/// Most deals that can be aimed at.
pub const DEALS_MAX: i64 = 1_000_000;
const SETTERS: [Role; 2] = [Role::Supervisor, Role::Manager];

/// Sets a target.
pub(crate) fn set_target<V: View + ?Sized>(view: &V, args: &SetTarget, context: &Context<'_>) -> Decision {
    need_to_set(view, &context.actor, args.whose)?;
    view.need_free::<Target>(args.target)?;
    exists(view, args.whose)?;
    if !args.goal.is_any() {
        return Err(Rejection::Required { field: Field::Amount }.into());
    }
    check(view, &args.goal, context)?;
    if view.list::<Target>(&Index::TargetsByPeriod(args.period))?.iter().any(|other| other.whose == args.whose) {
        return Err(Rejection::AlreadyExists { kind: Kind::Target }.into());
    }
    let (id, whose, period, goal) = (args.target, args.whose, args.period, args.goal);
    Ok(vec![Patch::put(Target { id, whose, period, goal, set_by: context.actor.user, set_at: context.at })])
}

/// Changes or withdraws a target.
pub(crate) fn edit_target<V: View + ?Sized>(view: &V, args: &EditTarget, context: &Context<'_>) -> Decision {
    let target = view.need::<Target>(args.target)?;
    need_to_set(view, &context.actor, target.whose)?;
    check(view, &args.goal, context)?;
    Ok(vec![Patch::put(Target { goal: args.goal, set_by: context.actor.user, set_at: context.at, ..(*target).clone() })])
}

/// Whether somebody sets any target at all.
#[must_use]
pub fn sets_targets(role: Role) -> bool {
    SETTERS.contains(&role)
}

/// Whether somebody sets a target of this one's.
///
/// # Errors
/// [`Unavailable`] if the store cannot be read.
pub fn may_set<V: View + ?Sized>(view: &V, actor: &Actor, whose: TargetOf) -> Result<bool, Unavailable> {
    Ok(match (actor.role, whose) {
        (Role::Manager, _) => true,
        (Role::Supervisor, TargetOf::Rep { rep }) => rep != actor.user && actor.reaches(view, rep)?,
        _ => false,
    })
}

fn need_to_set<V: View + ?Sized>(view: &V, actor: &Actor, whose: TargetOf) -> Result<(), Stop> {
    if may_set(view, actor, whose)? { Ok(()) } else { Err(Rejection::Forbidden.into()) }
}

/// A team that there is, or somebody who sells and has access.
fn exists<V: View + ?Sized>(view: &V, whose: TargetOf) -> Result<(), Stop> {
    match whose {
        TargetOf::Department => Ok(()),
        TargetOf::Team { team } => view.need::<Team>(team).map(|_| ()),
        TargetOf::Rep { rep } => {
            let user = view.need::<User>(rep)?;
            if user.role.sells() && user.access == Access::Granted { Ok(()) } else { Err(Rejection::Forbidden.into()) }
        }
    }
}

fn check<V: View + ?Sized>(view: &V, goal: &Goal, context: &Context<'_>) -> Result<(), Stop> {
    if let Some(amount) = goal.amount {
        within(Field::Amount, amount.minor, 1, AMOUNT_MAX)?;
        if amount.currency != context.settings(view)?.currency {
            return Err(Rejection::CurrencyMixed.into());
        }
    }
    if let Some(deals) = goal.deals {
        within(Field::Quantity, i64::from(deals), 1, DEALS_MAX)?;
    }
    Ok(())
}
