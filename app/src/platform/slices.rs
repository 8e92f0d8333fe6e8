//! Long work on the page's only thread, in slices: between them the page draws, and hears who taps.

use super::clock;
use gloo_timers::future::TimeoutFuture;

/// A slice of a frame of 16.7 ms: what remains is the page's.
const SLICE_MS: f64 = 10.0;

/// Work that was begun.
pub(crate) struct Slices {
    begun: f64,
}

impl Slices {
    /// Begins the first slice.
    pub(crate) fn begin() -> Self {
        Self { begun: clock::ms() }
    }

    /// Lets others have their turn, if this slice has taken its time.
    pub(crate) async fn breathe(&mut self) {
        if clock::ms() - self.begun >= SLICE_MS {
            TimeoutFuture::new(0).await;
            self.begun = clock::ms();
        }
    }
}
