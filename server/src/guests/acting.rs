//! What the server does for a guest is a command as any device's, from a device that only it may be ([`GUEST_PAGE`]): the rules are the same.

use crate::store::Organisation;
use shared::decide::ViewExt;
use shared::ids::UserId;
use shared::invitations::Invitation;
use shared::invitations::link::GUEST_PAGE;
use shared::people::{Access, Role, User};
use shared::sync::protocol::{Envelope, PROTO, PushAnswer, PushRequest, SCHEMA, Verdict};
use shared::sync::server::{Session, Transaction as _, push};
use shared::time::Timestamp;
use shared::{Command, Unavailable};
use uuid::Uuid;

/// Carries commands out about an invitation, in the name of whoever invited the guest; gives what the rules say to each. None: there is nobody in
/// whose name, or they were not taken.
///
/// # Errors
/// [`Unavailable`]: nothing was kept.
pub(crate) fn carry_out(
    org: &mut Organisation<'_>,
    invitation: &Invitation,
    commands: Vec<Command>,
    now: Timestamp,
) -> Result<Option<Vec<Verdict>>, Unavailable> {
    let Some(user) = in_whose_name(org, invitation.rep)? else { return Ok(None) };
    let session = Session { org: org.org(), user };
    // A numbering for each invitation: the server is its own device, and keeps no state of one.
    let incarnation = invitation.id.0;
    let first = org.last_seq(GUEST_PAGE, incarnation)? + 1;
    let envelope = |(at, command): (u64, Command)| Envelope {
        seq: first + at,
        uuid: Uuid::new_v4(),
        occurred_at: now,
        clock_offset_ms: 0,
        command: command.to_raw(),
    };
    let commands = (0..).zip(commands).map(envelope).collect();
    let request =
        PushRequest { proto: PROTO, schema: SCHEMA, epoch: None, client: GUEST_PAGE, incarnation, sent_at: now, commands, carried: Vec::new() };
    Ok(match push(org, session, &request, now)? {
        PushAnswer::Done { outcomes, .. } => Some(outcomes.into_iter().map(|outcome| outcome.verdict).collect()),
        _ => None,
    })
}

/// Who answers for the guest: whoever invited them. If they have left, a manager, who reaches everybody's work.
fn in_whose_name(org: &Organisation<'_>, rep: UserId) -> Result<Option<UserId>, Unavailable> {
    let has_access = |user: &User| user.access == Access::Granted;
    if org.get::<User>(rep)?.is_some_and(|user| has_access(&user) && user.role != Role::Administrator) {
        return Ok(Some(rep));
    }
    for user in org.users_before()? {
        if org.get::<User>(user)?.is_some_and(|user| has_access(&user) && user.role == Role::Manager) {
            return Ok(Some(user));
        }
    }
    Ok(None)
}
