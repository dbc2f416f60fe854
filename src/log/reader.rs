//! Reading a log record by record, as far as it is good.
//!
//! Strategy: one block is in memory; a record in one fragment is lent from it, one in several is
//! put together in a second buffer.
//!
//! Invariants:
//! 1. Once [`Step::End`] or [`Step::Bad`] was given, every later call gives the same.
//! 2. [`BadRecord::offset`] is the end of the last good record (but for zeros that fill its
//!    block): cutting the file there leaves exactly the records that were read.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::{BLOCK_BYTES, Fragment, HEADER_BYTES, Part};
use crate::disk::File;
use crate::error::{Error, OrPath, Result};
use crate::sync::Arc;

/// See the module.
#[derive(Debug)]
pub(crate) struct LogReader {
    file: Arc<dyn File>,
    path: PathBuf,
    size: u64,
    block: Vec<u8>,
    /// Where `block` begins in the file.
    block_start: u64,
    /// How much of `block` has been read.
    position: usize,
    assembled: Vec<u8>,
    stopped: Option<Stop>,
}

/// One record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// Where its first header is in the file.
    pub(crate) offset: u64,
    /// Where its last fragment ends.
    pub(crate) end: u64,
    /// Its data.
    pub(crate) bytes: &'a [u8],
}

/// The first thing in a log that is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadRecord {
    /// Where the record begins.
    pub(crate) offset: u64,
    /// Where in it the trouble is: in a record of several fragments it may be a later one.
    pub(crate) at: u64,
    /// What is wrong.
    pub(crate) what: &'static str,
    /// How many bytes there are from `offset` to the end of the file.
    pub(crate) remaining: u64,
}

impl BadRecord {
    /// As an error that ends the reading of `path`.
    pub(crate) fn error(&self, path: &Path) -> Error {
        Error::damaged(path, self.at, self.what)
    }
}

/// What reading on gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// The next record.
    Record(Record<'a>),
    /// The log ends here.
    End {
        /// Where the records end.
        offset: u64,
        /// How many zeros follow them.
        zeros: u64,
    },
    /// The log cannot be read any further.
    Bad(BadRecord),
}

#[derive(Clone, Copy, Debug)]
enum Stop {
    End { offset: u64, zeros: u64 },
    Bad(BadRecord),
}

/// A record whose bytes have been found.
enum Found {
    InBlock {
        offset: u64,
        start: usize,
        end: usize,
    },
    Assembled {
        offset: u64,
    },
}

impl LogReader {
    /// Begins at the start of a file.
    pub(crate) fn new(file: Arc<dyn File>, path: PathBuf) -> Result<Self> {
        Self::starting_at(file, path, 0)
    }

    /// Begins at `offset`, which should be where a record begins.
    pub(crate) fn starting_at(file: Arc<dyn File>, path: PathBuf, offset: u64) -> Result<Self> {
        let size = file.size().or_path(&path, "read the size of the log")?;
        let position = (offset % BLOCK_BYTES as u64) as usize;
        let mut reader = LogReader {
            file,
            path,
            size,
            block: Vec::new(),
            block_start: offset - position as u64,
            position,
            assembled: Vec::new(),
            stopped: None,
        };
        reader.load()?;
        Ok(reader)
    }

    /// The next record, or why there is none.
    #[inline]
    pub(crate) fn step(&mut self) -> Result<Step<'_>> {
        let offset = self.offset();
        match self.pass_full() {
            Some(data) => Ok(Step::Record(Record {
                offset,
                end: self.offset(),
                bytes: &self.block[data],
            })),
            None => self.step_slowly(),
        }
    }

    /// Where in the block the next record's data is, if the record is one fragment that begins
    /// here, as most are. Then it has been read.
    #[inline]
    fn pass_full(&mut self) -> Option<Range<usize>> {
        let rest = self.block.get(self.position..)?;
        if self.stopped.is_some() || rest.get(HEADER_BYTES - 1) != Some(&(Part::Full as u8)) {
            return None;
        }
        let length = Fragment::parse(rest).ok()?.data.len();
        let start = self.position + HEADER_BYTES;
        self.position = start + length;
        Some(start..self.position)
    }

    /// Passes what is left of a record that began in an earlier block. What is wrong there is left
    /// to whoever reads that record.
    pub(crate) fn pass_rest(&mut self) -> Result<()> {
        loop {
            let rest = self.block.get(self.position..).unwrap_or(&[]);
            match Fragment::parse(rest) {
                Ok(Fragment {
                    part: Part::Middle | Part::Last,
                    data,
                }) => self.position += HEADER_BYTES + data.len(),
                Ok(_) | Err(_) => return Ok(()),
            }
            if self.pass_filler()?.is_err() {
                return Ok(());
            }
        }
    }

    fn step_slowly(&mut self) -> Result<Step<'_>> {
        if self.stopped.is_none() {
            match self.find()? {
                Ok(Found::InBlock { offset, start, end }) => {
                    return Ok(Step::Record(Record {
                        offset,
                        end: self.offset(),
                        bytes: &self.block[start..end],
                    }));
                }
                Ok(Found::Assembled { offset }) => {
                    return Ok(Step::Record(Record {
                        offset,
                        end: self.offset(),
                        bytes: &self.assembled,
                    }));
                }
                Err(stop) => self.stopped = Some(stop),
            }
        }
        Ok(match self.stopped {
            Some(Stop::Bad(bad)) => Step::Bad(bad),
            Some(Stop::End { offset, zeros }) => Step::End { offset, zeros },
            None => unreachable!("set above"),
        })
    }

    /// Where reading has come to.
    pub(crate) fn offset(&self) -> u64 {
        self.block_start + self.position as u64
    }

    /// Reads the block at `block_start`; an empty one past the end.
    fn load(&mut self) -> Result<()> {
        let length = self
            .size
            .saturating_sub(self.block_start)
            .min(BLOCK_BYTES as u64) as usize;
        if length == 0 {
            self.block.clear();
            return Ok(());
        }
        self.file
            .read_into(self.block_start, length, &mut self.block)
            .or_path(&self.path, "read the log")
    }

    /// Finds one record, all of it.
    fn find(&mut self) -> Result<Result<Found, Stop>> {
        let begin = self.offset();
        if let Err((at, what)) = self.pass_filler()? {
            return Ok(Err(self.bad(begin, at, what)));
        }
        if let Some(stop) = self.end(begin)? {
            return Ok(Err(stop));
        }
        let offset = self.offset();
        let mut fragments = 0_usize;
        loop {
            let at = self.offset();
            let fragment = match Fragment::parse(self.block.get(self.position..).unwrap_or(&[])) {
                Ok(fragment) => fragment,
                Err(what) => return Ok(Err(self.bad(offset, at, what))),
            };
            let start = self.position + HEADER_BYTES;
            let end = start + fragment.data.len();
            let complete = match (fragment.part, fragments) {
                (Part::Full, 0) => {
                    self.position = end;
                    return Ok(Ok(Found::InBlock { offset, start, end }));
                }
                (Part::First, 0) => {
                    self.assembled.clear();
                    false
                }
                (Part::Middle, 1..) => false,
                (Part::Last, 1..) => true,
                (_, 0) => return Ok(Err(self.bad(offset, at, "a record without its beginning"))),
                (_, 1..) => return Ok(Err(self.bad(offset, at, "a record without its end"))),
            };
            self.assembled.extend_from_slice(fragment.data);
            self.position = end;
            fragments += 1;
            if complete {
                return Ok(Ok(Found::Assembled { offset }));
            }
            if let Err((at, what)) = self.pass_filler()? {
                return Ok(Err(self.bad(offset, at, what)));
            }
            if self.offset() >= self.size {
                return Ok(Err(self.bad(
                    offset,
                    self.size,
                    "the file ends inside a record",
                )));
            }
        }
    }

    /// Goes to the next block where this one has no room for a header. The bytes passed over
    /// must be zero.
    fn pass_filler(&mut self) -> Result<Result<(), (u64, &'static str)>> {
        if BLOCK_BYTES - self.position >= HEADER_BYTES {
            return Ok(Ok(()));
        }
        let filler = self.block.get(self.position..).unwrap_or(&[]);
        if let Some(index) = filler.iter().position(|&byte| byte != 0) {
            return Ok(Err((
                self.offset() + index as u64,
                "the end of a block is not zero",
            )));
        }
        self.block_start += BLOCK_BYTES as u64;
        self.position = 0;
        self.load()?;
        Ok(Ok(()))
    }

    /// Whether the log ends here, where a record could begin; `begin` is where the last one ended.
    fn end(&self, begin: u64) -> Result<Option<Stop>> {
        let begin = begin.min(self.size);
        let rest = self.block.get(self.position..).unwrap_or(&[]);
        if rest.iter().any(|&byte| byte != 0) {
            return Ok(None);
        }
        let mut at = self.block_start + self.block.len() as u64;
        let mut buffer = Vec::new();
        while at < self.size {
            let length = (self.size - at).min(BLOCK_BYTES as u64) as usize;
            self.file
                .read_into(at, length, &mut buffer)
                .or_path(&self.path, "read the log")?;
            if buffer.iter().any(|&byte| byte != 0) {
                return Ok(None);
            }
            at += length as u64;
        }
        Ok(Some(Stop::End {
            offset: begin,
            zeros: self.size - begin,
        }))
    }

    fn bad(&self, offset: u64, at: u64, what: &'static str) -> Stop {
        let offset = offset.min(self.size);
        Stop::Bad(BadRecord {
            offset,
            at,
            what,
            remaining: self.size - offset,
        })
    }
}
