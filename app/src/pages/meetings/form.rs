//! The plan of a meeting in a form. What was typed stays, whatever happens.

use super::detail::duty_words;
use super::plans;
use crate::components::{Banner, Button, Choice, EmptyState, Glyph, Look, Mood, PageHead, Select, Sheet, TextField, toast};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::{self, NotSaved};
use crate::routes::{Place, id_param};
use crate::state::meetings::{AgendaDraft, PlanDraft, moved_along};
use crate::state::order::InOrder;
use crate::state::preparations::to_copy;
use crate::texts as t;
use crate::words;
use chrono::Utc;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::ids::{MeetingId, PreparationId, UserId};
use shared::meetings::command::{CancelMeeting, EditMeeting, PlanMeeting};
use shared::meetings::{Duty, Meeting, Staff};
use shared::people::{Access, User};
use shared::preparations::command::CopyMeeting;
use shared::rejection::Field;
use shared::settings::Settings;
use shared::time::UtcOffset;
use shared::{Kind, Rejection};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use uuid::Uuid;

const DUTIES: [Duty; 4] = [Duty::Reception, Duty::Usher, Duty::Closer, Duty::Speaker];

/// A new meeting.
#[component]
pub fn NewMeetingPage() -> impl IntoView {
    view! {
        <PageHead title=t::meetings::new_title back=Place::Meetings back_on_phone_only=true />
        {move || if plans() {
            view! { <MeetingForm before=None /> }.into_any()
        } else {
            view! { <EmptyState glyph=Glyph::Lock title=t::rejections::forbidden /> }.into_any()
        }}
    }
}

/// A meeting that exists, in the form.
#[component]
pub fn EditMeetingPage() -> impl IntoView {
    let id = id_param::<MeetingId>("id");
    // Read once: the form must not change under the fingers when a colleague's edit arrives.
    move || match id.get().and_then(|id| replica::read(&[], |replica| replica.noun::<Meeting>(id).cloned())) {
        Some(before) => view! {
            <PageHead title=t::meetings::edit_title back=Place::Meeting(before.id) />
            <MeetingForm before=Some(before) />
        }
        .into_any(),
        None => view! {
            <PageHead title=t::meetings::edit_title back=Place::Meetings />
            <EmptyState glyph=Glyph::Calendar title=t::meetings::not_here />
        }
        .into_any(),
    }
}

/// A new meeting after the pattern of another.
#[component]
pub fn CopyMeetingPage() -> impl IntoView {
    let id = id_param::<MeetingId>("id");
    move || match id.get().filter(|_| plans()).and_then(|id| replica::read(&[], |replica| replica.noun::<Meeting>(id).cloned())) {
        Some(pattern) => view! {
            <PageHead title=t::preparations::copy_title back=Place::Meeting(pattern.id) />
            <MeetingForm before=None pattern=pattern />
        }
        .into_any(),
        None => view! {
            <PageHead title=t::preparations::copy_title back=Place::Meetings />
            <EmptyState glyph=Glyph::Calendar title=t::meetings::not_here />
        }
        .into_any(),
    }
}

/// A line of the agenda, a signal per cell. Its key is its own for as long as the page lives.
#[derive(Clone, Copy, PartialEq)]
struct Line {
    key: usize,
    time: RwSignal<String>,
    title: RwSignal<String>,
    speaker: RwSignal<String>,
}

/// A signal per field.
#[derive(Clone, Copy)]
struct Form {
    theme: RwSignal<String>,
    starts: RwSignal<String>,
    ends: RwSignal<String>,
    venue: RwSignal<String>,
    address: RwSignal<String>,
    capacity: RwSignal<String>,
    agenda: RwSignal<Vec<Line>>,
    staff: RwSignal<Vec<Staff>>,
    /// Somebody who is chosen and not added yet.
    chosen: RwSignal<Option<UserId>>,
    duty: RwSignal<Option<Duty>>,
}

impl Line {
    fn of(line: AgendaDraft) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let key = NEXT.fetch_add(1, Ordering::Relaxed);
        Self { key, time: RwSignal::new(line.time), title: RwSignal::new(line.title), speaker: RwSignal::new(line.speaker) }
    }

    fn typed(&self) -> AgendaDraft {
        AgendaDraft { time: self.time.get(), title: self.title.get(), speaker: self.speaker.get() }
    }
}

impl Form {
    fn of(draft: Draft, known: PlanDraft) -> Self {
        let lines = |agenda: Vec<AgendaDraft>| agenda.into_iter().map(Line::of).collect::<Vec<_>>();
        let agenda = RwSignal::new(lines(known.agenda.clone()));
        let typed = move || agenda.with(|lines| lines.iter().map(Line::typed).collect());
        draft.follow("agenda", known.agenda, typed, move |typed| drop(agenda.try_set(lines(typed))));
        Self {
            theme: draft.field("theme", known.theme),
            starts: draft.field("starts", known.starts),
            ends: draft.field("ends", known.ends),
            venue: draft.field("venue", known.venue),
            address: draft.field("address", known.address),
            capacity: draft.field("capacity", known.capacity),
            agenda,
            staff: draft.field("staff", known.staff),
            chosen: draft.field("who", None),
            duty: draft.field("duty", Some(Duty::Reception)),
        }
    }

    /// Puts whoever is chosen on the list.
    fn add_chosen(self) {
        if let (Some(user), Some(duty)) = (self.chosen.get_untracked(), self.duty.get_untracked()) {
            let new = Staff { user, duty };
            self.staff.update(|staff| {
                if !staff.contains(&new) {
                    staff.push(new);
                }
            });
            self.chosen.set(None);
        }
    }

    fn typed(self) -> PlanDraft {
        PlanDraft {
            theme: self.theme.get(),
            starts: self.starts.get(),
            ends: self.ends.get(),
            venue: self.venue.get(),
            address: self.address.get(),
            capacity: self.capacity.get(),
            agenda: self.agenda.with(|lines| lines.iter().map(Line::typed).collect()),
            staff: self.staff.get(),
        }
    }
}

#[component]
fn MeetingForm(before: Option<Arc<Meeting>>, #[prop(optional)] pattern: Option<Arc<Meeting>>) -> impl IntoView {
    let known = match (&before, &pattern) {
        (Some(before), _) => PlanDraft::of(&before.plan),
        (None, Some(pattern)) => PlanDraft::after(&pattern.plan, Utc::now(), has_access),
        (None, None) => PlanDraft { capacity: "80".to_owned(), ..PlanDraft::default() },
    };
    let editing = before.as_ref().map(|before| before.id);
    let clock = before.as_ref().or(pattern.as_ref()).map_or_else(home_clock, |meeting| meeting.plan.utc_offset);
    let copying = pattern.as_ref().map(|pattern| pattern.id);
    let draft = Draft::of(match (editing, copying) {
        (Some(id), _) => format!("meeting/{id}"),
        (None, Some(id)) => format!("meeting-after/{id}"),
        (None, None) => "meeting".to_owned(),
    });
    let form = Form::of(draft, known);
    let wrong = RwSignal::new(None::<Rejection>);
    let failure = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);

    Effect::new(move |_| {
        let mut typed = PlanDraft { starts: form.starts.get(), ends: form.ends.get_untracked(), ..PlanDraft::default() };
        typed.propose_end();
        if typed.ends != form.ends.get_untracked() {
            form.ends.set(typed.ends);
        }
    });
    // The agenda of a pattern goes along when the start is put to another time of the day.
    Effect::new(move |before: Option<String>| {
        let starts = form.starts.get();
        if let Some(before) = before.filter(|_| copying.is_some()) {
            for line in form.agenda.get_untracked() {
                let time = line.time.get_untracked();
                let moved = moved_along(&time, &before, &starts);
                if moved != time {
                    line.time.set(moved);
                }
            }
        }
        starts
    });
    let tasks = copying.map(|id| replica::read(&[], |replica| to_copy(replica, id, || PreparationId(Uuid::now_v7()))).len());
    let navigate = use_navigate();
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let navigate = navigate.clone();
        failure.set(None);
        wrong.set(None);
        busy.set(true);
        // Who is chosen when the plan is saved is meant to be there.
        form.add_chosen();
        spawn_local(async move {
            let saved = save(untrack(|| form.typed()), editing, copying, clock, draft).await;
            busy.set(false);
            match saved {
                Ok(id) => {
                    toast::show(t::meetings::saved());
                    navigate(&Place::Meeting(id).path(), NavigateOptions { replace: true, ..NavigateOptions::default() });
                }
                Err(NotSaved::Rejected(why)) if words::field_of(&why).is_some() => wrong.set(Some(why)),
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    let error = move |field: Field| {
        Signal::derive(move || wrong.with(|wrong| wrong.as_ref().filter(|why| words::field_of(why) == Some(field)).map(words::rejection)))
    };
    view! {
        <form class="page-content" novalidate on:submit=save data-testid="meeting-form">
            <DraftNote draft />
            <Show when=move || wrong.with(Option::is_some)>
                <Banner mood=Mood::Bad>{t::customers::mend}</Banner>
            </Show>
            {move || failure.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
            {tasks.map(|tasks| view! { <Banner test_id="meeting-copy-note">{move || t::preparations::copy_note(tasks)}</Banner> })}
            <TextField label=t::meetings::theme value=form.theme error=error(Field::Theme) required=true autofocus=editing.is_none() test_id="meeting-theme" />
            <div class="pair">
                <TextField label=t::meetings::starts value=form.starts kind="datetime-local" hint=t::meetings::on_clock error=error(Field::StartsAt) test_id="meeting-starts" />
                <TextField label=t::meetings::ends value=form.ends kind="datetime-local" error=error(Field::EndsAt) test_id="meeting-ends" />
            </div>
            <TextField label=t::meetings::venue value=form.venue error=error(Field::Venue) required=true test_id="meeting-venue-name" />
            <TextField label=t::meetings::address value=form.address error=error(Field::Address) test_id="meeting-address" />
            <TextField label=t::meetings::capacity value=form.capacity inputmode="numeric" error=error(Field::Capacity) test_id="meeting-capacity" />
            <AgendaFields lines=form.agenda error=error(Field::Agenda) />
            <StaffFields form />
            <div class="form-actions">
                <Button submit=true look=Look::Primary wide=true busy test_id="meeting-save">{t::meetings::save}</Button>
            </div>
            {editing.map(|id| view! { <CallOff id /> })}
        </form>
    }
}

#[component]
fn AgendaFields(lines: RwSignal<Vec<Line>>, error: Signal<Option<String>>) -> impl IntoView {
    let add = move || lines.update(|lines| lines.push(Line::of(AgendaDraft::default())));
    let field = move |line: Line| {
        let number = move || lines.with(|lines| lines.iter().position(|one| one.key == line.key).unwrap_or(0) + 1);
        view! {
            <li class="agenda-fields" data-testid="agenda-line">
                <TextField label=t::meetings::line_time value=line.time kind="time" />
                <TextField label=t::meetings::line_title value=line.title />
                <TextField label=t::meetings::line_speaker value=line.speaker />
                <Button icon=Glyph::Trash label=move || t::meetings::remove_line(number()) on_press=move || lines.update(|lines| lines.retain(|one| one.key != line.key)) />
            </li>
        }
    };
    view! {
        <fieldset class="group">
            <legend>{t::meetings::agenda}</legend>
            <ul class="stack"><For each=move || lines.get() key=|line| line.key children=field /></ul>
            {move || error.get().map(|text| view! { <p class="field-error" role="alert">{text}</p> })}
            <Button icon=Glyph::Plus on_press=add test_id="agenda-add">{t::meetings::add_line}</Button>
        </fieldset>
    }
}

#[component]
fn StaffFields(form: Form) -> impl IntoView {
    let Form { staff, chosen: who, duty, .. } = form;
    let people = Signal::derive(colleagues);
    let duties = Signal::derive(|| DUTIES.map(|duty| Choice::new(duty, duty_words(duty))).to_vec());
    let row = move |one: Staff| {
        let name = words::person(one.user);
        let words = name.clone();
        view! {
            <li class="row">
                <span class="row-words"><span class="row-title">{name}</span><span class="row-note">{move || duty_words(one.duty)}</span></span>
                <Button icon=Glyph::X label=move || t::meetings::remove_staff(&words) on_press=move || staff.update(|staff| staff.retain(|other| *other != one)) />
            </li>
        }
    };
    view! {
        <fieldset class="group">
            <legend>{t::meetings::staff}</legend>
            <Show when=move || !staff.with(Vec::is_empty)>
                <ul class="list">{move || staff.get().into_iter().map(row).collect_view()}</ul>
            </Show>
            <div class="pair">
                <Select label=t::meetings::choose_person options=people value=who none=t::meetings::choose_person test_id="staff-person" />
                <Select label=t::meetings::duty options=duties value=duty test_id="staff-duty" />
            </div>
            <Button icon=Glyph::UserPlus disabled=Signal::derive(move || who.with(Option::is_none)) on_press=move || form.add_chosen() test_id="staff-add">{t::meetings::add_staff}</Button>
        </fieldset>
    }
}

/// Calling off cannot be taken back, so it is asked once more.
#[component]
fn CallOff(id: MeetingId) -> impl IntoView {
    let open = RwSignal::new(false);
    let failure = RwSignal::new(None::<NotSaved>);
    let navigate = use_navigate();
    let call_off = Callback::new(move |()| {
        let navigate = navigate.clone();
        spawn_local(async move {
            match replica::submit(CancelMeeting { meeting: id }).await {
                Ok(()) => {
                    toast::show(t::meetings::cancelled_done());
                    navigate(&Place::Meeting(id).path(), NavigateOptions { replace: true, ..NavigateOptions::default() });
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    });
    view! {
        <Button look=Look::Danger icon=Glyph::Ban on_press=move || open.set(true) test_id="meeting-cancel">{t::meetings::cancel_meeting}</Button>
        <Sheet title=t::meetings::cancel_meeting open>
            <p>{t::meetings::cancel_sure}</p>
            {move || failure.get().map(|why| view! { <Banner mood=Mood::Bad>{words::not_saved(&why)}</Banner> })}
            <Button look=Look::Danger wide=true on_press=call_off test_id="meeting-cancel-yes">{t::meetings::cancel_yes}</Button>
        </Sheet>
    }
}

async fn save(
    typed: PlanDraft,
    editing: Option<MeetingId>,
    copying: Option<MeetingId>,
    clock: UtcOffset,
    draft: Draft,
) -> Result<MeetingId, NotSaved> {
    let plan = typed.read(clock).map_err(NotSaved::Rejected)?;
    if let Some(from) = copying {
        let meeting = MeetingId(Uuid::now_v7());
        let preparations = replica::read(&[], |replica| to_copy(replica, from, || PreparationId(Uuid::now_v7())));
        return draft.submit(CopyMeeting { from, meeting, plan, preparations }).await.map(|()| meeting);
    }
    match editing {
        Some(meeting) => draft.submit(EditMeeting { meeting, plan }).await.map(|()| meeting),
        None => {
            let meeting = MeetingId(Uuid::now_v7());
            draft.submit(PlanMeeting { meeting, plan }).await.map(|()| meeting)
        }
    }
}

fn has_access(user: UserId) -> bool {
    replica::read(&[], |replica| replica.noun::<User>(user).is_some_and(|user| user.access == Access::Granted))
}

fn home_clock() -> UtcOffset {
    replica::read(&[Kind::Settings], |replica| replica.all::<Settings>().next().map(|settings| settings.utc_offset)).unwrap_or(UtcOffset::EAST_8)
}

fn colleagues() -> Vec<Choice<UserId>> {
    replica::read(&[Kind::User], |replica| {
        let mut users: Vec<_> = replica.all::<User>().filter(|user| user.access == Access::Granted).collect();
        users.order_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        users.into_iter().map(|user| Choice::new(user.id, user.name.clone())).collect()
    })
}
