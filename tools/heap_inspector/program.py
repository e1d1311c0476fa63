# SPDX-License-Identifier: BSD-3-Clause
"""The ELF file of a program: its symbols, its debug information, and the bytes that it loads."""

import struct
from bisect import bisect_right

from elftools.common.exceptions import ELFError
from elftools.construct import Array
from elftools.dwarf.descriptions import describe_form_class
from elftools.elf.elffile import ELFFile

from .problem import Problem

LINE_ENTRIES_MAX = 10_000_000


def text(value):
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def die_name(die):
    attribute = die.attributes.get("DW_AT_name")
    return text(attribute.value) if attribute else None


def die_type(die):
    """The type of a member or typedef, behind typedefs and qualifiers."""
    while "DW_AT_type" in die.attributes:
        die = die.get_DIE_from_attribute("DW_AT_type")
        if die.tag in ("DW_TAG_structure_type", "DW_TAG_array_type", "DW_TAG_base_type",
                       "DW_TAG_pointer_type", "DW_TAG_enumeration_type"):
            return die
    return die


class Program:
    """bias: how far above the addresses in the file the program was loaded."""

    def __init__(self, path, bias=0):
        self.path = str(path)
        self.bias = bias
        try:
            self.elf = ELFFile(open(path, "rb"))  # read from as long as the program is asked
        except (OSError, ELFError) as error:
            raise Problem(f"{path}: {error or 'no ELF file'}") from error
        self.little = self.elf.little_endian
        self.word = self.elf.elfclass // 8
        self.is_arm = self.elf["e_machine"] == "EM_ARM"
        self._functions = self._ranges = None
        self._lines = {}
        self._dwarf = None

    # ---- symbols ---------------------------------------------------------------------------

    def symbols(self):
        """Yields (name, address, bytes, kind) of all symbols, as the file has them."""
        table = self.elf.get_section_by_name(".symtab") or self.elf.get_section_by_name(".dynsym")
        for symbol in table.iter_symbols() if table else ():
            if symbol.name and symbol["st_shndx"] != "SHN_UNDEF":
                yield (symbol.name, symbol["st_value"], symbol["st_size"],
                       symbol["st_info"]["type"])

    def symbol(self, name):
        """(address, bytes) where the target has the symbol; None."""
        for found, address, size, kind in self.symbols():
            if found == name and kind in ("STT_OBJECT", "STT_FUNC", "STT_NOTYPE"):
                return self.loaded(address, kind), size
        return None

    def loaded(self, address, kind="STT_OBJECT"):
        if kind == "STT_FUNC" and self.is_arm:
            address &= ~1  # marks Thumb code
        return address + self.bias

    def function_at(self, address):
        """The function that contains an address of the target; None."""
        if self._functions is None:
            self._functions = sorted((self.loaded(at, kind), size, name)
                                     for name, at, size, kind in self.symbols()
                                     if kind == "STT_FUNC")
        place = bisect_right(self._functions, (address, float("inf"), "")) - 1
        if place < 0:
            return None
        begin, size, name = self._functions[place]
        return name if address < begin + max(size, 1) else None

    # ---- bytes -----------------------------------------------------------------------------

    def segments(self):
        """What the program loads from its file, where the target has it."""
        return [(part["p_vaddr"] + self.bias, part.data())
                for part in self.elf.iter_segments() if part["p_type"] == "PT_LOAD"]

    # ---- debug information -----------------------------------------------------------------

    def dwarf(self):
        if self._dwarf is None:
            self._dwarf = self.elf.has_dwarf_info() and self.elf.get_dwarf_info()
        return self._dwarf or None

    def units_with(self, name):
        """The units whose debug information may mention the name."""
        dwarf = self.dwarf()
        if dwarf is None:
            return
        section = dwarf.debug_str_sec
        strings = section.stream.getvalue() if section else b""
        at = strings.find(b"\0" + name.encode() + b"\0") + 1
        order = "<" if self.little else ">"
        mark = struct.pack(order + "I", at) if at else None
        for unit in dwarf.iter_CUs():
            stream = dwarf.debug_info_sec.stream
            stream.seek(unit.cu_offset)
            raw = stream.read(unit.size)
            # DWARF 5 can name a string by its number; a linker can join the ends of strings.
            if mark is None or mark in raw or unit["version"] >= 5:
                yield unit

    # ---- lines -----------------------------------------------------------------------------

    def _unit_ranges(self):
        if self._ranges is None:
            dwarf = self.dwarf()
            self._ranges = [(begin, end, unit) for unit in (dwarf.iter_CUs() if dwarf else ())
                            for begin, end in self._ranges_of(unit)]
        return self._ranges

    def _ranges_of(self, unit):
        top = unit.get_top_DIE()
        low, high = top.attributes.get("DW_AT_low_pc"), top.attributes.get("DW_AT_high_pc")
        if low and high:
            end = high.value
            if describe_form_class(high.form) != "address":
                end += low.value
            return [(low.value, end)]
        rows = self._rows_of(unit)
        return [(begin, end) for begin, end, _, _ in rows]

    def _rows_of(self, unit):
        """The unit's lines: (begin, end, file, line)."""
        if unit.cu_offset in self._lines:
            return self._lines[unit.cu_offset]
        rows = self._lines[unit.cu_offset] = []
        know_checksums(unit.structs)
        program = self.dwarf().line_program_for_CU(unit)
        before = None
        for entry in program.get_entries() if program else ():
            state = entry.state
            if state is None:
                continue
            if before is not None and not before.end_sequence and state.address > before.address:
                rows.append((before.address, state.address, file_name(program, before.file),
                             before.line))
            before = state
            if len(rows) > LINE_ENTRIES_MAX:
                break
        return rows

    def line_at(self, address):
        """(file, line) of an address of the target; None."""
        address -= self.bias
        for begin, end, unit in self._unit_ranges():
            if begin <= address < end:
                for first, last, file, line in self._rows_of(unit):
                    if first <= address < last:
                        return file, line
        return None


def know_checksums(structs):
    """Clang gives files checksums, which pyelftools before 0.30 cannot read."""
    structs.Dwarf_dw_form.setdefault("DW_FORM_data16", Array(16, structs.Dwarf_uint8("")))


def file_name(program, number):
    """The last part of a file's name: paths differ between machines."""
    files = program["file_entry"]
    place = number if program["version"] >= 5 else number - 1
    if not 0 <= place < len(files):
        return "?"
    return text(files[place].name).rsplit("/", 1)[-1]
