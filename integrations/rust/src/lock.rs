// SPDX-FileCopyrightText: 2026 the fmemp authors
// SPDX-License-Identifier: BSD-3-Clause
//! Locks of a heap.

#[cfg(target_has_atomic = "8")]
use core::sync::atomic::{AtomicBool, Ordering};

/// What a heap does around each call.
///
/// # Safety
/// `locked` calls `f` once, and no two of its calls on the same lock overlap.
pub unsafe trait Lock {
    /// Calls `f` while nobody else can be in a call. On one core without an operating system:
    /// with interrupts masked, by `cortex_m::interrupt::free` or `critical_section::with`.
    fn locked(&self, f: impl FnOnce());
}

/// Waits in a loop until the lock is free. It is for threads. A signal handler or an interrupt
/// that allocates can wait forever for what it has interrupted: use a lock that masks interrupts
/// there.
#[cfg(target_has_atomic = "8")]
pub struct SpinLock {
    taken: AtomicBool,
}

#[cfg(target_has_atomic = "8")]
impl SpinLock {
    /// A free lock.
    pub const fn new() -> Self {
        Self { taken: AtomicBool::new(false) }
    }
}

#[cfg(target_has_atomic = "8")]
impl Default for SpinLock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(target_has_atomic = "8")]
unsafe impl Lock for SpinLock {
    fn locked(&self, f: impl FnOnce()) {
        while self.taken.swap(true, Ordering::Acquire) {
            core::hint::spin_loop();
        }
        f();
        self.taken.store(false, Ordering::Release);
    }
}

/// Locks nothing.
pub struct NoLock(());

impl NoLock {
    /// # Safety
    /// One thread alone uses the heap, and no interrupt.
    pub const unsafe fn new() -> Self {
        Self(())
    }
}

unsafe impl Lock for NoLock {
    fn locked(&self, f: impl FnOnce()) {
        f();
    }
}
