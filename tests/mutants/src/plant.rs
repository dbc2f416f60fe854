//! Planting: a source text in, the same text with every fault behind its switch out.
//!
//! ```text
//!   find:     (kind == Kind::Put).then_some(value)
//!   planted:  { if crate::planted::on("id") { <replace> } else { <find> } }
//! ```
//!
//! A block is an expression and a statement, so the one form serves both. A replacement with the
//! word [`SWITCH`] in it is put in as it stands, with the condition in the place of the word.

use crate::fault::Fault;

/// The word for "this fault is on" in a replacement.
pub const SWITCH: &str = "PLANTED";

/// `text`, which is `file`, with the faults that concern it.
///
/// # Errors
/// If a text to replace does not stand in the file exactly once, or two overlap.
pub fn plant(file: &str, text: &str, faults: &[Fault]) -> Result<String, String> {
    let mut places = Vec::new();
    for fault in faults {
        for edit in fault.edits.iter().filter(|edit| edit.file == file) {
            let mut found = text.match_indices(edit.find);
            let (Some((start, _)), None) = (found.next(), found.next()) else {
                let count = text.matches(edit.find).count();
                return Err(format!(
                    "{}: {file} has the text to replace {count} times, not once:\n{}",
                    fault.id, edit.find
                ));
            };
            places.push((start, edit, fault.id));
        }
    }
    places.sort_by_key(|(start, ..)| *start);
    let mut planted = String::with_capacity(2 * text.len());
    let mut at = 0;
    for (start, edit, id) in places {
        if start < at {
            return Err(format!(
                "{id}: {file}: its place overlaps another fault's:\n{}",
                edit.find
            ));
        }
        planted.push_str(&text[at..start]);
        planted.push_str(&guarded(id, edit.find, edit.replace));
        at = start + edit.find.len();
    }
    planted.push_str(&text[at..]);
    Ok(planted)
}

fn guarded(id: &str, find: &str, replace: &str) -> String {
    let on = format!("crate::planted::on({id:?})");
    if replace.contains(SWITCH) {
        replace.replace(SWITCH, &on)
    } else {
        format!("{{ if {on} {{ {replace} }} else {{ {find} }} }}")
    }
}

/// The module that the copy gets beside the engine's own: the switches.
pub(crate) fn switches(faults: &[Fault]) -> String {
    let ids: Vec<&str> = faults.iter().map(|fault| fault.id).collect();
    format!(
        "//! Generated: which planted fault is on.\n\
         use std::sync::OnceLock;\n\
         const ALL: [&str; {}] = {ids:?};\n\
         static ON: OnceLock<Option<String>> = OnceLock::new();\n\
         #[inline]\n\
         pub(crate) fn on(id: &str) -> bool {{\n    \
             ON.get_or_init(read).as_deref() == Some(id)\n\
         }}\n\
         #[cold]\n\
         fn read() -> Option<String> {{\n    \
             let id = std::env::var(\"ETALON_PLANTED\").ok()?;\n    \
             assert!(ALL.contains(&id.as_str()), \"no fault {{id:?}} was planted\");\n    \
             Some(id)\n\
         }}\n",
        ids.len()
    )
}
