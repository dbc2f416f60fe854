//! The fields of the profile, in words, and the page's table of them.

use etalon_spec::{Alphabet, Conflict, LengthKind, Order, Profile, Shape, Survives, Taken, View};

use super::{read, section, table};

fn conflict(conflict: Conflict) -> String {
    match conflict {
        Conflict::OneAtATime => "one-at-a-time".to_string(),
        Conflict::Refused => "refused".to_string(),
    }
}

fn survives(survives: Survives) -> String {
    match survives {
        Survives::None => "none".to_string(),
        Survives::Flushed => "flushed".to_string(),
        Survives::Synced => "synced".to_string(),
        Survives::All => "all".to_string(),
    }
}

const fn alphabet_word(alphabet: Alphabet) -> &'static str {
    match alphabet {
        Alphabet::Bytes => "bytes",
        Alphabet::NoNul => "nonul",
        Alphabet::Text => "text",
    }
}

const fn order_word(order: Order) -> &'static str {
    match order {
        Order::Bytes => "bytes",
        Order::None => "none",
    }
}

const fn length_word(length: LengthKind) -> &'static str {
    match length {
        LengthKind::Exact => "exact",
        LengthKind::Estimate => "estimate",
    }
}

const fn view(view: View) -> &'static str {
    match view {
        View::Snapshot => "snapshot",
        View::Live => "live",
    }
}

const fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Prefix => "prefix",
        Shape::Any => "any",
    }
}

/// A new field of the profile does not compile here until it is added; then the page lacks it.
fn fields_with_defaults() -> Vec<(&'static str, String)> {
    let Profile {
        name: _,
        version,
        url,
        can,
        keys,
        alphabet,
        values,
        batch_max,
        batch_repeats,
        order,
        range_inverted,
        range_from_excluded,
        range_to_included,
        range_prefix_reverse,
        delete_absent,
        length,
        snapshot_max,
        iterator_max,
        iterator_back,
        iterator_view,
        transaction_max,
        transaction_reads_own,
        transaction_conflict,
        survives_close,
        survives_kill,
        survives_power,
        survives_shape,
        threads,
        options,
        timeout,
        timeout_open,
        fresh_dir,
    } = Profile::default();
    let if_empty = |is_empty: bool, word: &str| {
        assert!(is_empty, "a default that is not {word}");
        word.to_string()
    };
    let taken = |taken| match taken {
        Taken::Answered => "answered".to_string(),
        Taken::Refused => "refused".to_string(),
    };
    vec![
        ("name", String::new()),
        ("version", if_empty(version.is_empty(), "empty")),
        ("url", if_empty(url.is_empty(), "empty")),
        ("can", if_empty(can.iter().next().is_none(), "none")),
        ("keys", format!("{} to {}", keys.min, keys.max)),
        ("alphabet", alphabet_word(alphabet).to_string()),
        ("values", format!("{} to {}", values.min, values.max)),
        ("batch_max", batch_max.to_string()),
        ("batch_repeats", taken(batch_repeats)),
        ("order", order_word(order).to_string()),
        ("range_inverted", taken(range_inverted)),
        ("range_from_excluded", taken(range_from_excluded)),
        ("range_to_included", taken(range_to_included)),
        ("range_prefix_reverse", taken(range_prefix_reverse)),
        ("delete_absent", taken(delete_absent)),
        ("length", length_word(length).to_string()),
        ("snapshot_max", snapshot_max.to_string()),
        ("iterator_max", iterator_max.to_string()),
        ("iterator_back", iterator_back.to_string()),
        ("iterator_view", view(iterator_view).to_string()),
        ("transaction_max", transaction_max.to_string()),
        ("transaction_reads_own", transaction_reads_own.to_string()),
        ("transaction_conflict", conflict(transaction_conflict)),
        ("survives_close", survives(survives_close)),
        ("survives_kill", survives(survives_kill)),
        ("survives_power", survives(survives_power)),
        ("survives_shape", shape(survives_shape).to_string()),
        ("threads", threads.to_string()),
        ("options", if_empty(options.is_empty(), "none")),
        ("timeout", format!("{} s", timeout.as_secs())),
        ("timeout_open", format!("{} s", timeout_open.as_secs())),
        ("fresh_dir", fresh_dir.to_string()),
    ]
}

#[test]
fn the_table_of_the_profile_has_each_field_with_its_default_and_a_heading() {
    let document = read("DIVERGENCES.md");
    let fields = section(&document, "## Fields");
    let of_document: Vec<(String, String)> = table(fields)
        .into_iter()
        .map(|row| (row[0].clone(), row[2].clone()))
        .collect();
    let of_code: Vec<(String, String)> = fields_with_defaults()
        .into_iter()
        .map(|(field, default)| (field.to_string(), default))
        .collect();
    assert_eq!(of_document, of_code);
    // `name`, `version` and `url` differ without being a divergence; `can` has its own section.
    for (field, _) in &of_code[4..] {
        let has = |line: &str| line.starts_with("### ") && line.contains(&format!("`{field}`"));
        assert!(fields.lines().any(has), "no heading names `{field}`");
    }
}
