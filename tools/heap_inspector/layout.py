# SPDX-License-Identifier: BSD-3-Clause
"""The layout of a heap, as the program's debug information has it: structures, options, sizes,
links and size classes. The names are those of lib/core/block.h, heap.h and size_class.h."""

import re
from dataclasses import dataclass, field

from .problem import Problem
from .program import die_name, die_type

CONSTANTS = ("GRANULE", "BLOCK_OVERHEAD", "BLOCK_MIN", "GUARD_BYTES", "GRANULES_BITS", "LINK_UNIT",
             "LINK_MARK", "LINK_BASE_ALIGN", "POOL_FRONT", "OPTION_LAYOUT", "OPTION_SL_BITS",
             "OPTION_HARDENING", "OPTION_PENDING", "OPTION_LOOK_AHEAD", "OPTION_ROUND_TO_CLASS",
             "OPTION_STATISTICS")
FMEMP_NAME = re.compile(r"FMemp\w*_lock_[01]_tags_([01])(_call_sites)?")
CALL_SITE_BYTES = 4
FREE, PREVIOUS_FREE, FLAGS = 1, 2, 3


@dataclass
class Member:
    offset: int
    bytes: int
    count: int = 1


@dataclass
class Structure:
    bytes: int
    members: dict = field(default_factory=dict)  # "pools.next" is the member next of pools


@dataclass
class Layout:
    little: bool
    word: int           # bytes of an address
    control: Structure
    constants: dict
    tag: Structure      # None without tags
    node: int           # bytes of the node in front of an FMemp's region; 0: no FMemp
    has_tags: bool
    has_call_sites: bool

    def __post_init__(self):
        constants = self.constants
        self.granule, self.overhead = constants["GRANULE"], constants["BLOCK_OVERHEAD"]
        self.guard_bytes = constants["GUARD_BYTES"]
        self.unit = self.granule // 4  # bytes of one unit of an outer size
        self.block_min = constants["BLOCK_MIN"] * self.unit
        self.block_max = ((1 << constants["GRANULES_BITS"]) - 1) * self.granule
        self.pool_front = constants["POOL_FRONT"]
        self.is_wide = constants["OPTION_LAYOUT"] == 1
        self.sl_bits = constants["OPTION_SL_BITS"]
        self.hardening = constants["OPTION_HARDENING"]
        self.has_pending = bool(constants["OPTION_PENDING"])
        self.look_ahead = constants["OPTION_LOOK_AHEAD"]
        self.has_statistics = bool(constants["OPTION_STATISTICS"])
        self.link_bytes = self.control.members["pending"].bytes
        self.heads = self.control.members["heads"].offset
        self.rows = self.control.members["second_level"].count
        self.class_first = (self.heads - 2 * self.overhead) // self.link_bytes
        self.class_max = self.class_of(self.block_max)
        self.end_header = (1 << 8 * self.overhead) - 4
        self.mask = (1 << 8 * self.word) - 1
        self.tag_bytes = ((self.tag.bytes + self.word - 1 if self.has_tags else 0)
                          + (CALL_SITE_BYTES if self.has_call_sites else 0))

    @property
    def order(self):
        return "little" if self.little else "big"

    def options(self):
        return {"layout": "wide" if self.is_wide else "compact", "granule": self.granule,
                "sl_bits": self.sl_bits, "hardening": self.hardening, "pending": self.has_pending,
                "look_ahead": self.look_ahead,
                "round_to_class": bool(self.constants["OPTION_ROUND_TO_CLASS"]),
                "statistics": self.has_statistics, "tag_debug": self.has_tags,
                "call_sites": self.has_call_sites}

    # ---- sizes: outer sizes in bytes ---------------------------------------------------------

    def header_size(self, header):
        return (header & ~FLAGS) * self.unit

    def header_of(self, size, flags=0):
        return size // self.unit | flags

    def inner(self, size):
        return size - self.overhead - self.guard_bytes

    def size_for(self, request):
        """The outer size of the smallest block that holds a request."""
        bytes_needed = request + self.overhead + self.guard_bytes
        return max(-(-bytes_needed // self.granule) * self.granule, self.block_min)

    def is_exact(self, size):
        return size < (2 << self.sl_bits) * self.granule

    def class_of(self, size):
        """The class of a free block of this size."""
        n, per_octave = size // self.unit, 1 << self.sl_bits
        shift = (n | per_octave * 4).bit_length() - 1 - self.sl_bits
        return self.class_first + (shift << self.sl_bits) + (n >> shift) - 2 * per_octave

    # ---- links -------------------------------------------------------------------------------

    def link_target(self, base, link):
        """The address that a link of a free list names."""
        constants = self.constants
        if self.is_wide:
            return (link - constants["LINK_MARK"]) & self.mask
        signed = link - (1 << 32) if link >> 31 else link
        distance = (signed - constants["LINK_MARK"]) * constants["LINK_UNIT"]
        return (base + distance) & self.mask

    def link_to(self, base, address):
        constants = self.constants
        if self.is_wide:
            return (address + constants["LINK_MARK"]) & self.mask
        distance = ((address - base) & self.mask) // constants["LINK_UNIT"]
        return (distance + constants["LINK_MARK"]) & 0xFFFFFFFF

    def pool_target(self, base, link):
        """The same for links of the pool list, which are distances."""
        bits = (1 << 8 * self.link_bytes) - 1
        return self.link_target(base, (link + self.link_to(base, base)) & bits)

    def pool_link_to(self, base, address):
        bits = (1 << 8 * self.link_bytes) - 1
        return (self.link_to(base, address) - self.link_to(base, base)) & bits


# ---- from debug information -------------------------------------------------------------------


def offset_of(member):
    offset = member.attributes["DW_AT_data_member_location"].value
    if not isinstance(offset, int):
        raise Problem("the debug information is of DWARF 2, whose places of members are programs: "
                      "compile the library with -gdwarf-4 or -gdwarf-5")
    return offset


def size_of(kind):
    """Some compilers give pointers no size."""
    size = kind.attributes.get("DW_AT_byte_size")
    return size.value if size else kind.cu["address_size"]


def structure_of(die):
    """A structure with the members of its structures."""
    found = Structure(die.attributes["DW_AT_byte_size"].value)
    for child in die.iter_children():
        if child.tag != "DW_TAG_member":
            continue
        offset, kind, count = offset_of(child), die_type(child), 1
        if kind.tag == "DW_TAG_array_type":
            bound = next(kind.iter_children()).attributes
            count = (bound["DW_AT_count"].value if "DW_AT_count" in bound
                     else bound["DW_AT_upper_bound"].value + 1)
            kind = die_type(kind)
        found.members[die_name(child)] = Member(offset, size_of(kind), count)
        if kind.tag == "DW_TAG_structure_type":
            for name, inner in structure_of(kind).members.items():
                found.members[f"{die_name(child)}.{name}"] = Member(offset + inner.offset,
                                                                    inner.bytes, inner.count)
    return found


def is_definition(die, name):
    return (die.tag == "DW_TAG_structure_type" and die_name(die) == name
            and "DW_AT_byte_size" in die.attributes)


def constants_of(die):
    return {die_name(child): child.attributes["DW_AT_const_value"].value
            for child in die.iter_children() if child.tag == "DW_TAG_enumerator"}


def core_facts(program):
    """The control structure and the constants, from all units that have it."""
    control, constants = None, {}
    for unit in program.units_with("tlsf_control"):
        children = list(unit.get_top_DIE().iter_children())
        here = [die for die in children if is_definition(die, "tlsf_control")]
        if not here:
            continue
        control = control or structure_of(here[0])
        for die in children:
            if die.tag == "DW_TAG_enumeration_type":
                learn(constants, constants_of(die), program)
        if set(CONSTANTS) <= set(constants):
            return control, constants
    return control, constants


def learn(constants, more, program):
    for name in set(CONSTANTS) & set(more):
        if constants.setdefault(name, more[name]) != more[name]:
            raise Problem(f"{program.path} has two libraries that differ in {name}")


def typed_structure(program, name):
    """A structure, or a typedef of one; None."""
    for unit in program.units_with(name):
        for die in unit.get_top_DIE().iter_children():
            if is_definition(die, name):
                return structure_of(die)
            if die.tag == "DW_TAG_typedef" and die_name(die) == name:
                kind = die_type(die)
                if kind.tag == "DW_TAG_structure_type" and "DW_AT_byte_size" in kind.attributes:
                    return structure_of(kind)
    return None


def layout_of(program):
    if program.dwarf() is None:
        raise Problem(f"{program.path} has no debug information: compile the library with -g, and "
                      "give the file that was not stripped")
    control, constants = core_facts(program)
    missing = sorted(set(CONSTANTS) - set(constants))
    if control is None or missing:
        raise Problem(f"{program.path} does not describe a heap: the library was compiled without "
                      f"-g, or is not in it (missing: {', '.join(missing) or 'tlsf_control'})")
    names = [FMEMP_NAME.search(name) for name, *_ in program.symbols()]
    options = next(filter(None, names), None)
    has_tags = bool(options and options[1] == "1")
    node = typed_structure(program, "FMempPoolList") if options else None
    return Layout(little=program.little, word=program.word, control=control, constants=constants,
                  tag=typed_structure(program, "tag") if has_tags else None,
                  node=node.bytes if node else 0,
                  has_tags=has_tags, has_call_sites=bool(options and options[2]))
