//! The session's second secret (clause M3): the server gives nothing out without it, so that the cookie, which lies in the browser's files for
//! everybody who has them, is not enough.
//!
//! Laws:
//! - It is stored only sealed under its person's key, and is open in memory only while their data are. A locked device has the cookie alone.
//! - A browser has one session, so the device has one secret: that of the latest log-in. It goes with the log-out.

use super::StorageFailure;
use super::device::Device;
use crate::platform::storage::{from_js, to_js};
use crate::platform::vault::Key;
use shared::ids::UserId;

/// As the device's facts keep it. A server of before has given none.
///
/// # Errors
/// [`StorageFailure`].
pub(super) async fn seal(key: &Key, user: UserId, secret: Option<&str>) -> Result<Option<Vec<u8>>, StorageFailure> {
    let Some(secret) = secret else { return Ok(None) };
    let sealed = key.seal(&of(user), secret.as_bytes()).await?;
    from_js(&sealed).map(Some).ok_or(StorageFailure::Broken)
}

/// The secret; none if the session is somebody else's, or has none that opens: then it counts as ended, and its person logs in anew.
pub(super) async fn open(key: &Key, user: UserId, device: &Device) -> Option<String> {
    let opened = key.open(&of(user), &to_js(device.secret.as_ref()?)).await.ok()?;
    String::from_utf8(opened).ok()
}

fn of(user: UserId) -> String {
    format!("session/{user}")
}
