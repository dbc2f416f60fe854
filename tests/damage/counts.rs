//! How often each outcome was met, by kind of file, damage and way of looking.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};

use etalon::inspect::FileKind;

use crate::directory::{Damage, How, Original};

/// See the module.
#[derive(Default)]
pub(crate) struct Counts(BTreeMap<(&'static str, How, &'static str), BTreeMap<String, u32>>);

impl Counts {
    pub(crate) fn add(
        &mut self,
        original: &Original,
        damage: &Damage,
        looked_by: &'static str,
        outcome: impl Debug,
    ) {
        let kind = match FileKind::of(damage.file.as_ref()) {
            FileKind::Current => "CURRENT",
            FileKind::Manifest => "MANIFEST",
            FileKind::Table if original.is_orphan(&damage.file) => "orphan",
            FileKind::Table => "table",
            FileKind::Log => "log",
            FileKind::Other => "LOCK",
        };
        let row = self.0.entry((kind, damage.how, looked_by)).or_default();
        *row.entry(format!("{outcome:?}")).or_default() += 1;
    }

    /// One line a row, to be compared with what is expected.
    pub(crate) fn table(&self) -> String {
        let mut text = String::new();
        for ((kind, how, looked_by), row) in &self.0 {
            let cells = row
                .iter()
                .map(|(outcome, count)| format!("{outcome} {count}"));
            let cells = cells.collect::<Vec<_>>().join(", ");
            writeln!(text, "{kind} {how:?}, {looked_by}: {cells}").expect("memory");
        }
        text
    }
}
