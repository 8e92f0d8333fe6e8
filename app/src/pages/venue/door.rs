//! What the desk's pages share: the verdict that is shown, the check-in that it saves, and what could not be saved.
//!
//! Law: "saved" is said after `submit` has returned. A check-in that could not be saved stays here until it is, or until somebody lets it go.

use crate::components::toast;
use crate::platform::{clock, desk, feedback};
use crate::replica::{self, NotSaved};
use crate::state::venue::{self, Tone, Verdict, Who, verdict_of_code, verdict_of_guest};
use crate::texts as t;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::check_ins::Method;
use shared::check_ins::command::{CheckInGuest, UndoCheckIn};
use shared::ids::{CheckInId, CustomerId, GuestId, MeetingId};
use shared::{Command, Kind};
use std::time::Duration;
use uuid::Uuid;

/// How long something can be taken back, in milliseconds.
pub(super) const UNDO_MS: f64 = 10_000.0;
/// The kinds from which verdicts are made.
pub(super) const KINDS: &[Kind] = &[Kind::Guest, Kind::CheckIn, Kind::Conflict, Kind::User, Kind::Meeting, Kind::Settings];

/// A verdict on the screen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) meeting: MeetingId,
    pub(super) verdict: Verdict,
    /// The code that was scanned, if one was.
    pub(super) code: Option<String>,
    pub(super) saving: Saving,
    /// The check-in that it made.
    pub(super) check_in: Option<CheckInId>,
    /// When the code was last in view, or the guest was chosen.
    pub(super) seen_at: f64,
    /// When the guest was let in.
    pub(super) let_in_at: f64,
    /// Put away by a tap.
    pub(super) is_put_away: bool,
}

/// How far saving is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Saving {
    /// There is nothing to save.
    Nothing,
    UnderWay,
    /// On this device, durably.
    Saved,
    NotSaved(NotSaved),
}

/// Something that happened at the door and is not saved.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unsaved {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) command: Command,
    pub(super) why: NotSaved,
}

thread_local! {
    static SHOWN: ArcRwSignal<Option<Shown>> = ArcRwSignal::new(None);
    static UNSAVED: ArcRwSignal<Vec<Unsaved>> = ArcRwSignal::new(Vec::new());
    static CLOCK: ArcRwSignal<f64> = ArcRwSignal::new(clock::ms());
}

/// The verdict on the screen; tracked.
pub(super) fn shown() -> Option<Shown> {
    SHOWN.with(ArcRwSignal::get)
}

/// What is not saved; tracked.
pub(super) fn unsaved() -> Vec<Unsaved> {
    UNSAVED.with(ArcRwSignal::get)
}

/// Milliseconds of the page's clock, a few times a second; tracked. It runs while a page keeps [`run_clock`]'s promise.
pub(super) fn clock() -> f64 {
    CLOCK.with(ArcRwSignal::get)
}

/// Lets [`clock`] run until the page is left.
pub(super) fn run_clock() {
    let tick = || CLOCK.with(|clock| clock.set(clock::ms()));
    tick();
    if let Ok(ticking) = set_interval_with_handle(tick, Duration::from_millis(250)) {
        on_cleanup(move || ticking.clear());
    }
}

/// The desk's name, or the word for a desk without one.
pub(super) fn desk_name() -> String {
    let name = desk::name();
    if name.trim().is_empty() { t::venue::desk_unnamed().to_owned() } else { name }
}

/// Whether a text is a ticket, whole and genuine; tracked.
pub(super) fn is_ticket(text: &str) -> bool {
    replica::read(&[Kind::Settings], |replica| venue::is_ticket(replica, text))
}

/// Judges a code that came before the camera, tells the verdict, and lets a welcome guest in.
pub(super) fn judge_code(meeting: MeetingId, code: String) {
    let verdict = read(|replica| verdict_of_code(replica, meeting, &code));
    show(meeting, verdict.clone(), Some(code.clone()));
    if let Verdict::Welcome(who) = verdict {
        let_in(meeting, &who, Method::Ticket, Some(code));
    }
}

/// Lets in a guest who was chosen from the list, if nothing speaks against it.
pub(super) fn admit(meeting: MeetingId, guest: GuestId) {
    let verdict = read(|replica| verdict_of_guest(replica, meeting, guest));
    show(meeting, verdict.clone(), None);
    if let Verdict::Welcome(who) = verdict {
        let_in(meeting, &who, Method::Search, None);
    }
}

/// Lets in a guest who had said no: a person at the door decided so.
pub(super) fn admit_anyway(meeting: MeetingId, who: Who) {
    show(meeting, Verdict::Welcome(who.clone()), None);
    let_in(meeting, &who, Method::Search, None);
}

/// Tells that a walk-in is in; the command has been saved.
pub(super) fn welcome_walk_in(meeting: MeetingId, who: Who, check_in: CheckInId) {
    show(meeting, Verdict::Welcome(who), None);
    change(|shown| {
        shown.check_in = Some(check_in);
        shown.saving = Saving::Saved;
        shown.let_in_at = clock::ms();
    });
}

/// The code of the verdict on the screen is still in view.
pub(super) fn keep_showing() {
    change(|shown| shown.seen_at = clock::ms());
}

/// A code judged moments ago is in view again: its guest's state is shown without a sound.
pub(super) fn show_again(meeting: MeetingId, code: String) {
    let verdict = read(|replica| verdict_of_code(replica, meeting, &code));
    SHOWN.with(|signal| signal.set(Some(new_shown(meeting, verdict, Some(code)))));
}

/// Puts the verdict away.
pub(super) fn put_away() {
    change(|shown| shown.is_put_away = true);
}

/// Takes the check-in back that is shown.
pub(super) fn undo(shown: Shown) {
    let Some(check_in) = shown.check_in else { return };
    take_back(check_in, shown.verdict.who().map(|who| who.name.clone()).unwrap_or_default());
}

/// Takes a check-in back. The seat that was given and what was handed out stay: they are taken back where they are shown.
pub(super) fn take_back(check_in: CheckInId, name: String) {
    spawn_local(async move {
        match replica::submit(UndoCheckIn { check_in }).await {
            Ok(()) => {
                SHOWN.with(|signal| {
                    if signal.with_untracked(|shown| shown.as_ref().is_some_and(|shown| shown.check_in == Some(check_in))) {
                        signal.set(None);
                    }
                });
                toast::show(untrack(|| t::venue::taken_back(name)));
            }
            Err(why) => toast::show(untrack(|| crate::words::not_saved(&why))),
        }
    });
}

/// Tries again to save everything that is not.
pub(super) fn save_again() {
    for unsaved in UNSAVED.with(ArcRwSignal::get_untracked) {
        spawn_local(async move {
            match replica::submit(unsaved.command.clone()).await {
                Ok(()) => {
                    let_go(unsaved.id);
                    change(|shown| {
                        if shown.check_in.is_some_and(|check_in| check_in.0 == unsaved.id) {
                            shown.saving = Saving::Saved;
                        }
                    });
                    toast::show(untrack(|| t::venue::saved_now(unsaved.name)));
                }
                Err(why) => UNSAVED.with(|signal| {
                    signal.update(|list| list.iter_mut().filter(|other| other.id == unsaved.id).for_each(|other| other.why = why.clone()));
                }),
            }
        });
    }
}

/// Forgets something that is not saved: a person said so.
pub(super) fn let_go(id: Uuid) {
    UNSAVED.with(|signal| signal.update(|list| list.retain(|unsaved| unsaved.id != id)));
}

/// Keeps something that could not be saved.
pub(super) fn keep_unsaved(id: Uuid, name: String, command: impl Into<Command>, why: NotSaved) {
    let unsaved = Unsaved { id, name, command: command.into(), why };
    UNSAVED.with(|signal| {
        signal.update(|list| {
            list.retain(|other| other.id != id);
            list.push(unsaved);
        });
    });
}

/// The customer behind the verdict, with whom a deal can be made.
pub(super) fn customer_of(shown: &Shown) -> Option<CustomerId> {
    let who = shown.verdict.who()?;
    // The card may have arrived since.
    who.customer.or_else(|| read(|replica| replica.noun::<shared::meetings::Guest>(who.guest).map(|guest| guest.customer)))
}

fn let_in(meeting: MeetingId, who: &Who, method: Method, ticket: Option<String>) {
    let check_in = CheckInId(Uuid::now_v7());
    let command = CheckInGuest { check_in, meeting, guest: who.guest, desk: untrack(desk_name), method, ticket };
    let name = who.name.clone();
    change(|shown| {
        shown.check_in = Some(check_in);
        shown.saving = Saving::UnderWay;
        shown.let_in_at = clock::ms();
    });
    spawn_local(async move {
        let saving = match replica::submit(command.clone()).await {
            Ok(()) => Saving::Saved,
            Err(why) => {
                feedback::tell(Tone::Refusal);
                keep_unsaved(check_in.0, name, command, why.clone());
                Saving::NotSaved(why)
            }
        };
        change(|shown| {
            if shown.check_in == Some(check_in) {
                shown.saving = saving;
            }
        });
    });
}

fn show(meeting: MeetingId, verdict: Verdict, code: Option<String>) {
    feedback::tell(verdict.tone());
    SHOWN.with(|signal| signal.set(Some(new_shown(meeting, verdict, code))));
}

fn new_shown(meeting: MeetingId, verdict: Verdict, code: Option<String>) -> Shown {
    Shown { meeting, verdict, code, saving: Saving::Nothing, check_in: None, seen_at: clock::ms(), let_in_at: 0.0, is_put_away: false }
}

fn change(f: impl FnOnce(&mut Shown)) {
    SHOWN.with(|signal| {
        signal.update(|shown| {
            if let Some(shown) = shown {
                f(shown);
            }
        });
    });
}

fn read<R>(f: impl FnOnce(&shared::sync::replica::Replica) -> R) -> R {
    untrack(|| replica::read(KINDS, f))
}
