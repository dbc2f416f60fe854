//! The XML of `JUnit`, as far as the readers of CI systems agree on it: suites, cases, failures
//! with their reproducer inside.
//!
//! By hand, since it is three elements and one function that escapes: the crate quick-junit would
//! bring six others (chrono, uuid and an XML reader among them) for times of day and properties
//! that nothing here has.

use std::fmt::Write;

use super::account::Account;

pub(super) fn text(account: &Account) -> String {
    let mut cases = String::new();
    let mut failures = 0;
    let mut case = |name: &str, seconds: f64, failure: Option<(&str, &str, String)>| {
        failures += u32::from(failure.is_some());
        let (class, name) = (escaped(&account.store), escaped(name));
        let open =
            format!("    <testcase classname=\"{class}\" name=\"{name}\" time=\"{seconds:.3}\"");
        match failure {
            None => writeln!(cases, "{open}/>"),
            Some((kind, message, text)) => writeln!(
                cases,
                "{open}>\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>",
                escaped(kind),
                escaped(message),
                escaped(&text)
            ),
        }
        .expect("a string takes everything");
    };
    let seconds = account.seconds;
    let vacuous = account.missing.first().map(|first| {
        let all = account.missing.join("\n");
        ("vacuous", first.as_str(), all)
    });
    case(&account.search, seconds, vacuous);
    for failure in &account.failures {
        let told = (failure.class.as_str(), failure.summary.as_str());
        case(&failure.name, 0.0, Some((told.0, told.1, failure.body())));
    }
    for known in &account.known {
        let problem = known.problem.as_deref();
        let failure = problem.map(|problem| (known.standing, problem, known.link.clone()));
        case(&format!("known: {}", known.id), 0.0, failure);
    }
    let tests = 1 + account.failures.len() + account.known.len();
    let counts =
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" time=\"{seconds:.3}\"");
    let errors = match account.stderr.as_str() {
        "" => String::new(),
        stderr => format!("    <system-err>{}</system-err>\n", escaped(stderr)),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"etalon\" {counts}>\n  \
         <testsuite name=\"etalon check {}\" {counts}>\n{cases}{errors}  </testsuite>\n\
         </testsuites>\n",
        escaped(&format!("{}{}", account.store, account.suffix))
    )
}

/// A text between tags or quotation marks. What XML has no way to write is shown as a question
/// mark.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            '\0'..=' ' if c != ' ' => out.push('?'),
            '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => out.push('?'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_of_a_text_is_taken_for_markup() {
        assert_eq!(
            escaped("a<b & \"c\" ]]>"),
            "a&lt;b &amp; &quot;c&quot; ]]&gt;"
        );
        assert_eq!(escaped("\u{0}\u{1b}[1m\r\n"), "??[1m?\n");
    }
}
