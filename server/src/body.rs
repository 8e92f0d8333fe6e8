//! Reading a request's JSON with a limit on its length.

use crate::problem::Problem;
use axum::body::{Body, to_bytes};
use serde::de::DeserializeOwned;

/// Reads the whole body as JSON. The limit counts bytes after decompression, so that a small bomb is a large body.
///
/// # Errors
/// [`Problem::TooLarge`], or [`Problem::Malformed`] for anything that is not the JSON of a `T`.
pub(crate) async fn read<T: DeserializeOwned>(body: Body, most: usize) -> Result<T, Problem> {
    let bytes = to_bytes(body, most).await.map_err(|error| if is_too_long(&error) { Problem::TooLarge { most } } else { Problem::Malformed })?;
    serde_json::from_slice(&bytes).map_err(|_| Problem::Malformed)
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<http_body_util::LengthLimitError>())
}
