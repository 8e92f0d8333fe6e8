//! A QR code as a drawing that stays sharp at any size; always dark on white, so that scanners read it in dark mode too.

use fast_qr::qr::QRBuilder;
use leptos::prelude::*;
use leptos::text_prop::TextProp;
use std::fmt::Write;

/// Modules of quiet zone that the standard asks for (ISO/IEC 18004).
const QUIET: usize = 4;

/// The QR code of a text. Nothing is drawn if the text does not fit into one (2,953 bytes).
#[component]
pub fn Qr(#[prop(into)] text: Signal<String>, #[prop(into)] label: TextProp, #[prop(optional)] test_id: &'static str) -> impl IntoView {
    let drawn = move || text.with(|text| outline(text));
    view! {
        {move || {
            let label = label.clone();
            drawn()
                .map(|(size, path)| {
                    view! {
                        <svg class="qr" role="img" viewBox=format!("0 0 {size} {size}") shape-rendering="crispEdges" aria-label=move || label.get().to_string() data-testid=(!test_id.is_empty()).then_some(test_id)>
                            <rect width=size.to_string() height=size.to_string() fill="#fff"></rect>
                            <path d=path fill="#000"></path>
                        </svg>
                    }
                })
        }}
    }
}

/// Side in modules with the quiet zone, and the dark modules as a path.
fn outline(text: &str) -> Option<(usize, String)> {
    let code = QRBuilder::new(text).build().ok()?;
    let mut path = String::with_capacity(code.size * code.size * 6);
    for y in 0..code.size {
        for x in 0..code.size {
            if code[y][x].value() {
                write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET).expect("a String can be written");
            }
        }
    }
    Some((code.size + 2 * QUIET, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finder_pattern_stands_inside_the_quiet_zone() {
        let (size, path) = outline("HX1.abc").expect("short text fits");
        assert_eq!(size, 21 + 8);
        assert!(path.starts_with("M4,4h1v1h-1z"), "the first dark module is the corner of the finder pattern");
        assert!(!path.contains("M3,"), "nothing dark in the quiet zone");
    }

    #[test]
    fn a_text_too_long_for_a_code_draws_nothing() {
        assert_eq!(outline(&"x".repeat(3_000)), None);
    }
}
