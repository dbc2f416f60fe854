//! How bytes stand in the lines between the tests and a driver: a point and two hexadecimal
//! digits a byte; `-` stands for none. An empty key is a point alone.
//!
//! ```
//! use etalon_interop::words::{bytes, word};
//!
//! assert_eq!(word(Some(b"k\xff")), ".6bff");
//! assert_eq!(bytes("."), Some(Vec::new()), "empty is not absent");
//! assert_eq!(bytes("-"), None);
//! ```

/// The word for some bytes, or for none.
pub fn word(bytes: Option<&[u8]>) -> String {
    let Some(bytes) = bytes else {
        return "-".into();
    };
    let mut word = String::with_capacity(1 + 2 * bytes.len());
    word.push('.');
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            word.push(char::from_digit(u32::from(digit), 16).expect("below 16"));
        }
    }
    word
}

/// What a word stands for.
///
/// # Panics
/// If it stands for nothing: such a driver is broken.
pub fn bytes(word: &str) -> Option<Vec<u8>> {
    if word == "-" {
        return None;
    }
    let digits = word.strip_prefix('.').expect("a point before the digits");
    let digit = |digit: u8| char::from(digit).to_digit(16).expect("hexadecimal") as u8;
    let pairs = digits.as_bytes().chunks(2);
    Some(
        pairs
            .map(|pair| (digit(pair[0]) << 4) | digit(pair[1]))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::{bytes, word};

    #[test]
    fn all_bytes_survive_the_way_there_and_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(&word(Some(&all))), Some(all));
    }
}
