//! The photo of a payment's slip: small beside the payment, large in a sheet of its own.

use crate::components::{Badge, Banner, Button, Glyph, Icon, Mood, Photo, Sheet};
use crate::replica::files::{self, NoBytes};
use crate::replica::{self, status::status};
use crate::state::people::name_of;
use crate::state::photos::{Standing, standing, why_not};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Kind;
use shared::deals::Payment;
use shared::files::Attachment;
use shared::ids::AttachmentId;
use shared::money::Money;
use std::sync::Arc;

/// What is known of a slip.
#[derive(Clone, Copy)]
pub(super) struct Slip {
    amount: Money,
    record: Memo<Option<Arc<Attachment>>>,
    /// Its bytes, if this device has them; none until that is known.
    here: RwSignal<Option<Vec<u8>>>,
    standing: Memo<Option<Standing>>,
}

impl Slip {
    /// The slip of a payment, if it has one.
    pub(super) fn of(payment: &Payment) -> Option<Self> {
        let id = payment.photo?;
        let record = Memo::new(move |_| replica::read(&[Kind::Attachment], |replica| replica.noun::<Attachment>(id).cloned()));
        let here = RwSignal::new(None);
        look(id, here);
        let standing = Memo::new(move |_| {
            let is_here = here.with(Option::is_some);
            record.get().map(|record| standing(&record, is_here, &status().damaged_files))
        });
        Some(Self { amount: payment.amount, record, here, standing })
    }

    fn attached_by(self) -> String {
        let record = self.record.get();
        record.map(|record| replica::read(&[Kind::User], |replica| name_of(replica, record.by))).unwrap_or_default()
    }

    /// What is to be said beside the payment: nothing once all is well.
    pub(super) fn note(self) -> Option<String> {
        let standing = self.standing.get().filter(|standing| *standing != Standing::Stored)?;
        Some(standing.words(&self.attached_by()))
    }
}

/// Finds the bytes on this device. A database that does not answer is told where the photo is opened.
fn look(id: AttachmentId, here: RwSignal<Option<Vec<u8>>>) {
    spawn_local(async move {
        if let Ok(Some(bytes)) = files::bytes_here(id).await {
            here.try_set(Some(bytes));
        }
    });
}

/// The button that shows a slip, with the photo on it if it is on this device.
#[component]
pub(super) fn SlipButton(slip: Slip) -> impl IntoView {
    let open = RwSignal::new(false);
    let is_known = Memo::new(move |_| slip.record.with(Option::is_some));
    let media = move || slip.record.with_untracked(|record| record.as_ref().map(|record| record.content.media));
    let thumbnail = move || match (slip.here.get(), media()) {
        (Some(bytes), Some(media)) => view! { <Photo bytes media alt="" class="slip-small" test_id="slip-small" /> }.into_any(),
        _ => view! { <Icon glyph=Glyph::Camera /> }.into_any(),
    };
    let title = move || t::deals::slip_of(words::money(slip.amount));
    move || {
        is_known.get().then(|| {
            view! {
                <button type="button" class="slip-button" aria-label=t::deals::see_slip data-testid="slip-open" on:click=move |_| open.set(true)>
                    {thumbnail}
                </button>
                <Sheet title=title open test_id="slip-sheet">
                    <Large slip />
                </Sheet>
            }
        })
    }
}

/// How far the photo is.
#[derive(Clone)]
enum Shown {
    Fetching,
    Here(Vec<u8>),
    Not(NoBytes),
    /// The bytes are there, and no picture.
    Unreadable,
}

#[component]
fn Large(slip: Slip) -> impl IntoView {
    let shown = RwSignal::new(Shown::Fetching);
    let fetch = move || {
        let Some(record) = slip.record.get_untracked() else { return };
        shown.set(Shown::Fetching);
        spawn_local(async move {
            let found = files::bytes(record.id, record.content).await;
            shown.try_set(found.map_or_else(Shown::Not, Shown::Here));
        });
    };
    fetch();
    let media = move || slip.record.with_untracked(|record| record.as_ref().map(|record| record.content.media));
    let is_near = RwSignal::new(true);
    let picture = move || match (shown.get(), media()) {
        (Shown::Here(bytes), Some(media)) => view! {
            <button
                type="button"
                class="slip-large"
                class:whole=move || is_near.get()
                aria-label=move || if is_near.get() { t::photos::larger() } else { t::photos::smaller() }
                on:click=move |_| is_near.update(|near| *near = !*near)
            >
                <Photo
                    bytes
                    media
                    alt=move || t::deals::slip_of(words::money(slip.amount))
                    class="slip-photo"
                    on_unreadable=move || drop(shown.try_set(Shown::Unreadable))
                    test_id="slip-photo"
                />
            </button>
        }
        .into_any(),
        (Shown::Not(why), _) => view! {
            <Banner mood=Mood::Warning test_id="slip-not-here">
                <strong>{t::photos::cannot_show}</strong>
                <p>{move || why_not(why)}</p>
                <div><Button icon=Glyph::Refresh on_press=fetch test_id="slip-again">{t::photos::try_again}</Button></div>
            </Banner>
        }
        .into_any(),
        (Shown::Unreadable, _) => view! {
            <Banner mood=Mood::Bad test_id="slip-unreadable"><strong>{t::photos::cannot_show}</strong><p>{t::photos::unreadable}</p></Banner>
        }
        .into_any(),
        (Shown::Fetching | Shown::Here(_), _) => view! {
            <p class="slip-fetching" role="status"><span class="spinner" aria-hidden="true"></span>{t::photos::fetching}</p>
        }
        .into_any(),
    };
    let by = move || {
        let when = slip.record.get().map(|record| words::moment(record.at, words::here(), chrono::Utc::now())).unwrap_or_default();
        t::photos::attached_by(slip.attached_by(), when)
    };
    view! {
        {picture}
        <dl class="told-facts">
            <div><dt>{t::deals::amount}</dt><dd class="number" data-testid="slip-amount">{words::money(slip.amount)}</dd></div>
            <div><dt>{t::photos::attached}</dt><dd data-testid="slip-by">{by}</dd></div>
        </dl>
        {move || slip.standing.get().map(|standing| {
            let mood = match standing {
                Standing::Stored => Mood::Good,
                Standing::WaitsHere | Standing::WaitsElsewhere => Mood::Warning,
                Standing::Damaged => Mood::Bad,
            };
            let stored = standing == Standing::Stored;
            view! {
                <p data-testid="slip-standing" data-stored=stored.to_string()>
                    <Badge mood=Signal::stored(mood)>{move || standing.words(&slip.attached_by())}</Badge>
                </p>
            }
        })}
    }
}
