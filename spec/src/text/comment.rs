//! Comments, and where they stand: they are no part of a case, and every tool that rewrites a file
//! keeps them.

/// A comment of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands.
    pub place: Place,
    /// What it says, without the `#` and the space after it.
    pub text: String,
}

impl Comment {
    /// The comment as it is written. Line ends would begin a new line of the file.
    pub(super) fn line(&self) -> String {
        let text = self.text.replace(['\n', '\r'], " ");
        format!("# {}", text.trim()).trim_end().to_string()
    }

    /// What it says, if it is of the form `name: ...`.
    pub(super) fn says(&self, name: &str) -> Option<&str> {
        let rest = self.text.strip_prefix(name)?.strip_prefix(':')?;
        Some(rest.trim())
    }
}

/// Where a comment stands, in the order of the file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Above the options and the first operation: what is said about the whole file.
    #[default]
    Header,
    /// On a line above this operation; the number of operations = at the end of the file.
    Before(usize),
    /// On the line of this operation, after it.
    Beside(usize),
}

impl Place {
    fn order(self) -> (usize, u8) {
        match self {
            Place::Header => (0, 0),
            Place::Before(index) => (index, 1),
            Place::Beside(index) => (index, 2),
        }
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
