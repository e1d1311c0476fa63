# SPDX-License-Identifier: BSD-3-Clause
"""The library in this process, and a heap of it in memory that Python owns: to damage it, to ask
the library about it, and to put it back as it was."""

import ctypes
import platform

from heap_inspector.heap import Heap
from heap_inspector.layout import layout_of
from heap_inspector.memory import Unreadable
from heap_inspector.program import Program
from heap_inspector.report import Inspection
from report import ROOT, run

ARCH = {"x86_64": "x86"}.get(platform.machine(), platform.machine())
FLAGS = ["-std=c11", "-O0", "-g", "-shared", "-fPIC", f"-I{ROOT}/include", f"-I{ROOT}/arch/{ARCH}"]
HOLE = 256  # bytes between two pools


class Report(ctypes.Structure):
    _fields_ = [("broken", ctypes.c_int), ("pool", ctypes.c_void_p), ("block", ctypes.c_void_p)]


class Library:
    """One build. functions: those of tlsf.h that are used here."""

    def __init__(self, folder, options):
        self.options = options
        self.file = folder / ("library" + "".join(options).replace("=", "_") + ".so")
        built = run("gcc", *FLAGS, *options, *sorted((ROOT / "lib/core").glob("*.c")),
                    "-o", self.file)
        if not built.ok:
            raise RuntimeError(built.tail())
        self.program = Program(self.file)
        self.layout = layout_of(self.program)
        loaded = ctypes.CDLL(str(self.file))
        pointer, size = ctypes.c_void_p, ctypes.c_size_t
        self.create = self._function(loaded, "tlsf_create_sized", pointer, pointer, size, size)
        self.add_pool = self._function(loaded, "tlsf_add_pool", pointer, pointer, pointer, size)
        self.memalign = self._function(loaded, "tlsf_memalign", pointer, pointer, size, size)
        self.free = self._function(loaded, "tlsf_free", None, pointer, pointer)
        self.check_report = self._function(loaded, "tlsf_check_report", ctypes.c_int, pointer,
                                           ctypes.POINTER(Report))

    @staticmethod
    def _function(loaded, name, result, *arguments):
        function = getattr(loaded, name)
        function.restype, function.argtypes = result, arguments
        return function


class NativeHeap:
    """A heap of two pools in one array of bytes, with live blocks {address: bytes}."""

    def __init__(self, library, first_bytes, second_bytes, seed):
        self.library, self.layout = library, library.layout
        self.bytes = first_bytes + HOLE + second_bytes
        self.array = (ctypes.c_ubyte * (self.bytes + 64))()
        self.begin = ctypes.addressof(self.array) + 63 & ~63
        self.view = memoryview(self.array).cast("B")[self.begin - ctypes.addressof(self.array):]
        self.view = self.view[:self.bytes]
        self.handle = library.create(self.begin, first_bytes, max(first_bytes, second_bytes))
        library.add_pool(self.handle, self.begin + first_bytes + HOLE, second_bytes)
        self.live = {}
        self.random = seed

    # ---- what the inspector sees -------------------------------------------------------------

    def read(self, address, count):
        offset = address - self.begin
        if count < 0 or not 0 <= offset <= self.bytes - count:
            raise Unreadable(address)
        return bytes(self.view[offset:offset + count])

    def inspection(self, gap=range(0)):
        """gap: offsets of the bytes that a dump lacks."""
        return Inspection(Heap(Copy(self, gap), self.layout, self.handle), self.library.program)

    # ---- what the library does ---------------------------------------------------------------

    def request(self, size, align=0):
        block = self.library.memalign(self.handle, align, size)
        if block:
            self.live[block] = size
        return block

    def release(self, block):
        self.library.free(self.handle, block)
        del self.live[block]

    def step(self, size_max):
        """A random request, or a release. Returns (size, align) of a request that failed."""
        if self.live and (self.random.random() < 0.45):
            self.release(self.random.choice(sorted(self.live)))
            return None
        size = self.random.randrange(size_max)
        align = self.random.choice((0, 0, 0, 0, 16, 64))
        return None if self.request(size, align) else (size, align)

    def report(self):
        found = Report()
        self.library.check_report(self.handle, ctypes.byref(found))
        return found.broken, found.pool, found.block

    # ---- damage ------------------------------------------------------------------------------

    def saved(self):
        return bytes(self.view)

    def restore(self, saved):
        self.view[:] = saved

    def flip(self, offset, bit):
        self.view[offset] ^= 1 << bit

    def write(self, address, data):
        offset = address - self.begin
        self.view[offset:offset + len(data)] = data


class Copy:
    """The heap's memory at this moment."""

    def __init__(self, heap, gap):
        self.begin, self.data, self.gap = heap.begin, heap.saved(), gap

    def read(self, address, count):
        offset = address - self.begin
        if count < 0 or not 0 <= offset <= len(self.data) - count:
            raise Unreadable(address)
        first = max(offset, self.gap.start)
        if first < min(offset + count, self.gap.stop):
            raise Unreadable(self.begin + first)
        return self.data[offset:offset + count]
