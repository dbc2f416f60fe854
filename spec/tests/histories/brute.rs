//! The plainest decision there is: try every order of the calls, and let the model answer each.

use etalon_spec::history::{Call, History};
use etalon_spec::{Model, Reply, apply};

/// Whether some order of the calls respects time and is answered by the model as recorded.
///
/// An unanswered call may take effect or not. For a handful of calls.
pub(crate) fn has_order(history: &History) -> bool {
    let calls: Vec<&Call> = history.calls().iter().collect();
    order(&Model::default(), &calls)
}

fn order(model: &Model, left: &[&Call]) -> bool {
    if left.iter().all(|call| call.answer.is_none()) {
        return true;
    }
    let first_return = left.iter().map(|call| call.returned()).min();
    (0..left.len()).any(|at| {
        let call = left[at];
        // Whoever began after another had returned comes after it.
        if Some(call.invoked) > first_return {
            return false;
        }
        let mut rest = left.to_vec();
        rest.remove(at);
        match call.reply() {
            Some(Reply::Refused | Reply::Unsupported) => order(model, &rest),
            reply => {
                let mut model = model.clone();
                let got = apply(&mut model, &call.op);
                let agrees = reply.is_none_or(|reply| got.as_ref() == Ok(reply));
                (agrees && got.is_ok()) && order(&model, &rest)
            }
        }
    })
}
