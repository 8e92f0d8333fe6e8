//! The page's own clock, for what lasts.

/// Milliseconds since the page began; it never goes back.
pub(crate) fn ms() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}
