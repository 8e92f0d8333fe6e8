//! The form for guests who were not invited: a name and a phone, nothing more is needed to be let in.

use super::door;
use super::verdict::VerdictScreen;
use crate::components::{Banner, Button, Chips, Choice, Glyph, Look, Mood, PageHead, TelField, TextField};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::{self, NotSaved};
use crate::routes::{Place, id_param};
use crate::state::people::name_of;
use crate::state::venue::{Known, PhoneGap, WalkIn, WalkInGaps, WalkInIds, Who, settings};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::customers::Salutation;
use shared::ids::{CheckInId, CustomerId, GuestId, MeetingId};
use std::cell::RefCell;
use uuid::Uuid;

thread_local! {
    /// How the next one is called, as far as it was searched for.
    static CALLED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The next form begins with a name that was searched for; digits were of a phone.
pub(super) fn call_walk_in(sought: &str) {
    let name = if sought.chars().any(|c| c.is_ascii_digit()) { "" } else { sought.trim() };
    CALLED.set(name.to_owned());
}

/// What is typed.
#[derive(Clone, Copy)]
struct Form {
    draft: Draft,
    name: RwSignal<String>,
    salutation: RwSignal<Option<Salutation>>,
    phone: RwSignal<String>,
    email: RwSignal<String>,
    company: RwSignal<String>,
    gaps: RwSignal<WalkInGaps>,
    why: RwSignal<Option<NotSaved>>,
    busy: RwSignal<bool>,
}

impl Form {
    fn new(draft: Draft) -> Self {
        Self {
            draft,
            name: draft.field("name", CALLED.take()),
            salutation: draft.field("salutation", None),
            phone: draft.field("phone", String::new()),
            email: draft.field("email", String::new()),
            company: draft.field("company", String::new()),
            gaps: RwSignal::new(WalkInGaps::default()),
            why: RwSignal::new(None),
            busy: RwSignal::new(false),
        }
    }

    fn typed(self) -> WalkIn {
        WalkIn {
            name: self.name.get(),
            salutation: self.salutation.get(),
            phone: self.phone.get(),
            email: self.email.get(),
            company: self.company.get(),
        }
    }

    fn clear(self) {
        for field in [self.name, self.phone, self.email, self.company] {
            field.try_set(String::new());
        }
        self.salutation.try_set(None);
        self.gaps.try_set(WalkInGaps::default());
        self.why.try_set(None);
    }
}

/// Let in somebody who was not invited.
#[component]
pub fn WalkInPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    let form = Form::new(Draft::of(untrack(|| meeting.get()).map_or_else(|| "walk-in".to_owned(), |meeting| format!("walk-in/{meeting}"))));
    let known = Memo::new(move |_| {
        let typed = form.typed();
        let meeting = meeting.get()?;
        let kinds = [Kind::Customer, Kind::Guest, Kind::Invitation, Kind::CheckIn, Kind::Conflict, Kind::User, Kind::Settings];
        replica::read(&kinds, |replica| typed.known(replica, meeting))
    });
    // What was wrong is looked at again as it is mended.
    Effect::new(move |_| {
        let typed = form.typed();
        form.gaps.update(|gaps| {
            gaps.name &= typed.name.trim().is_empty();
            if !typed.phone.trim().is_empty() || !typed.email.trim().is_empty() {
                gaps.phone = PhoneGap::None;
            }
        });
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(meeting) = meeting.get_untracked()
            && !form.busy.get_untracked()
        {
            save(form, meeting, known.get_untracked());
        }
    };
    let back = Signal::derive(move || meeting.get().map_or_else(|| Place::Venue.path(), |id| Place::VenueDesk(id).path()));
    let name_error = Signal::derive(move || form.gaps.get().name.then(|| t::venue::name_needed().to_owned()));
    let phone_error = Signal::derive(move || match form.gaps.get().phone {
        PhoneGap::None => None,
        PhoneGap::Missing => Some(t::venue::contact_needed().to_owned()),
        PhoneGap::NotAPhone => Some(t::venue::not_a_phone().to_owned()),
    });
    let salutations = Signal::derive(|| vec![Choice::new(Salutation::Mr, t::venue::mr()), Choice::new(Salutation::Ms, t::venue::ms())]);
    view! {
        <div class="walk-in stage">
            <PageHead title=t::venue::walk_in note=t::venue::walk_in_note back />
            <form class="stack form" on:submit=submit novalidate data-testid="walk-in-form">
                <DraftNote draft=form.draft />
                <TextField label=t::venue::name value=form.name error=name_error required=true autofocus=true test_id="walk-in-name" />
                <Chips label=t::venue::salutation options=salutations value=form.salutation optional=true test_id="walk-in-salutation" />
                <TelField label=t::venue::phone value=form.phone error=phone_error test_id="walk-in-phone" />
                {move || known.get().zip(meeting.get()).map(|(known, meeting)| known_notice(known, meeting))}
                <TextField label=t::venue::company value=form.company test_id="walk-in-company" />
                <TextField label=t::venue::email value=form.email kind="email" inputmode="email" test_id="walk-in-email" />
                {move || form.why.get().map(|why| view! {
                    <Banner mood=Mood::Bad test_id="walk-in-not-saved">
                        <strong>{t::venue::not_saved}</strong>
                        <p>{words::not_saved(&why)}</p>
                    </Banner>
                })}
                <div class="form-end">
                    <Button look=Look::Primary submit=true wide=true busy=form.busy icon=Glyph::UserCheck test_id="walk-in-save">
                        {move || if form.why.get().is_some() { t::venue::save_again() } else { t::venue::let_in() }}
                    </Button>
                </div>
            </form>
            <VerdictScreen />
        </div>
    }
}

fn known_notice(known: Known, meeting: MeetingId) -> impl IntoView {
    match known {
        Known::Guest(who) => {
            let (guest, name) = (who.guest, who.name);
            view! {
                <Banner mood=Mood::Warning test_id="walk-in-known">
                    <p>{move || t::venue::phone_of_guest(&name)}</p>
                    <Button icon=Glyph::UserCheck on_press=move || door::admit(meeting, guest)>{t::venue::check_in_instead}</Button>
                </Banner>
            }
            .into_any()
        }
        Known::Arrived(who, arrival) => {
            let at = arrival.at;
            view! {
                <Banner mood=Mood::Bad test_id="walk-in-arrived">
                    <p>{move || t::venue::phone_of_arrived(words::clock(at, words::here()), &arrival.desk, &who.name)}</p>
                </Banner>
            }
            .into_any()
        }
        Known::Customer { name, .. } => {
            view! { <Banner mood=Mood::Info test_id="walk-in-known"><p>{move || t::venue::phone_of_customer(&name)}</p></Banner> }.into_any()
        }
    }
}

fn save(form: Form, meeting: MeetingId, known: Option<Known>) {
    let typed = untrack(|| form.typed());
    let customer = match known {
        Some(Known::Customer { id, .. }) => id,
        Some(Known::Guest(_) | Known::Arrived(..)) | None => CustomerId(Uuid::now_v7()),
    };
    let ids = WalkInIds { check_in: CheckInId(Uuid::now_v7()), guest: GuestId(Uuid::now_v7()), customer };
    let home = untrack(|| replica::read(&[Kind::Settings], |replica| settings(replica).map(|settings| settings.country)));
    let home = home.unwrap_or(shared::phone::Country::Tw);
    let command = match typed.command(ids, meeting, &untrack(door::desk_name), home) {
        Ok(command) => command,
        Err(gaps) => return form.gaps.set(gaps),
    };
    let inviter = untrack(|| {
        let user = replica::actor()?.user;
        Some(replica::read(&[Kind::User], |replica| name_of(replica, user)))
    });
    let who = Who {
        guest: ids.guest,
        customer: Some(customer),
        name: command.name.clone(),
        salutation: command.salutation,
        company: command.company.clone(),
        phone_tail: command.phone.as_ref().map(shared::phone::Phone::masked).unwrap_or_default(),
        inviter: inviter.unwrap_or_default(),
    };
    form.busy.set(true);
    spawn_local(async move {
        let saved = form.draft.submit(command).await;
        form.busy.try_set(false);
        match saved {
            Ok(()) => {
                form.clear();
                door::welcome_walk_in(meeting, who, ids.check_in);
            }
            // What was typed is still in the form.
            Err(why) => drop(form.why.try_set(Some(why))),
        }
    });
}
