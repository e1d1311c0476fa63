/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Runs an image on a simulated AVR (libsimavr) whose data memory fills the 16-bit address space.
 *     run_avr IMAGE
 * Prints and returns what avr.c has found: 0, or the line of random_requests.c.
 */
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <stdio.h>
#include <string.h>

/* Where avr.c writes what it has found. */
enum {
    FINISHED = 0x3E,
    LINE_LOW = 0x4A,
    LINE_HIGH = 0x4B,
    IS_FINISHED = 0x5A,
    LAST_ADDRESS = 0xFFFF
};

int main(int count, char **arguments) {
    elf_firmware_t firmware;
    memset(&firmware, 0, sizeof(firmware));
    avr_t *avr = avr_make_mcu_by_name("atmega1284");
    if (count != 2 || avr == NULL || elf_read_firmware(arguments[1], &firmware) != 0) {
        fprintf(stderr, "usage: run_avr IMAGE\n");
        return 2;
    }
    avr->ramend = LAST_ADDRESS;
    avr_init(avr);
    firmware.frequency = 16000000;
    avr_load_firmware(avr, &firmware);
    int state = cpu_Running;
    while (state != cpu_Done && state != cpu_Crashed) {
        state = avr_run(avr);
    }
    const unsigned line = avr->data[LINE_LOW] | (unsigned)avr->data[LINE_HIGH] << 8;
    if (avr->data[FINISHED] != IS_FINISHED || line != 0) {
        printf("failed: state %d, line %u of random_requests.c\n", state, line);
        return 1;
    }
    printf("passed after %llu cycles\n", (unsigned long long)avr->cycle);
    return 0;
}
