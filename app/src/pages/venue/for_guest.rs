//! What a guest gets at the door (clauses D3, D4): the seat, gifts and materials, each by one tap; the second time told; taken back with a reason;
//! signed for where the item asks for it. And the brief of whoever has come.
//!
//! Law: what could not be saved stays, as a check-in does ([`super::door`]): somebody may be sitting there already.

use super::door;
use crate::components::{Badge, Banner, Button, Glyph, LinkButton, Look, Mood, Sheet, TextArea, toast};
use crate::pages::deals::pad::SignaturePad;
use crate::pages::draft::{Draft, DraftNote, hold_page};
use crate::pages::products::Pitch;
use crate::replica::{self, NotSaved};
use crate::routes::Place;
use crate::state::seats::{desk_here, guest_name, named, offer, proposed, seat_of, seating_of};
use crate::state::signature::Drawing;
use crate::state::stock::{ForGuest, Handed, Stock, for_guest};
use crate::state::venue::{Brief, brief};
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::deals::Stroke;
use shared::ids::{DeskId, GuestId, HandoutId, ItemId, MeetingId, SeatingId};
use shared::seating::command::{GiveSeats, GivenSeat};
use shared::seating::lease::{FreeSeat, Offer};
use shared::stock::command::{HandOut, UndoHandOut};
use uuid::Uuid;

/// The kinds from which seat, gifts and brief are made.
pub(super) const KINDS: &[Kind] = &[
    Kind::Guest,
    Kind::CheckIn,
    Kind::Conflict,
    Kind::Customer,
    Kind::Invitation,
    Kind::Meeting,
    Kind::User,
    Kind::Table,
    Kind::Seating,
    Kind::Hall,
    Kind::Desk,
    Kind::Item,
    Kind::Handout,
];
/// Most free seats to choose from on one sheet.
const MOST_SEATS: usize = 120;

/// A guest at a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Of {
    pub(super) meeting: MeetingId,
    pub(super) guest: GuestId,
}

/// What the sheet over the door asks for. It outlives the verdict from which it was opened: the next scan does not take a signature away.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ask {
    /// Everything for a guest.
    All(Of),
    Seat(Of),
    Sign(Of, ItemId),
    Undo(Of, HandoutId),
}

thread_local! {
    static ASKED: ArcRwSignal<Option<Ask>> = ArcRwSignal::new(None);
}

fn ask(what: Ask) {
    ASKED.with(|asked| asked.set(Some(what)));
}

/// Shows everything for a guest.
pub(super) fn show_all(of: Of) {
    ask(Ask::All(of));
}

/// The sheet over the door; once on each of its pages.
#[component]
pub(super) fn GuestSheet() -> impl IntoView {
    let asked = ASKED.with(Clone::clone);
    let open = RwSignal::new(false);
    let is_asked = asked.clone();
    Effect::new(move |_| open.set(is_asked.with(Option::is_some)));
    let closed = asked.clone();
    Effect::new(move |before: Option<bool>| {
        let now = open.get();
        if before == Some(true) && !now {
            closed.set(None);
        }
        now
    });
    // Who goes elsewhere has done with this guest.
    let left = asked.clone();
    on_cleanup(move || left.set(None));
    let named = asked.clone();
    let title = move || match named.get() {
        None | Some(Ask::All(_)) => t::seats::seat_and_gifts(),
        Some(Ask::Seat(_)) => t::seats::choose_seat(),
        Some(Ask::Sign(..)) => t::stock::signature_here(),
        Some(Ask::Undo(..)) => t::stock::undo(),
    };
    view! {
        <Sheet title open test_id="for-guest-sheet">
            {
                let asked = asked.clone();
                move || match asked.get() {
                    None => ().into_any(),
                    Some(Ask::All(of)) => view! {
                        <p class="brief-name">{name_of(of)}</p>
                        <ForGuestLines of />
                        <BriefLines of />
                    }
                    .into_any(),
                    Some(Ask::Seat(of)) => view! { <ChooseSeat of /> }.into_any(),
                    Some(Ask::Sign(of, item)) => view! { <Sign of item /> }.into_any(),
                    Some(Ask::Undo(of, handout)) => view! { <Undo of handout /> }.into_any(),
                }
            }
        </Sheet>
    }
}

/// Seat and gifts of a guest, with the buttons that give them.
#[component]
pub(super) fn ForGuestLines(of: Of) -> impl IntoView {
    view! {
        <div class="for-guest" data-testid="for-guest">
            <SeatLine of />
            <Gifts of />
        </div>
    }
}

#[component]
fn SeatLine(of: Of) -> impl IntoView {
    let state = Memo::new(move |_| {
        replica::read(KINDS, |replica| {
            if let Some(seat) = seat_of(replica, of.guest) {
                return SeatState::Has(words::seat(&seat));
            }
            let desk = desk_here(replica, of.meeting).map(|desk| desk.id);
            match offer(replica, of.meeting, desk, Utc::now()) {
                Offer::NoSeats => SeatState::Nothing,
                Offer::Seats(free) => proposed(replica, of.guest, &free)
                    .map_or(SeatState::Cannot(Cannot::Full), |(free, seat)| SeatState::Offered(free, words::seat(&seat))),
                Offer::NotADesk => SeatState::Cannot(Cannot::NotADesk),
                Offer::NoBlock => SeatState::Cannot(Cannot::NoBlock),
                Offer::RunOut { .. } => SeatState::Cannot(Cannot::RunOut),
                Offer::Unconfirmed => SeatState::Cannot(Cannot::Unconfirmed),
            }
        })
    });
    let change = move || ask(Ask::Seat(of));
    move || {
        match state.get() {
        SeatState::Nothing => ().into_any(),
        SeatState::Has(seat) => view! {
            <p class="for-guest-line">
                <span class="for-guest-seat" data-testid="guest-seat">{seat}</span>
                <Button icon=Glyph::Rotate on_press=change test_id="seat-change">{t::seats::change_seat}</Button>
            </p>
        }
        .into_any(),
        SeatState::Offered(free, seat) => view! {
            <p class="for-guest-line">
                <Button look=Look::Primary icon=Glyph::MapPin on_press=move || give(of, free) test_id="seat-offer">{t::seats::give_this(&seat)}</Button>
                <Button on_press=change test_id="seat-choose">{t::seats::choose_seat}</Button>
            </p>
        }
        .into_any(),
        SeatState::Cannot(why) => view! {
            <p class="for-guest-line">
                <span class="soft" data-testid="seat-cannot">{move || cannot_words(why)}</span>
                <LinkButton href=Place::Desks(of.meeting) icon=Glyph::Tablet>{t::seats::to_desks}</LinkButton>
            </p>
        }
        .into_any(),
    }
    }
}

/// What can be said of a guest's seat at this desk.
#[derive(Clone, PartialEq)]
enum SeatState {
    /// There are no seats.
    Nothing,
    Has(String),
    Offered(FreeSeat, String),
    Cannot(Cannot),
}

/// Why this desk gives no seat.
#[derive(Clone, Copy, PartialEq)]
enum Cannot {
    Full,
    NotADesk,
    NoBlock,
    RunOut,
    Unconfirmed,
}

fn cannot_words(why: Cannot) -> &'static str {
    match why {
        Cannot::Full => t::seats::offer_full(),
        Cannot::NotADesk => t::seats::offer_not_a_desk(),
        Cannot::NoBlock => t::seats::offer_no_block(),
        Cannot::RunOut => t::seats::offer_run_out(),
        Cannot::Unconfirmed => t::seats::offer_unconfirmed(),
    }
}

/// The seats that this desk may give, by their tables.
#[component]
fn ChooseSeat(of: Of) -> impl IntoView {
    let free = Memo::new(move |_| {
        replica::read(KINDS, |replica| {
            let desk = desk_here(replica, of.meeting).map(|desk| desk.id);
            let Offer::Seats(free) = offer(replica, of.meeting, desk, Utc::now()) else { return Vec::new() };
            let mut tables: Vec<(String, Vec<FreeSeat>)> = Vec::new();
            for free in free.into_iter().take(MOST_SEATS) {
                let Some(name) = named(replica, free.seat) else { continue };
                let name = words::table(name.shape, &name.table);
                match tables.iter_mut().find(|(table, _)| *table == name) {
                    Some((_, seats)) => seats.push(free),
                    None => tables.push((name, vec![free])),
                }
            }
            tables
        })
    });
    let seat = move |free: FreeSeat| {
        let number = free.seat.number;
        let words = move || if free.no_show.is_some() { t::seats::no_show_seat(number) } else { number.to_string() };
        let press = move || {
            give(of, free);
            ask(Ask::All(of));
        };
        view! { <Button on_press=press test_id="seat-number">{words}</Button> }
    };
    view! {
        <div class="stack" data-testid="seat-choice">
            {move || {
                let tables = free.get();
                if tables.is_empty() {
                    return view! { <p class="soft">{t::seats::offer_full}</p> }.into_any();
                }
                tables
                    .into_iter()
                    .map(|(table, seats)| view! { <section><h3>{table}</h3><div class="seat-numbers">{seats.into_iter().map(seat).collect_view()}</div></section> })
                    .collect_view()
                    .into_any()
            }}
            <LinkButton href=Place::Seats(of.meeting) icon=Glyph::Users>{t::seats::to_seats}</LinkButton>
        </div>
    }
}

#[component]
fn Gifts(of: Of) -> impl IntoView {
    let all = Memo::new(move |_| {
        replica::read(KINDS, |replica| {
            let desk = desk_here(replica, of.meeting).map(|desk| desk.id);
            for_guest(replica, of.meeting, of.guest, desk)
        })
    });
    move || all.get().into_iter().map(|gift| gift_line(of, gift)).collect_view()
}

fn gift_line(of: Of, gift: ForGuest) -> impl IntoView {
    let (item, asks_signature) = (gift.item, gift.asks_signature);
    let owed = gift.is_owed();
    let name = gift.name.clone();
    let press = {
        let name = gift.name.clone();
        move || if asks_signature { ask(Ask::Sign(of, item)) } else { hand_out(of, item, name.clone(), Vec::new()) }
    };
    let words = {
        let (name, again) = (gift.name.clone(), !gift.had.is_empty());
        move || match (again, asks_signature) {
            (true, _) => t::stock::hand_out_again().to_owned(),
            (false, true) => t::stock::sign_for(&name),
            (false, false) => t::stock::hand_out(&name),
        }
    };
    let stock = match gift.stock {
        Stock::Enough(left) => view! { <span class="soft number">{move || t::stock::enough(left)}</span> }.into_any(),
        Stock::Low(left) => view! { <Badge mood=Mood::Warning icon=Glyph::Alert>{move || t::stock::low(left)}</Badge> }.into_any(),
        Stock::Out => view! { <Badge mood=Mood::Bad icon=Glyph::Alert>{t::stock::out}</Badge> }.into_any(),
    };
    let had = gift.had.clone().into_iter().map(move |handed| had_line(of, handed)).collect_view();
    let undone = gift.taken_back.into_iter().map(|(handed, reason)| {
        view! { <p class="soft" data-testid="gift-undone">{move || t::stock::undone(words::clock(handed.at, words::here()), &reason)}</p> }
    });
    view! {
        <div data-testid="gift" data-owed=owed.to_string()>
            {(!gift.had.is_empty()).then(|| view! {
                <p class="strong" data-testid="gift-had"><Badge mood=Mood::Good icon=Glyph::Check>{move || t::stock::had_already(&name)}</Badge></p>
            })}
            {had}
            {undone.collect_view()}
            <p class="for-guest-line">
                <Button
                    look=if owed { Look::Primary } else { Look::Quiet }
                    icon=if asks_signature { Glyph::Signature } else { Glyph::Package }
                    on_press=press
                    test_id="gift-hand-out"
                >
                    {words}
                </Button>
                {stock}
            </p>
        </div>
    }
}

fn had_line(of: Of, handed: Handed) -> impl IntoView {
    let Handed { handout, at, desk, by, is_signed } = handed;
    view! {
        <p class="for-guest-line">
            <span>{move || t::stock::had(words::moment(at, words::here(), Utc::now()), &by, &desk)}</span>
            {is_signed.then(|| view! { <Badge icon=Glyph::Signature>{t::stock::signed}</Badge> })}
            <Button icon=Glyph::Undo on_press=move || ask(Ask::Undo(of, handout)) test_id="gift-undo">{t::stock::undo}</Button>
        </p>
    }
}

/// The guest signs for an item. What is drawn is given in one go, before a witness, and kept by no draft.
#[component]
fn Sign(of: Of, item: ItemId) -> impl IntoView {
    let drawing = RwSignal::new(Drawing::default());
    hold_page(move || !drawing.with(Drawing::is_empty));
    let name =
        untrack(|| replica::read(KINDS, |replica| replica.noun::<shared::stock::Item>(item).map(|item| item.plan.name.clone()))).unwrap_or_default();
    let called = name.clone();
    let save = move || {
        hand_out(of, item, name.clone(), drawing.with_untracked(|drawing| drawing.strokes().to_vec()));
        ask(Ask::All(of));
    };
    view! {
        <div class="stack" data-testid="gift-sign">
            <p class="brief-name">{name_of(of)}" · "{called}</p>
            <SignaturePad drawing is_turned=Signal::stored(false) />
            <p class="soft" role="status">
                {move || (drawing.with(|drawing| !drawing.is_empty() && !drawing.is_signature())).then_some(t::contract::too_small)}
            </p>
            <Button
                look=Look::Primary
                wide=true
                icon=Glyph::Signature
                disabled=Signal::derive(move || !drawing.with(Drawing::is_signature))
                on_press=save
                test_id="gift-sign-save"
            >
                {t::stock::sign_save}
            </Button>
        </div>
    }
}

#[component]
fn Undo(of: Of, handout: HandoutId) -> impl IntoView {
    let draft = Draft::of(format!("undo-handout/{handout}"));
    let reason = draft.field("reason", String::new());
    let (is_tried, busy, why) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(None::<NotSaved>));
    let lacks = Memo::new(move |_| is_tried.get() && reason.with(|reason| reason.trim().is_empty()));
    let error = Signal::derive(move || lacks.get().then(|| t::stock::reason_needed().to_owned()));
    let undo = move || {
        is_tried.set(true);
        if lacks.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let saved = draft.submit(UndoHandOut { handout, reason: reason.get_untracked() }).await;
            busy.try_set(false);
            match saved {
                Ok(()) => {
                    toast::show(untrack(t::stock::undo_done));
                    ask(Ask::All(of));
                }
                Err(failure) => drop(why.try_set(Some(failure))),
            }
        });
    };
    view! {
        <div class="stack">
            <DraftNote draft />
            <TextArea label=t::stock::undo_why value=reason error test_id="gift-undo-reason" />
            {move || why.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
            <Button look=Look::Primary wide=true busy on_press=undo test_id="gift-undo-now">{t::stock::undo}</Button>
        </div>
    }
}

/// What is known of a guest: gifts due, closer, and of the customer what this device holds.
#[component]
pub(super) fn BriefLines(of: Of) -> impl IntoView {
    let known = Memo::new(move |_| replica::read(KINDS, |replica| brief(replica, of.meeting, of.guest)));
    move || facts(known.get())
}

/// The same in short, for the verdict: seat and gift in one line, closer, and what is known of the customer.
#[component]
pub(super) fn BriefInShort(of: Of) -> impl IntoView {
    let known = Memo::new(move |_| replica::read(KINDS, |replica| brief(replica, of.meeting, of.guest)));
    move || {
        let known = known.get();
        let seat = known.seat.as_ref().map(words::seat);
        view! {
            {seat.map(|seat| view! { <p class="verdict-line strong" data-testid="verdict-seat">{seat}</p> })}
            {facts(known)}
        }
    }
}

/// A word that follows the language.
type Label = fn() -> &'static str;

fn facts(brief: Brief) -> Option<impl IntoView> {
    let (needs, pains) = (brief.needs.clone(), brief.pains.clone());
    let facts: Vec<(Label, String)> = vec![
        (t::stock::gift_due, brief.due.join(", ")),
        (t::stock::closer, brief.closers.join(", ")),
        (t::venue::needs, brief.needs),
        (t::venue::pains, brief.pains),
        (t::venue::last_doubt, brief.last_doubt),
        (t::venue::intent, brief.intent.map(|intent| format!("{intent:?}")).unwrap_or_default()),
    ];
    let facts: Vec<_> = facts.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let fact = |(label, value): (Label, String)| view! { <dt>{label}</dt> <dd>{value}</dd> };
    (!facts.is_empty()).then(|| {
        view! {
            <dl class="brief-facts" data-testid="guest-brief">{facts.into_iter().map(fact).collect_view()}</dl>
            <Pitch needs=needs pains=pains />
        }
    })
}

fn name_of(of: Of) -> String {
    untrack(|| replica::read(KINDS, |replica| guest_name(replica, of.guest)))
}

fn desk_of(meeting: MeetingId) -> Option<DeskId> {
    untrack(|| replica::read(KINDS, |replica| desk_here(replica, meeting).map(|desk| desk.id)))
}

/// Gives a seat; an earlier one of the guest's is given up for it.
fn give(of: Of, free: FreeSeat) {
    let seating = SeatingId(Uuid::now_v7());
    let (instead_of, seat) =
        untrack(|| replica::read(KINDS, |replica| (seating_of(replica, of.guest), named(replica, free.seat).map(|seat| words::seat(&seat)))));
    let given = vec![GivenSeat { seating, guest: of.guest, seat: free.seat, instead_of, no_show: free.no_show }];
    let command = GiveSeats { meeting: of.meeting, desk: desk_of(of.meeting), given };
    let (name, seat) = (name_of(of), seat.unwrap_or_default());
    spawn_local(async move {
        match replica::submit(command.clone()).await {
            Ok(()) => toast::show(untrack(|| t::seats::given(name, seat))),
            Err(why) => door::keep_unsaved(seating.0, name, command, why),
        }
    });
}

/// Hands one out.
fn hand_out(of: Of, item: ItemId, called: String, strokes: Vec<Stroke>) {
    let handout = HandoutId(Uuid::now_v7());
    let desk_name = untrack(door::desk_name);
    let command = HandOut { handout, item, guest: of.guest, desk: desk_of(of.meeting), desk_name, strokes };
    let name = name_of(of);
    spawn_local(async move {
        match replica::submit(command.clone()).await {
            Ok(()) => toast::show(untrack(|| t::stock::handed(called, name))),
            Err(why) => door::keep_unsaved(handout.0, name, command, why),
        }
    });
}
