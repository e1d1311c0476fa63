// SPDX-FileCopyrightText: 2026 the fmemp authors
// SPDX-License-Identifier: BSD-3-Clause
//! The promises of the crate, on this machine. The whole test runs on a heap of its own, too.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use fmemp::{Heap, Lock, NoLock};

#[global_allocator]
static GLOBAL: Heap<8_000_000> = Heap::new();

fn layout(bytes: usize, align: usize) -> Layout {
    Layout::from_size_align(bytes, align).unwrap()
}

unsafe fn holds_only(block: *const u8, bytes: usize, value: u8) -> bool {
    std::slice::from_raw_parts(block, bytes).iter().all(|&byte| byte == value)
}

fn lies_in<T>(place: &T, block: *const u8) -> bool {
    let begin = place as *const T as usize;
    (begin..begin + std::mem::size_of::<T>()).contains(&(block as usize))
}

#[test]
fn collections_live_in_the_global_heap() {
    let numbers: Vec<u64> = (0..1000).collect();
    let text = String::from("a text");
    let map: BTreeMap<u64, String> = numbers.iter().map(|&n| (n, n.to_string())).collect();
    assert!(lies_in(&GLOBAL, numbers.as_ptr().cast()) && lies_in(&GLOBAL, text.as_ptr()));
    assert!(lies_in(&GLOBAL, map[&500].as_ptr()));
    assert_eq!((numbers[999], map[&999].as_str()), (999, "999"));
}

#[test]
fn every_alignment_is_met() {
    static HEAP: Heap<100_000> = Heap::new();
    for power in 0..13 {
        for bytes in [1, 7, 100, 5000] {
            let wanted = layout(bytes, 1 << power);
            unsafe {
                let block = HEAP.alloc(wanted);
                assert!(lies_in(&HEAP, block) && block as usize % wanted.align() == 0);
                block.write_bytes(0xA5, bytes);
                HEAP.dealloc(block, wanted);
            }
        }
    }
    assert_eq!((HEAP.stats().live_blocks, HEAP.check()), (0, Ok(())));
}

#[test]
fn realloc_keeps_content_and_alignment() {
    static HEAP: Heap<100_000> = Heap::new();
    unsafe {
        let (wanted, other) = (layout(500, 256), layout(500, 8));
        let block = HEAP.alloc(wanted);
        let behind = HEAP.alloc(other);
        block.write_bytes(0x3C, 500);
        let moved = HEAP.realloc(block, wanted, 3000);
        assert!(moved != block && moved as usize % 256 == 0 && holds_only(moved, 500, 0x3C));
        let shrunk = HEAP.realloc(moved, layout(3000, 256), 100);
        assert!(shrunk == moved && holds_only(shrunk, 100, 0x3C));
        HEAP.dealloc(shrunk, layout(100, 256));
        HEAP.dealloc(behind, other);
    }
    assert_eq!((HEAP.stats().live_blocks, HEAP.check()), (0, Ok(())));
}

#[test]
fn realloc_too_large_is_null_and_keeps_the_block() {
    static HEAP: Heap<20_000> = Heap::new();
    unsafe {
        let wanted = layout(100, 8);
        let block = HEAP.alloc(wanted);
        block.write_bytes(0x3C, 100);
        assert!(HEAP.realloc(block, wanted, 1_000_000).is_null() && holds_only(block, 100, 0x3C));
        HEAP.dealloc(block, wanted);
    }
}

#[test]
fn request_too_large_is_null_and_counted() {
    static HEAP: Heap<20_000> = Heap::new();
    unsafe {
        assert!(HEAP.alloc(layout(1_000_000, 8)).is_null());
        assert!(HEAP.alloc(layout(isize::MAX as usize - 4096, 4096)).is_null());
    }
    assert_eq!((HEAP.stats().failures, HEAP.stats().live_blocks), (2, 0));
}

#[test]
fn zeroed_memory_that_was_used_is_zero() {
    static HEAP: Heap<20_000> = Heap::new();
    let wanted = layout(1000, 8);
    unsafe {
        let block = HEAP.alloc(wanted);
        block.write_bytes(0xFF, 1000);
        HEAP.dealloc(block, wanted);
        let zeroed = HEAP.alloc_zeroed(wanted);
        assert!(holds_only(zeroed, 1000, 0));
        HEAP.dealloc(zeroed, wanted);
    }
}

#[test]
fn heap_too_small_serves_nothing() {
    static HEAP: Heap<64> = Heap::new();
    assert!(unsafe { HEAP.alloc(layout(1, 1)) }.is_null());
    assert_eq!((HEAP.stats().pool_bytes, HEAP.check()), (0, Ok(())));
}

struct Memory(UnsafeCell<[u8; 100_000]>);

unsafe impl Sync for Memory {}

#[test]
fn added_memory_serves_requests() {
    static HEAP: Heap<4000, NoLock> = Heap::with_lock(unsafe { NoLock::new() }, 100_000);
    static MORE: Memory = Memory(UnsafeCell::new([0; 100_000]));
    let wanted = layout(50_000, 8);
    unsafe {
        assert!(HEAP.alloc(wanted).is_null());
        let begin: *mut u8 = MORE.0.get().cast();
        assert!(!HEAP.add(begin, 8) && HEAP.add(begin, 100_000));
        let block = HEAP.alloc(wanted);
        assert!(lies_in(&MORE, block));
        HEAP.dealloc(block, wanted);
    }
    assert_eq!(HEAP.check(), Ok(()));
}

/// Odd while it is held.
static CHANGES: AtomicUsize = AtomicUsize::new(0);

struct CountingLock;

unsafe impl Lock for CountingLock {
    fn locked(&self, f: impl FnOnce()) {
        assert_eq!(CHANGES.fetch_add(1, Ordering::SeqCst) % 2, 0);
        f();
        CHANGES.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn own_lock_is_held_around_each_call() {
    static HEAP: Heap<20_000, CountingLock> = Heap::with_lock(CountingLock, 0);
    let wanted = layout(10, 8);
    unsafe {
        let block = HEAP.alloc(wanted);
        assert_eq!(CHANGES.load(Ordering::SeqCst), 2);
        HEAP.dealloc(block, wanted);
    }
    assert_eq!((HEAP.stats().frees, CHANGES.load(Ordering::SeqCst)), (1, 6));
}

/// xorshift64: a stream of numbers for a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

fn play(heap: &Heap<1_000_000>, seed: u64) {
    let mut random = Random(seed);
    let mut live: Vec<(*mut u8, Layout, u8)> = Vec::new();
    for step in 0..20_000 {
        if live.len() < 100 && random.below(2) == 0 {
            let wanted = layout(1 + random.below(500), 1 << random.below(8));
            let block = unsafe { heap.alloc(wanted) };
            assert!(!block.is_null());
            unsafe { block.write_bytes(step as u8, wanted.size()) };
            live.push((block, wanted, step as u8));
        } else if !live.is_empty() {
            let (block, wanted, value) = live.swap_remove(random.below(live.len()));
            unsafe {
                assert!(holds_only(block, wanted.size(), value));
                let bytes = 1 + random.below(500);
                let moved = heap.realloc(block, wanted, bytes);
                assert!(holds_only(moved, bytes.min(wanted.size()), value));
                heap.dealloc(moved, layout(bytes, wanted.align()));
            }
        }
    }
    for (block, wanted, _) in live {
        unsafe { heap.dealloc(block, wanted) };
    }
}

#[test]
fn threads_share_a_heap() {
    static HEAP: Heap<1_000_000> = Heap::new();
    let seed = std::env::var("FMEMP_SEED").map_or(1, |text| text.parse().expect("a number"));
    println!("seed {} (FMEMP_SEED={} repeats it)", seed, seed);
    let threads: Vec<_> =
        (1..5).map(|n| thread::spawn(move || play(&HEAP, seed * 5 + n))).collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!((HEAP.stats().live_blocks, HEAP.check()), (0, Ok(())));
}
