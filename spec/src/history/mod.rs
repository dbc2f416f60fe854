//! Histories: what several clients did with one store at once, and whether it can be ordered.
//!
//! ```text
//!   Recorder, Lane + Clock --> History <--> text, one line a moment
//!                                 |
//!                              decide ---> Linearizable, with what was searched
//!                                 |------> Unknown: the effort was used up; never a pass
//!                                 '------> Impossible: the smallest calls that cannot be
//!                                          ordered, as text and as a picture
//! ```
//!
//! A history is linearizable if its calls can be put in one order, in which each lies between its
//! invocation and its return, and in which the [`Model`](crate::Model), starting empty, answers
//! each as it was answered (G9). Scans, snapshots and iterators are at one moment, that of their
//! creation; flush, compaction, sync and reopening change no answer and are at none.

mod call;
mod contradiction;
mod decide;
mod error;
mod facts;
mod moves;
mod narrow;
mod parts;
mod picture;
mod record;
mod search;
mod shorten;
mod views;

pub use call::{Answered, Call, History, Moment};
pub use contradiction::Contradiction;
pub use decide::{Decision, Effort, Searched, decide};
pub use error::HistoryError;
pub use picture::picture;
pub use record::{CallId, Clock, Lane, Recorder};
