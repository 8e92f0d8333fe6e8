//! Planning invitations to a meeting: whom, how, by whom; what will happen is shown before it does (clause B1).

use super::{chosen_for_plan, forget_choice};
use crate::components::{
    Banner, Button, Chips, ChipsMany, Choice, DateTimeField, EmptyState, Glyph, LinkButton, Look, Mood, PageHead, Progress, toast,
};
use crate::pages::customers::{FilterFields, in_use, matching};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::{self, NotSaved};
use crate::routes::{Place, id_param};
use crate::state::customers::{Filter, Invited, receivers};
use crate::state::invitations::{Candidates, Progress as RepProgress, Share, Split, candidates, commands, progress, split};
use crate::state::meetings::places;
use crate::texts as t;
use crate::words;
use chrono::{NaiveDateTime, TimeDelta};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use shared::ids::{CustomerId, InvitationId, MeetingId, UserId};
use shared::invitations::Channel;
use shared::meetings::Meeting;
use shared::people::Role;
use shared::{Command, Kind};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// The plan of the meeting in the address.
#[component]
pub fn InvitationsPage() -> impl IntoView {
    // A choice made by hand is for this visit only.
    on_cleanup(forget_choice);
    let id = id_param::<MeetingId>("id");
    let meeting = Memo::new(move |_| replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(id.get()?).cloned()));
    move || match meeting.get() {
        Some(meeting) => view! { <Plan meeting /> }.into_any(),
        None => view! {
            <PageHead title=t::app::invitations back=Place::Meetings />
            <EmptyState glyph=Glyph::Calendar title=t::meetings::not_here />
        }
        .into_any(),
    }
}

/// By whom the work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum By {
    Owners,
    InTurn,
}

/// What would happen.
#[derive(Clone, Default, PartialEq)]
struct Preview {
    candidates: Candidates,
    shares: Arc<Vec<Share>>,
    /// Whoever takes turns has still to be chosen.
    nobody_in_turn: bool,
    /// Places of the meeting, and how many are taken.
    places: (u32, u32),
}

#[component]
fn Plan(meeting: Arc<Meeting>) -> impl IntoView {
    let id = meeting.id;
    let theme = meeting.plan.theme.clone();
    let chosen = chosen_for_plan();
    let draft = Draft::of(format!("invitations/{id}"));
    let filter = draft.field("filter", Filter { invited: Some(Invited::NotTo(id)), ..Filter::default() });
    let channel = draft.field("channel", Some(Channel::Phone));
    let by = draft.field("by", Some(By::Owners));
    let reps = draft.field("reps", Vec::<UserId>::new());
    let due = draft.field("due", None::<NaiveDateTime>);
    let customers = Memo::new(move |_| chosen.get().unwrap_or_else(|| matching(&filter.get())));
    let preview = Memo::new(move |_| preview(id, &customers.get(), by.get(), reps.get()));
    let clock = i64::from(meeting.plan.utc_offset.minutes());
    let due_at = move || due.get_untracked().map(|local| local.and_utc() - TimeDelta::minutes(clock));
    let alone = replica::actor().is_none_or(|actor| actor.role == Role::Rep);
    let channels = Signal::derive(|| {
        [Channel::Phone, Channel::Sms, Channel::Mail, Channel::Other].map(|one| Choice::new(one, words::opening(words::channel(one)))).to_vec()
    });
    let ways = Signal::derive(|| vec![Choice::new(By::Owners, t::invitations::by_owners()), Choice::new(By::InTurn, t::invitations::in_turn())]);
    let colleagues = Signal::derive(|| {
        let actor = replica::actor();
        let users = actor.map(|actor| replica::read(&[Kind::User], |replica| receivers(replica, &actor))).unwrap_or_default();
        users.iter().map(|user| Choice::new(user.id, user.name.clone())).collect::<Vec<_>>()
    });
    let make = Callback::new(move |()| {
        let shares = preview.with_untracked(|preview| preview.shares.clone());
        let channel = channel.get_untracked().unwrap_or(Channel::Phone);
        commands(id, &shares, channel, due_at(), || InvitationId(Uuid::now_v7()))
    });
    view! {
        <PageHead title=t::invitations::plan_title note=move || theme.clone() back=Place::Meeting(id) />
        <div class="page-content" data-testid="plan">
            <ProgressTable meeting=id />
            <DraftNote draft />
            <section class="stack">
                <h2>{t::invitations::step_whom}</h2>
                <Show
                    when=move || chosen.with(Option::is_some)
                    fallback=move || view! {
                        <details class="unfold" open=true>
                            <summary data-testid="plan-filter">{move || t::invitations::step_whom_note(customers.with(|customers| customers.len()))}</summary>
                            <div class="unfolded"><FilterFields filter in_use=Signal::derive(in_use) /></div>
                        </details>
                    }
                >
                    <div class="cluster">
                        <strong>{move || t::customers::chosen(customers.with(|customers| customers.len()))}</strong>
                        <Button icon=Glyph::Filter on_press=move || chosen.set(None)>{t::customers::filter}</Button>
                    </div>
                </Show>
            </section>
            <section class="stack">
                <h2>{t::invitations::step_how}</h2>
                <Chips label=t::invitations::channel options=channels value=channel test_id="plan-channel" />
                <DateTimeField label=t::invitations::due value=due hint=t::invitations::due_hint test_id="plan-due" />
            </section>
            {(!alone).then(|| view! {
                <section class="stack">
                    <h2>{t::invitations::step_by}</h2>
                    <Chips label=t::invitations::step_by options=ways value=by test_id="plan-by" />
                    <Show when=move || by.get() == Some(By::InTurn)>
                        <ChipsMany label=t::invitations::reps options=colleagues value=reps test_id="plan-reps" />
                    </Show>
                </section>
            })}
            <PreviewOf preview />
            <Submit preview make on_done=Callback::new(move |()| { chosen.set(None); draft.forget(); }) />
        </div>
    }
}

fn preview(meeting: MeetingId, customers: &[CustomerId], by: Option<By>, reps: Vec<UserId>) -> Preview {
    let nobody_in_turn = by == Some(By::InTurn) && reps.is_empty();
    let way = if by == Some(By::InTurn) { Split::InTurn(reps) } else { Split::Owners };
    replica::read(&[Kind::Invitation, Kind::Customer, Kind::Places, Kind::Meeting], |replica| {
        let candidates = candidates(replica, meeting, customers.iter().copied());
        let shares = split(replica, &candidates.free, &way);
        let capacity = replica.noun::<Meeting>(meeting).map_or(0, |meeting| meeting.plan.capacity);
        let taken = places(replica, meeting).map_or(0, |places| places.taken);
        Preview { candidates, shares: Arc::new(shares), nobody_in_turn, places: (capacity, taken) }
    })
}

fn per_rep(reps: impl Iterator<Item = UserId>) -> Vec<(UserId, usize)> {
    let mut counts = BTreeMap::new();
    reps.for_each(|rep| *counts.entry(rep).or_insert(0) += 1);
    counts.into_iter().collect()
}

/// Who will get how much, who is left out and why.
#[component]
fn PreviewOf(preview: Memo<Preview>) -> impl IntoView {
    let counted = move |line: fn(String, usize) -> String, reps: Vec<(UserId, usize)>| {
        reps.into_iter().map(|(rep, n)| view! { <li>{line(words::person(rep), n)}</li> }).collect_view()
    };
    let shown = move || {
        let Preview { candidates, shares, nobody_in_turn, places } = preview.get();
        let moved = shares.iter().filter(|share| share.owner != Some(share.rep)).count();
        let left_in_pool = candidates.free.len() - shares.len();
        let shares = per_rep(shares.iter().map(|share| share.rep));
        let already = per_rep(candidates.invited.iter().map(|(_, rep)| *rep));
        view! {
            <p><strong data-testid="plan-free">{t::invitations::can_invite(candidates.free.len())}</strong></p>
            <p class="soft" data-testid="plan-places">{t::meetings::places_taken(places.0, places.1)}</p>
            <ul class="preview-lines">{counted(|name, n| t::invitations::share(n, name), shares)}</ul>
            {nobody_in_turn.then(|| view! { <p class="strong" data-testid="plan-nobody">{t::invitations::choose_colleagues}</p> })}
            {(moved > 0).then(|| view! { <p class="soft">{t::invitations::will_move(moved)}</p> })}
            {(left_in_pool > 0 && !nobody_in_turn).then(|| view! { <p class="soft">{t::invitations::in_pool(left_in_pool)}</p> })}
            {(!already.is_empty()).then(|| view! {
                <p data-testid="plan-already">{t::invitations::already(candidates.invited.len())}</p>
                <ul class="preview-lines soft">{counted(|name, n| t::invitations::already_by(n, name), already)}</ul>
            })}
            {(!candidates.refused.is_empty()).then(|| view! { <p class="soft">{t::invitations::refused(candidates.refused.len())}</p> })}
        }
    };
    view! {
        <section class="stack">
            <h2>{t::invitations::preview}</h2>
            <div class="card preview" aria-live="polite" data-testid="plan-preview">{shown}</div>
        </section>
    }
}

/// Submits in parts, with a number and a way out; what is in stays in.
#[component]
fn Submit(preview: Memo<Preview>, make: Callback<(), Vec<Command>>, on_done: Callback<()>) -> impl IntoView {
    let total = RwSignal::new(None::<usize>);
    let done = RwSignal::new(0_usize);
    let stopping = RwSignal::new(false);
    let failure = RwSignal::new(None::<NotSaved>);
    let n = Memo::new(move |_| preview.with(|preview| preview.shares.len()));
    let start = move || {
        let all = make.run(());
        failure.set(None);
        stopping.set(false);
        done.set(0);
        total.set(Some(n.get_untracked()));
        spawn_local(async move {
            let mut saved = Ok(());
            for command in all {
                let planned = if let Command::PlanInvitations(part) = &command { part.planned.len() } else { 0 };
                saved = replica::submit(command).await;
                if saved.is_err() || stopping.try_get_untracked().unwrap_or(true) {
                    break;
                }
                let _ = done.try_update(|done| *done += planned);
                TimeoutFuture::new(0).await;
            }
            let (planned, of) = (done.try_get_untracked().unwrap_or(0), total.try_get_untracked().flatten().unwrap_or(0));
            let _ = total.try_set(None);
            match saved {
                Err(why) => {
                    let _ = failure.try_set(Some(why));
                }
                Ok(()) if planned < of => toast::show(t::invitations::stopped(planned)),
                Ok(()) => {
                    toast::show(t::invitations::submitted(planned));
                    on_done.run(());
                }
            }
        });
    };
    view! {
        {move || failure.get().map(|why| view! {
            <Banner mood=Mood::Bad test_id="plan-failed">
                <span>{words::not_saved(&why)}</span>
                <span>{t::invitations::stopped(done.get())}</span>
            </Banner>
        })}
        <div class="form-actions">
            <Show
                when=move || total.get().is_none()
                fallback=move || view! { <Progress label=t::invitations::submitting done total on_cancel=move || stopping.set(true) /> }
            >
                <Button look=Look::Primary wide=true icon=Glyph::Send disabled=Signal::derive(move || n.get() == 0) on_press=start test_id="plan-submit">
                    {move || t::invitations::submit(n.get())}
                </Button>
            </Show>
        </div>
    }
}

/// How far everybody is.
#[component]
fn ProgressTable(meeting: MeetingId) -> impl IntoView {
    let rows = Memo::new(move |_| replica::read(&[Kind::Invitation], |replica| progress(replica, meeting)));
    // Whoever has planned for others alone has nobody to call.
    let calls_oneself = move || replica::actor().is_some_and(|actor| rows.with(|rows| rows.iter().any(|row| row.rep == actor.user)));
    let row = |row: RepProgress| {
        view! {
            <tr data-testid="rep-progress">
                <th scope="row">{move || words::person(row.rep)}</th>
                <td>{row.planned}</td>
                <td>{row.untried}</td>
                <td>{row.open}</td>
                <td>{row.agreed}</td>
                <td>{row.waiting}</td>
                <td>{row.confirmed}</td>
                <td>{row.lost}</td>
            </tr>
        }
    };
    view! {
        <section class="stack">
            <h2>{t::invitations::progress}</h2>
            <Show when=move || !rows.with(Vec::is_empty) fallback=|| view! { <p class="soft">{t::invitations::progress_none}</p> }>
                <div class="table-scroll" tabindex="0">
                    <table class="numbers">
                        <thead>
                            <tr>
                                <th scope="col">{t::invitations::column_rep}</th>
                                <th scope="col">{t::invitations::column_planned}</th>
                                <th scope="col">{t::invitations::column_untried}</th>
                                <th scope="col">{t::invitations::column_open}</th>
                                <th scope="col">{t::invitations::column_agreed}</th>
                                <th scope="col">{t::invitations::column_waiting}</th>
                                <th scope="col">{t::invitations::column_confirmed}</th>
                                <th scope="col">{t::invitations::column_lost}</th>
                            </tr>
                        </thead>
                        <tbody>{move || rows.get().into_iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
                <Show when=calls_oneself>
                    <LinkButton href=Place::Calls icon=Glyph::PhoneCall test_id="plan-to-calls">{t::invitations::to_calls}</LinkButton>
                </Show>
            </Show>
        </section>
    }
}
