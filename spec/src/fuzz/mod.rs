//! Fuzzing: everything between a coverage-guided fuzzer and the check, so that a fuzz target is
//! a few lines of glue. Nothing here knows which fuzzer it is.
//!
//! ```text
//!   bytes --decode--> case --restrict--> case --check--> agreement: counted
//!     ^                                            '---> divergence: .ops printed, then a panic
//!     '-- mutate, crossover: on whole operations
//!
//!   counts --at exit, and every so many cases--> the file that ETALON_STATS names --> etalon stats
//! ```
//!
//! Environment:
//! - `ETALON_STATS`: the file for the [`Statistics`] of this process; `%p` in it stands for the
//!   process's number, for fuzzers that run several.
//! - `ETALON_OUT`: a directory in which the `.ops` of a failure is saved. Nothing is written if
//!   it is not set.
//!
//! Invariants:
//! 1. What is printed of a failure is the restricted case, cut after the failure: what really
//!    ran. It is printed before the panic, so that a fuzzer that aborts cannot lose it.
//! 2. A campaign that did not come to its own end is known by its statistics, and is no pass.
//!
//! It does not shrink (a fuzzer's process should die soon) and sees neither a hang nor an abort:
//! these are the fuzzer's to report; its input file replays and shrinks like any case.

mod campaign;
mod mutate;
mod report;
mod running;
mod statistics;

pub use mutate::{crossover, mutate};
pub use statistics::{Statistics, StatisticsError};

use std::sync::Arc;

use crate::bytes::decode;
use crate::check::{Contents, check_case_under};
use crate::restrict::restrict;
use crate::store::Target;

/// Runs one input of a fuzzer: the case that the bytes are, restricted to the profile, whole
/// contents compared. Bytes of an unknown version are counted and not run.
///
/// With `libfuzzer-sys` a fuzz target is this:
///
/// ```ignore
/// #![no_main]
/// use libfuzzer_sys::{fuzz_mutator, fuzz_target};
/// fuzz_target!(|bytes: &[u8]| etalon_spec::fuzz(bytes, MyTarget::new));
/// fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
///     etalon_spec::mutate(data, size, max, seed)
/// });
/// ```
///
/// The second macro may be left out; the fuzzer's own mutations then find less in the same time.
///
/// # Panics
/// If the store diverges from the specification: that is how a fuzzer is told.
///
/// ```
/// use etalon_spec::{Case, ModelTarget, Op, bytes::encode, fuzz};
///
/// fuzz(&encode(&Case::new(vec![Op::Flush, Op::LENGTH])), || ModelTarget);
/// fuzz(b"any bytes at all", || ModelTarget);
/// ```
pub fn fuzz<T: Target>(bytes: &[u8], make_target: impl FnOnce() -> T) {
    let mut guard = campaign::lock();
    let campaign = guard.get_or_insert_with(campaign::begin);
    let decoded = decode(bytes);
    if !decoded.known_version {
        campaign.unknown_version();
        return;
    }
    let mut target = make_target();
    let profile = target.profile();
    let mut case = decoded.case;
    campaign.restricted(&profile, &restrict(&mut case, &profile));
    let case = Arc::new(case);
    running::set(&case, &profile);
    let outcome = check_case_under(
        &mut target,
        &profile,
        &case,
        Contents::Compared,
        &mut campaign.survey,
    );
    running::clear();
    match outcome {
        Ok(()) => campaign.agreed(),
        Err(divergence) => {
            campaign.failed();
            drop(guard);
            report::divergence(&case, &divergence, &profile);
            panic!("{}: {divergence}", divergence.class.name());
        }
    }
}
