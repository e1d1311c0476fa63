# SPDX-License-Identifier: BSD-3-Clause
"""Bit operations: the portable ones of lib/, and those of every folder of arch/ as lib/
selects them, equal their specification for every argument. And the overflow of a product."""

import inside
from c_semantics import Execution
from c_source import Build, Source
from claim import Claim, IntegerClaim, bug, obligation
from terms import (at_most, bit, constant, differ, equal, implies, less, products_in, resize,
                   substitute, variable)

BUILDS = [Build("aarch64-none-elf", "generic"), Build("aarch64-none-elf", "aarch64"),
          Build("thumbv6m-none-eabi", "armv6m"), Build("thumbv7m-none-eabi", "arm"),
          Build("riscv32-none-elf", "riscv", ["-march=rv32i"]),
          Build("riscv32-none-elf", "riscv", ["-march=rv32imac"]),
          Build("riscv64-none-elf", "riscv", ["-march=rv64gc_zbb"]),
          Build("i686-none-elf", "x86"), Build("x86_64-none-elf", "x86"),
          Build("x86_64-none-elf", "x86", ["-mbmi", "-mlzcnt"])]


class BitOperations:
    """A build's bit operations, applied to unknowns."""

    def __init__(self, root, build):
        self.build, self.name = build, f"bits of {build.name}"
        self.source = Source(root, [inside.find("bits_first_set", root).path], build)

    def claim(self, function, specification, width):
        """The function gives what is specified of every argument but 0, and is defined."""
        word = variable("word", width)
        execution = Execution(self.source)
        result = execution.call(function, word)
        return Claim(specification(word, result) & execution.holds("undefined"), differ(word, 0),
                     name=function)


def is_first_set(word, index):
    """The bit is set, and none below it is."""
    index = resize(index, word.width)
    return less(index, word.width) & bit(word >> index, 0) & \
        equal(word << (constant(word.width - 1, word.width) - index), 1 << (word.width - 1))


def is_last_set(word, index):
    """The bit is set, and none above it is."""
    index = resize(index, word.width)
    return less(index, word.width) & equal(word >> index, 1)


@obligation(bug("portable_last_set", "* one less"), subject="portable")
def portable_last_set_is_as_specified(bits):
    yield bits.claim("portable_last_set", is_last_set, 32)


@obligation(bug("portable_first_set", "right of & dropped"), subject="portable")
def portable_first_set_is_as_specified(bits):
    yield bits.claim("portable_first_set", is_first_set, 32)


@obligation(bug("portable_last_set64", "* one less"), subject="portable")
def portable_last_set64_is_as_specified(bits):
    yield bits.claim("portable_last_set64", is_last_set, 64)


@obligation(bug("multiplied_index", "* one less in declaration *"),
            bug("multiplied_index", "* one more in result *"), subject="portable")
def multiplied_first_set_is_as_specified(bits):
    yield bits.claim("multiplied_first_set", is_first_set, 32)


@obligation(bug("multiplied_last_set", "* one less"), subject="portable")
def multiplied_last_set_is_as_specified(bits):
    yield bits.claim("multiplied_last_set", is_last_set, 32)


@obligation(bug("BITS_LAST_SET", "31 one more", arch="aarch64"),
            bug("BITS_FIRST_SET", "__builtin_ctz made *", arch="aarch64"),
            bug("BITS_LAST_SET64", "63 one less", arch="aarch64"),
            subject="bits")
def bits_of_the_build_are_as_specified(bits):
    yield bits.claim("bits_first_set", is_first_set, 32)
    yield bits.claim("bits_last_set", is_last_set, 32)
    yield bits.claim("bits_last_set64", is_last_set, 64)


# ---- products ------------------------------------------------------------------------------
#
# No solver follows a product of two 64-bit unknowns through both ways of computing it. So the
# products of halves become unknowns of which only these facts are used, each a claim about
# integers; everything else of product_overflows stays as the source has it.

def halves_of(word):
    half = word.width // 2
    return word >> half, word & ((1 << half) - 1)


def product_facts(x, y, product):
    """What the first two claims of product_of_halves_facts say of a product of two halves."""
    largest = ((1 << (product.width // 2)) - 1) ** 2
    return at_most(product, largest) & \
        implies(equal(x, 0) | equal(y, 0), equal(product, 0)) & \
        implies(differ(x, 0) & differ(y, 0), differ(product, 0))


@obligation(subject="machine")
def product_of_halves_facts(machine):
    unit = 1 << (machine.bits // 2)
    yield IntegerClaim(
        "xy", ["(<= 0 x)", "(<= 0 y)", f"(< x {unit})", f"(< y {unit})"],
        f"(<= (* x y) {(unit - 1) ** 2})", f"(<= (* x y) {(unit - 1) ** 2 - 1})",
        name="at most the square of the largest half")
    yield IntegerClaim(
        "xy", ["(<= 0 x)", "(<= 0 y)"], "(= (= (* x y) 0) (or (= x 0) (= y 0)))",
        "(= (= (* x y) 0) (= x 0))", name="0 iff a factor is")
    terms = f"(+ (* (* ah bh) {unit * unit}) (* (+ (* ah bl) (* bh al)) {unit}) (* al bl))"
    yield IntegerClaim(
        ["ah", "al", "bh", "bl"], [], f"(= (* (+ (* ah {unit}) al) (+ (* bh {unit}) bl)) {terms})",
        f"(= (* (+ (* ah {unit}) al) (+ (* bh {unit}) bl)) (+ {terms} ah))",
        name="sum of the products of halves")


@obligation(bug("product_overflows", "> made >="),
            bug("product_overflows", "!= made =="),
            bug("product_overflows", "+ made - in result *"),
            subject="machine")
def product_overflow_is_the_true_one(machine):
    bits = machine.bits
    a, b = machine.word("a"), machine.word("b")
    result = machine.call("product_overflows", a, b)
    products, facts = {}, []
    for number_a, x in enumerate(halves_of(a)):
        for number_b, y in enumerate(halves_of(b)):
            product = variable(f"product{number_a}{number_b}", bits)
            facts.append(product_facts(x, y, product))
            products[x * y] = products[y * x] = product
    unknown = [term for term in products_in(result) if term not in products]
    if unknown:
        raise LookupError("product_overflows multiplies something else than halves")
    high, cross1, cross2, low = (
        resize(variable(f"product{place}", bits), 2 * bits + 2)
        for place in ("00", "01", "10", "11"))
    true = (high << bits) + ((cross1 + cross2) << (bits // 2)) + low
    overflows = at_most(constant(1 << bits, true.width), true)
    yield Claim(equal(equal(substitute(result, products), 1), overflows), *facts)
