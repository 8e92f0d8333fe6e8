//! Rules about invitations: a customer is invited once per meeting; who agrees gets a guest card and a ticket; who says no loses both.

use super::command::{ConfirmInvitation, PlanInvitations, RecordAnswer};
use super::{Answer, Attempt, Confirmation, Invitation};
use crate::customers::command::ProfileChange;
use crate::customers::decide::{changed, reached};
use crate::customers::{Contact, Customer};
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::ids::{GuestId, InvitationId};
use crate::meetings::decide::planned;
use crate::meetings::{Guest, GuestOrigin, Standing};
use crate::people::{Access, User};
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
    let mut seen = BTreeSet::new();
    let mut patches = Vec::with_capacity(args.planned.len());
    for plan in &args.planned {
        let customer = reached(view, plan.customer, context)?;
        context.actor.need_reach(view, plan.rep)?;
        if view.need::<User>(plan.rep)?.access == Access::Revoked {
            return Err(Rejection::Forbidden.into());
        }
        if customer.profile.contact == Contact::Refused {
            return Err(Rejection::DoNotContact.into());
        }
        if let Some(other) = view.list::<Invitation>(&Index::InvitationOf(meeting.id, plan.customer))?.first() {
            return Err(Rejection::AlreadyInvited { invitation: other.id, rep: other.rep }.into());
        }
        if !seen.insert(plan.customer) {
            return Err(Rejection::AlreadyInvited { invitation: plan.invitation, rep: plan.rep }.into());
        }
        view.need_free::<Invitation>(plan.invitation)?;
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
            if !context.settings(view)?.refusal_reasons.iter().any(|entry| entry.code == *reason) {
                return Err(Rejection::UnknownReason.into());
            }
        }
        Answer::Agreed | Answer::CallBack { .. } | Answer::NoAnswer | Answer::WrongNumber | Answer::DoNotContact => {}
    }
    for question in &args.questions {
        required(Field::Question, question, WORDS_MAX)?;
        if !next.questions.contains(question) {
            next.questions.push(question.clone());
        }
    }
    length(Field::Question, next.questions.len(), 0, QUESTIONS_MAX as i64)?;
    length(Field::Words, next.attempts.len(), 0, ATTEMPTS_MAX as i64)?;
    next.attempts.push(Attempt { at: context.at, by: context.actor.user, channel: args.channel, answer: args.answer.clone() });
    next.answer = args.answer.clone();

    let mut patches = Vec::with_capacity(3);
    if next.answer == Answer::Agreed {
        next.ticket = context.signer.map(|signer| signer.sign(next.meeting, GuestId(next.id.0), context.at, &customer.profile.name)).or(next.ticket);
        patches.push(Patch::put(guest_card(&next, &customer)));
    } else {
        next.confirmation = None;
        next.ticket = None;
        patches.extend(revoke(view, next.id)?);
    }
    if next.answer == Answer::DoNotContact {
        let profile = changed(&customer.profile, &[ProfileChange::Contact(Contact::Refused)]);
        patches.push(Patch::put(Customer { profile, changed_at: context.at, ..(*customer).clone() }));
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
    let mut patches = vec![Patch::put(Invitation { confirmation: Some(args.confirmation), ..(*invitation).clone() })];
    if let Some(guest) = view.get::<Guest>(GuestId(invitation.id.0))? {
        let standing = standing(Some(args.confirmation));
        patches.push(Patch::put(Guest { standing, ..(*guest).clone() }));
    }
    Ok(patches)
}

fn own<V: View + ?Sized>(view: &V, id: InvitationId, context: &Context<'_>) -> Result<Arc<Invitation>, Stop> {
    let invitation = view.need::<Invitation>(id)?;
    context.actor.need_reach(view, invitation.rep)?;
    Ok(invitation)
}

fn guest_card(invitation: &Invitation, customer: &Customer) -> Guest {
    Guest {
        id: GuestId(invitation.id.0),
        meeting: invitation.meeting,
        customer: customer.id,
        name: customer.profile.name.clone(),
        salutation: customer.profile.salutation,
        phone_masked: customer.profile.phones.first().map(crate::phone::Phone::masked).unwrap_or_default(),
        company: customer.profile.company.clone(),
        inviter: invitation.rep,
        origin: GuestOrigin::Invited,
        standing: standing(invitation.confirmation),
    }
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
