/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One machine instruction, as far as a bound needs it; the same for every architecture.
 */
#ifndef BOUND_INSTRUCTION_H
#define BOUND_INSTRUCTION_H

#include <cstdint>
#include <optional>
#include <string>

namespace bound {

/* Where control goes after an instruction. */
enum class Flow {
    next,          /* to the next instruction */
    jump,          /* to `target` */
    call,          /* to `target`, and on with the next instruction */
    indirect_jump, /* to where a register or a table says */
    indirect_call,
    leave,    /* back to the caller */
    stop,     /* nowhere: a trap */
    repeated, /* a loop within one instruction (x86's rep) */
    unknown   /* the bytes are no instruction */
};

/* An address as a register and what is added to it. */
struct RegisterAddress {
    unsigned number;
    uint64_t offset;
};

struct Instruction {
    uint64_t address = 0; /* in its section */
    uint64_t size = 0;    /* bytes */
    std::string text;
    Flow flow = Flow::unknown;
    bool may_fall_through = false; /* a jump or a return that depends on a condition */
    unsigned loads = 0;            /* 1 when it reads memory */
    unsigned stores = 0;           /* 1 when it writes memory */

    /* The library function that an instruction with a loop in it does the work of, if any. */
    std::string stands_for;

    /* Of a jump or a call: the target that its own bits give, and the same when it stood at
     * address 0, which is what a relocation without an addend of its own adds its symbol to. */
    std::optional<uint64_t> target;
    std::optional<uint64_t> target_from_zero;

    /* RISC-V reaches far functions by two instructions: the first leaves an address in a register,
     * and the second jumps some way from there. */
    std::optional<RegisterAddress> leaves_address;
    std::optional<RegisterAddress> jumps_from;

    /* Bytes that it puts on the stack, negative when it takes them off; none when it changes
     * the stack pointer in a way that is not understood. */
    std::optional<int64_t> pushed = 0;
};

} // namespace bound

#endif
