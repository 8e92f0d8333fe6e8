//! A ticket's QR code as a drawing inside the page: dark on white in dark mode too, so that every scanner reads it.

use fast_qr::qr::QRBuilder;
use std::fmt::Write;

/// Modules of quiet zone that the standard asks for (ISO/IEC 18004).
const QUIET: usize = 4;

/// The drawing; none if the text does not fit into a code. `label` must be escaped.
pub(super) fn drawing(text: &str, label: &str) -> Option<String> {
    let code = QRBuilder::new(text).build().ok()?;
    let size = code.size + 2 * QUIET;
    let mut path = String::with_capacity(code.size * code.size * 6);
    for y in 0..code.size {
        for x in 0..code.size {
            if code[y][x].value() {
                write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET).expect("a String can be written");
            }
        }
    }
    Some(format!(
        "<svg class=\"qr\" role=\"img\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\" aria-label=\"{label}\">\
         <rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b6_a_ticket_is_drawn_inside_its_quiet_zone() {
        let drawing = drawing("HX1.abc", "label").expect("short text fits");
        assert!(drawing.contains("viewBox=\"0 0 29 29\"") && drawing.contains("d=\"M4,4h1v1h-1z"), "{drawing}");
        assert!(super::drawing(&"x".repeat(3_000), "").is_none());
    }
}
