//! The tablet that receives: it shows its own code, and looks at the other's screen until everything is here.

use super::{Frames, Lens, TroubleNote, back_to_desk, keep_screen_on, not_ready};
use crate::components::{Banner, Button, Glyph, LinkButton, Look, Mood, PageHead, Progress};
use crate::platform::camera::{Facing, Frame};
use crate::platform::clock;
use crate::replica::carry::{self, Came, NotReady};
use crate::routes::{Place, id_param};
use crate::state::carry::{Numbers, Outcome, Part, Reel, Saw, Taking, Trouble, outcome};
use crate::texts as t;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::carry::Signed;
use shared::ids::MeetingId;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Preparing,
    NotReady(NotReady),
    /// The other has not shown anything yet.
    Asking,
    Receiving(Part),
    Keeping,
    Done(Outcome),
}

/// Receive from another tablet.
#[component]
pub fn TakePage() -> impl IntoView {
    let meeting = id_param::<MeetingId>("meeting");
    let round = RwSignal::new(0_u32);
    let facing = RwSignal::new(Facing::Back);
    keep_screen_on();
    view! {
        <div class="carry stage" data-testid="carry-take">
            <PageHead title=t::carry::take back=back_to_desk(meeting) />
            {move || {
                round.track();
                meeting.get().map(|id| view! { <Round id facing round /> })
            }}
        </div>
    }
}

/// One exchange. Its key serves for it alone, and goes with it.
#[component]
fn Round(id: MeetingId, facing: RwSignal<Facing>, round: RwSignal<u32>) -> impl IntoView {
    let taking = Exchange {
        id,
        taking: StoredValue::new(None),
        hello: RwSignal::new(None),
        stage: RwSignal::new(Stage::Preparing),
        trouble: RwSignal::new(None),
        is_paused: RwSignal::new(false),
    };
    let Exchange { stage, trouble, is_paused, hello, .. } = taking;
    spawn_local(taking.begin());
    let looks = Memo::new(move |_| matches!(stage.get(), Stage::Asking | Stage::Receiving(_)));
    let asks = Memo::new(move |_| stage.get() == Stage::Asking);
    let receives = Memo::new(move |_| matches!(stage.get(), Stage::Receiving(_)));
    let part = Memo::new(move |before: Option<&Part>| match stage.get() {
        Stage::Receiving(part) => part,
        _ => before.copied().unwrap_or(Part { known: 0, of: 0 }),
    });
    let said = Memo::new(move |_| stage.get());
    view! {
        <div class="carry-body">
            {move || asks.get().then(|| hello.get_untracked().map(|reel| view! {
                <p class="carry-step">{t::carry::take_first}</p>
                <Frames reel label=t::carry::hello_code />
                <p class="carry-step">{t::carry::take_then}</p>
            }))}
            {move || receives.get().then(|| view! {
                <div class="carry-part" data-testid="carry-part">
                    <Progress
                        label=t::carry::receiving
                        done=Signal::derive(move || part.get().known)
                        total=Signal::derive(move || Some(part.get().of))
                    />
                    {move || is_paused.get().then(|| view! { <p role="status" data-testid="carry-paused">{t::carry::paused}</p> })}
                </div>
            })}
            <TroubleNote trouble />
            {move || looks.get().then(|| view! { <Lens facing on_frame=move |frame: &Frame| taking.look(frame) /> })}
            {move || match said.get() {
                Stage::Asking | Stage::Receiving(_) => None,
                Stage::Preparing => Some(view! { <p class="carry-step" role="status">{t::carry::preparing}</p> }.into_any()),
                Stage::NotReady(why) => Some(not_ready(why, id).into_any()),
                Stage::Keeping => Some(view! { <p class="carry-step" role="status">{t::carry::keeping}</p> }.into_any()),
                Stage::Done(outcome) => Some(done(outcome, id, round).into_any()),
            }}
        </div>
    }
}

/// What the page holds of one exchange.
#[derive(Clone, Copy)]
struct Exchange {
    id: MeetingId,
    taking: StoredValue<Option<Taking>>,
    hello: RwSignal<Option<Reel>>,
    stage: RwSignal<Stage>,
    trouble: RwSignal<Option<Trouble>>,
    is_paused: RwSignal<bool>,
}

impl Exchange {
    async fn begin(self) {
        let asked = carry::ask(self.id).await.map(Taking::new);
        let reached = match asked {
            Ok(taking) => {
                self.hello.try_set(taking.hello());
                self.taking.try_update_value(|kept| *kept = Some(taking));
                Stage::Asking
            }
            Err(why) => Stage::NotReady(why),
        };
        self.stage.try_set(reached);
    }

    /// What the camera sees.
    fn look(self, frame: &Frame) {
        if !self.stage.try_get_untracked().is_some_and(|stage| matches!(stage, Stage::Asking | Stage::Receiving(_))) {
            return;
        }
        let now = clock::ms();
        let looked = self.taking.try_update_value(|taking| taking.as_mut().map(|taking| (taking.see(&frame.codes, now), taking.is_paused(now))));
        let Some((saw, is_paused)) = looked.flatten() else { return };
        if self.is_paused.get_untracked() != is_paused {
            self.is_paused.set(is_paused);
        }
        match saw {
            Saw::Nothing => {}
            Saw::Part(part) => {
                self.trouble.set(None);
                self.stage.set(Stage::Receiving(part));
            }
            Saw::Not(why) => self.trouble.set(Some(why)),
            Saw::Whole(bundles) => {
                self.trouble.set(None);
                self.stage.set(Stage::Keeping);
                spawn_local(self.keep(bundles));
            }
        }
    }

    async fn keep(self, bundles: Vec<Signed>) {
        let reached = match carry::take(bundles, self.id).await {
            Ok(Came { taken, new }) => Stage::Done(outcome(&taken, &new)),
            Err(why) => Stage::NotReady(why),
        };
        self.stage.try_set(reached);
    }
}

fn done(outcome: Outcome, id: MeetingId, round: RwSignal<u32>) -> impl IntoView {
    let (name, told) = match outcome {
        Outcome::New { numbers, some_refused } => ("new", came(numbers, some_refused).into_any()),
        Outcome::NothingNew => (
            "nothing-new",
            view! { <Banner mood=Mood::Info><strong>{t::carry::nothing_new}</strong><p>{t::carry::nothing_new_means}</p></Banner> }.into_any(),
        ),
        Outcome::Refused => {
            ("refused", view! { <Banner mood=Mood::Bad><strong>{t::carry::refused}</strong><p>{t::carry::refused_means}</p></Banner> }.into_any())
        }
    };
    view! {
        <div class="carry-done" data-testid="carry-done" data-outcome=name role="status">{told}</div>
        <div class="carry-ways">
            <LinkButton look=Look::Primary wide=true icon=Glyph::Send href=Place::Give(id) test_id="carry-to-give">{t::carry::swap_to_give}</LinkButton>
            <Button wide=true icon=Glyph::Refresh on_press=move || round.update(|round| *round += 1) test_id="carry-again">{t::carry::again}</Button>
        </div>
    }
}

fn came(numbers: Numbers, some_refused: bool) -> impl IntoView {
    let Numbers { check_ins, walk_ins, seats, gifts, changes, sealed } = numbers;
    let rows: [(fn() -> &'static str, usize, &'static str); 6] = [
        (t::carry::check_ins, check_ins, "carry-check-ins"),
        (t::carry::walk_ins, walk_ins, "carry-walk-ins"),
        (t::carry::seats, seats, "carry-seats"),
        (t::carry::gifts, gifts, "carry-gifts"),
        (t::carry::changes, changes, "carry-changes"),
        (t::carry::sealed, sealed, "carry-sealed"),
    ];
    let row = |(label, count, test_id): (fn() -> &'static str, usize, &'static str)| {
        view! { <div><dt>{label}</dt><dd class="number" data-testid=test_id>{count}</dd></div> }
    };
    view! {
        <Banner mood=Mood::Good><strong>{t::carry::received}</strong><p>{t::carry::received_means}</p></Banner>
        {some_refused.then(|| view! { <Banner mood=Mood::Warning>{t::carry::some_refused}</Banner> })}
        <dl class="carry-numbers">{rows.into_iter().filter(|(_, count, _)| *count > 0).map(row).collect_view()}</dl>
    }
}
