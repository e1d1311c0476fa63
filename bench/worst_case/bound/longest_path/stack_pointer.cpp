/* SPDX-License-Identifier: BSD-3-Clause */
#include "stack_pointer.h"

#include <llvm/ADT/StringMap.h>

namespace bound {

namespace {

/* How an instruction that writes the stack pointer says by how much. */
enum class Form {
    constant,     /* always `unit` bytes */
    immediate,    /* the operand `index`, times `unit` */
    shifted,      /* the same, shifted left by the operand after it (aarch64) */
    register_list /* `unit` bytes for each register from operand `index` on */
};

struct Rule {
    Form form;
    unsigned index;
    int64_t unit; /* bytes pushed; negative: taken off */
};

/* By the names of LLVM's tables. The stack grows down on all of these machines, so that what
 * adds to the stack pointer takes off. */
const llvm::StringMap<Rule> &rules() {
    static const llvm::StringMap<Rule> all = {
        /* x86-64 */
        {"PUSH64r", {Form::constant, 0, 8}},
        {"PUSH64i8", {Form::constant, 0, 8}},
        {"PUSH64i32", {Form::constant, 0, 8}},
        {"POP64r", {Form::constant, 0, -8}},
        {"SUB64ri8", {Form::immediate, 2, 1}},
        {"SUB64ri32", {Form::immediate, 2, 1}},
        {"ADD64ri8", {Form::immediate, 2, -1}},
        {"ADD64ri32", {Form::immediate, 2, -1}},
        /* aarch64: pairs count in units of their registers */
        {"SUBXri", {Form::shifted, 2, 1}},
        {"ADDXri", {Form::shifted, 2, -1}},
        {"STPXpre", {Form::immediate, 4, -8}},
        {"LDPXpost", {Form::immediate, 4, -8}},
        {"STRXpre", {Form::immediate, 3, -1}},
        {"LDRXpost", {Form::immediate, 3, -1}},
        /* ARM, Thumb state */
        {"tPUSH", {Form::register_list, 2, 4}},
        {"tPOP", {Form::register_list, 2, -4}},
        {"t2STMDB_UPD", {Form::register_list, 4, 4}},
        {"t2LDMIA_UPD", {Form::register_list, 4, -4}},
        {"tSUBspi", {Form::immediate, 2, 4}},
        {"tADDspi", {Form::immediate, 2, -4}},
        {"t2SUBspImm", {Form::immediate, 2, 1}},
        {"t2ADDspImm", {Form::immediate, 2, -1}},
        {"t2STR_PRE", {Form::immediate, 3, -1}},
        {"t2LDR_POST", {Form::immediate, 3, -1}},
        /* RISC-V */
        {"ADDI", {Form::immediate, 2, -1}},
        {"C_ADDI", {Form::immediate, 2, -1}},
        {"C_ADDI16SP", {Form::immediate, 2, -1}},
    };
    return all;
}

bool writes(const llvm::MCInst &inst, const llvm::MCInstrDesc &desc,
            const llvm::MCRegisterInfo &registers, unsigned number) {
    return desc.hasDefOfPhysReg(inst, number, registers);
}

/* Whether an instruction with operands destination, source, number adds to its own source:
 * the stack pointer is set from another register elsewhere. */
bool is_relative(const llvm::MCInst &inst, unsigned stack_pointer) {
    for (unsigned i = 1; i < inst.getNumOperands(); i++) {
        if (inst.getOperand(i).isReg() && inst.getOperand(i).getReg() == stack_pointer) {
            return true;
        }
    }
    return false;
}

std::optional<int64_t> immediate(const llvm::MCInst &inst, unsigned index) {
    if (index < inst.getNumOperands() && inst.getOperand(index).isImm()) {
        return inst.getOperand(index).getImm();
    }
    return std::nullopt;
}

std::optional<int64_t> apply(const Rule &rule, const llvm::MCInst &inst, unsigned stack_pointer) {
    if (rule.form == Form::constant) {
        return rule.unit;
    }
    if (rule.form == Form::register_list) {
        return rule.unit * (static_cast<int64_t>(inst.getNumOperands()) - rule.index);
    }
    std::optional<int64_t> bytes = immediate(inst, rule.index);
    if (!bytes || !is_relative(inst, stack_pointer)) {
        return std::nullopt;
    }
    if (rule.form == Form::shifted) {
        *bytes <<= immediate(inst, rule.index + 1).value_or(0);
    }
    return *bytes * rule.unit;
}

} // namespace

std::optional<int64_t> pushed_bytes(const llvm::MCInst &inst, const llvm::MCInstrInfo &info,
                                    const llvm::MCRegisterInfo &registers, unsigned stack_pointer) {
    const llvm::MCInstrDesc &desc = info.get(inst.getOpcode());
    if (!writes(inst, desc, registers, stack_pointer)) {
        return 0;
    }
    const auto rule = rules().find(info.getName(inst.getOpcode()));
    if (rule != rules().end()) {
        return apply(rule->second, inst, stack_pointer);
    }
    if (desc.isCall() || desc.isReturn()) {
        return 0;
    }
    return std::nullopt;
}

bool stack_pointer_is_base(const llvm::MCInst &inst, unsigned stack_pointer) {
    /* tPOP has its base in its name; the others have it among their operands. */
    return !inst.getOperand(0).isReg() || is_relative(inst, stack_pointer);
}

} // namespace bound
