/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "address_table.h"

#include <sys/mman.h>

enum { FIRST_BITS = 16 };

static size_t table_mask(const address_table *table) { return ((size_t)1 << table->bits) - 1; }

static size_t home_place(const address_table *table, uintptr_t address) {
    uint64_t hash = (uint64_t)address * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(hash >> (64 - table->bits));
}

/* The place of `address`, or the empty place where it belongs. */
static size_t find_place(const address_table *table, uintptr_t address) {
    size_t place = home_place(table, address);
    while (table->entries[place].address != 0 && table->entries[place].address != address) {
        place = (place + 1) & table_mask(table);
    }
    return place;
}

static bool table_grow(address_table *table) {
    address_table larger = {.bits = table->entries == NULL ? FIRST_BITS : table->bits + 1};
    size_t bytes = sizeof(address_entry) << larger.bits;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return false;
    }
    larger.entries = memory;
    larger.used = table->used;
    if (table->entries != NULL) {
        for (size_t place = 0; place <= table_mask(table); place++) {
            address_entry entry = table->entries[place];
            if (entry.address != 0) {
                larger.entries[find_place(&larger, entry.address)] = entry;
            }
        }
        munmap(table->entries, sizeof(address_entry) << table->bits);
    }
    *table = larger;
    return true;
}

bool address_table_put(address_table *table, const void *address, uint64_t number) {
    bool is_half_full = table->entries == NULL || table->used > table_mask(table) / 2;
    if (is_half_full && !table_grow(table)) {
        return false;
    }
    address_entry *entry = &table->entries[find_place(table, (uintptr_t)address)];
    table->used += entry->address == 0;
    *entry = (address_entry){.address = (uintptr_t)address, .number = number};
    return true;
}

/* Empties a place, and moves up entries that probing would not find behind the gap. */
static void close_gap(address_table *table, size_t gap) {
    size_t mask = table_mask(table);
    size_t place = gap;
    for (;;) {
        place = (place + 1) & mask;
        address_entry entry = table->entries[place];
        if (entry.address == 0) {
            break;
        }
        size_t distance_from_home = (place - home_place(table, entry.address)) & mask;
        size_t distance_from_gap = (place - gap) & mask;
        if (distance_from_home >= distance_from_gap) {
            table->entries[gap] = entry;
            gap = place;
        }
    }
    table->entries[gap].address = 0;
}

bool address_table_take(address_table *table, const void *address, uint64_t *number) {
    if (table->entries == NULL) {
        return false;
    }
    size_t place = find_place(table, (uintptr_t)address);
    if (table->entries[place].address == 0) {
        return false;
    }
    *number = table->entries[place].number;
    close_gap(table, place);
    table->used--;
    return true;
}
