//! The calling desk: the next customer is already there; one tap notes the result. Made for one thumb on a narrow phone.

use super::link::{GuestLink, Links};
use super::party::stands;
use super::present;
use super::script::{Message, MessageToGuest};
use super::{LineBadge, Party};
use crate::components::{
    Badge, Banner, Button, Chips, Choice, DateTimeField, EmptyState, Glyph, Icon, Look, Mood, PageHead, Sheet, TextArea, TextField, toast,
};
use crate::pages::draft::{Draft, DraftNote};
use crate::platform::deep_link;
use crate::replica::{self, NotSaved};
use crate::routes::Place;
use crate::state::invitations::{InLine, Queue, queue};
use crate::state::phones::spoken;
use crate::texts as t;
use crate::words;
use chrono::{Days, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::customers::{Customer, Profile};
use shared::ids::InvitationId;
use shared::invitations::command::{RecordAnswer, TellWaiting};
use shared::invitations::{Answer, Channel, Invitation};
use shared::meetings::Meeting;
use shared::settings::{Dictionary, Purpose, Settings};
use shared::time::{Timestamp, UtcOffset};
use std::collections::BTreeSet;
use std::sync::Arc;

/// One call: whom, for what.
#[derive(Clone, PartialEq)]
struct Call {
    invitation: Arc<Invitation>,
    customer: Arc<Customer>,
    meeting: Arc<Meeting>,
}

/// The desk of whoever is logged in.
#[component]
pub fn CallsPage() -> impl IntoView {
    Links::provide();
    let now = present();
    let skipped = RwSignal::new(BTreeSet::<InvitationId>::new());
    let correcting = RwSignal::new(None::<InvitationId>);
    let line = Memo::new(move |_| {
        let rep = replica::actor().map(|actor| actor.user);
        let kinds = [Kind::Invitation, Kind::Customer, Kind::Meeting, Kind::Places];
        rep.map(|rep| replica::read(&kinds, |replica| queue(replica, rep, now.get()))).unwrap_or_default()
    });
    // Whoever is on the line stays there: a call-back that falls due meanwhile waits its turn.
    let current_id = Memo::new(move |before: Option<&Option<InvitationId>>| {
        let on_the_line = before.copied().flatten();
        correcting.get().or_else(|| line.with(|line| skipped.with(|skipped| next(line, skipped, on_the_line))))
    });
    let current = Memo::new(move |_| current_id.get().and_then(call));
    // The next customer is seen from the top: the page keeps its elements, and with them how far they were scrolled.
    let person = NodeRef::<leptos::html::Div>::new();
    Effect::new(move |_| {
        current_id.track();
        if let Some(person) = person.get() {
            person.set_scroll_top(0);
        }
    });
    let left = move || line.with(|line| t::invitations::desk_left(line.now.len()));
    let note = move || line.with(|line| t::invitations::desk_done(line.done_today));
    view! {
        <PageHead title=t::app::calls note back=Place::Today>
            <span class="desk-left" data-testid="desk-left">{left}</span>
        </PageHead>
        {move || match current.get() {
            Some(call) => view! { <Desk call correcting skipped person /> }.into_any(),
            None => view! { <NobodyToCall line /> }.into_any(),
        }}
    }
}

/// Who is on the line already, else the first who was not skipped; when all were, the first of all.
fn next(line: &Queue, skipped: &BTreeSet<InvitationId>, on_the_line: Option<InvitationId>) -> Option<InvitationId> {
    let waits = |id: &InvitationId| line.now.contains(id) && !skipped.contains(id);
    on_the_line.filter(waits).or_else(|| line.now.iter().find(|id| !skipped.contains(id)).copied()).or_else(|| line.now.first().copied())
}

fn call(id: InvitationId) -> Option<Call> {
    replica::read(&[Kind::Invitation, Kind::Customer, Kind::Meeting], |replica| {
        let invitation = replica.noun::<Invitation>(id)?.clone();
        let customer = replica.noun::<Customer>(invitation.customer)?.clone();
        let meeting = replica.noun::<Meeting>(invitation.meeting)?.clone();
        Some(Call { invitation, customer, meeting })
    })
}

#[component]
fn NobodyToCall(line: Memo<Queue>) -> impl IntoView {
    let next =
        move || line.with(|line| line.later.first().map(|(at, _)| t::invitations::desk_next_at(words::moment(*at, words::here(), Utc::now()))));
    view! {
        <EmptyState glyph=Glyph::PhoneCall title=t::invitations::desk_empty text=t::invitations::desk_empty_text test_id="desk-empty">
            {move || next().map(|text| view! { <p data-testid="desk-next-at">{text}</p> })}
        </EmptyState>
    }
}

#[component]
fn Desk(
    call: Call,
    correcting: RwSignal<Option<InvitationId>>,
    skipped: RwSignal<BTreeSet<InvitationId>>,
    person: NodeRef<leptos::html::Div>,
) -> impl IntoView {
    let id = call.invitation.id;
    let draft = Draft::of(format!("call/{id}"));
    let channel = draft.field("channel", call.invitation.channel);
    let question = draft.field("question", String::new());
    let failure = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);
    let name = words::called_by(&call.customer.profile);
    let corrected = StoredValue::new(name.clone());
    let record = Callback::new({
        let name = name.clone();
        move |(answer,): (Answer,)| {
            let name = name.clone();
            let questions = Some(question.get_untracked().trim().to_owned()).filter(|question| !question.is_empty()).into_iter().collect();
            let command = RecordAnswer { invitation: id, channel: channel.get_untracked(), answer: answer.clone(), questions };
            busy.set(true);
            spawn_local(async move {
                let saved = draft.submit(command).await;
                let _ = busy.try_set(false);
                match saved {
                    Ok(()) => {
                        let _ = correcting.try_set(None);
                        let noted = t::invitations::noted(words::answer(&answer), name);
                        toast::show_with_undo(noted, move || {
                            let _ = correcting.try_set(Some(id));
                        });
                    }
                    Err(why) => {
                        let _ = failure.try_set(Some(why));
                    }
                }
            });
        }
    });
    let skip = move || {
        correcting.set(None);
        skipped.update(|skipped| {
            skipped.insert(id);
        });
    };
    let (customer, meeting) = (call.customer.clone(), call.meeting.clone());
    let link = Links::of(id);
    let message = Message { invitation: id, purpose: Purpose::Invite, customer: customer.clone(), meeting: meeting.clone() };
    view! {
        <div class="desk" data-testid="desk" data-invitation=id.to_string()>
            <div class="desk-person" node_ref=person>
                {move || (correcting.get() == Some(id)).then(|| view! { <Banner mood=Mood::Warning>{corrected.with_value(|name| t::invitations::correcting(name))}</Banner> })}
                <WhoAndWhat call=call.clone() on_call=Callback::new(move |()| channel.set(Channel::Phone)) />
                <Line id />
                <MessageToGuest
                    message
                    title=t::invitations::script
                    open=true
                    script="desk-script"
                    link
                    on_use=Callback::new(move |(used,)| channel.set(used))
                />
                <WhatIsKnown profile=customer.profile.clone() invitation=call.invitation.clone() />
                <GuestLink id />
                <Party id />
                <DraftNote draft />
                <TextArea label=t::invitations::question value=question hint=t::invitations::question_hint rows=2 test_id="desk-question" />
            </div>
            <div class="desk-results">
                {move || failure.get().map(|why| view! { <Banner mood=Mood::Bad test_id="desk-failed">{words::not_saved(&why)}</Banner> })}
                <Results record busy clock=meeting.plan.utc_offset draft />
                <Button on_press=skip test_id="desk-skip">{t::invitations::skip}</Button>
            </div>
        </div>
    }
}

/// Name and number large enough for an arm's length, and why this customer is called now.
#[component]
fn WhoAndWhat(call: Call, on_call: Callback<()>) -> impl IntoView {
    let Call { invitation, customer, meeting } = call;
    let plan = meeting.plan.clone();
    let when = move || words::moment(plan.starts_at, plan.utc_offset, Utc::now());
    let state = invitation.answer.clone();
    let clock = meeting.plan.utc_offset;
    let due = invitation.due.map(|due| move || t::invitations::due_by(words::moment(due, clock, Utc::now())));
    let phones = customer.profile.phones.clone();
    let phone = move |phone: shared::phone::Phone| {
        let number = spoken(&phone);
        let words = number.clone();
        view! {
            <a class="desk-phone" href=deep_link::call(&phone) aria-label=move || t::invitations::call(&words) on:click=move |_| on_call.run(()) data-testid="desk-phone">
                <Icon glyph=Glyph::Phone />
                <span class="number">{number}</span>
            </a>
        }
    };
    view! {
        <div class="desk-who">
            <h2 class="call-name" data-testid="desk-name">{move || words::called_by(&customer.profile)}</h2>
            <p class="soft">{meeting.plan.theme.clone()}" · "{when}</p>
            <div class="cluster">
                <Badge>{move || words::answer(&state)}</Badge>
                <LineBadge id=invitation.id />
                {due.map(|due| view! { <Badge mood=Mood::Warning icon=Glyph::Clock>{due}</Badge> })}
            </div>
        </div>
        {phones.into_iter().map(phone).collect_view()}
    }
}

/// A place to offer, or the news that there is none yet.
#[component]
fn Line(id: InvitationId) -> impl IntoView {
    let line = Memo::new(move |_| stands(id));
    let asked = Memo::new(move |_| {
        replica::read(&[Kind::Invitation], |replica| replica.noun::<Invitation>(id).is_some_and(|invitation| invitation.asked.is_some()))
    });
    let told = move || {
        spawn_local(async move {
            if let Err(why) = replica::submit(TellWaiting { invitation: id }).await {
                toast::show(words::not_saved(&why));
            }
        });
    };
    let question = move || asked.get().then(|| view! { <Banner mood=Mood::Info test_id="desk-asked">{t::invitations::asked_now}</Banner> });
    let standing = move || match line.get()? {
        InLine::Offered => Some(view! { <Banner mood=Mood::Good test_id="desk-offer">{t::invitations::offer_now}</Banner> }.into_any()),
        InLine::Waits(_) => Some(
            view! {
                <Banner mood=Mood::Warning test_id="desk-tell">
                    <span>{t::invitations::tell_now}</span>
                    <div><Button icon=Glyph::Check on_press=told test_id="desk-told">{t::invitations::told}</Button></div>
                </Banner>
            }
            .into_any(),
        ),
    };
    view! { {question}{standing} }
}

/// Needs and pains, questions asked before, and earlier attempts.
#[component]
fn WhatIsKnown(profile: Profile, invitation: Arc<Invitation>) -> impl IntoView {
    let facts: Vec<_> = [
        (t::customers::needs as fn() -> &'static str, profile.needs.clone()),
        (t::customers::pains, profile.pains.clone()),
        (t::customers::occupation, profile.occupation.clone()),
        (t::customers::intent_reason, profile.intent_reason),
        (t::invitations::question, invitation.questions.join("\n")),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect();
    let attempts = invitation.attempts.iter().rev().take(5).cloned().map(|attempt| {
        let line =
            move || t::invitations::attempt_line(words::answer(&attempt.answer), words::person(attempt.by), words::ago(attempt.at, Utc::now()));
        view! { <li>{line}</li> }
    });
    let attempts: Vec<_> = attempts.collect();
    view! {
        <div class="desk-known card">
            {if facts.is_empty() {
                view! { <p class="soft">{t::invitations::nothing_known}</p> }.into_any()
            } else {
                view! {
                    <dl class="known-facts">
                        {facts.into_iter().map(|(label, value)| view! { <div class="known-fact"><dt>{label}</dt><dd>{value}</dd></div> }).collect_view()}
                    </dl>
                }
                .into_any()
            }}
            {(!attempts.is_empty()).then(|| view! { <ul class="attempts" aria-label=t::invitations::attempts>{attempts}</ul> })}
        </div>
    }
}

/// Six results. Two of them ask one thing more.
#[component]
fn Results(record: Callback<(Answer,)>, busy: RwSignal<bool>, clock: UtcOffset, draft: Draft) -> impl IntoView {
    let (declining, calling_back) = (RwSignal::new(false), RwSignal::new(false));
    let result = move |glyph: Glyph, class: &'static str, words: fn() -> &'static str, test_id: &'static str, press: Callback<()>| {
        view! {
            <button type="button" class=format!("result {class}") disabled=move || busy.get() on:click=move |_| press.run(()) data-testid=test_id>
                <Icon glyph />
                <span>{words}</span>
            </button>
        }
    };
    let note = move |answer: Answer| Callback::new(move |()| record.run((answer.clone(),)));
    view! {
        <div class="results" role="group" aria-label=t::invitations::result>
            {result(Glyph::CircleCheck, "mood-good", t::invitations::agreed, "result-agreed", note(Answer::Agreed))}
            {result(Glyph::Clock, "", t::invitations::call_back, "result-call-back", Callback::new(move |()| calling_back.set(true)))}
            {result(Glyph::PhoneMissed, "", t::invitations::no_answer, "result-no-answer", note(Answer::NoAnswer))}
            {result(Glyph::X, "", t::invitations::declined, "result-declined", Callback::new(move |()| declining.set(true)))}
            {result(Glyph::PhoneOff, "", t::invitations::wrong_number, "result-wrong-number", note(Answer::WrongNumber))}
            {result(Glyph::Ban, "mood-bad", t::invitations::do_not_contact, "result-do-not-contact", note(Answer::DoNotContact))}
        </div>
        <Sheet title=t::invitations::why_declined open=declining test_id="declined-sheet">
            <WhyDeclined draft record=Callback::new(move |(answer,)| { declining.set(false); record.run((answer,)); }) />
        </Sheet>
        <Sheet title=t::invitations::when_call_back open=calling_back test_id="call-back-sheet">
            <WhenToCallBack clock draft record=Callback::new(move |(answer,)| { calling_back.set(false); record.run((answer,)); }) />
        </Sheet>
    }
}

#[component]
fn WhyDeclined(draft: Draft, record: Callback<(Answer,)>) -> impl IntoView {
    let reason = draft.field("declined", None::<String>);
    let said = draft.field("words", String::new());
    let reasons = Signal::derive(|| {
        replica::read(&[Kind::Settings], |replica| {
            let entries = replica.all::<Settings>().flat_map(|settings| settings.offered(Dictionary::RefusalReasons));
            entries.map(|entry| Choice::new(entry.code.clone(), words::in_language(&entry.texts))).collect::<Vec<_>>()
        })
    });
    let none = Signal::derive(move || reason.with(Option::is_none));
    let save = move || {
        if let Some(reason) = reason.get_untracked() {
            record.run((Answer::Declined { reason, words: said.get_untracked().trim().to_owned() },));
        }
    };
    view! {
        <Chips label=t::fields::reason options=reasons value=reason test_id="declined-reasons" />
        <TextField label=t::invitations::words value=said test_id="declined-words" />
        <Button look=Look::Primary wide=true disabled=none on_press=save test_id="declined-save">{t::invitations::save_declined}</Button>
    }
}

#[component]
fn WhenToCallBack(clock: UtcOffset, draft: Draft, record: Callback<(Answer,)>) -> impl IntoView {
    let other = draft.field("call_back", None::<NaiveDateTime>);
    let now = Utc::now();
    let today = clock.at(now).naive_local();
    let at = move |days: u64, hour: u32| {
        let day = today.date().checked_add_days(Days::new(days)).unwrap_or(today.date());
        instant(day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()), clock)
    };
    let evening = at(0, 19);
    let choices: Vec<(Timestamp, fn() -> &'static str)> = [
        (now + TimeDelta::hours(1), t::invitations::in_one_hour as fn() -> &'static str),
        (evening, t::invitations::this_evening),
        (at(1, 10), t::invitations::tomorrow_morning),
        (at(1, 14), t::invitations::tomorrow_afternoon),
    ]
    .into_iter()
    .filter(|(at, _)| *at > now)
    .collect();
    let choice = move |(at, words): (Timestamp, fn() -> &'static str)| {
        view! { <button type="button" class="button wide" data-testid="call-back-choice" on:click=move |_| record.run((Answer::CallBack { at },))>{words}</button> }
    };
    let none = Signal::derive(move || other.with(Option::is_none));
    let save = move || {
        if let Some(at) = other.get_untracked() {
            record.run((Answer::CallBack { at: instant(at, clock) },));
        }
    };
    view! {
        <div class="stack">{choices.into_iter().map(choice).collect_view()}</div>
        <DateTimeField label=t::invitations::another_time value=other test_id="call-back-time" />
        <Button look=Look::Primary wide=true disabled=none on_press=save test_id="call-back-save">{t::invitations::save_call_back}</Button>
    }
}

fn instant(local: NaiveDateTime, clock: UtcOffset) -> Timestamp {
    local.and_utc() - TimeDelta::minutes(i64::from(clock.minutes()))
}
