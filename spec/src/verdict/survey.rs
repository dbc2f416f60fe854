//! Watches a checker and keeps the books: tally, situations, and in how many sequences each.

use super::{Expected, Tally};
use crate::check::Watch;
use crate::op::{Case, Op, Reply};
use crate::situations::{Situations, Tracker, engine_side_from_events, engine_side_from_trace};
use crate::store::{Events, Trace};

/// A [`Watch`] that counts everything a verdict rests on. With `INNER`, the store is asked for
/// its layers and counters, and the engine-side situations are counted, too.
///
/// ```
/// use etalon_spec::{Case, Contents, ModelTarget, Op, Survey, check_case_with};
///
/// let mut survey = Survey::<false>::default();
/// let case = Case::new(vec![Op::Flush, Op::get(b"k")]);
/// check_case_with(&mut ModelTarget, &case, Contents::NotCompared, &mut survey).unwrap();
/// assert_eq!((survey.tally.sequences, survey.tally.compared), (1, 1));
/// assert_eq!(survey.tally.situations.iter().count(), 1, "flush of nothing");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Survey<const INNER: bool> {
    /// The facts so far. A sequence's situations are added when it ends.
    pub tally: Tally,
    seen: Expected,
    tracker: Tracker,
    met: Situations,
}

impl<const INNER: bool> Survey<INNER> {
    /// In how many sequences each situation came. With `INNER`, on the reference engine, this is
    /// what [`Expected::with_engine_side`] wants.
    pub fn seen(&self) -> Expected {
        if INNER {
            self.seen
        } else {
            self.seen.model_side()
        }
    }
}

impl<const INNER: bool> Watch for Survey<INNER> {
    fn looks_inside(&self) -> bool {
        INNER
    }

    fn begin(&mut self, _case: &Case) {
        self.tracker.begin();
        self.met = Situations::default();
    }

    /// Only what a read answered counts as compared: that a put was carried out shows nothing.
    fn answered(&mut self, op: &Op, reply: &Reply) {
        let carried_out = !matches!(reply, Reply::Refused | Reply::Unsupported);
        self.tally.compared += u64::from(op.kind().is_read() && carried_out);
        self.tally.record(op, reply);
        self.tracker.observe(op, reply, &mut self.met);
    }

    fn traced(&mut self, trace: &Trace) {
        engine_side_from_trace(trace, &mut self.met);
    }

    fn counted(&mut self, before: &Events, after: &Events) {
        engine_side_from_events(before, after, self.tracker.has_reopened(), &mut self.met);
    }

    fn contents(&mut self, compared: u64) {
        self.tally.contents += 1;
        self.tally.compared += compared;
    }

    fn end(&mut self, _case: &Case) {
        self.tally.sequences += 1;
        self.tally.situations.add(&self.met);
        self.seen.sequence(&self.met);
    }
}
