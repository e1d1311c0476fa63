# SPDX-FileCopyrightText: 2026 the fmemp authors
# SPDX-License-Identifier: BSD-3-Clause
"""The Conan recipe: builds the tree that it lies in with CMake."""

import os
import re

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load

TREE = os.path.join(os.pardir, os.pardir)


class FmempConan(ConanFile):
    name = "fmemp"
    license = "BSD-3-Clause"
    author = "fmemp authors"
    url = homepage = "https://fmemp.invalid"
    description = "Memory pools whose calls take a bounded number of instructions (TLSF)"
    topics = ("allocator", "real-time", "embedded", "tlsf")
    package_type = "static-library"
    languages = "C"
    settings = "os", "compiler", "build_type", "arch"
    options = {
        "block_layout": ["compact", "wide"], "granule": [4, 8, 16, 32, 64], "sl_bits": [3, 4, 5],
        "hardening": [0, 1, 2, 3], "lock": ["none", "pthread", "freertos", "interrupts", "custom"],
        "symbol_prefix": ["ANY"]}
    default_options = {"block_layout": "compact", "granule": 8, "sl_bits": 4, "hardening": 1,
                       "lock": "none", "symbol_prefix": ""}

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, TREE, "include", "tlsf.h"))
        self.version = ".".join(re.findall(r"#define TLSF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)",
                                           header))

    def export_sources(self):
        for part in ("arch", "include", "integrations/cmake", "lib", "ports"):
            copy(self, f"{part}/*", os.path.join(self.recipe_folder, TREE),
                 self.export_sources_folder)
        copy(self, "LICENSE", os.path.join(self.recipe_folder, TREE), self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["FMEMP_HOST_MALLOC"] = "disabled"
        for name in self.default_options:
            toolchain.cache_variables[f"FMEMP_{name.upper()}"] = str(getattr(self.options, name))
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure(build_script_folder="integrations/cmake")
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()

    def package_info(self):
        # The files that the library installs for find_package and pkg-config are the right ones.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("lib", "cmake", "fmemp")]
        self.cpp_info.libs = ["fmemp_bounded", "fmemp_selftest", "fmemp"]
        self.cpp_info.includedirs = [os.path.join("include", "fmemp")]
