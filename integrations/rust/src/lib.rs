// SPDX-FileCopyrightText: 2026 the fmemp authors
// SPDX-License-Identifier: BSD-3-Clause
//! A heap in bounded time for Rust programs with and without an operating system: malloc, free,
//! memalign and realloc in place of fmemp's core take a bounded number of instructions.
//!
//! ```
//! use fmemp::Heap;
//!
//! #[global_allocator]
//! static HEAP: Heap<262144> = Heap::new();
//!
//! fn main() {
//!     let numbers: Vec<u32> = (0..100).collect();
//!     assert!(HEAP.stats().used_bytes >= 400);
//!     drop(numbers);
//! }
//! ```
//!
//! A wrong pointer or a double free, which only unsafe code can pass, ends the program by a trap
//! instruction: see `TLSF_HARDENING` in the C header `tlsf_config.h`.
#![no_std]
#![warn(missing_docs)]

mod core_calls;
mod lock;

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ptr;

pub use core_calls::Stats;
use core_calls::{Handle, Move};
#[cfg(target_has_atomic = "8")]
pub use lock::SpinLock;
pub use lock::{Lock, NoLock};

/// The alignment and unit of blocks, as the C library is compiled: its default.
const GRANULE: usize = 8;

/// What a heap locks with by default.
#[cfg(target_has_atomic = "8")]
pub type DefaultLock = SpinLock;
/// What a heap locks with by default: without atomic operations you write a lock.
#[cfg(not(target_has_atomic = "8"))]
pub type DefaultLock = NoLock;

/// A heap on `BYTES` bytes of its own, which [`Heap::add`] can enlarge. The first call that needs
/// it makes it ready, in time linear in the number of size classes.
///
/// The control structure lies in these bytes: some 1.5 KiB for 64 KiB.
pub struct Heap<const BYTES: usize, L: Lock = DefaultLock> {
    memory: UnsafeCell<MaybeUninit<[u8; BYTES]>>,
    handle: UnsafeCell<Handle>,
    largest_added: usize,
    lock: L,
}

// The cells are used with the lock held alone.
unsafe impl<const BYTES: usize, L: Lock> Sync for Heap<BYTES, L> {}

#[cfg(target_has_atomic = "8")]
impl<const BYTES: usize> Heap<BYTES> {
    /// A heap that locks by [`SpinLock`].
    pub const fn new() -> Self {
        Self::with_lock(SpinLock::new(), 0)
    }
}

#[cfg(target_has_atomic = "8")]
impl<const BYTES: usize> Default for Heap<BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const BYTES: usize, L: Lock> Heap<BYTES, L> {
    /// A heap with a lock of your choice. `largest_added`: bytes of the largest region that you
    /// will give to [`Heap::add`], as far as they are more than `BYTES`.
    pub const fn with_lock(lock: L, largest_added: usize) -> Self {
        Self {
            memory: UnsafeCell::new(MaybeUninit::uninit()),
            handle: UnsafeCell::new(ptr::null_mut()),
            largest_added,
            lock,
        }
    }

    /// Calls `f` with the heap and the lock held. Returns `otherwise` if `BYTES` are too few for a
    /// heap.
    fn locked<R>(&self, otherwise: R, f: impl FnOnce(Handle) -> R) -> R {
        let mut result = otherwise;
        self.lock.locked(|| {
            // Safe: nobody else is here.
            let handle = unsafe { &mut *self.handle.get() };
            if handle.is_null() {
                let memory = self.memory.get().cast();
                *handle =
                    unsafe { core_calls::tlsf_create_sized(memory, BYTES, self.largest_added) };
            }
            if !handle.is_null() {
                result = f(*handle);
            }
        });
        result
    }

    /// Adds memory to the heap, such as that between two symbols of a linker script. Returns
    /// whether it was added: it is refused where it is too small for a block, larger than the heap
    /// was planned for, or further than 8 GiB away.
    ///
    /// # Safety
    /// The memory is valid for reads and writes from now on, and nobody else uses it.
    pub unsafe fn add(&self, begin: *mut u8, bytes: usize) -> bool {
        self.locked(false, |t| !core_calls::tlsf_add_pool(t, begin.cast(), bytes).is_null())
    }

    /// Bytes in use, the peak, the largest request that is sure to be served, and counts. O(1).
    pub fn stats(&self) -> Stats {
        self.locked(Stats::default(), |t| {
            let mut stats = Stats::default();
            unsafe { core_calls::tlsf_stats(t, &mut stats) };
            stats
        })
    }

    /// Tests every invariant of the heap, in time linear in blocks. Returns the number of the first
    /// that is broken (`tlsf_invariant` of tlsf.h).
    pub fn check(&self) -> Result<(), i32> {
        match self.locked(0, |t| unsafe { core_calls::tlsf_check(t) }) {
            0 => Ok(()),
            broken => Err(broken),
        }
    }
}

unsafe impl<const BYTES: usize, L: Lock> GlobalAlloc for Heap<BYTES, L> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.locked(ptr::null_mut(), |t| {
            if layout.align() <= GRANULE {
                core_calls::tlsf_malloc(t, layout.size()).cast()
            } else {
                core_calls::tlsf_memalign(t, layout.align(), layout.size()).cast()
            }
        })
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        self.locked((), |t| core_calls::tlsf_free(t, block.cast()));
    }

    /// The copy of a block that moves is made without the lock.
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        let mut planned = Move::default();
        let moved: *mut u8 = self.locked(ptr::null_mut(), |t| {
            let block = block.cast();
            core_calls::tlsf_realloc_begin(t, block, layout.align(), bytes, &mut planned).cast()
        });
        if moved.is_null() || moved == block {
            return moved;
        }
        ptr::copy(planned.from.cast::<u8>(), planned.to.cast::<u8>(), planned.bytes);
        self.locked(ptr::null_mut(), |t| core_calls::tlsf_realloc_end(t, &planned).cast())
    }
}
