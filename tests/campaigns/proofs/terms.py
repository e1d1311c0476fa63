# SPDX-License-Identifier: BSD-3-Clause
"""Terms of the logic of fixed-size bit vectors and of arrays of 32-bit cells: built with the
usual operators, folded where all operands are known, printed as SMT-LIB 2 or evaluated.

A term's width is its number of bits; BOOL and MEMORY are the two other sorts."""

BOOL = 0
MEMORY = -1
CELL_BITS = 32


class Term:
    """A node of a directed acyclic graph. Equal terms are one object: make() sees to it. Operators
    that depend on signedness are the unsigned ones."""

    __slots__ = ("operator", "arguments", "width")

    def __add__(self, other):
        return binary("bvadd", self, other)

    def __sub__(self, other):
        return binary("bvsub", self, other)

    def __mul__(self, other):
        return binary("bvmul", self, other)

    def __mod__(self, other):
        return binary("bvurem", self, other)

    def __and__(self, other):
        return both(self, other) if self.width == BOOL else binary("bvand", self, other)

    def __or__(self, other):
        return either(self, other) if self.width == BOOL else binary("bvor", self, other)

    def __xor__(self, other):
        return binary("bvxor", self, other)

    def __lshift__(self, other):
        return binary("bvshl", self, other)

    def __rshift__(self, other):
        return binary("bvlshr", self, other)

    def __invert__(self):
        return negation(self) if self.width == BOOL else make("bvnot", (self,), self.width)

    @property
    def is_constant(self):
        return self.operator == "constant"

    @property
    def value(self):
        return self.arguments[0]


_terms = {}


def make(operator, arguments, width):
    """The term of this operator, operands and width; a constant where the operands are."""
    if all(isinstance(term, Term) and term.is_constant for term in arguments) and arguments:
        known = apply(operator, [term.value for term in arguments],
                      [term.width for term in arguments], width)
        if known is not None:
            return truth(known) if width == BOOL else constant(known, width)
    key = (operator, width, tuple(id(term) if isinstance(term, Term) else term
                                  for term in arguments))
    if key not in _terms:
        term = Term()
        term.operator, term.arguments, term.width = operator, arguments, width
        _terms[key] = term
    return _terms[key]


def constant(value, width):
    return make_leaf("constant", value & ((1 << width) - 1), width)


def truth(value):
    return make_leaf("constant", int(bool(value)), BOOL)


def variable(name, width):
    return make_leaf("variable", name, width)


def make_leaf(operator, value, width):
    key = (operator, width, value)
    if key not in _terms:
        term = Term()
        term.operator, term.arguments, term.width = operator, (value,), width
        _terms[key] = term
    return _terms[key]


# ---- operators -----------------------------------------------------------------------------

def lift(other, width):
    return other if isinstance(other, Term) else constant(other, width)


def binary(operator, a, b):
    b = lift(b, a.width)
    if a.width != b.width:
        raise ValueError(f"{operator} of {a.width} and {b.width} bits")
    if b.is_constant and b.value == 0 and operator in ("bvadd", "bvsub", "bvor", "bvxor", "bvshl",
                                                       "bvlshr"):
        return a
    return make(operator, (a, b), a.width)


def compare(operator, a, b):
    b = lift(b, a.width)
    if a.width != b.width:
        raise ValueError(f"{operator} of {a.width} and {b.width} bits")
    if a is b:
        return truth(operator in ("=", "bvule", "bvsle"))
    return make(operator, (a, b), BOOL)


def equal(a, b):
    return compare("=", a, b)


def differ(a, b):
    return ~equal(a, b)


def less(a, b):
    return compare("bvult", a, b)


def at_most(a, b):
    return compare("bvule", a, b)


def signed_less(a, b):
    return compare("bvslt", a, b)


def quotient(a, b):
    return binary("bvudiv", a, b)


def remainder(a, b):
    return binary("bvurem", a, b)


def negation(a):
    if a.is_constant:
        return truth(not a.value)
    return a.arguments[0] if a.operator == "not" else make("not", (a,), BOOL)


def both(a, b):
    if a.is_constant:
        return b if a.value else a
    if b.is_constant:
        return a if b.value else b
    return a if a is b else make("and", (a, b), BOOL)


def either(a, b):
    return negation(both(negation(a), negation(b)))


def implies(a, b):
    return either(negation(a), b)


def every(terms):
    result = truth(True)
    for term in terms:
        result = both(result, term)
    return result


def choose(condition, a, b):
    """a where the condition holds, else b."""
    if condition.is_constant:
        return a if condition.value else b
    if a is b:
        return a
    if a.width == BOOL:
        return either(both(condition, a), both(negation(condition), b))
    return make("ite", (condition, a, b), a.width)


def extract(a, high, low):
    if high - low + 1 == a.width:
        return a
    return make(("extract", high, low), (a,), high - low + 1)


def concatenate(high, low):
    return make("concat", (high, low), high.width + low.width)


def resize(a, width, signed=False):
    """The value in so many bits: cut, or extended by zeros or by its sign."""
    if width <= a.width:
        return extract(a, width - 1, 0)
    if not signed:
        return concatenate(constant(0, width - a.width), a)
    return make(("sign_extend", width - a.width), (a,), width)


def bit(a, number):
    return equal(extract(a, number, number), 1)


# ---- memory --------------------------------------------------------------------------------

_selected = {}


def select(memory, index):
    """The cell at an index. What was stored is looked through here, so that solvers meet nothing
    but reads of a memory that is not known."""
    key = (id(memory), id(index))
    if key not in _selected:
        _selected[key] = look_through(memory, index)
    return _selected[key]


def look_through(memory, index):
    if memory.operator == "store":
        before, where, value = memory.arguments
        return choose(equal(where, index), value, select(before, index))
    if memory.operator == "ite":
        condition, yes, no = memory.arguments
        return choose(condition, select(yes, index), select(no, index))
    return make("select", (memory, index), CELL_BITS)


def store(memory, index, value):
    return make("store", (memory, index, value), MEMORY)


# ---- evaluation ----------------------------------------------------------------------------

def signed_of(value, width):
    return value - (1 << width) if value >> (width - 1) else value


BINARY = {"bvadd": lambda a, b, w: a + b, "bvsub": lambda a, b, w: a - b,
          "bvmul": lambda a, b, w: a * b, "bvand": lambda a, b, w: a & b,
          "bvor": lambda a, b, w: a | b, "bvxor": lambda a, b, w: a ^ b,
          "bvshl": lambda a, b, w: a << b if b < w else 0,
          "bvlshr": lambda a, b, w: a >> b if b < w else 0,
          "bvudiv": lambda a, b, w: a // b if b else (1 << w) - 1,
          "bvurem": lambda a, b, w: a % b if b else a,
          "=": lambda a, b, w: a == b, "bvult": lambda a, b, w: a < b,
          "bvule": lambda a, b, w: a <= b,
          "bvslt": lambda a, b, w: signed_of(a, w) < signed_of(b, w),
          "and": lambda a, b, w: a and b}


def apply(operator, values, widths, width):
    """The value of an operator on known values; None where it has no such value."""
    mask = (1 << width) - 1 if width > 0 else 1
    if operator in BINARY:
        return int(BINARY[operator](*values, widths[0])) & mask
    if operator == "bvnot":
        return ~values[0] & mask
    if operator == "not":
        return int(not values[0])
    if operator == "concat":
        return values[0] << widths[1] | values[1]
    if operator == "ite":
        return values[1] if values[0] else values[2]
    if operator[0] == "extract":
        return values[0] >> operator[2] & mask
    if operator[0] == "sign_extend":
        return signed_of(values[0], widths[0]) & mask
    return None


def in_order(roots):
    """Every term below the roots once, operands first, without recursion."""
    seen, order, stack = set(), [], [(root, False) for root in reversed(roots)]
    while stack:
        term, is_expanded = stack.pop()
        if is_expanded:
            order.append(term)
        elif id(term) not in seen:
            seen.add(id(term))
            stack.append((term, True))
            stack += [(child, False) for child in term.arguments if isinstance(child, Term)]
    return order


def evaluate(root, values):
    """The value of a term without memory, where `values` gives that of each variable's name."""
    known = {}
    for term in in_order([root]):
        if term.operator == "variable":
            known[id(term)] = values[term.value]
        elif term.is_constant:
            known[id(term)] = term.value
        else:
            known[id(term)] = apply(term.operator, [known[id(child)] for child in term.arguments],
                                    [child.width for child in term.arguments], term.width)
    return known[id(root)]


# ---- SMT-LIB 2 -----------------------------------------------------------------------------

def sort_of(width, index_bits):
    if width == BOOL:
        return "Bool"
    if width == MEMORY:
        return f"(Array (_ BitVec {index_bits}) (_ BitVec {CELL_BITS}))"
    return f"(_ BitVec {width})"


def operator_text(operator):
    if operator[0] == "extract":
        return f"(_ extract {operator[1]} {operator[2]})"
    if operator[0] == "sign_extend":
        return f"(_ sign_extend {operator[1]})"
    return operator


def leaf_text(term):
    if term.operator == "variable":
        return term.value
    if term.width == BOOL:
        return "true" if term.value else "false"
    return f"(_ bv{term.value} {term.width})"


def print_script(assertions):
    """A script that is satisfiable iff the assertions can hold together. Every inner node gets a
    name in a nested let: all solvers read that."""
    order = in_order(assertions)
    memories = [term for term in order if term.operator in ("select", "store")]
    index_bits = memories[0].arguments[1].width if memories else 0
    lines = [f"(set-logic {'QF_ABV' if memories else 'QF_BV'})"]
    texts, bindings = {}, []
    for term in order:
        if term.operator == "variable":
            lines.append(f"(declare-fun {term.value} () {sort_of(term.width, index_bits)})")
        if term.operator in ("variable", "constant"):
            texts[id(term)] = leaf_text(term)
        else:
            name = f"t{len(bindings)}"
            operands = " ".join(texts[id(child)] for child in term.arguments)
            bindings.append(f"(let (({name} ({operator_text(term.operator)} {operands})))")
            texts[id(term)] = name
    goal = texts[id(assertions[0])] if len(assertions) == 1 else \
        "(and " + " ".join(texts[id(term)] for term in assertions) + ")"
    lines += ["(assert"] + bindings + [goal + ")" * len(bindings) + ")", "(check-sat)", "(exit)"]
    return "\n".join(lines) + "\n"


# ---- abstraction ---------------------------------------------------------------------------

def substitute(root, replacements):
    """The term with others in the place of some of its subterms."""
    done = {}
    for term in in_order([root]):
        if term in replacements:
            done[id(term)] = replacements[term]
        elif term.operator in ("variable", "constant"):
            done[id(term)] = term
        else:
            children = tuple(done[id(child)] for child in term.arguments)
            done[id(term)] = make(term.operator, children, term.width)
    return done[id(root)]


def products_in(root):
    """The multiplications of two unknowns below a term."""
    return [term for term in in_order([root]) if term.operator == "bvmul" and
            not any(operand.is_constant for operand in term.arguments)]
