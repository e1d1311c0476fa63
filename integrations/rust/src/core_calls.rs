// SPDX-FileCopyrightText: 2026 the fmemp authors
// SPDX-License-Identifier: BSD-3-Clause
//! The functions of tlsf.h that a heap calls, by their plain names, and their structures.

use core::ffi::c_void;
use core::ptr;

pub type Handle = *mut c_void;

/// tlsf_stats_t: sizes are bytes, with the headers of blocks.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// All blocks, used and free.
    pub pool_bytes: usize,
    /// Live blocks.
    pub used_bytes: usize,
    /// The largest `used_bytes` so far.
    pub peak_bytes: usize,
    /// Free blocks.
    pub free_bytes: usize,
    /// The largest request of any alignment up to 8 that is sure to be served now.
    pub largest: usize,
    /// How many blocks are live.
    pub live_blocks: usize,
    /// Blocks allocated. This and the next two count modulo `usize::MAX + 1`.
    pub allocations: usize,
    /// Blocks freed.
    pub frees: usize,
    /// Requests that were refused.
    pub failures: usize,
}

/// tlsf_move_t.
#[repr(C)]
pub struct Move {
    pub to: *mut c_void,
    pub from: *const c_void,
    pub bytes: usize,
    request: usize,
    slides: i32, // a C int; targets whose int has 16 bits have no alloc
}

impl Default for Move {
    fn default() -> Self {
        Self { to: ptr::null_mut(), from: ptr::null(), bytes: 0, request: 0, slides: 0 }
    }
}

extern "C" {
    pub fn tlsf_create_sized(memory: *mut c_void, bytes: usize, largest_pool: usize) -> Handle;
    pub fn tlsf_add_pool(t: Handle, memory: *mut c_void, bytes: usize) -> *mut c_void;
    pub fn tlsf_malloc(t: Handle, bytes: usize) -> *mut c_void;
    pub fn tlsf_memalign(t: Handle, align: usize, bytes: usize) -> *mut c_void;
    pub fn tlsf_realloc_begin(
        t: Handle,
        block: *mut c_void,
        align: usize,
        bytes: usize,
        planned: *mut Move,
    ) -> *mut c_void;
    pub fn tlsf_realloc_end(t: Handle, planned: *const Move) -> *mut c_void;
    pub fn tlsf_free(t: Handle, block: *mut c_void);
    pub fn tlsf_stats(t: Handle, stats: *mut Stats) -> i32;
    pub fn tlsf_check(t: Handle) -> i32;
}
