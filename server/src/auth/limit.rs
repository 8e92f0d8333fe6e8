//! How often a log-in may be tried: a token bucket for each login and each address. A successful log-in gives its token back, so that only
//! failures and tries under way count. How often guests' pages may be opened and answered: the same, and nothing is given back.

use shared::invitations::link::LinkHash;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tries of one login at once; then one every half minute.
const LOGIN: Rate = Rate { burst: 10.0, every: Duration::from_secs(30) };
/// Tries from one address at once (a venue's whole staff shares one); then one a second.
const ADDRESS: Rate = Rate { burst: 60.0, every: Duration::from_secs(1) };
/// Guests' pages opened from one address at once (a mobile network's customers share a few); then four a second.
const GUESTS: Rate = Rate { burst: 240.0, every: Duration::from_millis(250) };
/// Replies with one link at once: whoever presses twice must not be held up; then one every 20 seconds.
const REPLIES: Rate = Rate { burst: 20.0, every: Duration::from_secs(20) };
/// Buckets kept; full ones are dropped beyond that.
const MOST_BUCKETS: usize = 10_000;

/// The buckets.
#[derive(Default)]
pub struct Limiter {
    logins: Mutex<HashMap<String, Bucket>>,
    addresses: Mutex<HashMap<IpAddr, Bucket>>,
    guests: Mutex<HashMap<IpAddr, Bucket>>,
    replies: Mutex<HashMap<LinkHash, Bucket>>,
}

impl Limiter {
    /// Takes a token for a try.
    ///
    /// # Errors
    /// How long to wait for the next one.
    pub fn admit(&self, login: &str, address: IpAddr, now: Instant) -> Result<(), Duration> {
        take(&self.addresses, address, ADDRESS, now)?;
        take(&self.logins, login.to_owned(), LOGIN, now).inspect_err(|_| give_back(&self.addresses, &address, ADDRESS))
    }

    /// Takes a token for a guest's page.
    ///
    /// # Errors
    /// How long to wait for the next one.
    pub fn admit_guest(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        take(&self.guests, address, GUESTS, now)
    }

    /// Takes a token for a guest's reply.
    ///
    /// # Errors
    /// How long to wait for the next one.
    pub fn admit_reply(&self, link: LinkHash, now: Instant) -> Result<(), Duration> {
        take(&self.replies, link, REPLIES, now)
    }

    /// The try succeeded.
    pub fn succeeded(&self, login: &str, address: IpAddr) {
        give_back(&self.logins, login, LOGIN);
        give_back(&self.addresses, &address, ADDRESS);
    }
}

#[derive(Clone, Copy)]
struct Rate {
    burst: f64,
    every: Duration,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Bucket {
    fn refilled(self, rate: Rate, now: Instant) -> Self {
        let gained = now.saturating_duration_since(self.at).as_secs_f64() / rate.every.as_secs_f64();
        Self { tokens: (self.tokens + gained).min(rate.burst), at: now }
    }
}

fn take<K: Eq + Hash>(buckets: &Mutex<HashMap<K, Bucket>>, key: K, rate: Rate, now: Instant) -> Result<(), Duration> {
    let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
    if buckets.len() >= MOST_BUCKETS {
        buckets.retain(|_, bucket| bucket.refilled(rate, now).tokens < rate.burst);
    }
    let bucket = buckets.entry(key).or_insert(Bucket { tokens: rate.burst, at: now });
    *bucket = bucket.refilled(rate, now);
    if bucket.tokens < 1.0 {
        return Err(rate.every.mul_f64(1.0 - bucket.tokens));
    }
    bucket.tokens -= 1.0;
    Ok(())
}

fn give_back<K, Q>(buckets: &Mutex<HashMap<K, Bucket>>, key: &Q, rate: Rate)
where
    K: Eq + Hash + std::borrow::Borrow<Q>,
    Q: Eq + Hash + ?Sized,
{
    if let Some(bucket) = buckets.lock().unwrap_or_else(PoisonError::into_inner).get_mut(key) {
        bucket.tokens = (bucket.tokens + 1.0).min(rate.burst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn the_eleventh_failure_waits_and_time_heals() {
        let (limiter, start) = (Limiter::default(), Instant::now());
        for _ in 0..10 {
            assert_eq!(limiter.admit("rep1", HOME, start), Ok(()));
        }
        assert_eq!(limiter.admit("rep1", HOME, start), Err(Duration::from_secs(30)));
        assert_eq!(limiter.admit("rep2", HOME, start), Ok(()), "another login is not held up");
        assert_eq!(limiter.admit("rep1", HOME, start + Duration::from_secs(30)), Ok(()));
    }

    #[test]
    fn success_costs_nothing() {
        let (limiter, now) = (Limiter::default(), Instant::now());
        for _ in 0..1_000 {
            assert_eq!(limiter.admit("rep1", HOME, now), Ok(()));
            limiter.succeeded("rep1", HOME);
        }
    }

    #[test]
    fn one_address_cannot_try_many_logins() {
        let (limiter, now) = (Limiter::default(), Instant::now());
        let refused = (0..100).filter(|n| limiter.admit(&format!("user{n}"), HOME, now).is_err()).count();
        assert_eq!(refused, 40);
    }

    #[test]
    fn b6_whoever_tries_links_one_after_the_other_is_held_up() {
        let (limiter, now) = (Limiter::default(), Instant::now());
        let refused = (0..300).filter(|_| limiter.admit_guest(HOME, now).is_err()).count();
        assert_eq!(refused, 60);
        assert_eq!(limiter.admit("rep1", HOME, now), Ok(()), "a venue's guests hold up nobody who logs in there");
        let link = shared::invitations::link::LinkToken::of(&[1; 24]).hash();
        assert_eq!((0..30).filter(|_| limiter.admit_reply(link, now).is_err()).count(), 10);
        assert_eq!(limiter.admit_reply(link, now + Duration::from_secs(20)), Ok(()));
    }
}
