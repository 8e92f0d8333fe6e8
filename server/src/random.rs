//! Randomness from the operating system.

/// So many random bytes.
///
/// # Panics
/// If the operating system has none: nothing that needs a secret may go on then.
#[must_use]
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
