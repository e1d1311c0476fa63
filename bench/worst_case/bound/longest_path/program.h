/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The functions of a set of object files, decoded, with what each jump and call leads to.
 */
#ifndef BOUND_PROGRAM_H
#define BOUND_PROGRAM_H

#include <llvm/ADT/StringMap.h>
#include <llvm/DebugInfo/DWARF/DWARFContext.h>
#include <llvm/Object/ELFObjectFile.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "instruction.h"

namespace bound {

class Decoder;

constexpr size_t NOWHERE = SIZE_MAX;

struct Function {
    std::string name;
    std::string source_name; /* without what a compiler adds to copies and parts of a function */
    size_t object;
    uint64_t section;
    uint64_t begin; /* in the section */
    uint64_t size;  /* bytes, constants among the code included */
    bool is_global;
    size_t first = NOWHERE; /* its first instruction */
};

/* An instruction and where it leads. */
struct Place {
    Instruction instruction;
    size_t function = NOWHERE;
    size_t next = NOWHERE;   /* the instruction behind it in the same function */
    size_t target = NOWHERE; /* the instruction that it jumps to, or the function that it calls */
    std::string outside;     /* the name of the target when that is in none of the objects */
};

/* Where in the source an instruction comes from. */
struct SourceLine {
    std::string file;
    unsigned line = 0;
    std::string function; /* the one that the line stands in: inlined ones have their own */
};

class Program {
  public:
    explicit Program(const std::vector<std::string> &paths);

    const std::vector<Function> &functions() const { return all_functions; }
    const Place &place(size_t index) const { return places[index]; }
    const Function &function_of(size_t place) const {
        return all_functions[places[place].function];
    }
    /* Returns  the global function of that name; NULL when there is none. */
    const Function *find(llvm::StringRef name) const;
    /* Whether the place is where a function begins. */
    bool is_entry(size_t place) const { return function_of(place).first == place; }

    SourceLine source_of(size_t place) const;
    int64_t return_address_size() const { return return_address_bytes; }

  private:
    struct Object {
        llvm::object::OwningBinary<llvm::object::ObjectFile> file;
        std::unique_ptr<llvm::DWARFContext> lines;
    };
    /* A place of an object: section and address in it. */
    struct Spot {
        size_t object;
        uint64_t section;
        uint64_t address;
        bool operator<(const Spot &other) const {
            return std::tie(object, section, address) <
                   std::tie(other.object, other.section, other.address);
        }
    };
    struct Relocation {
        Spot target;      /* when it is in the same object */
        std::string name; /* else: of the symbol */
        bool has_addend;  /* else the instruction's own bits hold it */
    };

    void read_functions(size_t number);
    void read_relocations(size_t number);
    void decode(size_t number);
    void decode_function(const Decoder &decoder, size_t index, llvm::ArrayRef<uint8_t> bytes);
    std::optional<uint64_t> end_of_data(const Spot &spot) const;
    const Relocation *relocation_at(const Function &function, const Instruction &instruction) const;
    void resolve(Place &from);

    std::vector<Object> objects;
    std::vector<Function> all_functions;
    std::vector<Place> places;
    std::map<Spot, size_t> place_at;
    std::map<Spot, size_t> function_at;
    std::map<Spot, Relocation> relocations;
    std::map<Spot, bool> data_begins; /* from here on: constants, or code again */
    std::map<std::string, size_t> global_functions;
    int64_t return_address_bytes = 0;
};

} // namespace bound

#endif
