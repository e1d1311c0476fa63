/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decodes the instructions of one object file with LLVM's disassembler, and classifies them.
 */
#ifndef BOUND_DECODER_H
#define BOUND_DECODER_H

#include <llvm/ADT/Triple.h>
#include <llvm/MC/MCAsmInfo.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDisassembler/MCDisassembler.h>
#include <llvm/MC/MCInst.h>
#include <llvm/MC/MCInstPrinter.h>
#include <llvm/MC/MCInstrAnalysis.h>
#include <llvm/MC/MCInstrInfo.h>
#include <llvm/MC/MCRegisterInfo.h>
#include <llvm/MC/MCSubtargetInfo.h>
#include <llvm/Object/ObjectFile.h>
#include <memory>

#include "instruction.h"

namespace bound {

/* The architecture's registers that decide where control and the stack go. */
struct Registers {
    unsigned stack_pointer = 0;
    unsigned program_counter = 0;    /* where it is a register like others (ARM) */
    unsigned link = 0;               /* holds the return address, where a register does */
    unsigned zero = 0;               /* RISC-V: writing the return address there keeps none */
    int64_t return_address_size = 0; /* bytes that a call puts on the stack */
};

class Decoder {
  public:
    /* Ends the program when the object's architecture is none that this file knows. */
    explicit Decoder(const llvm::object::ObjectFile &object);

    /* The instruction at the begin of `bytes`. One that cannot be decoded has the flow
     * `unknown` and the size 0. */
    Instruction decode(llvm::ArrayRef<uint8_t> bytes, uint64_t address) const;

    /* Makes `second` a jump or call with a target, when `first` leaves in a register the address
     * that it starts from. */
    static void join(const Instruction &first, Instruction &second);

    int64_t return_address_size() const { return registers.return_address_size; }
    llvm::Triple::ArchType arch() const { return triple.getArch(); }

  private:
    Flow flow_of(const llvm::MCInst &inst, const llvm::MCInstrDesc &desc, bool has_target) const;
    Flow flow_of_arm(const llvm::MCInst &inst, llvm::StringRef name, Flow flow) const;
    Flow flow_of_riscv(const llvm::MCInst &inst, llvm::StringRef name, Flow flow) const;
    bool is_predicated(const llvm::MCInst &inst, const llvm::MCInstrDesc &desc) const;
    void set_targets(const llvm::MCInst &inst, Instruction &instruction) const;
    void set_register_addresses(const llvm::MCInst &inst, Instruction &instruction) const;

    llvm::Triple triple;
    llvm::MCTargetOptions options;
    std::unique_ptr<const llvm::MCRegisterInfo> register_info;
    std::unique_ptr<const llvm::MCAsmInfo> asm_info;
    std::unique_ptr<const llvm::MCSubtargetInfo> subtarget;
    std::unique_ptr<const llvm::MCInstrInfo> instructions;
    std::unique_ptr<const llvm::MCInstrAnalysis> analysis;
    std::unique_ptr<llvm::MCContext> context;
    std::unique_ptr<const llvm::MCDisassembler> disassembler;
    std::unique_ptr<llvm::MCInstPrinter> printer;
    Registers registers;
};

} // namespace bound

#endif
