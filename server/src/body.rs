//! Reading a request's body with a limit on its length and its time.

use crate::problem::Problem;
use axum::body::{Body, Bytes, to_bytes};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// How long a body may take: the longest one over a line of 15 KB/s. Whoever sends a byte now and then must not hold a connection for ever.
const PATIENCE: Duration = Duration::from_secs(300);

/// Reads the whole body as JSON. The limit counts bytes after decompression, so that a small bomb is a large body.
///
/// # Errors
/// [`Problem::TooLarge`], [`Problem::TooSlow`], or [`Problem::Malformed`] for anything that is not the JSON of a `T`.
pub(crate) async fn read<T: DeserializeOwned>(body: Body, most: usize) -> Result<T, Problem> {
    serde_json::from_slice(&bytes(body, most).await?).map_err(|_| Problem::Malformed)
}

/// Reads the whole body.
///
/// # Errors
/// [`Problem::TooLarge`], [`Problem::TooSlow`], or [`Problem::Malformed`] for one that breaks off.
pub(crate) async fn bytes(body: Body, most: usize) -> Result<Bytes, Problem> {
    bytes_within(PATIENCE, body, most).await
}

async fn bytes_within(patience: Duration, body: Body, most: usize) -> Result<Bytes, Problem> {
    let read = tokio::time::timeout(patience, to_bytes(body, most)).await.map_err(|_| Problem::TooSlow)?;
    read.map_err(|error| if is_too_long(&error) { Problem::TooLarge { most } } else { Problem::Malformed })
}

fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<http_body_util::LengthLimitError>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let drip = tokio_stream::StreamExt::chain(tokio_stream::once(Ok::<_, std::io::Error>("[1,")), tokio_stream::pending());
        let read = bytes_within(Duration::from_millis(20), Body::from_stream(drip), 100).await;
        assert_eq!(read, Err(Problem::TooSlow));
    }
}
