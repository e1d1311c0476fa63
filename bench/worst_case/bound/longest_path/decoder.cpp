/* SPDX-License-Identifier: BSD-3-Clause */
#include "decoder.h"

#include <algorithm>
#include <llvm/ADT/StringSet.h>
#include <llvm/MC/MCInstrDesc.h>
#include <llvm/MC/SubtargetFeature.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/MathExtras.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>

#include "fail.h"
#include "stack_pointer.h"

namespace bound {

namespace {

/* Instructions that end a program; not all of them are marked as traps in LLVM's tables. */
const llvm::StringSet<> TRAPS = {"TRAP",  "BRK",    "UDF",      "tTRAP", "tUDF",
                                 "t2UDF", "EBREAK", "C_EBREAK", "UNIMP", "C_UNIMP"};

/* ARM's condition "always" and x86's prefixes rep and repne, as LLVM's decoders number them. */
constexpr int64_t ARM_ALWAYS = 14;
constexpr unsigned X86_REPEAT_FLAGS = 4 | 8;

void initialise_targets() {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllDisassemblers();
}

/* Cortex-M runs Thumb code alone. */
llvm::Triple triple_of(const llvm::object::ObjectFile &object) {
    llvm::Triple triple = object.makeTriple();
    if (triple.getArch() == llvm::Triple::arm) {
        triple.setArchName("thumb" + triple.getArchName().drop_front(3).str());
    }
    return triple;
}

/* What the decoder needs beyond what the object's attributes say. */
std::string features_of(const llvm::object::ObjectFile &object, const llvm::Triple &triple) {
    llvm::SubtargetFeatures features = object.getFeatures();
    if (triple.isRISCV()) {
        for (const char *extension : {"m", "a", "c", "zba", "zbb", "zbs"}) {
            features.AddFeature(extension);
        }
    }
    return features.getString();
}

unsigned register_named(const llvm::MCRegisterInfo &info, llvm::StringRef name) {
    for (unsigned number = 1; number < info.getNumRegs(); number++) {
        if (name == info.getName(number)) {
            return number;
        }
    }
    fail("no register " + name);
}

Registers registers_of(const llvm::Triple &triple, const llvm::MCRegisterInfo &info) {
    const auto named = [&info](llvm::StringRef name) { return register_named(info, name); };
    Registers registers;
    switch (triple.getArch()) {
    case llvm::Triple::x86_64:
        registers.stack_pointer = named("RSP");
        registers.return_address_size = 8;
        return registers;
    case llvm::Triple::aarch64:
        registers.stack_pointer = named("SP");
        return registers;
    case llvm::Triple::thumb:
        registers.stack_pointer = named("SP");
        registers.program_counter = named("PC");
        registers.link = named("LR");
        return registers;
    case llvm::Triple::riscv32:
    case llvm::Triple::riscv64:
        registers.stack_pointer = named("X2");
        registers.link = named("X1");
        registers.zero = named("X0");
        return registers;
    default:
        fail("architecture " + triple.str() + " is not known to this program");
    }
}

bool has_register(const llvm::MCInst &inst, unsigned index, unsigned number) {
    return index < inst.getNumOperands() && inst.getOperand(index).isReg() &&
           inst.getOperand(index).getReg() == number;
}

} // namespace

Decoder::Decoder(const llvm::object::ObjectFile &object) : triple(triple_of(object)) {
    static const bool once = (initialise_targets(), true);
    (void)once;
    std::string error;
    const llvm::Target *target = llvm::TargetRegistry::lookupTarget(triple.str(), error);
    if (target == nullptr) {
        fail(error);
    }
    register_info.reset(target->createMCRegInfo(triple.str()));
    asm_info.reset(target->createMCAsmInfo(*register_info, triple.str(), options));
    subtarget.reset(target->createMCSubtargetInfo(triple.str(), "", features_of(object, triple)));
    instructions.reset(target->createMCInstrInfo());
    analysis.reset(target->createMCInstrAnalysis(instructions.get()));
    context = std::make_unique<llvm::MCContext>(triple, asm_info.get(), register_info.get(),
                                                subtarget.get());
    disassembler.reset(target->createMCDisassembler(*subtarget, *context));
    printer.reset(target->createMCInstPrinter(triple, asm_info->getAssemblerDialect(), *asm_info,
                                              *instructions, *register_info));
    if (!disassembler || !analysis || !printer) {
        fail("LLVM has no disassembler for " + triple.str());
    }
    printer->setPrintImmHex(true);
    registers = registers_of(triple, *register_info);
}

Instruction Decoder::decode(llvm::ArrayRef<uint8_t> bytes, uint64_t address) const {
    Instruction result;
    result.address = address;
    llvm::MCInst inst;
    if (disassembler->getInstruction(inst, result.size, bytes, address, llvm::nulls()) !=
        llvm::MCDisassembler::Success) {
        result.size = 0;
        return result;
    }
    const llvm::MCInstrDesc &desc = instructions->get(inst.getOpcode());
    llvm::raw_string_ostream text(result.text);
    printer->printInst(&inst, address, "", *subtarget, text);
    text.flush();
    std::replace(result.text.begin(), result.text.end(), '\t', ' ');
    set_targets(inst, result);
    set_register_addresses(inst, result);
    result.flow = flow_of(inst, desc, result.target.has_value());
    if (result.flow == Flow::repeated) {
        const llvm::StringRef name = instructions->getName(inst.getOpcode());
        result.stands_for = name.contains("MOVS")   ? "memcpy"
                            : name.contains("STOS") ? "memset"
                                                    : "";
    }
    result.may_fall_through = (result.flow == Flow::jump && desc.isConditionalBranch()) ||
                              (result.flow != Flow::next && is_predicated(inst, desc));
    result.loads = desc.mayLoad() ? 1 : 0;
    result.stores = desc.mayStore() ? 1 : 0;
    result.pushed = pushed_bytes(inst, *instructions, *register_info, registers.stack_pointer);
    if (result.flow == Flow::next && is_predicated(inst, desc) && result.pushed != 0) {
        result.pushed.reset(); /* it depends on a condition */
    }
    return result;
}

void Decoder::join(const Instruction &first, Instruction &second) {
    if (!first.leaves_address || !second.jumps_from ||
        first.leaves_address->number != second.jumps_from->number) {
        return;
    }
    second.target = first.leaves_address->offset + second.jumps_from->offset;
    second.flow = second.flow == Flow::indirect_call ? Flow::call : Flow::jump;
}

void Decoder::set_targets(const llvm::MCInst &inst, Instruction &instruction) const {
    uint64_t there = 0;
    if (analysis->evaluateBranch(inst, instruction.address, instruction.size, there)) {
        instruction.target = there;
    }
    if (analysis->evaluateBranch(inst, 0, instruction.size, there)) {
        instruction.target_from_zero = there;
    }
}

void Decoder::set_register_addresses(const llvm::MCInst &inst, Instruction &instruction) const {
    const llvm::StringRef name = instructions->getName(inst.getOpcode());
    if (triple.isRISCV() && name == "AUIPC" && inst.getOperand(1).isImm()) {
        const auto pages = static_cast<uint64_t>(
            llvm::SignExtend64<20>(static_cast<uint64_t>(inst.getOperand(1).getImm())));
        instruction.leaves_address = {inst.getOperand(0).getReg(),
                                      instruction.address + (pages << 12)};
    } else if (triple.isRISCV() && name == "JALR" && inst.getOperand(2).isImm()) {
        instruction.jumps_from = {inst.getOperand(1).getReg(),
                                  static_cast<uint64_t>(inst.getOperand(2).getImm())};
    }
}

Flow Decoder::flow_of(const llvm::MCInst &inst, const llvm::MCInstrDesc &desc,
                      bool has_target) const {
    const llvm::StringRef name = instructions->getName(inst.getOpcode());
    if (desc.isTrap() || TRAPS.contains(name)) {
        return Flow::stop;
    }
    if (triple.getArch() == llvm::Triple::x86_64 && (inst.getFlags() & X86_REPEAT_FLAGS) != 0 &&
        !desc.isReturn()) {
        return Flow::repeated;
    }
    Flow flow = Flow::next;
    if (desc.isReturn()) {
        flow = Flow::leave;
    } else if (desc.isCall()) {
        flow = has_target ? Flow::call : Flow::indirect_call;
    } else if (desc.mayAffectControlFlow(inst, *register_info)) {
        flow = has_target ? Flow::jump : Flow::indirect_jump;
    }
    if (triple.isThumb()) {
        return flow_of_arm(inst, name, flow);
    }
    return triple.isRISCV() ? flow_of_riscv(inst, name, flow) : flow;
}

/* A return is `bx lr`, or what takes the program counter off the stack. */
Flow Decoder::flow_of_arm(const llvm::MCInst &inst, llvm::StringRef name, Flow flow) const {
    const bool is_pop = name == "tPOP" || name == "t2LDMIA_UPD" || name == "t2LDR_POST";
    bool has_program_counter = false;
    for (unsigned i = 0; i < inst.getNumOperands(); i++) {
        has_program_counter |= has_register(inst, i, registers.program_counter);
    }
    if (is_pop && has_program_counter && stack_pointer_is_base(inst, registers.stack_pointer)) {
        return Flow::leave;
    }
    if (name == "tBX" && has_register(inst, 0, registers.link)) {
        return Flow::leave;
    }
    return flow;
}

/* jalr is every jump through a register: what it writes and reads tells which. */
Flow Decoder::flow_of_riscv(const llvm::MCInst &inst, llvm::StringRef name, Flow flow) const {
    if (name == "JALR") {
        const bool keeps_none = has_register(inst, 0, registers.zero);
        if (keeps_none && has_register(inst, 1, registers.link)) {
            return Flow::leave;
        }
        return keeps_none ? Flow::indirect_jump : Flow::indirect_call;
    }
    if (name == "C_JR") {
        return has_register(inst, 0, registers.link) ? Flow::leave : Flow::indirect_jump;
    }
    if (name == "JAL") {
        return has_register(inst, 0, registers.zero) ? Flow::jump : Flow::call;
    }
    return flow;
}

bool Decoder::is_predicated(const llvm::MCInst &inst, const llvm::MCInstrDesc &desc) const {
    const int index = triple.isThumb() ? desc.findFirstPredOperandIdx() : -1;
    return index >= 0 && static_cast<unsigned>(index) < inst.getNumOperands() &&
           inst.getOperand(static_cast<unsigned>(index)).isImm() &&
           inst.getOperand(static_cast<unsigned>(index)).getImm() != ARM_ALWAYS;
}

} // namespace bound
