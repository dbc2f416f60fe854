//! The drivers of `spec/shims/`, each with a right store and with wrong ones (`stores/`): see
//! `tests/shims.rs`. `benches/pipe.rs` measures what the check costs beside the bare pipe.
