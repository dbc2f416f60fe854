//! A script as a Rust test, to be pasted into the test suite of the store that failed.
//!
//! ```text
//!   /// why it is there
//!   #[test]
//!   fn name() {
//!       let mut target = etalon::oracle::Memory::default();
//!       etalon_spec::replay(
//!           &mut target,
//!           r#"ops 1
//!   put "k" "v"
//!   get "k" -> "v"
//!   "#,
//!       );
//!   }
//! ```
//!
//! Invariant: the literal is the script's canonical text, whatever that text holds; and the name
//! and the documentation cannot break out of their places.

use crate::text::Script;

/// What a test says beside the script.
#[derive(Clone, Copy, Debug)]
pub struct RustTest<'a> {
    /// The test's name; what cannot stand in a name becomes `_`.
    pub name: &'a str,
    /// Its documentation: what broke. If empty, the script's `# why:` is taken.
    pub why: &'a str,
    /// The expression that makes the target, as it is to stand in the code.
    pub target: &'a str,
}

impl Script {
    /// The script as a `#[test]` function that replays it.
    ///
    /// ```
    /// use etalon_spec::{RustTest, Script};
    ///
    /// let script = Script::parse("ops 1\nget \"k\" -> none\n").unwrap();
    /// let test = RustTest { name: "absent key", why: "It was there.", target: "Toy::new()" };
    /// let code = script.to_rust(&test);
    /// assert!(code.starts_with("/// It was there.\n#[test]\nfn absent_key() {\n"));
    /// assert!(code.contains("let mut target = Toy::new();"));
    /// ```
    pub fn to_rust(&self, test: &RustTest<'_>) -> String {
        let RustTest { name, why, target } = test;
        let why = if why.trim().is_empty() {
            self.note("why").unwrap_or_default()
        } else {
            why
        };
        let documentation = documentation(why);
        let name = identifier(name);
        let ops = literal(&self.print());
        format!(
            "{documentation}#[test]\nfn {name}() {{\n    let mut target = {target};\n    \
             etalon_spec::replay(\n        &mut target,\n        {ops},\n    );\n}}\n"
        )
    }
}

/// Documentation lines; nothing that a compiler refuses in a comment.
fn documentation(why: &str) -> String {
    let mut lines = String::new();
    for line in why.lines() {
        let line: String = line.chars().map(shown).collect();
        if !line.trim().is_empty() {
            lines.push_str("/// ");
            lines.push_str(line.trim());
            lines.push('\n');
        }
    }
    lines
}

/// A character as it may stand in a comment: controls and invisible ones are spelled out, for
/// rustc refuses those that turn the direction of text, and a bare carriage return.
fn shown(c: char) -> String {
    match c {
        '\t' | '\r' => " ".to_string(),
        _ if c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric() => c.to_string(),
        _ => c.escape_unicode().to_string(),
    }
}

/// A name that rustc takes, in the style that it asks for, and that is not a keyword.
fn identifier(name: &str) -> String {
    let words = name
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let name = words.collect::<Vec<&str>>().join("_").to_ascii_lowercase();
    if name.is_empty() {
        "case".to_string()
    } else if name.starts_with(|c: char| c.is_ascii_digit()) || KEYWORDS.contains(&&*name) {
        format!("case_{name}")
    } else {
        name
    }
}

/// Words that name no function, now or in an edition to come.
const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "main",
];

/// A string literal: raw and as it stands if it is plain ASCII, else with escapes.
fn literal(text: &str) -> String {
    const MOST_HASHES: usize = 100; // rustc takes 255
    let is_plain = text.chars().all(|c| c == '\n' || (' '..='~').contains(&c));
    let hashes = hashes_needed(text);
    if is_plain && hashes <= MOST_HASHES {
        let hashes = "#".repeat(hashes);
        return format!("r{hashes}\"{text}\"{hashes}");
    }
    // A backslash at the end of a line skips the line end and the white space that follows it;
    // no line of a canonical text begins with white space.
    let mut out = String::from("\"\\\n");
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n\\\n"),
            _ if c.is_ascii() => out.extend(c.escape_default()),
            _ => out.extend(c.escape_unicode()),
        }
    }
    out.push('"');
    out
}

/// One more `#` than follow any `"` in the text, at least one.
fn hashes_needed(text: &str) -> usize {
    let after_quotes = text.split('"').skip(1);
    let hashes = after_quotes.map(|rest| rest.bytes().take_while(|byte| *byte == b'#').count());
    hashes.max().unwrap_or(0) + 1
}
