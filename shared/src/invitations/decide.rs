//! Rules about invitations: a customer is invited once per meeting; who agrees gets a guest card and a ticket while there are places, and
//! stands in line when there are none; who says no loses them.

use super::command::{
    AskQuestion, ChangeParty, ConfirmInvitation, MakeLink, NoteReminder, PlanInvitations, RecordAnswer, RefuseReminders, TellWaiting, WithdrawLinks,
};
use super::link::{GUEST_PAGE, MOST_LINKS};
use super::reminder::MOST_NOTED;
use super::{Answer, Attempt, Channel, Confirmation, Confirmed, Invitation, Noted, Reminded, Waiting};
use crate::customers::command::ProfileChange;
use crate::customers::decide::{changed, placed, reached, works_on};
use crate::customers::{Contact, Customer};
use crate::decide::prelude::*;
use crate::decide::{Actor, Patch};
use crate::ids::{GuestId, InvitationId, UserId};
use crate::invitations::ticket::TicketSigner;
use crate::meetings::Meeting;
use crate::meetings::decide::planned;
use crate::meetings::places::{MOST_COMPANIONS, Places, Seated};
use crate::meetings::{Guest, GuestOrigin, Standing};
use crate::people::User;
use crate::record::Index;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most customers of one [`PlanInvitations`].
pub const MOST_PLANNED: usize = 200;
const QUESTIONS_MAX: usize = 50;
const ATTEMPTS_MAX: usize = 200;
const CONFIRMATIONS_MAX: usize = 100;
/// Of them, those that a guest may make through a link: whoever presses about must leave room for the rep.
const GUEST_ATTEMPTS_MAX: usize = 60;

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
            planned: Some(Noted { at: context.at, by: context.actor.user }),
            due: plan.due,
            answer: Answer::Planned,
            confirmation: None,
            confirmations: Vec::new(),
            attempts: Vec::new(),
            questions: Vec::new(),
            companions: 0,
            waiting: None,
            links: Vec::new(),
            asked: None,
            reminders: Vec::new(),
            same_as: None,
            ticket: None,
        }));
    }
    Ok(patches)
}

/// Notes what a customer said.
pub(crate) fn record_answer<V: View + ?Sized>(view: &V, args: &RecordAnswer, context: &Context<'_>) -> Decision {
    let invitation = own(view, args.invitation, context)?;
    // Whoever wants to be left in peace is heard, whatever becomes of the meeting.
    let meeting = if args.answer == Answer::DoNotContact { view.need::<Meeting>(invitation.meeting)? } else { planned(view, invitation.meeting)? };
    let (capacity, by_guest) = (meeting.plan.capacity, acts_for_themselves(context));
    let customer = view.need::<Customer>(invitation.customer)?;
    let mut next = (*invitation).clone();
    match &args.answer {
        Answer::Planned => return Err(Rejection::Required { field: Field::Reason }.into()),
        Answer::Declined { reason, words } => {
            text(Field::Words, words, WORDS_MAX)?;
            // The dictionary bounds the code's length, too. A guest is asked for words only.
            let unsaid = by_guest && reason.is_empty();
            if !unsaid && !context.settings(view)?.refusal_reasons.iter().any(|entry| entry.code == *reason) {
                return Err(Rejection::UnknownReason.into());
            }
        }
        Answer::CallBack { at } => instant(Field::CallBackAt, *at)?,
        Answer::Agreed | Answer::NoAnswer | Answer::WrongNumber | Answer::DoNotContact => {}
    }
    length(Field::Question, args.questions.len(), 0, QUESTIONS_MAX as i64)?;
    let mut asked = Vec::new();
    for question in &args.questions {
        required_text(Field::Question, question, WORDS_MAX)?;
        if !next.questions.contains(question) {
            next.questions.push(question.clone());
            asked.push(question.clone());
        }
    }
    length(Field::Question, next.questions.len(), 0, QUESTIONS_MAX as i64)?;
    length(Field::Rows, next.attempts.len() + 1, 1, ATTEMPTS_MAX as i64)?;
    if by_guest {
        let so_far = next.attempts.iter().filter(|attempt| attempt.by_guest).count();
        length(Field::Rows, so_far + 1, 1, GUEST_ATTEMPTS_MAX as i64)?;
        if !args.questions.is_empty() {
            next.asked = Some(context.at);
        }
    } else {
        next.asked = None;
    }
    next.attempts.push(Attempt {
        at: context.at,
        by: context.actor.user,
        channel: args.channel,
        answer: args.answer.clone(),
        questions: asked,
        by_guest,
    });
    // Who waits in line and was not reached, or wants to be called again, has not given up the place in it.
    let still_waits = invitation.waiting.is_some() && matches!(args.answer, Answer::NoAnswer | Answer::CallBack { .. });
    if !still_waits {
        next.answer = args.answer.clone();
    }

    let mut patches = Vec::with_capacity(4);
    if still_waits {
    } else if next.answer == Answer::Agreed {
        // A new yes takes back "cannot come".
        next.confirmation = next.confirmation.filter(|&confirmation| confirmation == Confirmation::Confirmed);
        patches.extend(seat(view, &invitation, &mut next, capacity)?);
        patches.extend(admit(view, &mut next, &customer, context)?);
    } else {
        patches.extend(give_up(view, &invitation, capacity)?);
        (next.confirmation, next.waiting, next.ticket) = (None, None, None);
        patches.extend(revoke(view, next.id)?);
    }
    if next.answer == Answer::DoNotContact {
        let profile = changed(&customer.profile, &[ProfileChange::Contact(Contact::Refused)]);
        patches.extend(placed(view, Customer { profile, import: None, changed_at: context.at, ..(*customer).clone() })?);
    }
    patches.push(Patch::put(next));
    Ok(patches)
}

/// Notes the answer on the day before.
pub(crate) fn confirm_invitation<V: View + ?Sized>(view: &V, args: &ConfirmInvitation, context: &Context<'_>) -> Decision {
    let invitation = own(view, args.invitation, context)?;
    let capacity = planned(view, invitation.meeting)?.plan.capacity;
    if invitation.answer != Answer::Agreed || invitation.waiting.is_some() {
        return Err(Rejection::InvitationNotAgreed.into());
    }
    let customer = view.need::<Customer>(invitation.customer)?;
    let mut next = Invitation { confirmation: Some(args.confirmation), asked: None, ..(*invitation).clone() };
    length(Field::Rows, next.confirmations.len() + 1, 1, CONFIRMATIONS_MAX as i64)?;
    next.confirmations.push(Confirmed { at: context.at, by: context.actor.user, confirmation: args.confirmation });
    let mut patches = Vec::with_capacity(3);
    if args.confirmation == Confirmation::CannotCome {
        patches.extend(give_up(view, &invitation, capacity)?);
        next.ticket = None;
        patches.push(Patch::put(card(view, &next, &customer)?));
    } else {
        // Who could not come and can after all has given the place away meanwhile.
        patches.extend(seat(view, &invitation, &mut next, capacity)?);
        patches.extend(admit(view, &mut next, &customer, context)?);
    }
    patches.push(Patch::put(next));
    Ok(patches)
}

/// Notes how many a guest brings along.
pub(crate) fn change_party<V: View + ?Sized>(view: &V, args: &ChangeParty, context: &Context<'_>) -> Decision {
    let invitation = own(view, args.invitation, context)?;
    let meeting = planned(view, invitation.meeting)?;
    within(Field::Companions, args.companions.into(), 0, MOST_COMPANIONS.into())?;
    let next = Invitation { companions: args.companions, ..(*invitation).clone() };
    let mut patches = Vec::with_capacity(3);
    if invitation.comes() || invitation.waiting.is_some() {
        let mut places = Places::of(view, meeting.id)?;
        places.resize(invitation.id, invitation.companions, args.companions, meeting.plan.capacity)?;
        patches.extend(places.patch(view)?);
    }
    if invitation.comes() {
        let customer = view.need::<Customer>(invitation.customer)?;
        patches.push(Patch::put(card(view, &next, &customer)?));
    }
    patches.push(Patch::put(next));
    Ok(patches)
}

/// Whoever stands at the door has answered: comes, whatever was said before, and whether or not there is a place left. None where the meeting has no
/// such invitation.
pub(crate) fn came<V: View + ?Sized>(view: &V, id: InvitationId, meeting: &Meeting, context: &Context<'_>) -> Result<Option<Vec<Patch>>, Stop> {
    let invitation = view.get::<Invitation>(id)?.filter(|invitation| invitation.meeting == meeting.id && invitation.same_as.is_none());
    let Some(invitation) = invitation else { return Ok(None) };
    let customer = view.need::<Customer>(invitation.customer)?;
    let mut next = Invitation { answer: Answer::Agreed, waiting: None, ..(*invitation).clone() };
    next.attempts.push(Attempt {
        at: context.at,
        by: context.actor.user,
        channel: Channel::Other,
        answer: Answer::Agreed,
        questions: Vec::new(),
        by_guest: false,
    });
    let mut places = Places::of(view, meeting.id)?;
    places.take(id, next.companions, meeting.plan.capacity);
    let mut patches: Vec<_> = places.patch(view)?.into_iter().collect();
    patches.extend(admit(view, &mut next, &customer, context)?);
    patches.push(Patch::put(next));
    Ok(Some(patches))
}

/// Notes that a guest knows of waiting in line.
pub(crate) fn tell_waiting<V: View + ?Sized>(view: &V, args: &TellWaiting, context: &Context<'_>) -> Decision {
    let invitation = own(view, args.invitation, context)?;
    let waits = invitation.waiting.is_some();
    Ok(if waits { vec![Patch::put(Invitation { waiting: Some(Waiting::Told), ..(*invitation).clone() })] } else { Vec::new() })
}

/// Lets a guest answer with a link.
pub(crate) fn make_link<V: View + ?Sized>(view: &V, args: &MakeLink, context: &Context<'_>) -> Decision {
    let invitation = own(view, args.invitation, context)?;
    planned(view, invitation.meeting)?;
    let customer = view.need::<Customer>(invitation.customer)?;
    if customer.profile.contact == Contact::Refused {
        return Err(Rejection::DoNotContact { customer: customer.id }.into());
    }
    // Somebody else's link, by whatever chance, stays theirs.
    let others = view.list::<Invitation>(&Index::InvitationByLink(args.link))?;
    if others.iter().any(|other| other.id != invitation.id) {
        return Err(Rejection::AlreadyExists { kind: Kind::Invitation }.into());
    }
    let mut next = (*invitation).clone();
    if !next.links.contains(&args.link) {
        let too_many = (next.links.len() + 1).saturating_sub(MOST_LINKS);
        next.links.drain(..too_many);
        next.links.push(args.link);
    }
    Ok(vec![Patch::put(next)])
}

/// Takes back all links of an invitation.
pub(crate) fn withdraw_links<V: View + ?Sized>(view: &V, args: &WithdrawLinks, context: &Context<'_>) -> Decision {
    let invitation = own(view, args.invitation, context)?;
    Ok(vec![Patch::put(Invitation { links: Vec::new(), ..(*invitation).clone() })])
}

/// Notes that a guest wants no reminders any more: heard, whatever becomes of the meeting, and as often as it is said.
pub(crate) fn refuse_reminders<V: View + ?Sized>(view: &V, args: &RefuseReminders, context: &Context<'_>) -> Decision {
    let invitation = own(view, args.invitation, context)?;
    let customer = view.need::<Customer>(invitation.customer)?;
    let profile = changed(&customer.profile, &[ProfileChange::Reminders(Contact::Refused)]);
    placed(view, Customer { profile, import: None, changed_at: context.at, ..(*customer).clone() })
}

/// Notes how a reminder ended. It happened, whatever has become of the meeting.
pub(crate) fn note_reminder<V: View + ?Sized>(view: &V, args: &NoteReminder, context: &Context<'_>) -> Decision {
    let invitation = own(view, args.invitation, context)?;
    // Who may call itself the server's page is the server alone.
    if context.device != GUEST_PAGE {
        return Err(Rejection::Forbidden.into());
    }
    let mut next = (*invitation).clone();
    let too_many = (next.reminders.len() + 1).saturating_sub(MOST_NOTED);
    next.reminders.drain(..too_many);
    next.reminders.push(Reminded { at: context.at, channel: args.channel, outcome: args.outcome });
    Ok(vec![Patch::put(next)])
}

/// Keeps a question.
pub(crate) fn ask_question<V: View + ?Sized>(view: &V, args: &AskQuestion, context: &Context<'_>) -> Decision {
    let invitation = own(view, args.invitation, context)?;
    planned(view, invitation.meeting)?;
    required_text(Field::Question, &args.question, WORDS_MAX)?;
    let mut next = (*invitation).clone();
    if !next.questions.contains(&args.question) {
        next.questions.push(args.question.clone());
        length(Field::Question, next.questions.len(), 0, QUESTIONS_MAX as i64)?;
    }
    if acts_for_themselves(context) {
        next.asked = Some(context.at);
    }
    Ok(vec![Patch::put(next)])
}

/// Whether a guest acts through a link: in the name of whoever invited them, from the server's page. Servers let no other device call itself so.
fn acts_for_themselves(context: &Context<'_>) -> bool {
    context.device == GUEST_PAGE
}

/// Gives somebody who says yes a place, or a place in line; whoever has one keeps it.
pub(crate) fn seat<V: View + ?Sized>(view: &V, before: &Invitation, next: &mut Invitation, capacity: u32) -> Result<Option<Patch>, Stop> {
    if before.comes() {
        return Ok(None);
    }
    let mut places = Places::of(view, next.meeting)?;
    next.waiting = match places.seat(next.id, next.companions, capacity)? {
        Seated::Placed => None,
        Seated::Waits => before.waiting.or(Some(Waiting::Untold)),
    };
    places.patch(view)
}

/// Frees what somebody had who does not come: the place, or the place in line. Those who wait are offered it.
pub(crate) fn give_up<V: View + ?Sized>(view: &V, before: &Invitation, capacity: u32) -> Result<Option<Patch>, Stop> {
    let mut places = Places::of(view, before.meeting)?;
    if before.comes() {
        places.release(before.companions, capacity);
    } else if before.waiting.is_some() {
        places.leave(before.id, capacity);
    } else {
        return Ok(None);
    }
    places.patch(view)
}

/// The card and the ticket of whoever has a place. Who waits in line has neither.
pub(crate) fn admit<V: View + ?Sized>(view: &V, next: &mut Invitation, customer: &Customer, context: &Context<'_>) -> Result<Option<Patch>, Stop> {
    if next.waiting.is_some() {
        (next.confirmation, next.ticket) = (None, None);
        return revoke(view, next.id);
    }
    next.ticket = ticket(next, customer, context);
    Ok(Some(Patch::put(card(view, next, customer)?)))
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
    invitation.ticket.clone().or_else(|| context.authority.map(|server| sign(server.signer)))
}

/// The guest card of somebody who agreed. Whoever invited first stays the inviter, though the customer may be somebody else's by now.
fn card<V: View + ?Sized>(view: &V, invitation: &Invitation, customer: &Customer) -> Result<Guest, Stop> {
    let standing = standing(invitation.confirmation);
    Ok(match view.get::<Guest>(GuestId(invitation.id.0))? {
        Some(card) => Guest { standing, companions: invitation.companions, ..(*card).clone() }.showing(&customer.profile),
        None => {
            let card = Guest::new(GuestId(invitation.id.0), invitation.meeting, customer, invitation.rep, GuestOrigin::Invited, standing);
            Guest { companions: invitation.companions, ..card }
        }
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
