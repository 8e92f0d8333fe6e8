//! Rules about what goes on in the hall: those on duty, their supervisors and managers say it; nothing that was said is overwritten.

use super::command::{AnswerHelpCall, CallForHelp, CloseHelpCall, MarkAgenda, NoteGuest, UndoAgendaMark};
use super::{AgendaMark, Closed, Coming, GuestNote, HelpCall, Reader};
use crate::check_ins::decide::need_duty;
use crate::customers::Customer;
use crate::decide::Patch;
use crate::decide::prelude::*;
use crate::meetings::decide::planned;
use crate::meetings::{Guest, Meeting};

/// Longest name of a place in the hall.
pub const PLACE_MAX: usize = 40;
/// Longest words about a guest: somebody stands there.
pub const NOTE_MAX: usize = 300;
/// More do not come to one table.
const MOST_COMING: usize = 10;

/// Says that a point of the agenda has begun or ended. Whether it is in the plan is not asked: the plan may have changed meanwhile.
pub(crate) fn mark_agenda<V: View + ?Sized>(view: &V, args: &MarkAgenda, context: &Context<'_>) -> Decision {
    let meeting = planned(view, args.meeting)?;
    need_duty(view, &meeting, context)?;
    required(Field::Agenda, &args.title, NAME_MAX)?;
    view.need_free::<AgendaMark>(args.mark)?;
    let (at, by, title) = (context.at, context.actor.user, tidy(&args.title));
    Ok(vec![Patch::put(AgendaMark { id: args.mark, meeting: meeting.id, minute: args.minute, title, step: args.step, at, by, undone: false })])
}

/// Takes a mark back; it stays visible as undone. A second time changes nothing.
pub(crate) fn undo_agenda_mark<V: View + ?Sized>(view: &V, args: &UndoAgendaMark, context: &Context<'_>) -> Decision {
    let mark = view.need::<AgendaMark>(args.mark)?;
    let meeting = view.need::<Meeting>(mark.meeting)?;
    need_duty(view, &meeting, context)?;
    Ok(if mark.undone { Vec::new() } else { vec![Patch::put(AgendaMark { undone: true, ..(*mark).clone() })] })
}

/// Notes something of a guest: for the staff, and for the customer's owner. Of a customer in the pool the inviter is the reader.
pub(crate) fn note_guest<V: View + ?Sized>(view: &V, args: &NoteGuest, context: &Context<'_>) -> Decision {
    let meeting = planned(view, args.meeting)?;
    need_duty(view, &meeting, context)?;
    text(Field::Words, &args.words, NOTE_MAX)?;
    view.need_free::<GuestNote>(args.note)?;
    view.need_free::<GuestNote>(args.owners_note)?;
    if args.note == args.owners_note {
        return Err(Rejection::AlreadyExists { kind: Kind::GuestNote }.into());
    }
    let guest = view.need::<Guest>(args.guest)?;
    if guest.meeting != meeting.id {
        return Err(Rejection::NotFound { kind: Kind::Guest }.into());
    }
    // A device that does not hold the customer takes the inviter; the server knows better.
    let owner = view.get::<Customer>(guest.customer)?.and_then(|customer| customer.owner).unwrap_or(guest.inviter);
    let note = GuestNote {
        id: args.note,
        meeting: meeting.id,
        guest: guest.id,
        customer: guest.customer,
        reader: Reader::Staff,
        chip: args.chip,
        words: args.words.trim().to_owned(),
        at: context.at,
        by: context.actor.user,
    };
    let owners = GuestNote { id: args.owners_note, reader: Reader::Owner(owner), ..note.clone() };
    Ok(vec![Patch::put(note), Patch::put(owners)])
}

/// Calls for somebody.
pub(crate) fn call_for_help<V: View + ?Sized>(view: &V, args: &CallForHelp, context: &Context<'_>) -> Decision {
    let meeting = planned(view, args.meeting)?;
    need_duty(view, &meeting, context)?;
    required(Field::Seat, &args.place, PLACE_MAX)?;
    view.need_free::<HelpCall>(args.call)?;
    let (at, by, place) = (context.at, context.actor.user, tidy(&args.place));
    Ok(vec![Patch::put(HelpCall { id: args.call, meeting: meeting.id, need: args.need, place, at, by, coming: Vec::new(), closed: None })])
}

/// Sets out. Who has set out already, or after it was settled, changes nothing; a second person is noted behind the first.
pub(crate) fn answer_help_call<V: View + ?Sized>(view: &V, args: &AnswerHelpCall, context: &Context<'_>) -> Decision {
    let call = call_on_duty(view, args.call, context)?;
    let by = context.actor.user;
    if call.closed.is_some() || call.coming.len() >= MOST_COMING || call.coming.iter().any(|coming| coming.by == by) {
        return Ok(Vec::new());
    }
    let mut coming = call.coming.clone();
    coming.push(Coming { by, at: context.at });
    Ok(vec![Patch::put(HelpCall { coming, ..call })])
}

/// Settles a call; the first who says so stays.
pub(crate) fn close_help_call<V: View + ?Sized>(view: &V, args: &CloseHelpCall, context: &Context<'_>) -> Decision {
    let call = call_on_duty(view, args.call, context)?;
    if call.closed.is_some() {
        return Ok(Vec::new());
    }
    let closed = Some(Closed { by: context.actor.user, at: context.at });
    Ok(vec![Patch::put(HelpCall { closed, ..call })])
}

fn call_on_duty<V: View + ?Sized>(view: &V, id: crate::ids::HelpCallId, context: &Context<'_>) -> Result<HelpCall, Stop> {
    let call = view.need::<HelpCall>(id)?;
    let meeting = view.need::<Meeting>(call.meeting)?;
    need_duty(view, &meeting, context)?;
    Ok((*call).clone())
}
