/* SPDX-License-Identifier: BSD-3-Clause */
/* Firmware that runs into an exception. */
int main(void) { __builtin_trap(); }
