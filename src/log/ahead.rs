//! Reading a log from one end to the other, a long one with a second thread.
//!
//! ```text
//!   the second thread    read, verify      | piece | piece | piece |
//!                                              |                ^
//!                                  full, in order               empty again
//!                                              v                |
//!   this thread          use the records   | piece | ------------'
//! ```
//!
//! The threads share nothing but the pieces that they hand to one another, and the records come in
//! the same order with or without. A short log is not worth the second thread; nor is there one in
//! the builds of loom and shuttle, which would have nothing to find here.
//!
//! Invariants:
//! 1. What is visited, and what is returned, is what a [`LogReader`] alone gives.
//! 2. There are [`PIECES`] pieces, each as long as [`PIECE_BYTES`] and one record at most.
//! 3. When this returns, the second thread has ended. After a visit that says stop, it may have
//!    read somewhat further.

use std::ops::ControlFlow;
use std::path::Path;

use super::reader::{BadRecord, LogReader, Record, Step};
use crate::disk::File;
use crate::error::{OrPath, Result};
use crate::sync::{Arc, Receiver, SyncSender, beside, sync_channel};

/// How many pieces there are: one to be filled, one to be used, and one between.
const PIECES: usize = 3;

/// When a piece is full. One that fits into the cache of a processor would have to be fetched
/// from there, line by line, by the other one, which takes longer than to read it.
const PIECE_BYTES: usize = if cfg!(test) { 1 << 10 } else { 4 << 20 };

/// From which length on a log is a long one.
const LONG_BYTES: u64 = 4 * PIECE_BYTES as u64;

/// What comes after the last good record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ended {
    /// So many zeros, and nothing else.
    InZeros(u64),
    Badly(BadRecord),
}

/// What is done with each record. It may say stop.
type Visit<'a> = dyn FnMut(Record<'_>) -> ControlFlow<()> + 'a;

/// Visits the good records of a log, from one that begins at `from` on. What has ended them;
/// `None` if a visit said stop.
pub(crate) fn visit_records(
    file: &Arc<dyn File>,
    path: &Path,
    from: u64,
    visit: &mut Visit<'_>,
) -> Result<Option<Ended>> {
    let reader = || LogReader::starting_at(Arc::clone(file), path.to_path_buf(), from);
    let size = file.size().or_path(path, "read the size of the log")?;
    if size.saturating_sub(from) < LONG_BYTES {
        return visit_alone(reader()?, visit);
    }
    let mut ahead = reader()?;
    let (hand_over, filled) = sync_channel(PIECES);
    let (give_back, empty) = sync_channel(PIECES);
    for _ in 0..PIECES {
        give_back.send(Piece::default()).expect("there is room");
    }
    let read = move || read_ahead(&mut ahead, &empty, &hand_over);
    // Moved, so that they are gone when this is done: the other thread then stops, too.
    let (result, _) = beside("etalon log", read, move |is_beside| {
        let (filled, give_back) = (filled, give_back);
        if is_beside {
            visit_pieces(&filled, &give_back, visit)
        } else {
            visit_alone(reader()?, visit)
        }
    });
    result
}

fn visit_alone(mut reader: LogReader, visit: &mut Visit<'_>) -> Result<Option<Ended>> {
    loop {
        match reader.step()? {
            Step::Record(record) => {
                if visit(record).is_break() {
                    return Ok(None);
                }
            }
            Step::End { zeros, .. } => return Ok(Some(Ended::InZeros(zeros))),
            Step::Bad(bad) => return Ok(Some(Ended::Badly(bad))),
        }
    }
}

/// Records, copied out of the log.
#[derive(Default)]
struct Piece {
    bytes: Vec<u8>,
    /// Where each begins and ends in the log, and where it ends in `bytes`.
    records: Vec<(u64, u64, usize)>,
    /// What comes after the last one.
    ended: Option<Result<Ended>>,
}

impl Piece {
    fn fill(&mut self, reader: &mut LogReader) {
        self.bytes.clear();
        self.records.clear();
        while self.ended.is_none() && self.bytes.len() < PIECE_BYTES {
            match reader.step() {
                Ok(Step::Record(record)) => {
                    self.bytes.extend_from_slice(record.bytes);
                    let end = self.bytes.len();
                    self.records.push((record.offset, record.end, end));
                }
                Ok(Step::End { zeros, .. }) => self.ended = Some(Ok(Ended::InZeros(zeros))),
                Ok(Step::Bad(bad)) => self.ended = Some(Ok(Ended::Badly(bad))),
                Err(error) => self.ended = Some(Err(error)),
            }
        }
    }

    fn visit(&self, visit: &mut Visit<'_>) -> ControlFlow<()> {
        let mut start = 0;
        for &(offset, end, stop) in &self.records {
            let bytes = &self.bytes[start..stop];
            visit(Record { offset, end, bytes })?;
            start = stop;
        }
        ControlFlow::Continue(())
    }
}

/// The second thread's part: until the log ends, or nobody wants more.
fn read_ahead(reader: &mut LogReader, empty: &Receiver<Piece>, hand_over: &SyncSender<Piece>) {
    while let Ok(mut piece) = empty.recv() {
        piece.fill(reader);
        let is_last = piece.ended.is_some();
        if hand_over.send(piece).is_err() || is_last {
            return;
        }
    }
}

/// This thread's part.
fn visit_pieces(
    filled: &Receiver<Piece>,
    give_back: &SyncSender<Piece>,
    visit: &mut Visit<'_>,
) -> Result<Option<Ended>> {
    loop {
        let mut piece = filled.recv().expect("the last piece says that it is");
        if piece.visit(visit).is_break() {
            return Ok(None);
        }
        if let Some(ended) = piece.ended.take() {
            return ended.map(Some);
        }
        // Refused if the other thread has read all there is.
        let _ = give_back.send(piece);
    }
}
