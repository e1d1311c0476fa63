/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A map from the addresses of live blocks to their numbers: a hash table with linear probing. It
 * has its own memory, because the recorder cannot call the malloc that it records.
 */
#ifndef ADDRESS_TABLE_H
#define ADDRESS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uintptr_t address; /* 0: this place is empty */
    uint64_t number;
} address_entry;

typedef struct {
    address_entry *entries; /* 2^bits places; NULL: empty. A table of all zeros is valid */
    unsigned bits;
    size_t used;
} address_table;

/* Stores `number` for `address`, and replaces an earlier number. Returns false if and only if
 * there is no memory for a larger table. */
bool address_table_put(address_table *table, const void *address, uint64_t number);

/* Removes `address`. Returns true, and its number in *number, if it was there. */
bool address_table_take(address_table *table, const void *address, uint64_t *number);

#endif
