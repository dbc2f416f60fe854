//! The known word that somebody probably meant.

/// The word of `known` that is nearest to `word` by edit distance, if any is near enough: at
/// most one edit in three letters, and one edit is always near enough. Of equally near words
/// the first wins. Letters count as equal in either case.
///
/// ```
/// use etalon_spec::text::nearest;
///
/// assert_eq!(nearest("delte", ["get", "put", "delete"]), Some("delete"));
/// assert_eq!(nearest("xyzzy", ["get", "put", "delete"]), None);
/// ```
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64; // of words worth comparing, so that the cost stays small
    let word: Vec<char> = word
        .chars()
        .take(LONGEST + 1)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if word.len() > LONGEST {
        return None;
    }
    let allowed = (word.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let letters: Vec<char> = candidate.chars().map(|c| c.to_ascii_lowercase()).collect();
        let distance = edit_distance(&word, &letters);
        // A word replaced by another one letter for letter is no typing mistake.
        let near = distance <= allowed && distance < letters.len().max(word.len());
        if near && best.is_none_or(|(shortest, _)| distance < shortest) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`.
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, right) in b.iter().enumerate() {
            let replaced = above[j] + usize::from(left != right);
            let mut cost = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *left == b[j - 1] && a[i - 1] == *right {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}
