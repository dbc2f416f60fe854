//! From a name to a situation, and the nearest name to one that is none.

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

/// The situation whose name takes the fewest edits to become.
pub(crate) fn nearest(name: &str) -> Situation {
    let name = name.to_ascii_lowercase();
    let distance = |known: &&Situation| edits(name.as_bytes(), known.name().as_bytes());
    *Situation::ALL
        .iter()
        .min_by_key(distance)
        .expect("the list is not empty")
}

/// How many bytes must be put in, taken out or replaced (Levenshtein).
fn edits(from: &[u8], to: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!(edits(b"kitten", b"sitting"), 3);
        assert_eq!(edits(b"", b"ab"), 2);
        assert_eq!(nearest("compact twise"), Situation::CompactTwice);
    }

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
