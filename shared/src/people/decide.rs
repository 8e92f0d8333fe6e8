//! Rules about people: only administrators change who may do what.

use super::command::{AddTeam, AddUser, EditUser};
use super::{Access, Team, User};
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::ids::TeamId;
use crate::record::Index;

/// Creates a team.
pub(crate) fn add_team<V: View + ?Sized>(view: &V, args: &AddTeam, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Administrator])?;
    required(Field::Team, &args.name, NAME_MAX)?;
    view.need_free::<Team>(args.team)?;
    Ok(vec![Patch::put(Team { id: args.team, name: tidy(&args.name) })])
}

/// Creates a user.
pub(crate) fn add_user<V: View + ?Sized>(view: &V, args: &AddUser, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Administrator])?;
    required(Field::Name, &args.name, NAME_MAX)?;
    let login = login(&args.login)?;
    team_for(view, args.role, args.team)?;
    view.need_free::<User>(args.user)?;
    if !view.records(&Index::UserByLogin(login.clone()))?.is_empty() {
        return Err(Rejection::LoginTaken.into());
    }
    let name = tidy(&args.name);
    Ok(vec![Patch::put(User { id: args.user, name, login, role: args.role, team: args.team, access: Access::Granted })])
}

/// Changes a user. Administrators cannot lock themselves out.
pub(crate) fn edit_user<V: View + ?Sized>(view: &V, args: &EditUser, context: &Context<'_>) -> Decision {
    context.actor.need_role(&[Role::Administrator])?;
    required(Field::Name, &args.name, NAME_MAX)?;
    team_for(view, args.role, args.team)?;
    let user = view.need::<User>(args.user)?;
    if args.user == context.actor.user && (args.role != user.role || args.access == Access::Revoked) {
        return Err(Rejection::NotYourself.into());
    }
    let name = tidy(&args.name);
    // Names and phones that colleagues have handed over do not go along to another team, nor stay with whoever sells no more.
    let stays = (args.role, args.team, args.access) == (user.role, user.team, user.access);
    let mut patches = if stays { Vec::new() } else { crate::follow_ups::decide::left_behind(view, user.id)? };
    patches.push(Patch::put(User { name, role: args.role, team: args.team, access: args.access, ..(*user).clone() }));
    Ok(patches)
}

/// A login: 2 to 64 of a–z, 0–9, dot, dash, underscore, at; capitals become small.
fn login(text: &str) -> Result<String, Rejection> {
    required(Field::Login, text, 64)?;
    let login = text.trim().to_ascii_lowercase();
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_' | '@');
    if (2..=64).contains(&login.len()) && login.chars().all(allowed) { Ok(login) } else { Err(Rejection::Malformed { field: Field::Login }) }
}

/// Reps and supervisors need a team that exists; others have none or one.
fn team_for<V: View + ?Sized>(view: &V, role: Role, team: Option<TeamId>) -> Result<(), Stop> {
    match team {
        Some(team) => view.need::<Team>(team).map(|_| ()),
        None if matches!(role, Role::Rep | Role::Supervisor) => Err(Rejection::Required { field: Field::Team }.into()),
        None => Ok(()),
    }
}
