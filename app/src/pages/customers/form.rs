//! The form: name and phone are asked for, everything else unfolds. What was typed stays, whatever happens.

use super::consents::ConsentFields;
use super::detail::gender_words;
use super::list::intent_words;
use crate::components::{
    Banner, Button, Chips, Choice, EmptyState, Glyph, Look, Mood, PageHead, Select, Switch, TelField, TextArea, TextField, toast,
};
use crate::pages::draft::{Draft, DraftNote};
use crate::replica::{self, NotSaved};
use crate::routes::{Place, id_param};
use crate::state::customers::{Clock, ProfileDraft, changes};
use crate::state::phones::phone_in;
use crate::texts as t;
use crate::words;
use chrono::{NaiveDateTime, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::customers::command::{AddCustomer, EditCustomer};
use shared::customers::{Customer, Gender, Intent, Profile, Salutation};
use shared::ids::CustomerId;
use shared::phone::Country;
use shared::record::Index;
use shared::rejection::Field;
use shared::settings::{Dictionary, Language, Settings};
use shared::{Kind, Rejection};
use std::sync::Arc;
use uuid::Uuid;

/// A new customer.
#[component]
pub fn NewCustomerPage() -> impl IntoView {
    view! {
        <PageHead title=t::customers::new_title back=Place::Customers back_on_phone_only=true />
        <CustomerForm before=None />
    }
}

/// A customer who is known, in the form.
#[component]
pub fn EditCustomerPage() -> impl IntoView {
    let id = id_param::<CustomerId>("id");
    // Read once: the form must not change under the fingers when a colleague's edit arrives.
    move || match id.get().and_then(|id| replica::read(&[], |replica| replica.noun::<Customer>(id).cloned())) {
        Some(before) => view! {
            <PageHead title=t::customers::edit_title back=Place::Customer(before.id) />
            <CustomerForm before=Some(before) />
        }
        .into_any(),
        None => view! {
            <PageHead title=t::customers::edit_title back=Place::Customers />
            <EmptyState glyph=Glyph::UserX title=t::customers::not_here text=t::customers::not_here_text />
        }
        .into_any(),
    }
}

macro_rules! form {
    ($($field:ident: $type:ty),+ $(,)?) => {
        /// A signal per field.
        #[derive(Clone, Copy)]
        struct Form { $($field: RwSignal<$type>,)+ more_phones: RwSignal<String> }

        impl Form {
            fn of(draft: Draft, known: ProfileDraft) -> Self {
                let (first, more) = known.phones.split_once('\n').map_or((known.phones.as_str(), ""), |parts| parts);
                let more_phones = draft.field("more_phones", more.to_owned());
                let known = ProfileDraft { phones: first.to_owned(), ..known.clone() };
                Self { $($field: draft.field(stringify!($field), known.$field),)+ more_phones }
            }

            fn draft(self) -> ProfileDraft {
                let mut draft = ProfileDraft { $($field: self.$field.get()),+ };
                draft.phones = format!("{}\n{}", draft.phones, self.more_phones.get()).trim_end().to_owned();
                draft
            }
        }
    };
}

form! {
    name: String, salutation: Option<Salutation>, gender: Option<Gender>, birth_year: String, phones: String, email: String, company: String,
    address: String, region: String, occupation: String, interests: String, source: String, needs: String, pains: String, intent: Option<Intent>,
    intent_reason: String, tags: String, refused: bool, no_reminders: bool, consent_purpose: String, consent_how: String, consent_at: Option<NaiveDateTime>,
    language: Option<Language>,
}

#[component]
fn CustomerForm(before: Option<Arc<Customer>>) -> impl IntoView {
    let draft = Draft::of(before.as_ref().map_or_else(|| "customer".to_owned(), |before| format!("customer/{}", before.id)));
    let form = Form::of(draft, before.as_ref().map(|before| ProfileDraft::of(&before.profile)).unwrap_or_default());
    let wrong = RwSignal::new(Vec::<Rejection>::new());
    let failure = RwSignal::new(None::<NotSaved>);
    let busy = RwSignal::new(false);
    let open = before.as_ref().is_some_and(|before| has_more(&before.profile)) || has_more_typed(&untrack(|| form.draft()));
    let editing = before.as_ref().map(|before| before.id);
    let before = StoredValue::new(before);

    let navigate = use_navigate();
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let navigate = navigate.clone();
        failure.set(None);
        wrong.set(Vec::new());
        busy.set(true);
        spawn_local(async move {
            let saved = save(untrack(|| form.draft()), before.get_value(), draft).await;
            busy.set(false);
            match saved {
                Ok(id) => {
                    toast::show(t::customers::saved());
                    navigate(&Place::Customer(id).path(), NavigateOptions { replace: true, ..NavigateOptions::default() });
                }
                Err(Unsaved::Fields(fields)) => wrong.set(fields),
                Err(Unsaved::Whole(why)) => failure.set(Some(why)),
            }
        });
    };
    let error = move |field: Field| {
        Signal::derive(move || wrong.with(|wrong| wrong.iter().find(|why| words::field_of(why) == Some(field)).map(words::rejection)))
    };
    view! {
        <form class="page-content" novalidate on:submit=save data-testid="customer-form">
            <DraftNote draft />
            <Show when=move || !wrong.with(Vec::is_empty)>
                <Banner mood=Mood::Bad test_id="customer-form-wrong">{t::customers::mend}</Banner>
            </Show>
            {move || failure.get().map(|why| view! { <Banner mood=Mood::Bad test_id="customer-form-failed">{words::not_saved(&why)}</Banner> })}
            <TextField label=t::customers::name value=form.name error=error(Field::Name) required=true autofocus=editing.is_none() test_id="customer-name" />
            <TelField label=t::customers::phone value=form.phones hint=t::customers::phone_hint error=error(Field::Phone) test_id="customer-phone-input" />
            <SamePhone phone=form.phones editing />
            <details class="unfold" open=open>
                <summary data-testid="customer-more">
                    <span>{t::customers::more_fields}</span>
                    <span class="soft">{t::customers::more_fields_hint}</span>
                </summary>
                <MoreFields form error=Callback::new(move |(field,): (Field,)| error(field)) />
            </details>
            <div class="form-actions">
                <Button submit=true look=Look::Primary wide=true busy test_id="customer-save">{t::customers::save}</Button>
            </div>
        </form>
    }
}

/// Everything that can wait.
#[component]
fn MoreFields(form: Form, error: Callback<(Field,), Signal<Option<String>>>) -> impl IntoView {
    let error = move |field| error.run((field,));
    let salutations = Signal::derive(|| vec![Choice::new(Salutation::Mr, t::customers::mr()), Choice::new(Salutation::Ms, t::customers::ms())]);
    let genders = Signal::derive(|| [Gender::Male, Gender::Female, Gender::Other].map(|gender| Choice::new(gender, gender_words(gender))).to_vec());
    let intents = Signal::derive(|| [Intent::A, Intent::B, Intent::C, Intent::D].map(|intent| Choice::new(intent, intent_words(intent))).to_vec());
    let source = RwSignal::new(Some(form.source.get_untracked()).filter(|code| !code.is_empty()));
    Effect::new(move |_| form.source.set(source.get().unwrap_or_default()));
    Effect::new(move |_| {
        let now = Some(form.source.get()).filter(|code| !code.is_empty());
        if source.get_untracked() != now {
            source.set(now);
        }
    });
    let languages =
        Signal::derive(|| Language::ALL.map(|language| Choice::new(language, crate::texts::Language::from(language).own_name())).to_vec());
    let sources = Signal::derive(move || source_choices(source.get_untracked()));
    view! {
        <div class="unfolded">
            <Chips label=t::customers::salutation options=salutations value=form.salutation optional=true test_id="customer-salutation" />
            <Chips label=t::customers::writes options=languages value=form.language optional=true test_id="customer-language" />
            <Chips label=t::customers::intent options=intents value=form.intent optional=true test_id="customer-intent" />
            <TextArea label=t::customers::needs value=form.needs error=error(Field::Needs) test_id="customer-needs" />
            <TextArea label=t::customers::pains value=form.pains error=error(Field::Pains) rows=2 />
            <TextField label=t::customers::intent_reason value=form.intent_reason error=error(Field::IntentReason) />
            <TextField label=t::customers::company value=form.company error=error(Field::Company) test_id="customer-company" />
            <TextField label=t::customers::occupation value=form.occupation error=error(Field::Occupation) />
            <TextField label=t::customers::region value=form.region error=error(Field::Region) />
            <TextField label=t::customers::address value=form.address error=error(Field::Address) />
            <TextField label=t::customers::email value=form.email error=error(Field::Email) kind="email" inputmode="email" test_id="customer-email" />
            <TextArea label=t::customers::more_phones value=form.more_phones hint=t::customers::more_phones_hint rows=2 />
            <TextField label=t::customers::birth_year value=form.birth_year hint=t::customers::birth_year_hint error=error(Field::BirthYear) inputmode="numeric" test_id="customer-birth-year" />
            <Chips label=t::customers::gender options=genders value=form.gender optional=true />
            <Select label=t::customers::source options=sources value=source none=t::customers::any error=error(Field::Source) />
            <TextField label=t::customers::interests value=form.interests error=error(Field::Interests) />
            <TextField label=t::customers::tags value=form.tags hint=t::customers::tags_hint error=error(Field::Tags) test_id="customer-tags" />
            <ConsentFields purpose=form.consent_purpose how=form.consent_how at=form.consent_at error=error(Field::Consent) />
            <Switch label=t::customers::refused value=form.refused test_id="customer-refused" />
            <Switch label=t::customers::no_reminders value=form.no_reminders test_id="customer-no-reminders" />
        </div>
    }
}

/// Says at once that somebody has this number already.
#[component]
fn SamePhone(phone: RwSignal<String>, editing: Option<CustomerId>) -> impl IntoView {
    let same = Memo::new(move |_| {
        let phone = phone.with(|text| phone_in(text, home()))?;
        replica::read(&[Kind::Customer], |replica| {
            let others = replica.nouns::<Customer>(&Index::CustomersByPhone(phone));
            others.into_iter().find(|other| Some(other.id) != editing).map(|other| (other.id, other.profile.name.clone()))
        })
    });
    move || {
        same.get().map(|(id, name)| {
            view! {
                <Banner mood=Mood::Warning test_id="customer-same-phone">
                    <span>{move || t::customers::same_phone(&name)}</span>
                    <a href=Place::Customer(id).path()>{t::customers::open_existing}</a>
                </Banner>
            }
        })
    }
}

enum Unsaved {
    Fields(Vec<Rejection>),
    Whole(NotSaved),
}

async fn save(typed: ProfileDraft, before: Option<Arc<Customer>>, draft: Draft) -> Result<CustomerId, Unsaved> {
    let profile = before.as_ref().map(|before| before.profile.clone()).unwrap_or_default();
    let after = typed.read(&profile, home(), Clock { now: Utc::now(), offset: words::here() }).map_err(Unsaved::Fields)?;
    let (id, submitted) = match before {
        None => {
            let customer = CustomerId(Uuid::now_v7());
            let owner = replica::actor().map(|actor| actor.user);
            (customer, draft.submit(AddCustomer { customer, owner, profile: after }).await)
        }
        Some(before) => {
            let changes = changes(&profile, &after);
            if changes.is_empty() {
                draft.forget();
                return Ok(before.id);
            }
            (before.id, draft.submit(EditCustomer { customer: before.id, changes }).await)
        }
    };
    match submitted {
        Ok(()) => Ok(id),
        Err(NotSaved::Rejected(why)) if words::field_of(&why).is_some() => Err(Unsaved::Fields(vec![why])),
        Err(why) => Err(Unsaved::Whole(why)),
    }
}

/// Whose local numbers are meant.
fn home() -> Country {
    replica::read(&[Kind::Settings], |replica| replica.all::<Settings>().next().map(|settings| settings.country)).unwrap_or(Country::Tw)
}

fn source_choices(present: Option<String>) -> Vec<Choice<String>> {
    let mut codes: Vec<String> = replica::read(&[Kind::Settings], |replica| {
        replica.all::<Settings>().flat_map(|settings| settings.offered(Dictionary::Sources)).map(|entry| entry.code.clone()).collect()
    });
    // A source of an imported file stands in no dictionary, one that was withdrawn is offered no more; neither may be lost by an edit.
    codes.extend(present.filter(|present| !codes.contains(present)));
    codes.into_iter().map(|code| Choice::new(code.clone(), words::source(&code))).collect()
}

fn has_more(profile: &Profile) -> bool {
    has_more_typed(&ProfileDraft::of(profile))
}

fn has_more_typed(draft: &ProfileDraft) -> bool {
    let asked = ProfileDraft { name: draft.name.clone(), phones: draft.phones.clone(), ..ProfileDraft::default() };
    *draft != asked || draft.phones.contains('\n')
}
