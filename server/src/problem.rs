//! What the server says when it cannot do what was asked: a status and a code, never a text for people. Causes inside the server are logged,
//! not told.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::Unavailable;
use std::time::Duration;

/// An answer that is not what was asked for.
#[derive(Debug, PartialEq, Eq)]
pub enum Problem {
    /// The body is not what the endpoint reads.
    Malformed,
    /// The body is longer than the endpoint reads.
    TooLarge {
        /// Bytes read at most.
        most: usize,
    },
    /// The body did not come in time.
    TooSlow,
    /// More commands than one push may bring.
    TooManyCommands {
        /// Commands read at most.
        most: usize,
    },
    /// No session, or it has run out.
    NotLoggedIn,
    /// Login or password is wrong; which one is not told.
    WrongLogin,
    /// The old password is wrong.
    WrongPassword,
    /// The new password has not this many characters.
    PasswordLength {
        /// Least.
        min: usize,
        /// Most.
        max: usize,
    },
    /// The user may not do this.
    Forbidden,
    /// Access was taken away.
    AccessRevoked,
    /// The request may come from another site.
    CrossSite,
    /// There is nothing here.
    NotFound,
    /// Something is here, but not by this method.
    MethodNotAllowed,
    /// Too many tries.
    TooMany {
        /// When to try again.
        wait: Duration,
    },
    /// The first letter of a request was not sealed to this organisation's key, or was changed.
    UnreadableLetter,
    /// The store failed.
    Unavailable,
}

impl From<Unavailable> for Problem {
    fn from(failure: Unavailable) -> Self {
        tracing::error!(reason = failure.0, "the store is not available");
        Self::Unavailable
    }
}

impl Problem {
    fn parts(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed"),
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too_slow"),
            Self::TooManyCommands { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too_many_commands"),
            Self::NotLoggedIn => (StatusCode::UNAUTHORIZED, "not_logged_in"),
            Self::WrongLogin => (StatusCode::UNAUTHORIZED, "wrong_login"),
            Self::WrongPassword => (StatusCode::FORBIDDEN, "wrong_password"),
            Self::PasswordLength { .. } => (StatusCode::BAD_REQUEST, "password_length"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::AccessRevoked => (StatusCode::FORBIDDEN, "access_revoked"),
            Self::CrossSite => (StatusCode::FORBIDDEN, "cross_site"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "too_many"),
            Self::UnreadableLetter => (StatusCode::UNPROCESSABLE_ENTITY, "unreadable_letter"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code) = self.parts();
        let body = match &self {
            Self::TooLarge { most } | Self::TooManyCommands { most } => json!({ "code": code, "most": most }),
            Self::PasswordLength { min, max } => json!({ "code": code, "min": min, "max": max }),
            Self::TooMany { wait } => json!({ "code": code, "seconds": whole_seconds(*wait) }),
            _ => json!({ "code": code }),
        };
        let mut response = (status, Json(body)).into_response();
        let wait = match self {
            Self::TooMany { wait } => Some(whole_seconds(wait)),
            Self::Unavailable => Some(5),
            _ => None,
        };
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Rounded up: whoever waits as long as told must not be refused again.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}
