/* SPDX-License-Identifier: BSD-3-Clause */
/* From reset to main as STM32Cube's start-up file does it: initial values, zeros, constructors. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

extern char _estack[], _sidata[], _sdata[], _edata[], _sbss[], _ebss[];

void __libc_init_array(void);
void initialise_monitor_handles(void); /* of the C library, for semihosting */
void _init(void);
void _fini(void);
int main(void);
_Noreturn void Reset_Handler(void);
_Noreturn void Fault_Handler(void);

/* crti.o has these, but is not linked with -nostartfiles. */
void _init(void) {}

void _fini(void) {}

_Noreturn void Reset_Handler(void) {
    memcpy(_sdata, _sidata, (uintptr_t)_edata - (uintptr_t)_sdata);
    memset(_sbss, 0, (uintptr_t)_ebss - (uintptr_t)_sbss);
    initialise_monitor_handles();
    __libc_init_array();
    exit(main());
}

_Noreturn void Fault_Handler(void) { _Exit(3); }

__attribute__((section(".isr_vector"), used)) static const uintptr_t vectors[] = {
    (uintptr_t)_estack,       (uintptr_t)Reset_Handler, (uintptr_t)Fault_Handler,
    (uintptr_t)Fault_Handler, (uintptr_t)Fault_Handler, (uintptr_t)Fault_Handler,
    (uintptr_t)Fault_Handler};
