/* SPDX-License-Identifier: BSD-3-Clause */
#include "fmemp_support.h"

#include <stdio.h>

/* ---- the mocked platform ------------------------------------------------------------ */

#define STATE_KEY 0x5A17U /* makes a state that is never 0 and equals no count by accident */

size_t mock_locks;
bool mock_lock_is_held;
size_t mock_prints_with_lock;
void (*mock_while_printing)(void);
void (*mock_at_lock)(void);
void (*mock_at_unlock)(void);
size_t mock_stops;
size_t mock_flushes_before_stop;
size_t mock_pieces;
size_t mock_piece_max;
char mock_printed[200000];
size_t mock_print_max = sizeof mock_printed;

static size_t printed_length;
static FMemp *lock_holder;

void mock_reset(void) {
    mock_locks = 0;
    mock_lock_is_held = false;
    mock_prints_with_lock = 0;
    mock_while_printing = NULL;
    mock_at_lock = mock_at_unlock = NULL;
    mock_stops = 0;
    mock_flushes_before_stop = 0;
    mock_pieces = mock_piece_max = 0;
    mock_printed[0] = '\0';
    printed_length = 0;
}

FMempLockState FMempLock(FMemp *locked) {
    if (mock_lock_is_held) {
        fail_msg("a function that holds the lock takes it again");
    }
    mock_lock_is_held = true;
    lock_holder = locked;
    mock_locks++;
    if (mock_at_lock != NULL) {
        mock_at_lock();
    }
    return (FMempLockState)(mock_locks ^ STATE_KEY);
}

void FMempUnlock(FMemp *locked, FMempLockState state) {
    assert_true(mock_lock_is_held);
    assert_ptr_equal(locked, lock_holder);
    assert_int_equal(state, mock_locks ^ STATE_KEY);
    if (mock_at_unlock != NULL) {
        mock_at_unlock();
    }
    mock_lock_is_held = false;
}

int mock_print(const char *format, ...) {
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(mock_printed + printed_length, mock_print_max - printed_length, format,
                       arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= mock_print_max - printed_length) {
        fail_msg("the library prints more than the test expects");
    }
    printed_length += (size_t)length;
    mock_pieces++;
    mock_piece_max = (size_t)length > mock_piece_max ? (size_t)length : mock_piece_max;
    mock_prints_with_lock += mock_lock_is_held;
    if (mock_while_printing != NULL) {
        mock_while_printing();
    }
    return length;
}

void mock_stop(void) { mock_stops++; }

void mock_flush(void) { mock_flushes_before_stop += mock_stops == 0; }

size_t printed_count(const char *text) {
    size_t count = 0;

    for (const char *at = strstr(mock_printed, text); at != NULL; at = strstr(at + 1, text)) {
        count++;
    }
    return count;
}

const char *pointer_text(const void *pointer) {
    static char text[32];

    (void)snprintf(text, sizeof text, "%p", pointer);
    return text;
}

/* ---- a heap for a test -------------------------------------------------------------- */

u8 arena[ARENA_BYTES];
u8 *const arena_begin = arena + 1;
u8 *const arena_middle = arena + ARENA_BYTES / 2;
FMemp memp;

int heap_setup(void **state) {
    (void)state;
    mock_reset();
    memset(arena, 0xA5, sizeof arena);
    memset(&memp, 0, sizeof memp);
    return FMempInit(&memp, arena_begin, arena_middle) == FMEMP_SUCCESS ? 0 : -1;
}

int heap_teardown(void **state) {
    (void)state;
    if (memp.is_ready && tlsf_check(memp.tlsf_ptr) != TLSF_SOUND) {
        print_error("%s\n", tlsf_invariant_name(tlsf_check(memp.tlsf_ptr)));
        return -1;
    }
    return mock_lock_is_held ? -1 : 0;
}

/* ---- small helpers ------------------------------------------------------------------ */

bool is_aligned(const void *pointer, size_t align) { return (uintptr_t)pointer % align == 0; }

bool is_filled(const void *block, u8 value, size_t bytes) {
    const u8 *byte = block;

    for (size_t i = 0; i < bytes; i++) {
        if (byte[i] != value) {
            return false;
        }
    }
    return true;
}

void pass_fault_on(const void *ptr, tlsf_fault_kind kind) {
    const tlsf_fault_hook hook = tlsf_set_fault_hook(memp.tlsf_ptr, NULL);
    tlsf_fault_t fault;

    memset(&fault, 0, sizeof fault);
    fault.kind = kind;
    fault.block = ptr;
    (void)tlsf_set_fault_hook(memp.tlsf_ptr, hook);
    hook(memp.tlsf_ptr, &fault);
}

FMempStats stats_now(void) {
    FMempStats stats;

    assert_int_equal(FMempGetStats(&memp, &stats), FMEMP_SUCCESS);
    return stats;
}
