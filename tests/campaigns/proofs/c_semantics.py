# SPDX-License-Identifier: BSD-3-Clause
"""What C functions compute, as terms: symbolic execution of clang's syntax tree. It knows
what lib/'s inline functions are made of (integers, pointers, ifs, calls) and stops at what it does
not know. There are no loops to follow: the core's calls have none.

Pointers are words of the machine; memory is an array of 32-bit cells, found by address / 4. Next
to the result, an execution gives the conditions under which C defines it."""

import c_source
import terms
from inside import word_of_tests
from terms import (CELL_BITS, Term, both, choose, concatenate, constant,
                   differ, either, equal, every, extract, implies, less, negation, quotient,
                   remainder, resize, select, signed_less, store, truth)

INTEGERS = {"char": 8, "signed char": 8, "unsigned char": 8, "short": 16, "unsigned short": 16,
            "int": 32, "unsigned int": 32, "long long": 64, "unsigned long long": 64}
UNSIGNED = {"char", "unsigned char", "unsigned short", "unsigned int", "unsigned long",
            "unsigned long long", "_Bool"}
BUILTINS = {"__builtin_ctz": 32, "__builtin_clz": 32, "__builtin_clzll": 64}


class Unsupported(Exception):
    """C that this file does not know the meaning of."""


class Condition:
    """Something that must hold whenever `function` is executed. kind: undefined (C says nothing
    else), wrap (an unsigned result that is not the mathematical one)."""

    def __init__(self, kind, function, what, term):
        self.kind, self.function, self.what, self.term = kind, function, what, term


class State:
    """Where an execution stands: the values of local variables, memory, whether it comes here."""

    def __init__(self, memory, alive):
        self.memory, self.alive, self.variables = memory, alive, {}

    def copy(self, alive):
        state = State(self.memory, alive)
        state.variables = dict(self.variables)
        return state

    def merge(self, condition, yes, no):
        """Goes on from the two ends of an if."""
        self.memory = choose(condition, yes.memory, no.memory)
        self.alive = either(yes.alive, no.alive)
        for name in self.variables:
            self.variables[name] = choose(condition, yes.variables[name], no.variables[name])


class Execution:
    """Calls of functions of one source, one after the other, on one memory."""

    def __init__(self, source, memory=None):
        self.source = source
        self.word = 8 * 8 if source.build.target.startswith(("aarch64", "x86_64", "riscv64")) \
            else 32
        self.memory = memory
        self.conditions = []

    def call(self, name, *arguments):
        """Executes a function; returns its result, None for void. Integers stand for constants."""
        function = self.source.functions[name]
        parameters = [child for child in function["inner"] if child["kind"] == "ParmVarDecl"]
        values = [terms.lift(argument, self.width(parameter))
                  for argument, parameter in zip(arguments, parameters, strict=True)]
        state = State(self.memory, truth(True))
        result = Body(self, function, state).run(parameters, values)
        self.memory = state.memory
        return result

    def holds(self, kind, functions=None):
        """That every condition of a kind (in some functions) holds."""
        return every(condition.term for condition in self.conditions if condition.kind == kind and
                     (functions is None or condition.function in functions))

    # ---- types ---------------------------------------------------------------------------

    def width(self, node):
        name = c_source.type_text(node)
        if name.endswith("*") or name in ("long", "unsigned long"):
            return self.word
        if name == "_Bool":
            return 1
        if name not in INTEGERS:
            raise Unsupported(f"type {name}")
        return INTEGERS[name]

    @staticmethod
    def is_signed(node):
        name = c_source.type_text(node)
        return not name.endswith("*") and name not in UNSIGNED


class Body:
    """One activation of a function."""

    def __init__(self, execution, function, state):
        self.execution, self.source = execution, execution.source
        self.name, self.body = word_of_tests(function["name"]), function["inner"][-1]
        self.state = state
        self.tables = {}
        self.result, self.exits = None, []

    def run(self, parameters, values):
        """Executes the body, and leaves in the state what the caller goes on from."""
        state, entered = self.state, self.state.alive
        outer = state.variables
        state.variables = {parameter["id"]: value for parameter, value in zip(parameters, values)}
        self.execute(self.body)
        state.variables, state.alive = outer, entered
        for alive, memory in self.exits:
            state.memory = choose(alive, memory, state.memory)
        return self.result

    def require(self, kind, what, term):
        self.execution.conditions.append(
            Condition(kind, self.name, what, implies(self.state.alive, term)))

    # ---- statements ----------------------------------------------------------------------

    def execute(self, node):
        statements = {"CompoundStmt": self.execute_all, "DeclStmt": self.execute_all,
                      "VarDecl": self.declare, "IfStmt": self.branch, "ReturnStmt": self.give,
                      "NullStmt": lambda node: None}
        statements.get(node["kind"], self.evaluate)(node)

    def execute_all(self, node):
        for child in node.get("inner", []):
            self.execute(child)

    def declare(self, node):
        value = node["inner"][0] if node.get("inner") else None
        if value is not None and value["kind"] == "InitListExpr":
            self.tables[node["id"]] = [self.evaluate(entry) for entry in value["inner"]]
        elif value is not None:
            self.state.variables[node["id"]] = self.evaluate(value)
        else:
            self.state.variables[node["id"]] = terms.variable(
                f"uninitialised_{node['name']}", self.execution.width(node))

    def branch(self, node):
        condition = self.truth_of(node["inner"][0])
        before = self.state
        yes = before.copy(both(before.alive, condition))
        no = before.copy(both(before.alive, negation(condition)))
        self.state = yes
        if not condition.is_constant or condition.value:
            self.execute(node["inner"][1])
        self.state = no
        if node.get("hasElse") and not (condition.is_constant and condition.value):
            self.execute(node["inner"][2])
        self.state = before
        before.merge(condition, yes, no)

    def give(self, node):
        """A return: what is executed after it is not alive any more."""
        if node.get("inner"):
            value = self.evaluate(node["inner"][0])
            self.result = value if self.result is None else \
                choose(self.state.alive, value, self.result)
        self.exits.append((self.state.alive, self.state.memory))
        self.state.alive = truth(False)

    # ---- expressions ---------------------------------------------------------------------

    def evaluate(self, node):
        """The value of an expression; None of a void one."""
        method = getattr(self, "evaluate_" + node["kind"], None)
        if method is None:
            raise Unsupported(f"{node['kind']} in {self.name}")
        return method(node)

    def truth_of(self, node):
        value = self.evaluate(node)
        if value.operator == "ite" and value.arguments[1].is_constant and \
                value.arguments[2].is_constant:
            condition, yes, no = value.arguments
            if yes.value and not no.value:
                return condition
        return differ(value, 0)

    def truth_value(self, node, condition):
        width = self.execution.width(node)
        return choose(condition, constant(1, width), constant(0, width))

    def evaluate_ParenExpr(self, node):
        return self.evaluate(node["inner"][0])

    evaluate_ConstantExpr = evaluate_ParenExpr

    def evaluate_IntegerLiteral(self, node):
        return constant(int(node["value"]), self.execution.width(node))

    def evaluate_UnaryExprOrTypeTraitExpr(self, node):
        return constant(self.source.values[c_source.sizeof_text(node)], self.execution.width(node))

    def evaluate_OffsetOfExpr(self, node):
        return constant(self.source.values[self.source.text_of(node)], self.execution.width(node))

    def evaluate_DeclRefExpr(self, node):
        if not c_source.is_enumerator(node):
            raise Unsupported(f"the address of {node['referencedDecl']['name']} in {self.name}")
        return constant(self.source.values[node["referencedDecl"]["name"]],
                        self.execution.width(node))

    def evaluate_ImplicitCastExpr(self, node):
        inner, kind = node["inner"][0], node["castKind"]
        if kind == "LValueToRValue":
            return self.load(inner)
        if kind == "ToVoid":
            self.evaluate(inner)
            return None
        if kind == "ArrayToPointerDecay":
            return self.address(inner)
        if kind in ("IntegralToBoolean", "PointerToBoolean"):
            return self.truth_value(node, self.truth_of(inner))
        if kind in ("NoOp", "IntegralCast", "BitCast", "PointerToIntegral", "IntegralToPointer",
                    "NullToPointer"):
            return resize(self.evaluate(inner), self.execution.width(node),
                          self.execution.is_signed(inner))
        raise Unsupported(f"cast {kind} in {self.name}")

    evaluate_CStyleCastExpr = evaluate_ImplicitCastExpr

    def evaluate_ConditionalOperator(self, node):
        question, yes, no = node["inner"]
        condition = self.truth_of(question)
        if condition.is_constant:
            return self.evaluate(yes if condition.value else no)
        values = []
        for wanted, answer in ((condition, yes), (negation(condition), no)):
            values.append(self.evaluate_if(wanted, answer))
        return choose(condition, *values)

    def evaluate_if(self, condition, node):
        """The value of an expression that is evaluated only where the condition holds."""
        before = self.state
        self.state = before.copy(both(before.alive, condition))
        value = self.evaluate(node)
        if self.state.memory is not before.memory:
            raise Unsupported(f"a store inside of an expression in {self.name}")
        self.state = before
        return value

    def evaluate_UnaryOperator(self, node):
        operand, operator = node["inner"][0], node["opcode"]
        if operator in ("++", "--"):
            return self.step(node, operand, operator[0])
        if operator == "&":
            return self.address(operand)
        if operator == "!":
            return self.truth_value(node, negation(self.truth_of(operand)))
        value = self.evaluate(operand)
        if operator == "~":
            return ~value
        if operator == "-":
            return self.arithmetic(node, "-", constant(0, value.width), value)
        if operator == "+":
            return value
        raise Unsupported(f"unary {operator} in {self.name}")

    def step(self, node, operand, operator):
        before = self.load(operand)
        after = self.arithmetic(node, operator, before, constant(1, before.width))
        self.assign(operand, after)
        return before if node["isPostfix"] else after

    def evaluate_BinaryOperator(self, node):
        operator, (left, right) = node["opcode"], node["inner"]
        if operator == "=":
            value = self.evaluate(right)
            self.assign(left, value)
            return value
        if operator in ("&&", "||"):
            return self.junction(node, operator, left, right)
        a, b = self.evaluate(left), self.evaluate(right)
        if operator in ("==", "!=", "<", ">", "<=", ">="):
            signed = self.execution.is_signed(left)
            return self.truth_value(node, comparison(operator, a, b, signed))
        if c_source.is_pointer(node):
            return self.pointer_arithmetic(node, operator, a, b, self.execution.is_signed(right))
        return self.arithmetic(node, operator, a, b)

    def evaluate_CompoundAssignOperator(self, node):
        left, right = node["inner"]
        value = self.arithmetic(node, node["opcode"].removesuffix("="), self.load(left),
                                self.evaluate(right))
        self.assign(left, value)
        return value

    def junction(self, node, operator, left, right):
        first = self.truth_of(left)
        wanted = first if operator == "&&" else negation(first)
        if wanted.is_constant and not wanted.value:
            return self.truth_value(node, first)
        before = self.state
        self.state = before.copy(both(before.alive, wanted))
        second = self.truth_of(right)
        self.state = before
        return self.truth_value(node, (both if operator == "&&" else either)(first, second))

    def pointer_arithmetic(self, node, operator, a, b, signed):
        if operator not in "+-":
            raise Unsupported(f"pointers and {operator} in {self.name}")
        size = self.source.values[f"sizeof({c_source.pointee_text(node)})"]
        distance = resize(b, a.width, signed) * size
        return a + distance if operator == "+" else a - distance

    def arithmetic(self, node, operator, a, b):
        """An operator on two values of the node's type, with what makes it defined and exact."""
        if operator in ("<<", ">>"):
            self.require("undefined", "a shift by less than the width", less(b, a.width))
            b = resize(b, a.width)
        elif a.width != b.width or a.width != self.execution.width(node):
            raise Unsupported(f"{operator} of mixed widths in {self.name}")
        signed = self.execution.is_signed(node)
        self.require_exact(operator, a, b, signed)
        operations = {"+": Term.__add__, "-": Term.__sub__, "*": Term.__mul__, "&": Term.__and__,
                      "|": Term.__or__, "^": Term.__xor__, "<<": Term.__lshift__,
                      ">>": Term.__rshift__, "/": quotient, "%": remainder}
        if signed and operator in ("/", "%", ">>", "<<"):
            self.require("undefined", f"{operator} of numbers that are not negative",
                         both(signed_at_least_0(a), signed_at_least_0(b)))
        return operations[operator](a, b)

    def require_exact(self, operator, a, b, signed):
        if operator in ("/", "%"):
            self.require("undefined", "a division by something", differ(b, 0))
        if operator in ("+", "-", "*"):
            kind = "undefined" if signed else "wrap"
            self.require(kind, f"{operator} without overflow", is_exact(operator, a, b, signed))
        if operator == "<<" and not signed:
            self.require("wrap", "<< that loses no bit", equal((a << b) >> b, a))

    def evaluate_CallExpr(self, node):
        callee = node["inner"][0]
        while callee["kind"] != "DeclRefExpr":
            callee = callee["inner"][0]
        name = callee["referencedDecl"]["name"]
        values = [self.evaluate(argument) for argument in node["inner"][1:]]
        if name in BUILTINS:
            return self.call_builtin(node, name, values[0])
        if name not in self.source.functions:
            raise Unsupported(f"a call of {name} in {self.name}")
        function = self.source.functions[name]
        parameters = [child for child in function["inner"] if child["kind"] == "ParmVarDecl"]
        return Body(self.execution, function, self.state).run(parameters, values)

    def call_builtin(self, node, name, word):
        """The compiler's bit counts, by what its manual says of them."""
        self.require("undefined", f"{name} of something", differ(word, 0))
        places = range(word.width)
        result = constant(0, self.execution.width(node))
        for place in reversed(places) if name == "__builtin_ctz" else places:
            count = place if name == "__builtin_ctz" else word.width - 1 - place
            result = choose(terms.bit(word, place), constant(count, result.width), result)
        return result

    # ---- places --------------------------------------------------------------------------

    def load(self, node):
        node = without_parentheses(node)
        if node["kind"] == "DeclRefExpr":
            return self.state.variables[node["referencedDecl"]["id"]]
        if node["kind"] == "ArraySubscriptExpr":
            table = self.table_of(node)
            if table is not None:
                return self.look_up(table, self.evaluate(node["inner"][1]))
        address, width = self.address(node), self.execution.width(node)
        self.require_aligned(address, width)
        cells = [select(self.state.memory, index) for index in cell_indices(address, width)]
        return cells[0] if len(cells) == 1 else concatenate(cells[1], cells[0])

    def assign(self, node, value):
        node = without_parentheses(node)
        if node["kind"] == "DeclRefExpr":
            self.state.variables[node["referencedDecl"]["id"]] = value
            return
        address = self.address(node)
        self.require_aligned(address, value.width)
        for number, index in enumerate(cell_indices(address, value.width)):
            part = extract(value, CELL_BITS * number + CELL_BITS - 1, CELL_BITS * number)
            self.state.memory = store(self.state.memory, index, part)

    def require_aligned(self, address, width):
        if width not in (CELL_BITS, 2 * CELL_BITS):
            raise Unsupported(f"memory accessed by {width} bits in {self.name}")
        self.require("undefined", "an aligned access",
                     equal(address & constant(width // 8 - 1, address.width), 0))

    def table_of(self, node):
        """The constants of a local table that an expression looks up; None: it is in memory."""
        base = node["inner"][0]
        while base["kind"] in ("ImplicitCastExpr", "ParenExpr"):
            base = base["inner"][0]
        return self.tables.get(base.get("referencedDecl", {}).get("id"))

    def look_up(self, table, index):
        self.require("undefined", "an index inside of the table", less(index, len(table)))
        result = table[0]
        for number, entry in enumerate(table):
            result = choose(equal(index, number), entry, result)
        return result

    def address(self, node):
        """The address that an lvalue names."""
        node = without_parentheses(node)
        if node["kind"] == "MemberExpr":
            base = node["inner"][0]
            begin = self.evaluate(base) if node["isArrow"] else self.address(base)
            return begin + self.source.values[c_source.offset_text(node)]
        if node["kind"] == "UnaryOperator" and node["opcode"] == "*":
            return self.evaluate(node["inner"][0])
        if node["kind"] == "ArraySubscriptExpr":
            base, index = node["inner"]
            size = self.source.values[f"sizeof({c_source.type_text(node)})"]
            begin = self.evaluate(base)
            signed = self.execution.is_signed(index)
            return begin + resize(self.evaluate(index), begin.width, signed) * size
        raise Unsupported(f"the address of {node['kind']} in {self.name}")


def without_parentheses(node):
    while node["kind"] == "ParenExpr":
        node = node["inner"][0]
    return node


def cell_indices(address, width):
    """Where memory holds a word: its cells, from the lowest on. Cells' order within a word does
    not matter here, as no word is read by another width than it was written by."""
    first = extract(address, address.width - 1, 2)
    return [first] if width == CELL_BITS else [first, first + 1]


def comparison(operator, a, b, signed):
    below = signed_less if signed else less
    return {"==": lambda: equal(a, b), "!=": lambda: differ(a, b), "<": lambda: below(a, b),
            ">": lambda: below(b, a), "<=": lambda: negation(below(b, a)),
            ">=": lambda: negation(below(a, b))}[operator]()


def signed_at_least_0(a):
    return equal(extract(a, a.width - 1, a.width - 1), 0)


def is_exact(operator, a, b, signed):
    """Whether the result of +, - or * is what it is in unbounded arithmetic."""
    wide = 2 * a.width if operator == "*" else a.width + 1
    operation = {"+": Term.__add__, "-": Term.__sub__, "*": Term.__mul__}[operator]
    exact = operation(resize(a, wide, signed), resize(b, wide, signed))
    return equal(exact, resize(operation(a, b), wide, signed))
