//! The field on which a customer signs: mouse, pen and finger, a smooth line, clear and redo.

use crate::components::{Button, Glyph};
use crate::state::signature::{Drawing, outline};
use crate::texts as t;
use leptos::html::Div;
use leptos::prelude::*;
use shared::deals::Stroke;
use wasm_bindgen::JsCast;
use web_sys::PointerEvent;

/// A wide line to sign on. While `is_turned`, the page stands on its head, and so do the points.
#[component]
pub(crate) fn SignaturePad(
    drawing: RwSignal<Drawing>,
    #[prop(into)] is_turned: Signal<bool>,
    #[prop(default = "signature-pad")] test_id: &'static str,
) -> impl IntoView {
    let field = NodeRef::<Div>::new();
    let place = move |event: &PointerEvent| {
        let rect = field.get_untracked()?.get_bounding_client_rect();
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        Some(if is_turned.get_untracked() { (rect.right() - x, rect.bottom() - y) } else { (x - rect.left(), y - rect.top()) })
    };
    let down = move |event: PointerEvent| {
        // A second finger or the other mouse button does not sign.
        if !event.is_primary() || event.button() != 0 {
            return;
        }
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            // Without capture, a stroke that leaves the field would never end.
            drop(field.set_pointer_capture(event.pointer_id()));
        }
        if let Some((x, y)) = place(&event) {
            drawing.update(|drawing| drawing.begin(x, y, event.time_stamp()));
        }
    };
    let moved = move |event: PointerEvent| {
        if !event.is_primary() || !drawing.with_untracked(Drawing::is_drawing) {
            return;
        }
        let mut has_grown = false;
        for event in all_points(&event) {
            if let Some((x, y)) = place(&event) {
                drawing.update_untracked(|drawing| has_grown |= drawing.extend(x, y, event.time_stamp()));
            }
        }
        if has_grown {
            drawing.notify();
        }
    };
    let up = move |_: PointerEvent| drawing.update(Drawing::end);
    let path = Memo::new(move |_| drawing.with(|drawing| outline(drawing.strokes()).map(|(_, path)| path)));
    view! {
        <div class="pad">
            <div
                class="pad-field"
                node_ref=field
                role="img"
                aria-label=t::contract::sign_here
                data-testid=test_id
                on:pointerdown=down
                on:pointermove=moved
                on:pointerup=up
                on:pointercancel=up
            >
                <svg class="pad-line" aria-hidden="true">
                    <path d=move || path.get().unwrap_or_default() transform="scale(0.1)" />
                </svg>
                {move || drawing.with(Drawing::is_empty).then(|| view! { <span class="pad-hint">{t::contract::sign_here}</span> })}
            </div>
            <div class="cluster">
                <Button
                    icon=Glyph::Undo
                    disabled=Signal::derive(move || drawing.with(Drawing::is_empty))
                    on_press=move || drawing.update(Drawing::undo)
                    test_id="signature-undo"
                >
                    {t::contract::stroke_back}
                </Button>
                <Button
                    icon=Glyph::Rotate
                    disabled=Signal::derive(move || !drawing.with(Drawing::can_redo))
                    on_press=move || drawing.update(Drawing::redo)
                    test_id="signature-redo"
                >
                    {t::contract::stroke_again}
                </Button>
                <Button
                    icon=Glyph::X
                    disabled=Signal::derive(move || drawing.with(Drawing::is_empty))
                    on_press=move || drawing.update(Drawing::clear)
                    test_id="signature-clear"
                >
                    {t::contract::clear}
                </Button>
            </div>
        </div>
    }
}

/// A signature as it was drawn.
pub(super) fn signature_picture(strokes: &[Stroke]) -> Option<impl IntoView + use<>> {
    let ([x, y, width, height], path) = outline(strokes)?;
    Some(view! {
        <svg class="signature" viewBox=format!("{x} {y} {width} {height}") role="img" aria-label=t::contract::signature data-testid="contract-signature">
            <path d=path />
        </svg>
    })
}

/// All the points that a fast pen made since the last event, where the browser tells them.
fn all_points(event: &PointerEvent) -> Vec<PointerEvent> {
    let points = js_sys::Reflect::get(event, &"getCoalescedEvents".into())
        .ok()
        .and_then(|get| get.dyn_into::<js_sys::Function>().ok())
        .and_then(|get| get.call0(event).ok())
        .map(|points| js_sys::Array::from(&points).iter().map(JsCast::unchecked_into).collect::<Vec<PointerEvent>>());
    points.filter(|points| !points.is_empty()).unwrap_or_else(|| vec![event.clone()])
}
