//! From a name to a situation.

use super::Situation;

impl Situation {
    /// The situation of this name, in whatever case it is written.
    ///
    /// ```
    /// use etalon_spec::Situation;
    ///
    /// assert_eq!(Situation::from_name("Compact twice"), Some(Situation::CompactTwice));
    /// assert_eq!(Situation::from_name("compact thrice"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Situation> {
        Situation::ALL
            .iter()
            .copied()
            .find(|known| known.name().eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_ascii_and_differ() {
        for situation in Situation::ALL {
            let name = situation.name();
            assert!(
                name.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b' '),
                "{name}"
            );
            assert_eq!(Situation::from_name(name), Some(*situation));
            assert_eq!(Situation::ALL[*situation as usize], *situation);
        }
    }
}
