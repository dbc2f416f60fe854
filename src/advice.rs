//! Advice to the system about memory. It may take no notice.

#![expect(unsafe_code, reason = "a system call that takes a pointer")]

use std::mem::MaybeUninit;

/// Room that is shorter by this than a number of large pages is just as long with what an
/// allocator puts beside it, and systems let it begin with a large page then.
pub(crate) const BESIDE_BYTES: usize = 4 << 10;

/// Says that large pages would be welcome, if there is room for some.
#[cfg(target_os = "linux")]
pub(crate) fn ask_for_large_pages<T>(room: &mut [MaybeUninit<T>]) {
    /// From which size on it is worth to ask.
    const LARGE_BYTES: usize = 3 << 20;
    /// What the advice is aligned to, at least a small page; where large ones lie is the system's
    /// business.
    const ALIGNED: usize = 64 << 10;

    let bytes = size_of_val(room);
    if bytes >= LARGE_BYTES {
        let start = room.as_mut_ptr().cast::<u8>();
        // With what an allocator puts beside it.
        let before = start.addr() % ALIGNED;
        let bytes = (before + bytes).next_multiple_of(ALIGNED);
        // SAFETY: the advice changes no content, neither of `room` nor of what is beside it.
        unsafe {
            libc::madvise(
                start.wrapping_sub(before).cast(),
                bytes,
                libc::MADV_HUGEPAGE,
            )
        };
    }
}

/// Elsewhere the system decides for itself.
#[cfg(not(target_os = "linux"))]
pub(crate) fn ask_for_large_pages<T>(_room: &mut [MaybeUninit<T>]) {}
