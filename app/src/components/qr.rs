//! A QR code as a drawing that stays sharp at any size; always dark on white, so that scanners read it in dark mode too.

use fast_qr::ECL;
use fast_qr::qr::QRBuilder;
use leptos::prelude::*;
use leptos::text_prop::TextProp;
use std::fmt::Write;

/// Modules of quiet zone that the standard asks for (ISO/IEC 18004).
const QUIET: usize = 4;

/// The QR code of a text. Nothing is drawn if the text does not fit into one (2,953 bytes).
#[component]
pub fn Qr(
    #[prop(into)] text: Signal<String>,
    #[prop(into)] label: TextProp,
    /// How much of it may be hidden or smudged.
    #[prop(default = ECL::Q)]
    level: ECL,
    #[prop(optional)] test_id: &'static str,
) -> impl IntoView {
    let drawn = move || text.with(|text| outline(text, level));
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

/// The modules of a text's code, row by row, true where they are dark; without the quiet zone.
pub(crate) fn modules(text: &str) -> Option<Vec<Vec<bool>>> {
    modules_at(text, ECL::Q)
}

fn modules_at(text: &str, level: ECL) -> Option<Vec<Vec<bool>>> {
    let code = QRBuilder::new(text).ecl(level).build().ok()?;
    Some((0..code.size).map(|y| (0..code.size).map(|x| code[y][x].value()).collect()).collect())
}

/// Side in modules with the quiet zone, and the dark modules as a path.
fn outline(text: &str, level: ECL) -> Option<(usize, String)> {
    let modules = modules_at(text, level)?;
    let mut path = String::with_capacity(modules.len() * modules.len() * 6);
    for (y, row) in modules.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, is_dark)| **is_dark) {
            write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET).expect("a String can be written");
        }
    }
    Some((modules.len() + 2 * QUIET, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finder_pattern_stands_inside_the_quiet_zone() {
        let (size, path) = outline("HX1.abc", ECL::Q).expect("short text fits");
        assert_eq!(size, 21 + 8);
        assert!(path.starts_with("M4,4h1v1h-1z"), "the first dark module is the corner of the finder pattern");
        assert!(!path.contains("M3,"), "nothing dark in the quiet zone");
    }

    #[test]
    fn d9_a_frame_is_a_code_of_81_modules() {
        let frame = shared::carry::fountain::Fountain::new(&[7; 4_000]).expect("short enough").frame(3);
        assert_eq!(outline(&frame, ECL::M).map(|(size, _)| size), Some(81 + 2 * QUIET));
    }

    #[test]
    fn a_text_too_long_for_a_code_draws_nothing() {
        assert_eq!(outline(&"x".repeat(3_000), ECL::L), None);
    }
}
