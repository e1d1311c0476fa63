/* SPDX-License-Identifier: BSD-3-Clause */
#include "program.h"

#include <llvm/BinaryFormat/ELF.h>

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
    for (Place &place : places) {
        resolve(place);
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
            all_functions.push_back(
                {name.str(), number, begin.section, begin.address, elf.getSize(), is_global});
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
    for (size_t index = 0; index < all_functions.size(); index++) {
        Function &function = all_functions[index];
        if (function.object != number) {
            continue;
        }
        const auto section =
            std::find_if(file.section_begin(), file.section_end(),
                         [&](const SectionRef &one) { return one.getIndex() == function.section; });
        const llvm::StringRef contents = value_or_fail(section->getContents());
        const llvm::ArrayRef<uint8_t> bytes(contents.bytes_begin(), contents.size());
        const uint64_t end = function.begin + function.size;
        bool is_data = false;
        for (uint64_t address = function.begin; address < end;) {
            const Spot here = {number, function.section, address};
            if (const auto mark = data_begins.find(here); mark != data_begins.end()) {
                is_data = mark->second;
            }
            if (is_data) {
                const auto after = data_begins.upper_bound(here);
                const bool is_last = after == data_begins.end() || after->first.object != number ||
                                     after->first.section != function.section;
                address = is_last ? end : after->first.address;
                continue;
            }
            Place place;
            place.instruction = decoder.decode(bytes.slice(address, end - address), address);
            place.function = index;
            if (function.first != NOWHERE) {
                Decoder::join(places.back().instruction, place.instruction);
            }
            const size_t number_of_place = places.size();
            if (function.first == NOWHERE) {
                function.first = number_of_place;
            } else if (const Instruction &before = places.back().instruction;
                       before.address + before.size == address) {
                places.back().next = number_of_place;
            }
            place_at[here] = number_of_place;
            address = place.instruction.size != 0 ? address + place.instruction.size : end;
            places.push_back(std::move(place));
        }
    }
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

void Program::resolve(Place &place) {
    const Instruction &instruction = place.instruction;
    if (instruction.flow != Flow::jump && instruction.flow != Flow::call) {
        return;
    }
    const Function &function = all_functions[place.function];
    Spot spot = {function.object, function.section, instruction.target.value_or(0)};
    const Relocation *relocation = relocation_at(function, instruction);
    if (relocation == nullptr && instruction.jumps_from) {
        /* the instruction before it has the relocation of both */
        relocation = relocation_at(function, (&place - 1)->instruction);
    }
    if (relocation != nullptr && !relocation->name.empty()) {
        place.outside = relocation->name;
        const auto known = global_functions.find(relocation->name);
        if (known != global_functions.end()) {
            place.target = all_functions[known->second].first;
            place.outside.clear();
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
        place.target = found->second;
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
