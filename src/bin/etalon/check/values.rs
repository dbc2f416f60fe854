//! What stands behind the flags: numbers, times, names.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use etalon_spec::OpKind;
use etalon_spec::sabotage::Lie;
use etalon_spec::text::nearest;

/// A seed, or one that nobody has chosen.
pub fn seed(text: &str) -> Result<u64, String> {
    if text == "random" {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        return Ok(etalon_spec::Random::new(now.as_nanos() as u64).next() >> 32);
    }
    text.parse().map_err(|_| "a number, or `random`".to_owned())
}

/// One lie, or all.
pub fn lies(word: &str) -> Result<&'static [Lie], String> {
    if word == "all" {
        return Ok(&Lie::ALL);
    }
    let words = Lie::ALL.map(Lie::word);
    let at = words.iter().position(|known| *known == word);
    at.map(|at| &Lie::ALL[at..=at]).ok_or_else(|| {
        let hint = nearest(word, words).map(|near| format!(". Did you mean `{near}`?"));
        let hint = hint.unwrap_or_default();
        format!("no such lie; there are all, {}{hint}", words.join(", "))
    })
}

/// A history is decided for at most so many clients; see `etalon_spec::history`.
pub fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(threads @ 1..=32) => Ok(threads),
        _ => Err("a number from 1 to 32".to_owned()),
    }
}

/// Each job is a thread, and for a program a process.
pub fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(jobs @ 1..=256) => Ok(jobs),
        _ => Err("a number from 1 to 256".to_owned()),
    }
}

pub fn length(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(length @ 1..=1_000_000) => Ok(length),
        _ => Err("a number from 1 to 1000000".to_owned()),
    }
}

/// `30`, `30s`, `500ms`, `2m`, `1h`.
pub fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits
        .parse()
        .map_err(|_| "a time such as 30s, 2m or 500ms".to_owned())?;
    let seconds = |factor: u64| number.checked_mul(factor).map(Duration::from_secs);
    let time = match &text[digits.len()..] {
        "ms" => Some(Duration::from_millis(number)),
        "" | "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(3600),
        unit => return Err(format!("no unit `{unit}`: use ms, s, m or h")),
    };
    time.filter(|time| *time <= Duration::from_secs(366 * 86_400))
        .ok_or_else(|| "longer than a year".to_owned())
}

pub fn kind(word: &str) -> Result<OpKind, String> {
    let words = OpKind::ALL.map(OpKind::word);
    OpKind::ALL
        .into_iter()
        .find(|kind| kind.word() == word)
        .ok_or_else(|| {
            let hint = nearest(word, words).map(|near| format!(". Did you mean `{near}`?"));
            format!(
                "no such operation; there are {}{}",
                words.join(", "),
                hint.unwrap_or_default()
            )
        })
}
