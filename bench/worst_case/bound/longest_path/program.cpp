/* SPDX-License-Identifier: BSD-3-Clause */
#include "program.h"

#include <algorithm>
#include <llvm/BinaryFormat/ELF.h>
#include <regex>

#include "decoder.h"
#include "fail.h"

namespace bound {

using llvm::object::ELFRelocationRef;
using llvm::object::ELFSymbolRef;
using llvm::object::RelocationRef;
using llvm::object::SectionRef;
using llvm::object::SymbolRef;

namespace {

/* x86 measures from the end of the 4 bytes that the relocation fills in. */
constexpr int64_t X86_FIELD_SIZE = 4;

/* Source lines are a comfort; what LLVM 14 cannot read of them is left out. */
void ignore(llvm::Error error) { llvm::consumeError(std::move(error)); }

/* Whether a name marks where code ($t, $x) or constants among it ($d) begin. */
bool is_mapping_symbol(llvm::StringRef name) {
    return name.size() >= 2 && name[0] == '$' &&
           (name[1] == 'd' || name[1] == 't' || name[1] == 'x' || name[1] == 'a') &&
           (name.size() == 2 || name[2] == '.');
}

/* GCC makes f.constprop.0, f.isra.0 and f.part.0 of f, and can do so to these again. */
std::string without_suffixes(const std::string &name) {
    static const std::regex suffixes("([.](constprop|isra|part)[.][0-9]+)+$");
    return std::regex_replace(name, suffixes, "");
}

} // namespace

Program::Program(const std::vector<std::string> &paths) {
    for (const std::string &path : paths) {
        const size_t number = objects.size();
        objects.push_back(
            {value_or_fail(llvm::object::ObjectFile::createObjectFile(path)), nullptr});
        Object &object = objects.back();
        if (!object.file.getBinary()->isELF()) {
            fail(path + " is no ELF file");
        }
        object.lines = llvm::DWARFContext::create(
            *object.file.getBinary(), llvm::DWARFContext::ProcessDebugRelocations::Process, nullptr,
            "", ignore, ignore);
        read_functions(number);
        read_relocations(number);
        decode(number);
    }
    for (Place &one : places) {
        resolve(one);
    }
}

const Function *Program::find(llvm::StringRef name) const {
    const auto found = global_functions.find(name.str());
    return found == global_functions.end() ? nullptr : &all_functions[found->second];
}

/* ---- reading ------------------------------------------------------------------------ */

void Program::read_functions(size_t number) {
    for (const SymbolRef &symbol : objects[number].file.getBinary()->symbols()) {
        const llvm::StringRef name = value_or_fail(symbol.getName());
        const auto section = value_or_fail(symbol.getSection());
        if (section == objects[number].file.getBinary()->section_end()) {
            continue;
        }
        const Spot begin = {number, section->getIndex(), value_or_fail(symbol.getAddress())};
        if (is_mapping_symbol(name)) {
            data_begins[begin] = name[1] == 'd';
        }
        const ELFSymbolRef elf(symbol);
        if (elf.getELFType() != llvm::ELF::STT_FUNC || elf.getSize() == 0) {
            continue;
        }
        const bool is_global = elf.getBinding() != llvm::ELF::STB_LOCAL;
        const auto [known, is_new] = function_at.try_emplace(begin, all_functions.size());
        if (is_new) {
            all_functions.push_back({name.str(), without_suffixes(name.str()), number,
                                     begin.section, begin.address, elf.getSize(), is_global});
        }
        all_functions[known->second].is_global |= is_global;
        if (is_global && !global_functions.try_emplace(name.str(), known->second).second) {
            fail("two functions are named " + name);
        }
    }
}

void Program::read_relocations(size_t number) {
    const llvm::object::ObjectFile &file = *objects[number].file.getBinary();
    for (const SectionRef &section : file.sections()) {
        const auto patched = value_or_fail(section.getRelocatedSection());
        if (patched == file.section_end() || !patched->isText()) {
            continue;
        }
        for (const RelocationRef &entry : section.relocations()) {
            const auto symbol = entry.getSymbol();
            if (symbol == file.symbol_end()) {
                continue; /* a note to the linker alone */
            }
            Relocation relocation = {{}, "", false};
            int64_t addend = 0;
            if (auto given = ELFRelocationRef(entry).getAddend()) {
                relocation.has_addend = true;
                addend = *given;
            } else {
                llvm::consumeError(given.takeError());
            }
            const auto home = value_or_fail(symbol->getSection());
            if (home == file.section_end()) {
                relocation.name = value_or_fail(symbol->getName()).str();
            } else {
                if (file.getArch() == llvm::Triple::x86_64) {
                    addend += X86_FIELD_SIZE;
                }
                relocation.target = {number, home->getIndex(),
                                     value_or_fail(symbol->getAddress()) +
                                         static_cast<uint64_t>(addend)};
            }
            relocations.emplace(Spot{number, patched->getIndex(), entry.getOffset()}, relocation);
        }
    }
}

void Program::decode(size_t number) {
    const llvm::object::ObjectFile &file = *objects[number].file.getBinary();
    const Decoder decoder(file);
    return_address_bytes = decoder.return_address_size();
    std::map<uint64_t, llvm::StringRef> contents;
    for (const SectionRef &section : file.sections()) {
        if (section.isText()) {
            contents[section.getIndex()] = value_or_fail(section.getContents());
        }
    }
    for (size_t index = 0; index < all_functions.size(); index++) {
        const Function &function = all_functions[index];
        if (function.object == number) {
            const llvm::StringRef code =
                contents.at(function.section).substr(function.begin, function.size);
            decode_function(decoder, index, {code.bytes_begin(), code.size()});
        }
    }
}

void Program::decode_function(const Decoder &decoder, size_t index, llvm::ArrayRef<uint8_t> bytes) {
    Function &function = all_functions[index];
    uint64_t offset = 0;
    while (offset < bytes.size()) {
        const Spot here = {function.object, function.section, function.begin + offset};
        if (const std::optional<uint64_t> end = end_of_data(here)) {
            offset = std::min(*end - function.begin, uint64_t{bytes.size()});
            continue;
        }
        Place added;
        added.instruction = decoder.decode(bytes.drop_front(offset), here.address);
        added.function = index;
        const size_t number = places.size();
        if (function.first == NOWHERE) {
            function.first = number;
        } else {
            const Instruction &before = places.back().instruction;
            Decoder::join(before, added.instruction);
            if (before.address + before.size == here.address) {
                places.back().next = number;
            }
        }
        place_at[here] = number;
        /* Nothing behind an undecodable instruction is known. */
        offset = added.instruction.size != 0 ? offset + added.instruction.size : bytes.size();
        places.push_back(std::move(added));
    }
}

/* Returns  where the constants that begin at `spot` end; nothing when it is code. */
std::optional<uint64_t> Program::end_of_data(const Spot &spot) const {
    const auto mark = data_begins.find(spot);
    if (mark == data_begins.end() || !mark->second) {
        return std::nullopt;
    }
    const auto after = std::next(mark);
    const bool is_last = after == data_begins.end() || after->first.object != spot.object ||
                         after->first.section != spot.section;
    return is_last ? UINT64_MAX : after->first.address;
}

/* ---- targets ------------------------------------------------------------------------ */

const Program::Relocation *Program::relocation_at(const Function &function,
                                                  const Instruction &instruction) const {
    const auto found =
        relocations.lower_bound({function.object, function.section, instruction.address});
    const bool is_inside = found != relocations.end() && found->first.object == function.object &&
                           found->first.section == function.section &&
                           found->first.address < instruction.address + instruction.size;
    return is_inside ? &found->second : nullptr;
}

void Program::resolve(Place &from) {
    const Instruction &instruction = from.instruction;
    if (instruction.flow != Flow::jump && instruction.flow != Flow::call) {
        return;
    }
    const Function &function = all_functions[from.function];
    Spot spot = {function.object, function.section, instruction.target.value_or(0)};
    const Relocation *relocation = relocation_at(function, instruction);
    if (relocation == nullptr && instruction.jumps_from) {
        /* the instruction before it has the relocation of both */
        relocation = relocation_at(function, (&from - 1)->instruction);
    }
    if (relocation != nullptr && !relocation->name.empty()) {
        from.outside = relocation->name;
        const auto known = global_functions.find(relocation->name);
        if (known != global_functions.end()) {
            from.target = all_functions[known->second].first;
            from.outside.clear();
        }
        return;
    }
    if (relocation != nullptr) {
        spot = relocation->target;
        if (!relocation->has_addend) {
            spot.address += instruction.target_from_zero.value_or(0);
        }
    }
    const auto found = place_at.find(spot);
    if (found != place_at.end()) {
        from.target = found->second;
    }
}

/* ---- source lines ------------------------------------------------------------------- */

/* Straight from the units: the table that finds units by address is beyond LLVM 14 on RISC-V. */
SourceLine Program::source_of(size_t place) const {
    const Function &function = function_of(place);
    const uint64_t address = places[place].instruction.address;
    llvm::DWARFContext &lines = *objects[function.object].lines;
    for (const std::unique_ptr<llvm::DWARFUnit> &unit : lines.compile_units()) {
        const llvm::DWARFDebugLine::LineTable *table = lines.getLineTableForUnit(unit.get());
        if (table == nullptr) {
            continue;
        }
        const uint32_t row = table->lookupAddress({address, function.section});
        if (row == table->UnknownRowIndex) {
            continue;
        }
        SourceLine source = {"", table->Rows[row].Line, function.name};
        table->getFileNameByIndex(table->Rows[row].File, unit->getCompilationDir(),
                                  llvm::DILineInfoSpecifier::FileLineInfoKind::AbsoluteFilePath,
                                  source.file);
        llvm::SmallVector<llvm::DWARFDie, 4> inlined;
        unit->getInlinedChainForAddress(address, inlined);
        if (!inlined.empty()) {
            const char *name = inlined[0].getSubroutineName(llvm::DINameKind::ShortName);
            source.function = name != nullptr ? name : source.function;
        }
        return source;
    }
    return {"", 0, function.name};
}

} // namespace bound
