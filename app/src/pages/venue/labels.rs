//! Badges and table cards (clause D8): chosen, looked at as they will be, printed by the browser. The label's size is set once on this device.

use super::verdict::salutation_word;
use crate::components::{Banner, Button, Chips, Choice, EmptyState, Glyph, Look, Mood, PageHead, Qr, TextField};
use crate::platform::print::{self, Rules};
use crate::platform::remembered;
use crate::replica;
use crate::routes::{Place, id_param};
use crate::state::labels::{Label, Paper, SIZES, Stock, What, Which, labels, mm, without_code};
use crate::texts as t;
use crate::words;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use shared::Kind;
use shared::ids::MeetingId;
use shared::meetings::Meeting;
use std::cell::RefCell;
use std::rc::Rc;

const REMEMBERED: &str = "huixiao.label";

/// Print badges or table cards.
#[component]
pub fn LabelsPage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    let stock = RwSignal::new(remembered::get::<Stock>(REMEMBERED).filter(|stock| stock.is_possible()).unwrap_or_default());
    let (what, which) = (RwSignal::new(Some(What::Badge)), RwSignal::new(Some(Which::All)));
    let found = Memo::new(move |_| {
        let id = meeting.get()?;
        let (what, which, stock) = (what.get().unwrap_or(What::Badge), which.get().unwrap_or(Which::All), stock.get());
        Some(replica::read(&[Kind::Guest, Kind::CheckIn, Kind::Invitation, Kind::Seating, Kind::Table], |replica| {
            labels(replica, id, what, which, stock)
        }))
    });
    let theme = Memo::new(move |_| {
        let id = meeting.get()?;
        replica::read(&[Kind::Meeting], |replica| replica.noun::<Meeting>(id).map(|meeting| meeting.plan.theme.clone()))
    });
    let rules = Rc::new(RefCell::new(None::<Rules>));
    let kept = Rc::clone(&rules);
    Effect::new(move |_| {
        let now = stock.get();
        remembered::set(REMEMBERED, &now);
        // The former ones go first.
        kept.take();
        *kept.borrow_mut() = Rules::add(&now.rules());
    });
    let rules = SendWrapper::new(rules);
    on_cleanup(move || drop(rules.take()));
    let back = Signal::derive(move || meeting.get().map_or_else(|| Place::Venue.path(), |id| Place::VenueDesk(id).path()));
    let count = Memo::new(move |_| found.with(|found| found.as_ref().map_or(0, Vec::len)));
    let lacking = Memo::new(move |_| {
        let badges = what.get() == Some(What::Badge);
        found.with(|found| found.as_deref().filter(|_| badges).map_or(0, without_code))
    });
    let whats = Signal::derive(|| vec![Choice::new(What::Badge, t::labels::badge()), Choice::new(What::TableCard, t::labels::table_card())]);
    let whiches = Signal::derive(|| {
        vec![
            Choice::new(Which::All, t::labels::all()),
            Choice::new(Which::ToCome, t::labels::to_come()),
            Choice::new(Which::Arrived, t::labels::arrived()),
        ]
    });
    view! {
        <div class="labels" data-testid="labels">
            <PageHead title=t::labels::title note=move || theme.get().unwrap_or_default() back>
                <Button look=Look::Primary icon=Glyph::Printer on_press=print::print disabled=Signal::derive(move || count.get() == 0) test_id="labels-print">
                    {move || t::labels::print(count.get())}
                </Button>
            </PageHead>
            <div class="labels-choices no-print">
                <Chips label=t::labels::what options=whats value=what test_id="labels-what" />
                <Chips label=t::labels::which options=whiches value=which test_id="labels-which" />
                <Size stock />
                {move || (lacking.get() > 0).then(|| view! {
                    <Banner mood=Mood::Info test_id="labels-without-code"><p>{move || t::labels::without_code(lacking.get())}</p></Banner>
                })}
                <p class="soft">{t::labels::dialogue}</p>
            </div>
            {move || (count.get() == 0).then(|| view! { <EmptyState glyph=Glyph::Ticket title=t::labels::none text=t::labels::none_help test_id="labels-none" /> })}
            <div class="label-sheets" data-testid="label-sheets">
                {move || {
                    let (stock, what) = (stock.get(), what.get().unwrap_or(What::Badge));
                    let per_page = (stock.columns() * stock.rows()).max(1);
                    found.with(|found| {
                        let found = found.as_deref().unwrap_or_default();
                        found.chunks(per_page).map(|page| sheet(page, what, stock)).collect_view()
                    })
                }}
            </div>
        </div>
    }
}

/// The label's size, kept as it is chosen.
#[component]
fn Size(stock: RwSignal<Stock>) -> impl IntoView {
    let now = stock.get_untracked();
    let plain = |length: u32| if length.is_multiple_of(10) { (length / 10).to_string() } else { format!("{}.{}", length / 10, length % 10) };
    let (width, height) = (RwSignal::new(plain(now.width)), RwSignal::new(plain(now.height)));
    let paper = RwSignal::new(Some(now.paper));
    let sold = RwSignal::new(None::<(u32, u32)>);
    let wrong = RwSignal::new(false);
    Effect::new(move |before: Option<()>| {
        let typed = Stock::typed(&width.get(), &height.get(), paper.get().unwrap_or(Paper::Roll));
        wrong.set(typed.is_none());
        if let (Some(typed), Some(())) = (typed, before)
            && stock.get_untracked() != typed
        {
            stock.set(typed);
        }
    });
    Effect::new(move |_| {
        if let Some((wide, high)) = sold.get() {
            width.set(wide.to_string());
            height.set(high.to_string());
        }
    });
    let sizes = Signal::derive(|| SIZES.map(|(width, height)| Choice::new((width, height), format!("{width} × {height}"))).to_vec());
    let papers = Signal::derive(|| vec![Choice::new(Paper::Roll, t::labels::roll()), Choice::new(Paper::A4, t::labels::a4())]);
    let error = Signal::derive(move || wrong.get().then(|| t::labels::size_wrong().to_owned()));
    view! {
        <Chips label=t::labels::size options=sizes value=sold optional=true test_id="labels-size" />
        <div class="labels-size">
            <TextField label=t::labels::width value=width inputmode="decimal" error test_id="labels-width" />
            <TextField label=t::labels::height value=height inputmode="decimal" test_id="labels-height" />
        </div>
        <Chips label=t::labels::paper options=papers value=paper test_id="labels-paper" />
    }
}

fn sheet(page: &[Label], what: What, stock: Stock) -> impl IntoView + use<> {
    let labels: Vec<_> = page.iter().map(|label| one(label.clone(), what)).collect();
    view! { <section class="label-sheet" class:cut=stock.paper == Paper::A4 data-testid="label-sheet">{labels}</section> }
}

fn one(label: Label, what: What) -> AnyView {
    let Label { name, salutation, company, seat, code, name_height, .. } = label;
    let size = mm(name_height);
    let named = name.clone();
    let lines = move |company: String| {
        view! {
            <div class="label-words">
                <p class="label-name" style:font-size=size.clone()>{name.clone()}</p>
                <p class="label-company">
                    {company}
                    {salutation.map(|salutation| view! { <span class="label-salutation">{move || salutation_word(salutation)}</span> })}
                </p>
                {seat.clone().map(|seat| view! { <p class="label-seat" data-testid="label-seat">{move || words::seat(&seat)}</p> })}
            </div>
        }
    };
    match what {
        What::Badge => view! {
            <article class="label badge-label" data-testid="label">
                {lines(company)}
                {code.map(|code| view! { <Qr text=Signal::stored(code) label=move || t::invitations::ticket_qr(&named) test_id="label-code" /> })}
            </article>
        }
        .into_any(),
        // Folded in the middle, it is read from both sides.
        What::TableCard => view! {
            <article class="label table-label" data-testid="label">
                <div class="label-half turned" aria-hidden="true">{lines(company.clone())}</div>
                <div class="label-half">{lines(company)}</div>
            </article>
        }
        .into_any(),
    }
}
