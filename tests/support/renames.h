/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When lib/ renames a function, a constant or a type that tests know, one line here is enough:
 *
 *     #define what_tests_call_it what_lib_calls_it
 *
 * Suites read it as C does. Proofs, contracts, injected bugs and the rules about surviving mutants
 * read it through tests/checks/inside.py.
 */
#ifndef RENAMES_H
#define RENAMES_H

#endif
