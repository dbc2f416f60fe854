//! Crash enumeration: every crash point of a run, and every state that the disk may be in there.
//!
//! ```text
//!   string --run once--> effect log --each prefix--> crash point
//!     crash point --each crash model--> states --> images, by digest
//!       image, if it is new --> recovered, and its recovery crashed, and so on --> contents
//!         contents: one of the allowed prefixes of the history (G7), or a finding
//! ```

mod explore;
mod faults;
mod recovery;
mod resume;
mod run;
mod search;
mod settings;
mod target;

pub use explore::{Exploration, Explored};
pub use faults::{FaultCounts, FaultSearch};
pub use search::Search;
pub use settings::{Counts, Finding, Settings, States};
pub use target::Breakable;
