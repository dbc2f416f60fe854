//! Catching a store's panic with its message and place, quietly.
//!
//! The process-wide panic hook is replaced once by one that, on a thread inside [`catch`], keeps
//! what it is told instead of printing it, and on every other thread does what the hook before
//! it did.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

/// A caught panic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caught {
    pub(crate) message: String,
    /// `file:line:column`, as the compiler wrote it.
    pub(crate) place: String,
}

thread_local! {
    /// `None` outside `catch`; inside, what the last panic said.
    static LISTENING: RefCell<Option<Caught>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Whether this thread is inside [`catch`].
pub(crate) fn is_catching() -> bool {
    LISTENING.with_borrow(Option::is_some)
}

fn listen(info: &PanicHookInfo<'_>) -> bool {
    LISTENING.with_borrow_mut(|listening| {
        let Some(caught) = listening else {
            return false;
        };
        let payload = info.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        text.unwrap_or("a panic without a message")
            .clone_into(&mut caught.message);
        caught.place = info
            .location()
            .map_or_else(String::new, ToString::to_string);
        true
    })
}

/// Runs `body`; a panic in it comes back as a value and prints nothing.
pub(crate) fn catch<R>(body: impl FnOnce() -> R) -> Result<R, Caught> {
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if !listen(info) {
                before(info);
            }
        }));
    });
    let empty = Caught {
        message: String::new(),
        place: String::new(),
    };
    let outer = LISTENING.replace(Some(empty));
    let result = catch_unwind(AssertUnwindSafe(body));
    let caught = LISTENING.replace(outer);
    result.map_err(|_| caught.expect("set above, and only taken here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_comes_back_with_its_message_and_its_place() {
        let caught = catch(|| panic!("number {}", 7)).unwrap_err();
        assert_eq!(caught.message, "number 7");
        assert!(caught.place.contains("panics.rs:"), "{}", caught.place);
        assert_eq!(catch(|| 5), Ok(5));
    }
}
