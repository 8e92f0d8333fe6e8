//! Rules about invitations: a customer is invited once per meeting; who agrees gets a guest card and a ticket; who says no loses both.

use super::command::{ConfirmInvitation, PlanInvitations, RecordAnswer};
use super::{Answer, Attempt, Confirmation, Invitation};
use crate::customers::command::ProfileChange;
use crate::customers::decide::{changed, reached, works_on};
use crate::customers::{Contact, Customer};
use crate::decide::prelude::*;
use crate::decide::{Actor, Patch};
use crate::ids::{GuestId, InvitationId, UserId};
use crate::invitations::ticket::TicketSigner;
use crate::meetings::decide::planned;
use crate::meetings::{Guest, GuestOrigin, Standing};
use crate::people::User;
use crate::record::Index;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most customers of one [`PlanInvitations`].
pub const MOST_PLANNED: usize = 200;
const QUESTIONS_MAX: usize = 50;
const ATTEMPTS_MAX: usize = 200;

/// Plans to invite customers.
pub(crate) fn plan_invitations<V: View + ?Sized>(view: &V, args: &PlanInvitations, context: &Context<'_>) -> Decision {
    length(Field::Customers, args.planned.len(), 1, MOST_PLANNED as i64)?;
    let meeting = planned(view, args.meeting)?;
    let (mut customers, mut ids) = (BTreeSet::new(), BTreeSet::new());
    let mut patches = Vec::with_capacity(args.planned.len());
    for plan in &args.planned {
        let customer = reached(view, plan.customer, context)?;
        context.actor.need_reach(view, plan.rep)?;
        need_inviter(view, plan.rep, &customer, context)?;
        if let Some(due) = plan.due {
            instant(Field::Due, due)?;
        }
        if customer.profile.contact == Contact::Refused {
            return Err(Rejection::DoNotContact { customer: customer.id }.into());
        }
        if let Some(other) = view.list::<Invitation>(&Index::InvitationOf(meeting.id, plan.customer))?.first() {
            return Err(Rejection::AlreadyInvited { customer: customer.id, invitation: other.id, rep: other.rep }.into());
        }
        if !customers.insert(plan.customer) {
            return Err(Rejection::AlreadyInvited { customer: customer.id, invitation: plan.invitation, rep: plan.rep }.into());
        }
        if !ids.insert(plan.invitation) {
            return Err(Rejection::AlreadyExists { kind: Kind::Invitation }.into());
        }
        view.need_free::<Invitation>(plan.invitation)?;
        view.need_free::<Guest>(GuestId(plan.invitation.0))?;
        patches.push(Patch::put(Invitation {
            id: plan.invitation,
            meeting: meeting.id,
            customer: plan.customer,
            rep: plan.rep,
            channel: plan.channel,
            due: plan.due,
            answer: Answer::Planned,
            confirmation: None,
            attempts: Vec::new(),
            questions: Vec::new(),
            ticket: None,
        }));
    }
    Ok(patches)
}

/// Notes what a customer said.
pub(crate) fn record_answer<V: View + ?Sized>(view: &V, args: &RecordAnswer, context: &Context<'_>) -> Decision {
    let invitation = own(view, args.invitation, context)?;
    planned(view, invitation.meeting)?;
    let customer = view.need::<Customer>(invitation.customer)?;
    let mut next = (*invitation).clone();
    match &args.answer {
        Answer::Planned => return Err(Rejection::Required { field: Field::Reason }.into()),
        Answer::Declined { reason, words } => {
            text(Field::Words, words, WORDS_MAX)?;
            // The dictionary bounds the code's length, too.
            if !context.settings(view)?.refusal_reasons.iter().any(|entry| entry.code == *reason) {
                return Err(Rejection::UnknownReason.into());
            }
        }
        Answer::CallBack { at } => instant(Field::CallBackAt, *at)?,
        Answer::Agreed | Answer::NoAnswer | Answer::WrongNumber | Answer::DoNotContact => {}
    }
    length(Field::Question, args.questions.len(), 0, QUESTIONS_MAX as i64)?;
    for question in &args.questions {
        required_text(Field::Question, question, WORDS_MAX)?;
        if !next.questions.contains(question) {
            next.questions.push(question.clone());
        }
    }
    length(Field::Question, next.questions.len(), 0, QUESTIONS_MAX as i64)?;
    length(Field::Rows, next.attempts.len() + 1, 1, ATTEMPTS_MAX as i64)?;
    next.attempts.push(Attempt { at: context.at, by: context.actor.user, channel: args.channel, answer: args.answer.clone() });
    next.answer = args.answer.clone();

    let mut patches = Vec::with_capacity(3);
    if next.answer == Answer::Agreed {
        // A new yes takes back "cannot come".
        next.confirmation = next.confirmation.filter(|&confirmation| confirmation == Confirmation::Confirmed);
        next.ticket = ticket(&next, &customer, context);
        patches.push(Patch::put(card(view, &next, &customer)?));
    } else {
        next.confirmation = None;
        next.ticket = None;
        patches.extend(revoke(view, next.id)?);
    }
    if next.answer == Answer::DoNotContact {
        let profile = changed(&customer.profile, &[ProfileChange::Contact(Contact::Refused)]);
        patches.push(Patch::put(Customer { profile, import: None, changed_at: context.at, ..(*customer).clone() }));
    }
    patches.push(Patch::put(next));
    Ok(patches)
}

/// Notes the answer on the day before.
pub(crate) fn confirm_invitation<V: View + ?Sized>(view: &V, args: &ConfirmInvitation, context: &Context<'_>) -> Decision {
    let invitation = own(view, args.invitation, context)?;
    planned(view, invitation.meeting)?;
    if invitation.answer != Answer::Agreed {
        return Err(Rejection::InvitationNotAgreed.into());
    }
    let customer = view.need::<Customer>(invitation.customer)?;
    let mut next = Invitation { confirmation: Some(args.confirmation), ..(*invitation).clone() };
    next.ticket = match args.confirmation {
        Confirmation::CannotCome => None,
        Confirmation::Confirmed | Confirmation::Unreachable => ticket(&next, &customer, context),
    };
    Ok(vec![Patch::put(card(view, &next, &customer)?), Patch::put(next)])
}

fn own<V: View + ?Sized>(view: &V, id: InvitationId, context: &Context<'_>) -> Result<Arc<Invitation>, Stop> {
    let invitation = view.need::<Invitation>(id)?;
    context.actor.need_reach(view, invitation.rep)?;
    Ok(invitation)
}

/// Whoever invites must hold the customer's record: their own customer, a team member's, or for managers anybody's.
fn need_inviter<V: View + ?Sized>(view: &V, rep: UserId, customer: &Customer, context: &Context<'_>) -> Result<(), Stop> {
    let inviter = Actor::of(context.actor.org, &*view.need::<User>(rep)?).ok_or(Rejection::Forbidden)?;
    if works_on(view, &inviter, customer)? { Ok(()) } else { Err(Rejection::Forbidden.into()) }
}

/// The ticket of somebody who comes: the one they have, or a new one where there is a key to sign it with.
fn ticket(invitation: &Invitation, customer: &Customer, context: &Context<'_>) -> Option<String> {
    let sign = |signer: &TicketSigner| signer.sign(invitation.meeting, GuestId(invitation.id.0), context.at, &customer.profile.name);
    invitation.ticket.clone().or_else(|| context.signer.map(sign))
}

/// The guest card of somebody who agreed. Whoever invited first stays the inviter, though the customer may be somebody else's by now.
fn card<V: View + ?Sized>(view: &V, invitation: &Invitation, customer: &Customer) -> Result<Guest, Stop> {
    let standing = standing(invitation.confirmation);
    Ok(match view.get::<Guest>(GuestId(invitation.id.0))? {
        Some(card) => Guest { standing, ..(*card).clone() }.showing(&customer.profile),
        None => Guest::new(GuestId(invitation.id.0), invitation.meeting, customer, invitation.rep, GuestOrigin::Invited, standing),
    })
}

const fn standing(confirmation: Option<Confirmation>) -> Standing {
    match confirmation {
        Some(Confirmation::Confirmed) => Standing::Confirmed,
        Some(Confirmation::CannotCome) => Standing::Revoked,
        Some(Confirmation::Unreachable) | None => Standing::Agreed,
    }
}

/// The guest card of somebody who does not come stays, so that a door which reads the old ticket can say why it is closed.
fn revoke<V: View + ?Sized>(view: &V, invitation: InvitationId) -> Result<Option<Patch>, Stop> {
    let guest = view.get::<Guest>(GuestId(invitation.0))?;
    Ok(guest.map(|guest| Patch::put(Guest { standing: Standing::Revoked, ..(*guest).clone() })))
}
