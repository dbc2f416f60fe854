//! Days of the calendar: read, compared, counted.

use std::fmt;
use std::str::FromStr;

/// A day. Nothing here knows which one today is: whoever asks says it.
///
/// ```
/// use etalon_spec::Date;
///
/// let day: Date = "2027-03-01".parse().unwrap();
/// assert!(Date::from_days(20_700) < day, "days since 1970-01-01");
/// assert_eq!(Date::from_days(11_016).to_string(), "2000-02-29");
/// assert!("2027-02-29".parse::<Date>().is_err() && "1.3.2027".parse::<Date>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u32,
    month: u32,
    day: u32,
}

fn is_leap(year: u32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of_month(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl Date {
    /// The day so many days after 1970-01-01.
    pub fn from_days(mut days: u64) -> Date {
        let (mut year, mut month) = (1970, 1);
        loop {
            let length = if is_leap(year) { 366 } else { 365 };
            if days < length {
                break;
            }
            days -= length;
            year += 1;
        }
        while days >= u64::from(days_of_month(year, month)) {
            days -= u64::from(days_of_month(year, month));
            month += 1;
        }
        Date {
            year,
            month,
            day: days as u32 + 1,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl FromStr for Date {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Date, Self::Err> {
        let numbers: Vec<Option<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
        let date = match numbers[..] {
            [Some(year), Some(month @ 1..=12), Some(day)] => Some(Date { year, month, day }),
            _ => None,
        };
        date.filter(|date| (1..=days_of_month(date.year, date.month)).contains(&date.day))
            .filter(|date| date.to_string() == text)
            .ok_or("expected a day such as \"2027-03-01\"")
    }
}
