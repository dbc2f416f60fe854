//! The XML of `JUnit`, as far as the readers of CI systems agree on it: suites, cases, failures
//! with their reproducer inside.

use std::fmt::Write;

use super::Run;

pub(super) fn text(run: &Run<'_>) -> String {
    let report = run.report;
    let mut cases = String::new();
    let mut failures = 0;
    let mut case = |name: &str, seconds: f64, failure: Option<(&str, &str, String)>| {
        failures += u32::from(failure.is_some());
        let (class, name) = (escaped(&report.store), escaped(name));
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
    let seconds = report.elapsed.as_secs_f64();
    let vacuous = run.missing().first().map(|first| {
        let all = run.missing().join("\n");
        ("vacuous", first.as_str(), all)
    });
    case(
        &format!("sequences of seed {}", report.seed),
        seconds,
        vacuous,
    );
    for (group, file) in run.groups() {
        let failed = &group.shortest;
        let summary = failed.summary();
        let kind = failed.shrunk.divergence.class.name();
        let text = format!("{}\n{}", failed.script.print(), run.replay(file));
        case(&group.shape.to_string(), 0.0, Some((kind, &summary, text)));
    }
    for known in run.known {
        let failure = known
            .problem
            .as_deref()
            .map(|problem| (known.word(), problem, known.entry.link.clone()));
        case(&format!("known: {}", known.entry.id), 0.0, failure);
    }
    let tests = 1 + report.groups.len() + run.known.len();
    let counts =
        format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" time=\"{seconds:.3}\"");
    let errors = match run.subject.stderr.as_str() {
        "" => String::new(),
        stderr => format!("    <system-err>{}</system-err>\n", escaped(stderr)),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"etalon\" {counts}>\n  \
         <testsuite name=\"etalon check {}\" {counts}>\n{cases}{errors}  </testsuite>\n\
         </testsuites>\n",
        escaped(&format!("{}{}", report.store, run.subject.suffix()))
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
