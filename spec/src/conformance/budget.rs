//! How long, and which cases: what the environment says, or the defaults.

use std::time::Duration;

use crate::campaign::Settings;

/// Of each test, unless `ETALON_FOR` says otherwise.
const TIME: Duration = Duration::from_secs(2);

/// The settings of a test.
///
/// # Panics
/// If `ETALON_FOR` or `ETALON_SEED` cannot be read: a flag that is ignored would be worse.
pub(super) fn settings() -> Settings {
    let time = match std::env::var("ETALON_FOR") {
        Ok(text) => duration(&text).unwrap_or_else(|| {
            panic!("ETALON_FOR={text}: expected a number with s, m or h, such as 60s")
        }),
        Err(_) => TIME,
    };
    let seed = match std::env::var("ETALON_SEED").as_deref() {
        Ok("random") => random_seed(),
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("ETALON_SEED={text}: expected a number, or random")),
        Err(_) => Settings::default().seed,
    };
    Settings {
        seed,
        time: Some(time),
        ..Settings::default()
    }
}

/// A number of seconds, minutes or hours.
fn duration(text: &str) -> Option<Duration> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..at].parse().ok()?;
    let seconds = match &text[at..] {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    Some(Duration::from_secs(number.checked_mul(seconds)?))
}

/// A seed that nobody has chosen; the test prints it.
fn random_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("90s"), Some(Duration::from_secs(90)));
        assert_eq!(duration("2m"), Some(Duration::from_secs(120)));
        assert_eq!(duration("1h"), Some(Duration::from_secs(3600)));
        for wrong in ["", "60", "s", "1d", "1.5s", "99999999999999999999s"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
