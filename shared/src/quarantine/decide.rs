//! Rules about quarantine: a supervisor of whoever recorded it rules, once; what is accepted passes the same rules as everything else.

use super::command::RuleHeldCommand;
use super::{HeldCommand, HeldRuling, HeldVerdict};
use crate::command::Command;
use crate::decide::prelude::*;
use crate::decide::{Actor, Patch, decide};
use crate::ids::UserId;
use crate::people::User;

const REASON_MAX: usize = 500;

/// Decides on a held command. It is tried with the rights of who recorded it; where those do not suffice (they were moved, or have left), with
/// the rights of who rules, who then answers for it. The cause of any other refusal must be mended first, or the command set aside.
pub(crate) fn rule_held_command<V: View + ?Sized>(view: &V, args: &RuleHeldCommand, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Supervisor, Role::Manager])?;
    let held = view.need::<HeldCommand>(args.held)?;
    need_ruler(view, &context.actor, &held)?;
    if held.ruling.is_some() {
        return Err(Rejection::AlreadyRuled.into());
    }
    let (mut patches, verdict) = match &args.verdict {
        HeldVerdict::Accepted => (effect(view, &held, context)?, HeldVerdict::Accepted),
        HeldVerdict::SetAside { reason } => {
            required_text(Field::Reason, reason, REASON_MAX)?;
            (Vec::new(), HeldVerdict::SetAside { reason: tidy(reason) })
        }
    };
    let ruling = Some(HeldRuling { verdict, by: context.actor.user, at: context.at });
    patches.push(Patch::put(HeldCommand { ruling, ..(*held).clone() }));
    Ok(patches)
}

/// Who may rule: those above who recorded it; a manager on their own records too, since there may be no other.
///
/// # Errors
/// [`Rejection::Forbidden`], or the store's failure.
pub fn need_ruler<V: View + ?Sized>(view: &V, actor: &Actor, held: &HeldCommand) -> Result<(), Stop> {
    actor.need_role(&[Role::Supervisor, Role::Manager])?;
    actor.need_reach(view, held.by)?;
    if held.by == actor.user { Ok(actor.need_role(&[Role::Manager])?) } else { Ok(()) }
}

fn effect<V: View + ?Sized>(view: &V, held: &HeldCommand, context: &Context<'_>) -> Decision {
    let command = Command::read(&held.command).map_err(|_| Rejection::UnknownCommand)?;
    // A ruling inside a ruling could name itself, and would never end.
    if matches!(command, Command::RuleHeldCommand(_)) {
        return Err(Rejection::Forbidden.into());
    }
    let decide_as = |actor: Actor, command: &Command| {
        decide(view, command, &Context { actor, at: held.occurred_at, device: held.device, authority: context.authority })
    };
    let author = view.get::<User>(held.by)?.and_then(|user| Actor::of(context.actor.org, &user));
    let has_left = author.is_none();
    match author.map_or(Err(Rejection::Forbidden.into()), |author| decide_as(author, &command)) {
        Err(Stop::Rejected(Rejection::Forbidden)) if has_left => {
            decide_as(context.actor.clone(), &handed_over(command.clone(), held.by, context.actor.user))
        }
        Err(Stop::Rejected(Rejection::Forbidden)) => decide_as(context.actor.clone(), &command),
        decision => decision,
    }
}

/// What somebody who has left had begun for themselves becomes the work of who takes it over.
fn handed_over(mut command: Command, from: UserId, to: UserId) -> Command {
    match &mut command {
        Command::AddCustomer(args) if args.owner == Some(from) => args.owner = Some(to),
        Command::PlanInvitations(args) => args.planned.iter_mut().filter(|planned| planned.rep == from).for_each(|planned| planned.rep = to),
        _ => {}
    }
    command
}
