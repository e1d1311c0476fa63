# SPDX-License-Identifier: BSD-3-Clause
"""The steps of tests/run: pairs of a name and a function that counts its checks in a Result."""

from functools import partial
from itertools import product

import amalgam_checks
import bound_checks
import campaigns
import cmake_checks
import code_checks
import cost_checks
import document_checks
import emulated_checks
import example_checks
import executed_checks
import figure_checks
import foreign_checks
import holes_checks
import image_checks
import integration_checks_c_library as c_library
import integration_checks_cpp as cpp
import integration_checks_host_malloc as host_malloc
import integration_checks_rust as rust
import language_checks
import owner_checks
import own_target_checks
import package_checks
import print_checks
import registry_checks
import release_checks
import requirement_checks
import rtos_bound_checks
import rtos_checks
import sdk_checks
import selftest_checks
import sizing_checks
import target_checks
import trace_checks
import use_checks
from options import all_options
from report import BUILD, ROOT, run
from sampling import OneOf
from suites import build_and_test, build_library

SANITIZERS = ["-Db_sanitize=address,undefined", "-Db_lundef=false", "-Doptimization=1",
              "-Ddebug=false"]
EMULATED = ["aarch64-linux", "armhf-linux", "s390x-linux", "i686-linux"]
BARE_METAL = ["cortex-m0", "cortex-m4", "cortex-m7", "riscv32-none", "riscv64-none",
              "aarch64-none"]
# What has steps or campaigns of its own, or changes nothing that a suite sees.
SAME_IN_ALL_SHAPES = ("preset", "assertions", "memory_checker", "trace", "symbol_prefix",
                      "lock_basepri", "host_malloc", "tests", "benchmarks")
OWN_BITS = ROOT / "tests" / "core" / "own_bits" / "bits_arch.h"
SHAPE_NAME = "shape-{block_layout}-{granule}-{sl_bits}"
FEW = 500  # steps of each random stream, where a build is slow or one of many


# Pairs of options of which each two values meet in the first ten shapes.
PAIRS = [("block_layout", "granule"), ("block_layout", "sl_bits"), ("block_layout", "hardening"),
         ("block_layout", "pending"), ("block_layout", "round_to_class")]
# The seed chooses the five shapes of one group, and one of the others.
GROUPS_OF_5 = [range(5), range(5, 10)]
OTHERS = range(10, 15)


def option_values():
    """The options that shapes differ in, and all their values."""
    values = {option.name: option.values for option in all_options()
              if option.name not in SAME_IN_ALL_SHAPES}
    return values | {"lock": ("none", "pthread"),  # those that need no system of their own
                     "bits": ("auto", "generic", OWN_BITS)}


def shapes():
    """Fifteen shapes. In each of GROUPS_OF_5 every option of meson_options.txt takes all its
    values, and in both together the values of PAIRS meet. In all fifteen each granule also meets
    each sl_bits."""
    values = option_values()
    for number in range(15):
        places = {"hardening": number + number // 5, "look_ahead": number * 3,
                  "pending": number // 3, "lock": number // 4, "bits": number % 7,
                  "statistics": (number + 2) // 4 + 1, "tag_debug": number // 2,
                  "call_sites": (number + 1) // 2, "round_to_class": number in (0, 9)}
        shape = {name: some[places.get(name, number) % len(some)] for name, some in values.items()}
        yield {**shape, "lock": "none"} if is_wide_4(shape) else shape


def every_value_is_built(result):
    """Whatever the seed, each value of each option is in a shape of the run. Over a few runs each
    pair of PAIRS is, and over more each granule meets each sl_bits."""
    values, every = option_values(), list(shapes())
    wanted = [((name,), group) for name in values for group in GROUPS_OF_5]
    wanted += [(pair, range(10)) for pair in PAIRS] + [(("granule", "sl_bits"), range(15))]
    for names, numbers in wanted:
        for some in product(*(values[name] for name in names)):
            met = any(tuple(every[number][name] for name in names) == some for number in numbers)
            result.check(met, f"no shape of {numbers} has {', '.join(names)} = "
                              f"{', '.join(map(str, some))}")


def is_wide_4(shape):  # needs pointers of 4 bytes
    return shape["block_layout"] == "wide" and shape["granule"] == "4"


def shape_name(shape):
    return SHAPE_NAME.format(**shape)


def options_beside_name(shape):
    """What a shape sets to another value than the default, but for the options in its name."""
    defaults = {option.name: option.default for option in all_options()}
    return [f"{name}={value}".replace(f"{ROOT}/", "") for name, value in shape.items()
            if f"{{{name}}}" not in SHAPE_NAME and str(value) != defaults[name]]


def shape_step(shape, seed):
    name = shape_name(shape)
    how = {"cross": ["i686-linux"], "slower": 10} if is_wide_4(shape) else {"cc": "gcc"}
    options = [f"-D{option}={value}" for option, value in shape.items()]
    options += [f"-Doptimization={1 if is_wide_4(shape) else 0}", "-Ddebug=false"]
    return name, partial(build_and_test, name=name, options=options, steps=FEW, suite="shape",
                         seed=seed, **how)


def emulated(result, target, seed):
    build_and_test(result, target, ["-Ddebug=false"], cross=[target], seed=seed, steps=FEW,
                   slower=10)


def emulated_riscv64(result, seed):
    folder = BUILD / "deps" / "riscv64"
    made = run(ROOT / "tools" / "cmocka_from_source", "riscv64-linux-gnu-gcc", folder)
    if not made.ok:
        result.fail("cmocka for riscv64", made.tail())
        return
    build_and_test(result, "riscv64-linux", ["-Ddebug=false"],
                   cross=["riscv64-linux", folder / "cross.ini"], seed=seed, steps=FEW, slower=10)


def bare_metal(result, target):
    folder = build_library(result, target, cross=[target])
    if folder:
        code_checks.needs_only_memory_functions(result, folder / "libfmemp.a",
                                                folder / "libfmemp_bounded.a",
                                                folder / "libfmemp_selftest.a")


def campaign(name, *options, more=""):
    return name + more, partial(campaigns.passes, name=name, options=options)


def quick_steps(seed):
    # Code that only 32-bit machines compile.
    yield "i686-linux", partial(build_and_test, name="quick-i686", cross=["i686-linux"],
                                suite="shape", seed=seed, steps=FEW, slower=10)
    yield "gcc", partial(build_and_test, name="quick", cc="gcc", seed=seed)
    yield "headers", partial(language_checks.headers_compile_in_every_standard,
                             compilers=["gcc"])
    yield "languages", partial(language_checks.sources_compile_in_both_languages,
                               compilers=["g++"])
    yield "options must match", partial(use_checks.options_must_match, compilers=["gcc"],
                                        seed=seed)
    yield "example", image_checks.example_runs_on_host
    yield "documents", document_checks.documents_hold_together
    yield "hardening 2", partial(build_and_test, name="hardening-2", cc="gcc", suite="shape",
                                 options=["-Dhardening=2"], seed=seed)
    yield "hardening 3", partial(build_and_test, name="hardening-3", cc="gcc", suite="shape",
                                 options=["-Dhardening=3", "-Dblock_layout=wide", "-Dgranule=64",
                                          "-Dpending=false", "-Dlook_ahead=4",
                                          "-Dtyped_handles=true"], seed=seed, steps=FEW)
    # Small granules, fast bit operations, no checks and no statistics.
    yield "hardening 0", partial(build_and_test, name="hardening-0", cc="gcc", suite="shape",
                                 options=["-Dhardening=0", "-Dgranule=4", "-Dsl_bits=3",
                                          "-Dstatistics=false", "-Dlook_ahead=2",
                                          "-Dbits=aarch64", "-Dc_args=-DBITS_UNCHECKED"],
                                 seed=seed, steps=FEW)
    yield campaign("memory_checkers", "--quick", "--only", "sanitizer, gcc, compact")
    yield campaign("exhaustive", "--quick", "--only", "^(compact-8|wide-16)$")


def shape_steps(numbers, seed):
    every = list(shapes())
    return [shape_step(every[number], seed=seed) for number in numbers]


def full_steps(seed, whole=False):
    """Steps, and OneOf of some. Steps that look at half of something get `part`, the seed or
    None."""
    part = None if whole else seed
    test = partial(partial, build_and_test, seed=seed)
    handles = ["-Dtyped_handles=true"]
    # The slowest steps come first, so that both jobs end at about the same time.
    yield OneOf([("gcc", test(name="gcc", cc="gcc", options=["-Ddebug=false"],
                              benchmarks="enabled")),
                 ("sanitizers clang", test(name="sanitizers-clang", cc="clang", steps=FEW,
                                           options=[*SANITIZERS, *handles], slower=4))],
                [("sanitizers gcc", test(name="sanitizers-gcc", cc="gcc", options=SANITIZERS,
                                         slower=4)),
                 ("clang", test(name="clang", cc="clang", options=["-Ddebug=false", *handles],
                                benchmarks="enabled"))])
    on = {target: (target, partial(emulated, target=target, seed=seed)) for target in EMULATED}
    riscv64 = ("riscv64-linux", partial(emulated_riscv64, seed=seed))
    # A machine of 32 bits, and one of 64 bits, of which s390x is big-endian.
    yield OneOf([on["i686-linux"]], [on["armhf-linux"]])
    yield OneOf([on["aarch64-linux"]], [riscv64], [on["s390x-linux"]])
    yield "suites with assertions", test(name="assertions", cc="gcc",
                                         options=["-Dassertions=true", "-Dhardening=3",
                                                  "-Ddebug=false"], steps=FEW)
    yield campaign("lint", "--quick")
    yield OneOf(*([campaign("fuzz", "--quick", "--engine", engine, "--seed", seed,
                            more=f" by {engine}")] for engine in ("libfuzzer", "afl")))
    yield OneOf(*(shape_steps(numbers, seed) for numbers in GROUPS_OF_5))
    yield OneOf(*(shape_steps([number], seed) for number in OTHERS))
    for target in BARE_METAL:
        yield target, partial(bare_metal, target=target)
    yield OneOf(*([(f"own target {target}", partial(own_target_checks.target_is_checked,
                                                    target=target))]
                  for target in own_target_checks.TARGETS))
    yield "own target mistakes", own_target_checks.mistakes_are_named
    yield "own target failures", own_target_checks.failures_are_seen
    yield "option values", every_value_is_built
    yield "self-test size", selftest_checks.is_small
    yield "self-test requirements", selftest_checks.requirements_exist
    yield "self-test linked", selftest_checks.is_linked_where_it_is_called
    yield "self-test faults", partial(selftest_checks.finds_faults, seed=part)
    yield campaign("programs", "--quick")
    yield campaign("middleware", "--quick", "--seed", seed)
    yield "example", image_checks.example_runs_on_host
    yield "bare-metal examples", partial(image_checks.examples_run_on_bare_metal, seed=part)
    yield "templates", example_checks.templates_run_where_they_are_copied
    yield "link-time optimisation", partial(image_checks.examples_link_with_lto, seed=seed)
    yield campaign("interrupts", "--quick", "--seed", seed)
    yield "C library newlib", c_library.c_libraries_are_served
    yield "C library picolibc", c_library.picolibc_is_served
    yield "C++", cpp.host_is_served
    yield "C++ on Cortex-M", cpp.cortex_m_is_served
    yield "owners of blocks", owner_checks.owners_are_named
    yield "host malloc", host_malloc.host_programs_are_served
    yield "Rust", partial(rust.crate_keeps_its_promises, seed=seed)
    yield "FreeRTOS heap", rtos_checks.freertos_heap_keeps_the_contract
    yield "FreeRTOS heap controls", partial(rtos_checks.freertos_cases_find_bugs, seed=part)
    yield "other RTOS heaps", partial(rtos_checks.other_heaps_serve, seed=part)
    yield "FreeRTOS heap masked", rtos_bound_checks.freertos_masked_sections_are_as_documented
    yield "document figures", figure_checks.figures_are_current
    yield "documents", document_checks.documents_hold_together
    yield "document commands", partial(document_checks.commands_run_as_printed, seed=part)
    yield "document examples", document_checks.examples_compile_and_run
    yield "requirements", requirement_checks.every_promise_is_traced
    yield "requirements controls", requirement_checks.missing_traces_are_found
    yield "requirements assigned", requirement_checks.identifiers_are_not_given_again
    yield "option defaults", use_checks.meson_defaults_are_the_headers
    yield "without printing", partial(code_checks.silent_library_needs_only_memory_functions,
                                      seed=part)
    yield "printing left out", print_checks.library_without_printing_compiles
    yield "printing linked", print_checks.printing_is_linked_where_it_is_used
    yield "printing without printf", print_checks.default_image_has_no_printf
    yield "printing by plain name", print_checks.plain_name_walks_and_prints
    yield "printing of own heap", print_checks.own_heap_is_reported_on
    yield "core and FMemp apart", code_checks.core_and_fmemp_are_apart
    yield "assertions", code_checks.assertions_stop_where_they_are_on
    yield "16-bit size_t", partial(emulated_checks.size_of_16_bits_is_served, seed=part)
    yield "end of addresses", partial(emulated_checks.last_page_is_served, seed=part)
    yield "presets", code_checks.presets_give_other_options_their_defaults
    yield "level 0 checks nothing", code_checks.level_0_checks_nothing
    yield "illegal options", code_checks.illegal_options_are_refused
    yield "direct compile", partial(code_checks.compiles_without_build_system, seed=part)
    yield campaign("coverage", "--quick")
    yield campaign("mutation", "--sample", "7", "--seed", seed, "--shipped", "--jobs", "1")
    yield campaign("proofs", "--quick", "--jobs", "1")
    yield "static bound", partial(bound_checks.requests_are_bounded, seed=seed)
    yield "static bound samples", bound_checks.samples_have_every_build
    yield "static bound controls", bound_checks.controls_are_found
    yield "static bound budget", bound_checks.budget_is_compared
    yield "static bound --cc", bound_checks.own_compiler_is_studied
    yield "static bound -g", bound_checks.debug_information_changes_no_code
    yield "costs of levels", bound_checks.costs_of_levels_are_those_of_the_headers
    yield "static bound paths", bound_checks.paths_are_as_long_as_bounds
    yield "trace off", trace_checks.trace_that_is_off_costs_nothing
    yield "trace event", trace_checks.events_are_short
    yield "trace alarm", trace_checks.alarm_is_short
    yield campaign("bitflips", "--quick")
    yield campaign("mistakes", "--quick", "--seed", seed, "--jobs", "1")
    yield OneOf(*([campaign("memory_checkers", "--quick", "--seed", seed, "--only", only,
                            more=more)]
                  for only, more in (("sanitizer, gcc", " with gcc"), (", clang", " with clang"),
                                     ("valgrind, gcc", " by valgrind"))))
    yield campaign("concurrency", "--quick")
    yield campaign("exhaustive", "--quick")
    yield campaign("inspect", "--quick", "--seed", seed)
    yield campaign("view", "--quick", "--seed", seed)
    yield OneOf(*([(f"heap sizes, {where}", partial(check, seed=seed))] for where, check in (
        ("64 bits", sizing_checks.pools_are_exact),
        ("32 bits", sizing_checks.pools_of_32_bits_are_those_of_arm),
        ("Cortex-M4", sizing_checks.pools_of_32_bits_are_those_of_a_cortex_m4))))
    yield "heap sizes, choice", sizing_checks.recommendation_follows_the_load
    yield "heap sizes, descriptions", sizing_checks.descriptions_are_understood
    yield "heap sizes, traces", sizing_checks.traces_become_loads
    yield "heap sizes, board", sizing_checks.trace_of_a_program_is_sized
    yield "heap sizes, commands", sizing_checks.commands_say_what_to_do
    yield "list of campaigns", campaigns.list_is_true
    yield "bugs of campaigns", campaigns.bugs_of_campaigns_exist
    yield "names without packages", campaigns.steps_are_named_without_packages
    yield "choice of nothing", partial(campaigns.choice_of_nothing_fails, seed=part)
    yield "executed maximum", executed_checks.maxima_are_bounded_and_equal
    yield "executed max. controls", executed_checks.loop_over_blocks_is_found
    yield "executed max. clock", executed_checks.wrong_clock_is_found
    yield "holes", holes_checks.figures_are_those_of_this_state
    yield "holes controls", holes_checks.other_figures_are_found
    yield "cost", cost_checks.figures_are_those_of_this_state
    yield "cost control", cost_checks.other_figures_are_found
    yield "options must match", partial(use_checks.options_must_match, seed=part)
    yield "plain names", foreign_checks.every_function_has_its_plain_name
    yield "foreign callers", foreign_checks.other_languages_call_the_library
    yield "prefix", use_checks.prefixes_live_side_by_side
    yield "headers", partial(language_checks.headers_compile_in_every_standard, seed=part)
    yield "handles", language_checks.opaque_handles_are_void_pointers
    yield "handles change no code", code_checks.handles_change_no_code
    yield "static init", language_checks.static_init_is_constant
    yield "languages", partial(language_checks.sources_compile_in_both_languages, seed=part)
    yield "languages, one program", language_checks.sources_are_included_in_a_program
    yield "languages, one source", language_checks.one_source_is_included_in_a_program
    yield "languages, suites", partial(language_checks.suites_pass_on_other_languages, seed=part)
    yield "header examples", use_checks.header_examples_run
    yield "SDK headers", use_checks.sdk_headers_are_used
    yield "SDK consumers", sdk_checks.consumers_run_on_overlay
    yield "SDK overlay", sdk_checks.overlay_installs_and_removes
    yield "bits chosen", target_checks.targets_choose_their_bits
    yield "bits refused", target_checks.wrong_folders_are_refused
    yield "CMake", cmake_checks.one_target_in_three_ways
    yield "CMake options", cmake_checks.options_and_presets
    yield "manifests", package_checks.manifests_and_release
    yield "Kconfig", package_checks.kconfig_has_the_options
    yield "Zephyr module", package_checks.zephyr_module_builds
    yield "ESP-IDF component", package_checks.idf_component_builds
    yield "PlatformIO library", registry_checks.platformio_library_compiles
    yield "Arduino library", registry_checks.arduino_library_builds
    yield "CMSIS-Pack", registry_checks.pack_has_what_it_lists
    yield "RT-Thread package", registry_checks.rtthread_package_builds
    yield "NuttX application", registry_checks.nuttx_makefile_builds
    yield "Conan recipe", registry_checks.conan_recipe_builds
    yield "vcpkg port", registry_checks.vcpkg_port_installs
    yield "Meson wrap", registry_checks.wrap_gives_the_library
    yield "release elsewhere", release_checks.release_is_the_same_elsewhere
    yield "release CycloneDX", release_checks.cyclonedx_is_valid
    yield "release commit", release_checks.commit_is_named
    yield "release contents", release_checks.contents_are_as_listed
    yield "release alone", release_checks.archive_suffices
    yield "Debian package", registry_checks.debian_package_builds
    yield "two files", amalgam_checks.two_files_hold
    yield "two files, code", amalgam_checks.two_files_are_the_separate_ones
    yield "without GNU C", target_checks.compilers_without_gnu_c_are_served
    yield "own bits by -I", use_checks.own_bits_are_found_first
    yield "lock ports", partial(use_checks.lock_ports_compile, seed=part)
    yield "lock ports refused", use_checks.locks_that_would_mask_nothing_are_refused
    yield "subproject", use_checks.subproject_gives_dependency
    yield "install", use_checks.installed_library_is_found
