//! A photo that goes with a form, taken with the camera or chosen; and a photo to look at.

use super::{Button, Glyph, Icon};
use crate::platform::picture::{self, Picture, PictureError};
use crate::texts as t;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::text_prop::TextProp;
use shared::files::Media;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlInputElement};

/// One photo, which may be left out. `busy` while it is made small: until then there is nothing to save.
#[component]
pub fn PhotoField(
    #[prop(into)] label: TextProp,
    value: RwSignal<Option<Picture>>,
    busy: RwSignal<bool>,
    /// Of the field; its inputs are found by `{test_id}-take` and `{test_id}-choose`.
    test_id: &'static str,
) -> impl IntoView {
    let why = RwSignal::new(None::<PictureError>);
    let chosen = move |event: Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        let file = input.files().and_then(|files| files.get(0));
        // The same one can be chosen again after it was removed.
        input.set_value("");
        let Some(file) = file else { return };
        busy.set(true);
        why.set(None);
        spawn_local(async move {
            match picture::shrink(&file).await {
                Ok(picture) => drop(value.try_set(Some(picture))),
                // One that was taken before stays: it may be the better one.
                Err(error) => drop(why.try_set(Some(error))),
            }
            busy.try_set(false);
        });
    };
    let has_one = Memo::new(move |_| value.with(Option::is_some));
    let take = move || if has_one.get() { t::photos::again() } else { t::photos::take() };
    let choose = move || if has_one.get() { t::photos::another() } else { t::photos::choose() };
    let shown = label.clone();
    view! {
        <div class="field photo-field" role="group" aria-label=move || label.get().to_string() data-testid=test_id>
            <span class="field-label">{move || shown.get()}</span>
            {move || value.get().map(|Picture { content, bytes }| view! {
                <Photo bytes media=content.media alt=t::photos::chosen class="photo-preview" test_id="photo-preview" />
            })}
            <div class="cluster">
                <label class="button pick">
                    <Icon glyph=Glyph::Camera />
                    <span class="button-text">{take}</span>
                    <input
                        type="file"
                        accept="image/*"
                        capture="environment"
                        disabled=move || busy.get()
                        data-testid=format!("{test_id}-take")
                        on:change=chosen
                    />
                </label>
                <label class="button pick">
                    <Icon glyph=Glyph::Upload />
                    <span class="button-text">{choose}</span>
                    <input type="file" accept="image/*" disabled=move || busy.get() data-testid=format!("{test_id}-choose") on:change=chosen />
                </label>
                {move || has_one.get().then(|| view! {
                    <Button icon=Glyph::Trash label=t::photos::remove on_press=move || value.set(None) test_id="photo-remove" />
                })}
            </div>
            <p class="field-hint" role="status">{move || busy.get().then(t::photos::preparing)}</p>
            <p class="field-error" role="alert">
                {move || why.get().map(|why| view! { <Icon glyph=Glyph::Alert /><span>{error(why)}</span> })}
            </p>
        </div>
    }
}

/// A photo, for as long as it is on the page.
#[component]
pub fn Photo(
    bytes: Vec<u8>,
    media: Media,
    #[prop(into)] alt: TextProp,
    class: &'static str,
    /// Called if the bytes are no picture.
    #[prop(optional, into)]
    on_unreadable: Option<Callback<()>>,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    let address = picture::address(&bytes, media);
    let source = address.to_string();
    // Given back when the photo leaves the page.
    let _held = StoredValue::new_local(address);
    let unreadable = move |_| {
        if let Some(on_unreadable) = on_unreadable {
            on_unreadable.run(());
        }
    };
    view! {
        <img
            class=class
            src=source
            alt=move || alt.get().to_string()
            decoding="async"
            data-testid=(!test_id.is_empty()).then_some(test_id)
            on:error=unreadable
        />
    }
}

fn error(why: PictureError) -> &'static str {
    match why {
        PictureError::NotAPicture => t::photos::not_a_picture(),
        PictureError::TooLarge => t::photos::too_large(),
        PictureError::CannotDecode => t::photos::cannot_decode(),
    }
}
