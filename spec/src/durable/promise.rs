//! Which operations make everything before them durable.

use crate::op::OpKind;

/// Operations whose answer says that everything acknowledged before, and they themselves, will
/// survive a power loss.
///
/// ```
/// use etalon_spec::OpKind;
/// use etalon_spec::durable::Promise;
///
/// assert!(Promise::G7.makes_durable(OpKind::Flush, false));
/// assert!(!Promise::G7.makes_durable(OpKind::Put, false));
/// assert!(Promise::G7.makes_durable(OpKind::Put, true), "a synced write");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Writes that ask to be synced.
    pub synced_writes: bool,
    /// `sync`.
    pub sync: bool,
    /// `flush`.
    pub flush: bool,
    /// `compact`.
    pub compact: bool,
    /// A clean close, and with it `reopen`.
    pub close: bool,
}

impl Promise {
    /// What G7 promises.
    pub const G7: Promise = Promise {
        synced_writes: true,
        sync: true,
        flush: true,
        compact: true,
        close: true,
    };

    /// Whether such an operation makes durable; `synced` if it is a write that asks for it.
    pub fn makes_durable(&self, kind: OpKind, synced: bool) -> bool {
        match kind {
            OpKind::Sync => self.sync,
            OpKind::Flush => self.flush,
            OpKind::Compact => self.compact,
            OpKind::Reopen => self.close,
            _ => synced && self.synced_writes,
        }
    }
}
