//! Writing cases down: the canonical text, which [`Script::parse`](super::Script::parse) reads
//! back as the same case.
//!
//! ```text
//!   ops 1
//!   comments of the header
//!   options, by name
//!   operations, each below its comments
//! ```

use std::fmt::{self, Write};
use std::iter::{self, Peekable};
use std::ops::Bound;

use super::breakage::write_thens;
use super::comment::{Comment, Place};
use super::quote::{REPEATS_MAX, write_bytes};
use super::script::Script;
use crate::breakage::{Crash, Fault, Keep, Within};
use crate::op::{Case, Change, Entry, Op, Reply};
use crate::options::{Options, Setting};
use crate::range::{Fill, Range, Scan};
use crate::scope::{Inside, OpScope};
use crate::sorted_run::SortedRun;

/// Writes the parts of one file, and remembers what its repeats stand for.
pub(super) struct Printer<'a> {
    out: &'a mut dyn Write,
    repeats: usize,
}

impl<'a> Printer<'a> {
    pub(super) fn new(out: &'a mut dyn Write) -> Self {
        Printer {
            out,
            repeats: REPEATS_MAX,
        }
    }

    pub(super) fn word(&mut self, word: &str) -> fmt::Result {
        self.out.write_str(word)
    }

    fn bytes(&mut self, bytes: &[u8]) -> fmt::Result {
        write_bytes(self.out, bytes, &mut self.repeats)
    }

    /// A space, then bytes.
    fn argument(&mut self, bytes: &[u8]) -> fmt::Result {
        self.word(" ")?;
        self.bytes(bytes)
    }

    pub(super) fn op(&mut self, op: &Op) -> fmt::Result {
        if let Op::In(inside) = op {
            return self.inside(inside);
        }
        self.word(op.kind().word())?;
        match op {
            Op::Get { key, .. } | Op::Delete { key, .. } => self.argument(key)?,
            Op::Put { key, value, .. } => {
                self.argument(key)?;
                self.argument(value)?;
            }
            Op::Scan { scan, .. } => {
                self.word(" ")?;
                self.scan(scan)?;
            }
            Op::Write { changes, .. } => self.changes(changes)?,
            Op::DeleteRange { range, .. } => {
                self.word(" ")?;
                self.range(range)?;
            }
            Op::Fill(Fill {
                prefix,
                count,
                size,
            }) => {
                self.argument(prefix)?;
                write!(self.out, " {count} {size}")?;
            }
            Op::Snapshot(name)
            | Op::Release(name)
            | Op::Iterator { name, .. }
            | Op::SeekFirst(name)
            | Op::SeekLast(name)
            | Op::Next(name)
            | Op::Prev(name)
            | Op::Close(name)
            | Op::Begin(name)
            | Op::Commit(name)
            | Op::Create(name)
            | Op::Drop(name) => write!(self.out, " {name}")?,
            Op::Seek { name, key } => {
                write!(self.out, " {name}")?;
                self.argument(key)?;
            }
            Op::Kill { then } => write_thens(self.out, then)?,
            Op::Crash(crash) => self.crash(crash)?,
            Op::Fail(fault) => self.fault(fault)?,
            _ => self.of_scopes(op)?,
        }
        if op.is_synced() {
            self.word(" sync")?;
        }
        match op.snapshot_read() {
            Some(name) => write!(self.out, " at {name}"),
            None => Ok(()),
        }
    }

    /// The arguments of what only some stores have; there are none of anything else.
    fn of_scopes(&mut self, op: &Op) -> fmt::Result {
        match op {
            Op::Savepoint {
                transaction: one,
                name: other,
            }
            | Op::Rename {
                from: one,
                to: other,
            } => write!(self.out, " {one} {other}")?,
            Op::Rollback { transaction, to } => {
                write!(self.out, " {transaction}")?;
                if let Some(to) = to {
                    write!(self.out, " to {to}")?;
                }
            }
            Op::Cas {
                key, expected, new, ..
            } => {
                self.argument(key)?;
                self.argument_or_none(expected.as_deref())?;
                self.argument_or_none(new.as_deref())?;
            }
            Op::Ingest { run, .. } => self.run(run)?,
            _ => {}
        }
        Ok(())
    }

    fn inside(&mut self, inside: &Inside) -> fmt::Result {
        let OpScope { space, transaction } = inside.scope();
        if let Some(name) = space {
            write!(self.out, "{name}: ")?;
        }
        self.op(inside.op())?;
        match transaction {
            Some(name) => write!(self.out, " in {name}"),
            None => Ok(()),
        }
    }

    fn argument_or_none(&mut self, bytes: Option<&[u8]>) -> fmt::Result {
        match bytes {
            Some(bytes) => self.argument(bytes),
            None => self.word(" none"),
        }
    }

    fn run(&mut self, run: &SortedRun) -> fmt::Result {
        for (index, (key, value)) in run.entries().iter().enumerate() {
            self.word(if index == 0 { "" } else { "," })?;
            self.argument(key)?;
            self.argument(value)?;
        }
        Ok(())
    }

    fn crash(&mut self, crash: &Crash) -> fmt::Result {
        if let Some(within) = &crash.within {
            self.within(within)?;
        }
        if crash.keep != Keep::default() {
            write!(self.out, " keep {}", crash.keep)?;
        }
        write_thens(self.out, &crash.then)
    }

    fn fault(&mut self, fault: &Fault) -> fmt::Result {
        self.within(&fault.within)?;
        write!(self.out, " with {}", fault.with.word())?;
        self.word(if fault.forever { " forever" } else { "" })
    }

    fn within(&mut self, within: &Within) -> fmt::Result {
        self.word(" in ")?;
        self.op(within.op())?;
        write!(self.out, " at {}", within.at)
    }

    fn changes(&mut self, changes: &[Change]) -> fmt::Result {
        for (index, change) in changes.iter().enumerate() {
            self.word(if index == 0 { " " } else { ", " })?;
            self.change(change)?;
        }
        Ok(())
    }

    fn change(&mut self, change: &Change) -> fmt::Result {
        match change {
            Change::Put { key, value } => {
                self.word("put")?;
                self.argument(key)?;
                self.argument(value)
            }
            Change::Delete { key } => {
                self.word("delete")?;
                self.argument(key)
            }
        }
    }

    fn scan(&mut self, scan: &Scan) -> fmt::Result {
        self.range(&scan.range)?;
        if scan.reverse {
            self.word(" reverse")?;
        }
        match scan.limit {
            Some(limit) => write!(self.out, " limit {limit}"),
            None => Ok(()),
        }
    }

    fn range(&mut self, range: &Range) -> fmt::Result {
        match range {
            Range::Prefix(prefix) => {
                self.word("prefix")?;
                self.argument(prefix)
            }
            Range::Between(from, to) => {
                match from {
                    Bound::Included(from) => self.bytes(from)?,
                    Bound::Excluded(from) => {
                        self.word(">")?;
                        self.bytes(from)?;
                    }
                    Bound::Unbounded => {}
                }
                self.word("..")?;
                match to {
                    Bound::Included(to) => {
                        self.word("=")?;
                        self.bytes(to)
                    }
                    Bound::Excluded(to) => self.bytes(to),
                    Bound::Unbounded => Ok(()),
                }
            }
        }
    }

    pub(super) fn reply(&mut self, reply: &Reply) -> fmt::Result {
        match reply {
            Reply::Done => self.word("ok"),
            Reply::Absent => self.word("none"),
            Reply::Value(value) => self.bytes(value),
            Reply::Count(count) => write!(self.out, "{count}"),
            Reply::Entries(entries) if entries.is_empty() => self.word("empty"),
            Reply::Entries(entries) => self.entries(entries),
            Reply::End => self.word("end"),
            Reply::Swapped(held) => write!(self.out, "{held}"),
            Reply::Refused => self.word("error"),
            Reply::Unsupported => self.word("unsupported"),
        }
    }

    fn entries(&mut self, entries: &[Entry]) -> fmt::Result {
        for (index, (key, value)) in entries.iter().enumerate() {
            self.word(if index == 0 { "" } else { ", " })?;
            self.bytes(key)?;
            self.word("=")?;
            self.bytes(value)?;
        }
        Ok(())
    }

    fn replies(&mut self, replies: &[Reply]) -> fmt::Result {
        for (index, reply) in replies.iter().enumerate() {
            self.word(if index == 0 { " -> " } else { " or " })?;
            self.reply(reply)?;
        }
        Ok(())
    }

    fn setting(&mut self, setting: &Setting) -> fmt::Result {
        match setting {
            Setting::Integer(number) => write!(self.out, "{number}"),
            Setting::Text(text) => self.bytes(text),
            Setting::Switch(true) => self.word("on"),
            Setting::Switch(false) => self.word("off"),
        }
    }

    fn options(&mut self, options: &Options) -> fmt::Result {
        for (name, setting) in options.iter() {
            write!(self.out, "option {name} = ")?;
            self.setting(setting)?;
            self.word("\n")?;
        }
        Ok(())
    }

    fn script(&mut self, script: &Script) -> fmt::Result {
        let mut comments: Vec<&Comment> = script.comments.iter().collect();
        comments.sort_by_key(|comment| comment.place); // stable: those of one place keep their order
        let mut comments = comments.into_iter().peekable();

        self.word("ops 1\n")?;
        self.comments(up_to(&mut comments, Place::Header))?;
        self.options(&script.case.options)?;
        for (index, op) in script.case.ops.iter().enumerate() {
            self.comments(up_to(&mut comments, Place::Before(index)))?;
            self.op(op)?;
            self.replies(script.replies(index))?;
            let beside: Vec<String> = up_to(&mut comments, Place::Beside(index))
                .map(Comment::line)
                .collect();
            if !beside.is_empty() {
                write!(self.out, " {}", beside.join(" "))?;
            }
            self.word("\n")?;
        }
        self.comments(comments)
    }

    /// Comments, each on a line of its own.
    fn comments<'c>(&mut self, comments: impl Iterator<Item = &'c Comment>) -> fmt::Result {
        for comment in comments {
            writeln!(self.out, "{}", comment.line())?;
        }
        Ok(())
    }
}

/// Takes the comments that stand at `place` or before it.
fn up_to<'c, I>(comments: &mut Peekable<I>, place: Place) -> impl Iterator<Item = &'c Comment>
where
    I: Iterator<Item = &'c Comment>,
{
    iter::from_fn(move || comments.next_if(|next| next.place <= place))
}

/// What is written where a whole file is not: one thing of a line.
macro_rules! display {
    ($($type:ty: $print:ident, $example:literal;)*) => {$(
        #[doc = $example]
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                Printer::new(f).$print(self)
            }
        }
    )*};
}

display! {
    Op: op, "As in a line of an `.ops` file: `put \"k\" \"v\"`.";
    Change: change, "As inside a batch: `delete \"k\"`.";
    Scan: scan, "As after the word `scan`: `.. reverse limit 1`.";
    Range: range, "As in an `.ops` file: `>\"a\"..=\"c\"`.";
    Reply: reply, "As after the arrow: `\"v\"`, `none`, `\"k\"=\"v\"`.";
    Setting: setting, "As after the `=`: `256`, `\"lz4\"`, `on`.";
    Script: script, "The whole canonical file.";
}

/// The whole canonical file, without expected replies.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printer = Printer::new(f);
        printer.word("ops 1\n")?;
        printer.options(&self.options)?;
        for op in &self.ops {
            printer.op(op)?;
            printer.word("\n")?;
        }
        Ok(())
    }
}
