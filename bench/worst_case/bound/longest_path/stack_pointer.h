/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an instruction does to the stack pointer.
 */
#ifndef BOUND_STACK_POINTER_H
#define BOUND_STACK_POINTER_H

#include <cstdint>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <optional>

namespace bound {

/* Bytes that the instruction puts on the stack: 0 when it leaves the stack pointer alone,
 * negative when it takes some off. Calls and returns count as 0: what they push and take is
 * the architecture's rule. None when the stack pointer is written in a way that no compiler
 * was seen to use: the caller reports that, so that no depth is guessed. */
std::optional<int64_t> pushed_bytes(const llvm::MCInst &inst, const llvm::MCInstrInfo &info,
                                    const llvm::MCRegisterInfo &registers, unsigned stack_pointer);

/* Whether an ARM instruction that pops registers pops them off the stack. */
bool stack_pointer_is_base(const llvm::MCInst &inst, unsigned stack_pointer);

} // namespace bound

#endif
