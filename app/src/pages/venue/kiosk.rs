//! Self check-in on a stand (clause D5): the whole screen while the device is a kiosk, at whatever address the browser is.
//!
//! The camera stays on from guest to guest. What a guest types is kept nowhere but on the screen, and is gone when it goes back to the start.

use super::door;
use super::verdict::{salutation_word, shape};
use super::viewfinder::{Viewfinder, Watching};
use crate::components::{Banner, Button, Chips, Choice, Glyph, Icon, Look, Mood, TelField, TextField};
use crate::pages::session::UnlockPage;
use crate::platform::awake::Awake;
use crate::platform::camera::{Facing, Frame};
use crate::platform::{clock, feedback};
use crate::replica;
use crate::replica::kiosk::{self, Kiosk};
use crate::replica::session::{Person, UnlockError};
use crate::state::kiosk::{DIGITS, Misses, Screen, Told, find, scans, stays_ms, warns};
use crate::state::venue::{Gate, Known, PhoneGap, Seen, Tone, Verdict, WalkIn, WalkInGaps, WalkInIds, settings, verdict_of_code, verdict_of_guest};
use crate::texts::{self as t, Language};
use crate::words;
use chrono::Utc;
use gloo_timers::future::TimeoutFuture;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use shared::check_ins::Method;
use shared::check_ins::command::CheckInGuest;
use shared::customers::Salutation;
use shared::customers::search::folded;
use shared::ids::{CheckInId, CustomerId, GuestId, MeetingId};
use shared::meetings::Meeting;
use shared::phone::Country;
use shared::{Command, Kind};
use std::cell::RefCell;
use std::time::Duration;
use uuid::Uuid;

/// A camera that has failed is tried again after this.
const CAMERA_AGAIN_MS: u32 = 5_000;

/// What the parts of the screen share.
#[derive(Clone, Copy)]
struct Stand {
    kiosk: StoredValue<Kiosk>,
    meeting: MeetingId,
    screen: RwSignal<Screen>,
    touched: RwSignal<f64>,
    clock: RwSignal<f64>,
    misses: RwSignal<Misses>,
    /// The language of the stand; a guest's choice goes with the guest.
    base: Language,
}

impl Stand {
    fn show(self, screen: Screen) {
        self.touched.try_set(clock::ms());
        self.screen.try_set(screen);
    }

    fn start(self) {
        self.show(Screen::Start);
        t::set_language(self.base);
    }

    fn tell(self, told: Told) {
        feedback::tell(tone(&told));
        self.show(Screen::Told(told));
    }

    /// Lets a welcome guest in, and tells whoever stands there what the verdict is.
    fn receive(self, verdict: Verdict, ticket: Option<String>, typed: Option<String>) {
        let told = untrack(|| replica::read(&[], |replica| Told::of(replica, &verdict, typed.as_deref())));
        let Verdict::Welcome(who) = verdict else { return self.tell(told) };
        let check_in = CheckInId(Uuid::now_v7());
        let method = if ticket.is_some() { Method::Ticket } else { Method::Search };
        let desk = self.kiosk.with_value(|kiosk| kiosk.desk.clone());
        let command = CheckInGuest { check_in, meeting: self.meeting, guest: who.guest, desk, method, ticket };
        self.save(check_in, who.name, command.into(), told);
    }

    /// "Welcome" is said after it is saved.
    fn save(self, check_in: CheckInId, name: String, command: Command, told: Told) {
        spawn_local(async move {
            match replica::submit(command.clone()).await {
                Ok(()) => {
                    self.misses.try_update(Misses::forget);
                    self.tell(told);
                }
                Err(why) => {
                    door::keep_unsaved(check_in.0, name, command, why);
                    self.tell(Told::AskDesk);
                }
            }
        });
    }
}

/// The kiosk.
#[component]
pub(crate) fn KioskPage(kiosk: Kiosk) -> impl IntoView {
    let (meeting, facing) = (kiosk.meeting, if kiosk.front { Facing::Front } else { Facing::Back });
    let walk_ins = kiosk.walk_ins;
    let now = clock::ms();
    let stand = Stand {
        kiosk: StoredValue::new(kiosk),
        meeting,
        screen: RwSignal::new(Screen::Start),
        touched: RwSignal::new(now),
        clock: RwSignal::new(now),
        misses: RwSignal::new(Misses::default()),
        base: untrack(t::language),
    };
    let awake = SendWrapper::new(Awake::keep());
    on_cleanup(move || drop(awake.take()));
    let tick = move || {
        stand.clock.set(clock::ms());
        let untouched = stand.clock.get_untracked() - stand.touched.get_untracked();
        if stand.screen.with_untracked(stays_ms).is_some_and(|stays| untouched >= stays) {
            stand.start();
        }
    };
    if let Ok(ticking) = set_interval_with_handle(tick, Duration::from_millis(250)) {
        on_cleanup(move || ticking.clear());
    }
    let watching = RwSignal::new(Watching::Starting);
    let attempt = RwSignal::new(0_u32);
    Effect::new(move |_| {
        if matches!(watching.get(), Watching::Not(_)) {
            spawn_local(async move {
                TimeoutFuture::new(CAMERA_AGAIN_MS).await;
                if matches!(watching.try_get_untracked(), Some(Watching::Not(_))) {
                    attempt.try_update(|attempt| *attempt += 1);
                }
            });
        }
    });
    let theme = Memo::new(move |_| {
        replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(meeting).map(|meeting| meeting.plan.theme.clone())).unwrap_or_default()
    });
    let touch = move || stand.touched.set(clock::ms());
    let is_scanning = Memo::new(move |_| stand.screen.with(scans));
    let kind = Memo::new(move |_| stand.screen.with(std::mem::discriminant));
    let warned = Memo::new(move |_| stand.screen.with(|screen| warns(screen, stand.clock.get() - stand.touched.get())));
    view! {
        <main
            id="page"
            class="kiosk stage"
            tabindex="-1"
            data-testid="kiosk"
            data-camera=move || if watching.get() == Watching::On { "on" } else { "off" }
            on:pointerdown=move |_| touch()
            on:keydown=move |_| touch()
        >
            <header class="kiosk-head">
                <h1>{move || theme.get()}</h1>
                <Languages />
                <button type="button" class="kiosk-staff" aria-label=t::kiosk::staff data-testid="kiosk-staff" on:click=move |_| stand.show(Screen::Staff)>
                    <Icon glyph=Glyph::Lock />
                </button>
            </header>
            <div class="kiosk-body">
                // Out of sight while somebody types, and never off.
                <div class="kiosk-camera" class:away=move || !is_scanning.get()>
                    {move || {
                        attempt.track();
                        watching.set(Watching::Starting);
                        view! { <Viewfinder facing watching on_frame=scanning(stand) /> }
                    }}
                    {move || matches!(watching.get(), Watching::Not(_)).then(|| view! { <p class="scan-note" role="status">{t::kiosk::no_camera}</p> })}
                </div>
                <section class="kiosk-screen">
                    {move || {
                        // Read and not only tracked: a memo that nobody reads never looks at what it is made of.
                        kind.get();
                        match stand.screen.get_untracked() {
                            Screen::Start => view! { <Start stand walk_ins /> }.into_any(),
                            Screen::Phone => view! { <ByPhone stand /> }.into_any(),
                            Screen::WalkIn => view! { <OwnEntry stand /> }.into_any(),
                            Screen::Told(_) => view! { <ToldScreen stand /> }.into_any(),
                            Screen::Staff => view! { <Staff stand /> }.into_any(),
                        }
                    }}
                    {move || warned.get().map(|seconds| view! {
                        <div class="kiosk-warning" role="status" data-testid="kiosk-warning">
                            <span>{move || t::kiosk::goes_back(seconds)}</span>
                            <Button on_press=touch>{t::kiosk::more_time}</Button>
                        </div>
                    })}
                </section>
            </div>
        </main>
    }
}

/// The kiosk after a cold start: nobody's data are open, and only staff can help.
#[component]
pub(crate) fn KioskLocked(person: Person) -> impl IntoView {
    let asked = RwSignal::new(false);
    let person = StoredValue::new(person);
    move || {
        if asked.get() {
            return view! { <main id="page"><UnlockPage person=person.get_value() alone=true /></main> }.into_any();
        }
        view! {
            <main id="page" class="kiosk stage" data-testid="kiosk-locked">
                <header class="kiosk-head"><h1>{t::kiosk::paused}</h1> <Languages /></header>
                <section class="kiosk-screen">
                    <p class="kiosk-word">{t::kiosk::ask_desk}</p>
                    <Button icon=Glyph::Lock on_press=move || asked.set(true) test_id="kiosk-unlock">{t::kiosk::staff_unlock}</Button>
                </section>
            </main>
        }
        .into_any()
    }
}

/// A guest's language; what the staff have chosen is not changed by it.
#[component]
fn Languages() -> impl IntoView {
    let chip = |language: Language| {
        view! {
            <button
                type="button"
                class="chip"
                lang=language.tag()
                aria-pressed=move || (t::language() == language).to_string()
                data-testid=format!("kiosk-{}", language.tag())
                on:click=move |_| t::set_language(language)
            >
                {language.own_name()}
            </button>
        }
    };
    view! { <div class="chips" role="group" aria-label=t::more::language>{Language::ALL.map(chip).collect_view()}</div> }
}

#[component]
fn Start(stand: Stand, walk_ins: bool) -> impl IntoView {
    // Too long without the server nobody is looked up; a ticket proves itself.
    let looks_up = Memo::new(|_| !replica::lease::has_run_out());
    view! {
        <div class="kiosk-start" data-testid="kiosk-start">
            <p class="kiosk-word">{t::kiosk::welcome}</p>
            <p class="kiosk-line">{t::kiosk::hold_ticket}</p>
            <div class="kiosk-ways">
                {move || looks_up.get().then(|| view! {
                    <Button wide=true icon=Glyph::Phone on_press=move || stand.show(Screen::Phone) test_id="kiosk-by-phone">{t::kiosk::no_ticket}</Button>
                })}
                {walk_ins.then(|| view! {
                    <Button wide=true icon=Glyph::UserPlus on_press=move || stand.show(Screen::WalkIn) test_id="kiosk-walk-in">{t::kiosk::not_invited}</Button>
                })}
            </div>
        </div>
    }
}

/// Surname and last digits: enough to find oneself, too little to find others.
#[component]
fn ByPhone(stand: Stand) -> impl IntoView {
    let (surname, digits) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let missing = RwSignal::new(false);
    let wait = Memo::new(move |_| (stand.misses.get().wait_ms(stand.clock.get()) / 1_000.0).ceil() as u32);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (name, tail) = (surname.get_untracked().trim().to_owned(), digits.get_untracked());
        missing.set(name.is_empty() || folded(&tail).chars().filter(char::is_ascii_digit).count() < DIGITS);
        if missing.get_untracked() || wait.get_untracked() > 0 {
            return;
        }
        let found = untrack(|| {
            replica::read(&[], |replica| find(replica, stand.meeting, &name, &tail).map(|guest| verdict_of_guest(replica, stand.meeting, guest)))
        });
        if found.is_none() {
            stand.misses.update(|misses| misses.note(clock::ms()));
        }
        stand.receive(found.unwrap_or(Verdict::NotOnList), None, Some(name));
    };
    let error = Signal::derive(move || missing.get().then(|| t::kiosk::both_needed().to_owned()));
    view! {
        <form class="kiosk-form" novalidate autocomplete="off" on:submit=submit data-testid="kiosk-phone">
            <h2>{t::kiosk::by_phone}</h2>
            <TextField label=t::kiosk::surname value=surname autofocus=true test_id="kiosk-surname" />
            <TextField label=t::kiosk::digits hint=t::kiosk::digits_hint value=digits inputmode="numeric" error test_id="kiosk-digits" />
            {move || (wait.get() > 0).then(|| view! { <Banner mood=Mood::Warning test_id="kiosk-wait"><p>{move || t::kiosk::wait(wait.get())}</p></Banner> })}
            <Button look=Look::Primary submit=true wide=true disabled=Signal::derive(move || wait.get() > 0) icon=Glyph::UserCheck test_id="kiosk-find">
                {t::kiosk::check_in}
            </Button>
            <Button wide=true icon=Glyph::ArrowLeft on_press=move || stand.start() test_id="kiosk-back">{t::kiosk::back}</Button>
        </form>
    }
}

/// A guest without an invitation: a name and a phone.
#[component]
fn OwnEntry(stand: Stand) -> impl IntoView {
    let (name, phone) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let salutation = RwSignal::new(None::<Salutation>);
    let gaps = RwSignal::new(WalkInGaps::default());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let typed = WalkIn { name: name.get_untracked(), salutation: salutation.get_untracked(), phone: phone.get_untracked(), ..WalkIn::default() };
        if let Err(missing) = enter(stand, &typed) {
            gaps.set(missing);
        }
    };
    let name_error = Signal::derive(move || gaps.get().name.then(|| t::venue::name_needed().to_owned()));
    let phone_error = Signal::derive(move || match gaps.get().phone {
        PhoneGap::None => None,
        PhoneGap::Missing => Some(t::kiosk::phone_needed().to_owned()),
        PhoneGap::NotAPhone => Some(t::venue::not_a_phone().to_owned()),
    });
    let salutations = Signal::derive(|| vec![Choice::new(Salutation::Mr, t::venue::mr()), Choice::new(Salutation::Ms, t::venue::ms())]);
    view! {
        <form class="kiosk-form" novalidate autocomplete="off" on:submit=submit data-testid="kiosk-entry">
            <h2>{t::kiosk::own_entry}</h2>
            <TextField label=t::venue::name value=name error=name_error required=true autofocus=true test_id="kiosk-name" />
            <Chips label=t::venue::salutation options=salutations value=salutation optional=true test_id="kiosk-salutation" />
            <TelField label=t::venue::phone value=phone error=phone_error test_id="kiosk-tel" />
            <p class="soft">{t::kiosk::own_entry_means}</p>
            <Button look=Look::Primary submit=true wide=true icon=Glyph::UserCheck test_id="kiosk-enter">{t::kiosk::enter}</Button>
            <Button wide=true icon=Glyph::ArrowLeft on_press=move || stand.start() test_id="kiosk-back">{t::kiosk::back}</Button>
        </form>
    }
}

/// Enters a guest without an invitation. Whoever has an invitation after all is let in by it, if the name is theirs; nothing of what is known here is told.
fn enter(stand: Stand, typed: &WalkIn) -> Result<(), WalkInGaps> {
    let meeting = stand.meeting;
    let is_same = |name: &str| folded(name) == folded(&typed.name);
    let (known, home) =
        untrack(|| replica::read(&[], |replica| (typed.known(replica, meeting), settings(replica).map_or(Country::Tw, |settings| settings.country))));
    let customer = match known {
        Some(Known::Guest(who)) if is_same(&who.name) => {
            let verdict = untrack(|| replica::read(&[], |replica| verdict_of_guest(replica, meeting, who.guest)));
            stand.receive(verdict, None, Some(typed.name.trim().to_owned()));
            return Ok(());
        }
        Some(Known::Customer { id, name }) if is_same(&name) => id,
        _ => CustomerId(Uuid::now_v7()),
    };
    let ids = WalkInIds { check_in: CheckInId(Uuid::now_v7()), guest: GuestId(Uuid::now_v7()), customer };
    let command = typed.command(ids, meeting, &stand.kiosk.with_value(|kiosk| kiosk.desk.clone()), home)?;
    let told = Told::Welcome { name: command.name.clone(), salutation: command.salutation, seat: None };
    stand.save(ids.check_in, command.name.clone(), command.into(), told);
    Ok(())
}

/// The verdict, in large words.
#[component]
fn ToldScreen(stand: Stand) -> impl IntoView {
    let told = Memo::new(move |_| stand.screen.with(|screen| if let Screen::Told(told) = screen { Some(told.clone()) } else { None }));
    move || {
        told.get().map(|told| {
            let tone = tone(&told);
            let class = match tone {
                Tone::Welcome => "kiosk-told welcome",
                Tone::Caution => "kiosk-told caution",
                Tone::Refusal => "kiosk-told refusal",
            };
            let name = match &told {
                Told::Welcome { .. } => "welcome",
                Told::AlreadyIn => "already-in",
                Told::OtherMeeting { .. } => "other-meeting",
                Told::NotATicket => "not-a-ticket",
                Told::NotFound => "not-found",
                Told::AskDesk => "ask-desk",
            };
            view! {
                <div class=class role="alert" data-testid="kiosk-told" data-told=name>
                    <div class="verdict-shape">{shape(tone)}</div>
                    {told_words(told)}
                    <Button icon=Glyph::ArrowLeft on_press=move || stand.start() test_id="kiosk-done">{t::kiosk::done}</Button>
                </div>
            }
        })
    }
}

fn told_words(told: Told) -> AnyView {
    match told {
        Told::Welcome { name, salutation, seat } => view! {
            <p class="kiosk-word">{t::kiosk::told_welcome}</p>
            <p class="kiosk-name" data-testid="kiosk-told-name">
                {name} {salutation.map(|salutation| view! { <span class="verdict-salutation">{move || salutation_word(salutation)}</span> })}
            </p>
            <p class="kiosk-line">{t::kiosk::told_welcome_means}</p>
            {seat.map(|seat| view! { <p class="kiosk-seat" data-testid="kiosk-told-seat">{move || words::seat(&seat)}</p> })}
        }
        .into_any(),
        Told::AlreadyIn => {
            view! { <p class="kiosk-word">{t::kiosk::told_already}</p> <p class="kiosk-line">{t::kiosk::told_already_means}</p> }.into_any()
        }
        Told::OtherMeeting { theme, starts_at, clock } => view! {
            <p class="kiosk-word">{t::kiosk::told_other}</p>
            <p class="kiosk-line">{theme} " · " {move || words::moment(starts_at, clock, Utc::now())}</p>
            <p class="kiosk-line">{t::kiosk::ask_desk}</p>
        }
        .into_any(),
        Told::NotATicket => {
            view! { <p class="kiosk-word">{t::kiosk::told_no_ticket}</p> <p class="kiosk-line">{t::kiosk::told_no_ticket_means}</p> }.into_any()
        }
        Told::NotFound => {
            view! { <p class="kiosk-word">{t::kiosk::told_not_found}</p> <p class="kiosk-line">{t::kiosk::told_not_found_means}</p> }.into_any()
        }
        Told::AskDesk => view! { <p class="kiosk-word">{t::kiosk::told_ask}</p> <p class="kiosk-line">{t::kiosk::ask_desk}</p> }.into_any(),
    }
}

/// Staff take the device back: with the PIN, which locks it, or with the password.
#[component]
fn Staff(stand: Stand) -> impl IntoView {
    let secret = RwSignal::new(String::new());
    let by_password = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<UnlockError>);
    let free_at = RwSignal::new(0.0_f64);
    let wait = Memo::new(move |_| ((free_at.get() - stand.clock.get()) / 1_000.0).ceil().max(0.0) as u32);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() || wait.get_untracked() > 0 || secret.with_untracked(String::is_empty) {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let typed = secret.get_untracked();
            let ended = if by_password.get_untracked() { kiosk::end_with_password(&typed).await } else { kiosk::end_with_pin(&typed).await };
            // Once it has ended this page is gone.
            busy.try_set(false);
            let Err(why) = ended else { return };
            secret.try_set(String::new());
            if let UnlockError::Wrong { seconds } | UnlockError::Wait { seconds } = why {
                free_at.try_set(clock::ms() + f64::from(seconds) * 1_000.0);
            }
            failed.try_set(Some(why));
        });
    };
    let words = move || {
        failed.get().map(|why| match why {
            UnlockError::Wrong { .. } | UnlockError::Wait { .. } if wait.get() > 0 => t::session::unlock_wait(wait.get()),
            UnlockError::Wrong { .. } | UnlockError::Wait { .. } if by_password.get() => t::session::unlock_wrong().to_owned(),
            UnlockError::Wrong { .. } | UnlockError::Wait { .. } => t::session::pin_wrong().to_owned(),
            UnlockError::NoLock => t::session::no_lock().to_owned(),
            UnlockError::PinSpent | UnlockError::Storage(_) => t::kiosk::end_failed().to_owned(),
        })
    };
    view! {
        <form class="kiosk-form" novalidate autocomplete="off" on:submit=submit data-testid="kiosk-end">
            <h2>{t::kiosk::end}</h2>
            <p class="soft">{move || if by_password.get() { t::kiosk::end_password_means() } else { t::kiosk::end_means() }}</p>
            {move || words().map(|words| view! { <Banner mood=Mood::Bad test_id="kiosk-end-error"><p>{words}</p></Banner> })}
            {move || if by_password.get() {
                view! { <TextField label=t::session::password value=secret kind="password" autofocus=true test_id="kiosk-password" /> }.into_any()
            } else {
                view! { <TextField label=t::kiosk::pin value=secret kind="password" inputmode="numeric" autofocus=true test_id="kiosk-pin" /> }.into_any()
            }}
            <Button look=Look::Primary submit=true wide=true busy disabled=Signal::derive(move || wait.get() > 0) test_id="kiosk-end-submit">{t::kiosk::end}</Button>
            {move || (!by_password.get()).then(|| {
                let change = move || {
                    secret.set(String::new());
                    failed.set(None);
                    free_at.set(0.0);
                    by_password.set(true);
                };
                view! { <Button wide=true on_press=change test_id="kiosk-by-password">{t::kiosk::by_password}</Button> }
            })}
            <Button wide=true icon=Glyph::ArrowLeft on_press=move || stand.start() test_id="kiosk-back">{t::kiosk::back}</Button>
        </form>
    }
}

/// Judges what comes before the camera, unless somebody types.
fn scanning(stand: Stand) -> impl Fn(&Frame) + 'static {
    let gate = RefCell::new(Gate::new());
    move |frame| {
        let seen = gate.borrow_mut().see(&frame.codes, clock::ms());
        if !stand.screen.try_with_untracked(scans).unwrap_or(false) {
            return;
        }
        match seen {
            Seen::New(code) => {
                let verdict = untrack(|| replica::read(&[], |replica| verdict_of_code(replica, stand.meeting, &code)));
                stand.receive(verdict, Some(code), None);
            }
            // The ticket is still held there: its verdict stays.
            Seen::Same if stand.screen.with_untracked(|screen| *screen != Screen::Start) => drop(stand.touched.try_set(clock::ms())),
            Seen::Same | Seen::Again(_) | Seen::Nothing => {}
        }
    }
}

const fn tone(told: &Told) -> Tone {
    match told {
        Told::Welcome { .. } => Tone::Welcome,
        Told::AlreadyIn | Told::NotATicket => Tone::Caution,
        Told::OtherMeeting { .. } | Told::NotFound | Told::AskDesk => Tone::Refusal,
    }
}
