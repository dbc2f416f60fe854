//! The line that says a greeting.

use super::Greeting;
use super::words::{
    ABSENT, ALPHABETS, CONFLICTS, ENCODINGS, INVERTED, LENGTHS, ORDERS, REPEATS, SHAPES, SURVIVES,
    TAKEN, VIEWS, word,
};
use crate::profile::Profile;
use crate::protocol::ask::write_setting;
use crate::protocol::json::write_string;

impl Greeting {
    /// The line that says this; [`Greeting::parse`] reads it again.
    pub fn print(&self) -> String {
        let mut out = Vec::new();
        let Profile {
            name,
            version,
            url,
            can,
            ..
        } = &self.profile;
        out.extend(b"{\"etalon\":1,\"name\":");
        write_string(&mut out, name.chars());
        for (field, text) in [("version", version), ("url", url)] {
            if !text.is_empty() {
                out.extend(format!(",\"{field}\":").bytes());
                write_string(&mut out, text.chars());
            }
        }
        let can: Vec<String> = can
            .iter()
            .map(|can| format!("\"{}\"", can.word()))
            .collect();
        out.extend(format!(",\"can\":[{}]", can.join(",")).bytes());
        out.extend(self.print_fields().bytes());
        out.extend(b",\"options\":{");
        for (at, option) in self.profile.options.iter().enumerate() {
            out.extend(if at == 0 { "" } else { "," }.bytes());
            write_string(&mut out, option.name.chars());
            for (at, value) in option.values.iter().enumerate() {
                out.extend(if at == 0 { ":[" } else { "," }.bytes());
                write_setting(&mut out, value, self.encoding);
            }
            out.push(b']');
        }
        out.extend(b"}}");
        String::from_utf8(out).expect("ASCII")
    }

    fn print_fields(&self) -> String {
        let p = &self.profile;
        let (keys, values) = (p.keys, p.values);
        let close = word(&SURVIVES, p.survives_close);
        let kill = word(&SURVIVES, p.survives_kill);
        let power = word(&SURVIVES, p.survives_power);
        let shape = word(&SHAPES, p.survives_shape);
        [
            format!(r#","window":{},"bytes":"{}""#, self.window, word(&ENCODINGS, self.encoding)),
            format!(
                r#","keys":{{"min":{},"max":{},"alphabet":"{}"}}"#,
                keys.min, keys.max, word(&ALPHABETS, p.alphabet)
            ),
            format!(r#","values":{{"min":{},"max":{}}}"#, values.min, values.max),
            format!(
                r#","batch":{{"max":{},"repeats":"{}"}}"#,
                p.batch_max, word(&REPEATS, p.batch_repeats)
            ),
            format!(r#","order":"{}""#, word(&ORDERS, p.order)),
            print_range(p),
            format!(r#","delete":{{"absent":"{}"}}"#, word(&ABSENT, p.delete_absent)),
            format!(r#","length":"{}""#, word(&LENGTHS, p.length)),
            format!(r#","snapshot":{{"max":{}}}"#, p.snapshot_max),
            format!(
                r#","iterator":{{"max":{},"view":"{}","back":{}}}"#,
                p.iterator_max, word(&VIEWS, p.iterator_view), p.iterator_back
            ),
            format!(
                r#","transaction":{{"max":{},"reads_own":{},"conflict":"{}"}}"#,
                p.transaction_max,
                p.transaction_reads_own,
                word(&CONFLICTS, p.transaction_conflict)
            ),
            format!(r#","survives":{{"close":"{close}","kill":"{kill}","power":"{power}","shape":"{shape}"}}"#),
            format!(
                r#","timeout":{{"op":{},"open":{}}}"#,
                p.timeout.as_secs(),
                p.timeout_open.as_secs()
            ),
            format!(r#","open":{{"fresh_dir":{}}}"#, p.fresh_dir),
        ]
        .concat()
    }
}

fn print_range(p: &Profile) -> String {
    format!(
        r#","range":{{"inverted":"{}","from_excluded":"{}","to_included":"{}","prefix_reverse":"{}"}}"#,
        word(&INVERTED, p.range_inverted),
        word(&TAKEN, p.range_from_excluded),
        word(&TAKEN, p.range_to_included),
        word(&TAKEN, p.range_prefix_reverse)
    )
}
