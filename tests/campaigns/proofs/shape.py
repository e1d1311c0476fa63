# SPDX-License-Identifier: BSD-3-Clause
"""One build of the core as the obligations see it: its sizes, its constants, and its functions
applied to unknowns."""

import inside
from c_semantics import Execution, cell_indices
from c_source import Build, Source, macro_name
from terms import MEMORY, at_most, concatenate, constant, equal, select, variable

MACHINES = {64: "aarch64-none-elf", 32: "thumbv7m-none-eabi"}
MACROS = ["OUTER_SIZE_MAX", "BLOCK_MIN", "BLOCK_OVERHEAD", "GUARD_BYTES", "GRANULE",
          "GRANULE_SIZE", "SIZE_UNIT",
          "BLOCK_FLAGS", "BLOCK_FREE", "BLOCK_PREVIOUS_FREE", "PENDING_VICTIM",
          "CLASS_FIRST", "CLASS_FIRST_MAX",
          "CLASS_MAX", "ROW_COUNT", "CLASSES_PER_OCTAVE", "CLASSES_PER_ROW", "GRANULES_BITS",
          "CLASS_NONE", "LINK_UNIT", "LINK_MARK", "LINK_BASE_ALIGN", "BLOCK_END",
          "sizeof(header_word)", "sizeof(block_link)", "sizeof(control)", "sizeof(block)",
          "sizeof(pool_descriptor)", "POOL_FRONT", "offsetof(block, previous)",
          "offsetof(block, next)", "offsetof(control, heads)", "offsetof(control, first_level)",
          "offsetof(control, second_level)", "offsetof(control, class_end)",
          "offsetof(control, pending)", "offsetof(control, pending_header)",
          "offsetof(control, request_max)"]
# Obligations speak of C's largest sizes plus one class: in more bits than any of them has.
WIDE = 72


class Shape:
    """The unknowns' names do not tell the shape: equal obligations of two shapes are one."""

    def __init__(self, root, machine, layout, granule, sl_bits, bits="generic", hardening=1):
        self.bits, self.hardening = machine, hardening
        self.layout, self.granule, self.sl_bits = layout, granule, sl_bits
        self.build = Build(MACHINES[machine], bits, TLSF_LAYOUT=f"TLSF_{layout.upper()}",
                           TLSF_GRANULE=granule, TLSF_SL_BITS=sl_bits, TLSF_HARDENING=hardening)
        self.source = Source(root, inside.sources(root), self.build, MACROS)

    @property
    def name(self):
        return f"{self.bits}-bit {self.layout}, granule {self.granule}, " \
            f"sl_bits {self.sl_bits}, hardening {self.hardening}, bits {self.build.bits}"

    def execution(self):
        return Execution(self.source, variable("memory", MEMORY))

    def call(self, name, *arguments):
        """The result of one call of a pure function."""
        return self.execution().call(name, *arguments)

    # ---- constants and unknowns ----------------------------------------------------------

    def __getattr__(self, name):
        """A constant of the C source: shape.OUTER_SIZE_MAX."""
        if name not in MACROS:
            raise AttributeError(name)
        self.__dict__[name] = self.execution().call(macro_name(name)).value
        return self.__dict__[name]

    def size_of(self, type_name):
        return getattr(self, f"sizeof({type_name})")

    def offset_of(self, structure, member):
        return getattr(self, f"offsetof({structure}, {member})")

    @property
    def header_bits(self):
        return 8 * self.size_of("header_word")

    @property
    def link_bits(self):
        return 8 * self.size_of("block_link")

    def outer_size(self, name):
        return variable(name, self.header_bits)

    def word(self, name):
        """An unknown size_t, class or address."""
        return variable(name, self.bits)

    def is_size(self, n):
        """Whether n is an outer size that the layout allows, or 0."""
        return at_most(n, self.OUTER_SIZE_MAX) & equal(n & (self.GRANULE_SIZE - 1), 0)

    def is_block_size(self, n):
        return self.is_size(n) & at_most(constant(self.BLOCK_MIN, n.width), n)

    def is_class(self, c):
        return at_most(constant(self.CLASS_FIRST, c.width), c) & at_most(c, self.CLASS_MAX)

    def is_plan(self, n):
        """What request_max is made of: any size of a block."""
        return self.is_block_size(n)

    def is_header_address(self, b):
        """Whether b lies one header word below a multiple of the granule."""
        return equal((b + self.BLOCK_OVERHEAD) & (self.granule - 1), 0)

    def load_word(self, execution, address, bits=None):
        """What memory holds at an address after an execution: a size_t, or so many bits."""
        cells = [select(execution.memory, index)
                 for index in cell_indices(address, bits or self.bits)]
        return cells[0] if len(cells) == 1 else concatenate(cells[1], cells[0])

    @staticmethod
    def load_cell(execution, cell):
        return select(execution.memory, cell)


def legal_shapes():
    """(machine, layout, granule, sl_bits) of every build that the sources allow: pointers and
    64-bit headers do not fit granule 4."""
    for machine in (64, 32):
        for layout in ("compact", "wide"):
            for granule in (4, 8, 16, 32, 64):
                for sl_bits in (3, 4, 5):
                    if not (machine == 64 and layout == "wide" and granule == 4):
                        yield machine, layout, granule, sl_bits
