//! Argon2id with OWASP's parameters (19 MiB, two passes, one lane). Few at a time, on threads for blocking work: hashing is slow on purpose.

use crate::problem::Problem;
use argon2::password_hash::{PasswordHash, SaltString};
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Fewest characters of a password (NIST SP 800-63B).
pub(crate) const SHORTEST: usize = 8;
/// Most characters; bounds what is hashed.
pub(crate) const LONGEST: usize = 200;
/// How many are hashed at once: one per core of a small machine.
const AT_ONCE: usize = 2;

/// Hashes and verifies.
#[derive(Clone)]
pub struct Passwords {
    permits: Arc<Semaphore>,
    /// Verified against when there is no account, so that the answer takes as long as with one.
    nobody: Arc<str>,
}

impl Passwords {
    /// Ready to hash.
    #[must_use]
    pub fn new() -> Self {
        Self { permits: Arc::new(Semaphore::new(AT_ONCE)), nobody: hash("nobody has this password").into() }
    }

    /// Whether a password is that of a hash; without a hash it is not, after the same time.
    ///
    /// # Errors
    /// [`Problem::Unavailable`] if the server is stopping.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Problem> {
        let nobody = Arc::clone(&self.nobody);
        self.apart(move || {
            let known = hash.is_some();
            let matches = hash.map_or_else(|| matches(&password, &nobody), |hash| matches(&password, &hash));
            matches && known
        })
        .await
    }

    /// The hash to store.
    ///
    /// # Errors
    /// [`Problem::PasswordLength`], or [`Problem::Unavailable`] if the server is stopping.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        if !(SHORTEST..=LONGEST).contains(&password.chars().count()) {
            return Err(Problem::PasswordLength { min: SHORTEST, max: LONGEST });
        }
        self.apart(move || hash(&password)).await
    }

    async fn apart<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| Problem::Unavailable)?;
        let work = move || {
            let _held = permit;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Problem::Unavailable)
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

/// The PHC string of a password with a salt of its own.
#[must_use]
pub fn hash(password: &str) -> String {
    let salt = SaltString::encode_b64(&crate::random::bytes::<16>()).expect("16 bytes are a salt's length");
    argon2().hash_password(password.as_bytes(), &salt).expect("parameters and salt are valid").to_string()
}

fn matches(password: &str, hash: &str) -> bool {
    // Longer ones were never accepted; hashing them would be work for nothing.
    password.chars().count() <= LONGEST && PasswordHash::new(hash).is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok())
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19_456, 2, 1, None).expect("OWASP's parameters are valid"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let stored = hash("correct horse");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(matches("correct horse", &stored));
        assert!(!matches("correct house", &stored));
        assert!(!matches("correct horse", "no hash at all"));
    }

    #[tokio::test]
    async fn nobody_can_log_in_without_an_account() {
        let passwords = Passwords::new();
        assert_eq!(passwords.verify("nobody has this password".into(), None).await, Ok(false));
    }
}
