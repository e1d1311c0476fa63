# SPDX-License-Identifier: BSD-3-Clause
"""Mutants of lib/ and arch/: each is one small change of the text that a parser (libclang) has
understood, so that nearly all of them compile. Declarations, static assertions and preprocessor
conditions stay as they are; what a macro or an enumerator stands for does not."""

import re
from collections import Counter, namedtuple
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

import clang.cindex
from clang.cindex import CursorKind as Kind
from clang.cindex import TypeKind

from inside import word_of_tests

# Replaces text[begin:end] of a file. `function` is the function, macro or enumerator it lies in;
# `what` says what changes in it and where, without a line of the text or the name of a variable, so
# that it stays when those change: "< made <= in condition 2".
Mutant = namedtuple("Mutant", "file begin end text function what")

# How the files are read: all that some build compiles has to be seen once.
LIBRARY_READINGS = [["-Iarch/x86", "-DFMEMP_TAG_DEBUG=1"],
                    ["-Iarch/generic", "-DTLSF_LAYOUT=TLSF_WIDE"]]
ARCH_READINGS = [["-DBITS_UNCHECKED", "-Itests/core/intrinsics", *words] for words in
                 ([], ["-D__LZCNT__=1"], ["-D__riscv_zbb=1", "-D__riscv_xlen=64"],
                  ["-D__riscv_mul=1"])]

# A hint stands for its argument. It is read as blanks, so that its argument is seen as code.
HINTS = ("ON_LONGEST_PATH", "OFF_LONGEST_PATH")
HINT = re.compile(rf"(?<!#define )\b(?:{'|'.join(HINTS)})(?=\()")

OPERATORS = {
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<="], ">=": [">", "<"],
    "==": ["!="], "!=": ["=="], "&&": ["||"], "||": ["&&"],
    "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["/"],
    "<<": [">>"], ">>": ["<<"], "&": ["|"], "|": ["&"], "^": ["|"],
    "+=": ["-=", "="], "-=": ["+=", "="], "|=": ["&=", "="], "&=": ["|=", "="],
    "<<=": [">>="], ">>=": ["<<="], "++": ["--"], "--": ["++"],
}
# Operands of these can be dropped: a flag, a bound, a condition.
DROPPING = {"&&", "||", "+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^"}
# In macros, where there are tokens only.
NAMES = {"__builtin_ctz": "__builtin_clz", "__builtin_clz": "__builtin_ctz",
         "__builtin_clzll": "__builtin_ctzll", "multiplied_first_set": "multiplied_last_set",
         "multiplied_last_set": "multiplied_first_set", "portable_first_set": "portable_last_set",
         "portable_last_set": "portable_first_set"}
# Outer sizes are multiples of GRANULE_SIZE: a step of 1 changes nothing.
STEPS = {"BLOCK_MIN": "GRANULE_SIZE", "OUTER_SIZE_MAX": "GRANULE_SIZE"}
# What a build switches on: a mutant that has it on always is another build, and no mistake.
SWITCH = re.compile(r"\(*!?(HARDENING|TLSF|FMEMP)_[A-Z_]+( [<>=]+ \d)?\)*$")
NUMBER = re.compile(r"(UINT\d+_C\()?(0[xX][0-9a-fA-F]+|\d+)([uUlL]*\)?)$")
STATEMENTS = {Kind.BINARY_OPERATOR: "assignment", Kind.COMPOUND_ASSIGNMENT_OPERATOR: "assignment",
              Kind.UNARY_OPERATOR: "step", Kind.RETURN_STMT: "return", Kind.CALL_EXPR: "call"}
# What a statement is called, for telling where in a function something lies.
ROLES = {Kind.IF_STMT: "condition", Kind.WHILE_STMT: "loop", Kind.FOR_STMT: "loop",
         Kind.RETURN_STMT: "result", Kind.DECL_STMT: "declaration"}
AROUND_STATEMENTS = {Kind.COMPOUND_STMT, Kind.IF_STMT, Kind.WHILE_STMT, Kind.FOR_STMT}
UNTOUCHED = {Kind.STATIC_ASSERT, Kind.STRUCT_DECL, Kind.UNION_DECL, Kind.TYPEDEF_DECL,
             Kind.PARM_DECL, Kind.TYPE_REF}


def numbers_beside(text):
    """The numbers one below and one above a literal, in its own notation: (number, what)."""
    found = NUMBER.match(text)
    if not found:
        return []
    value = int(found[2], 0)
    return [(f"{found[1] or ''}{near}{found[3]}", f"{found[2]} {how}")
            for near, how in ((value - 1, "one less"), (value + 1, "one more")) if near >= 0]


def canonical(cursor):
    """A cursor's type as a text that is equal for types which convert without a word."""
    kind = cursor.type.get_canonical()
    return kind.spelling.replace("const ", "")


def name_of(mutant):
    """What a mutant is called in lists and outputs."""
    return f"{mutant.function}: {mutant.what}"


class Place:
    """A statement of a function. Those in which nothing can be changed are not counted, so that an
    assertion more or less makes no difference."""

    def __init__(self, role, counts):
        self.role, self.counts = role, counts

    @cached_property
    def name(self):
        self.counts[self.role] += 1
        return f"{self.role} {self.counts[self.role]}"


class Reader:
    """Reads translation units, and keeps the mutants of the files that it is asked for."""

    def __init__(self, root, folders):
        self.root, self.folders = root, folders
        self.texts, self.mutants = {}, {}
        self.uses = {}  # of each source: function -> the functions that it names
        self.index = clang.cindex.Index.create()
        self.without_hints = [(str(path), HINT.sub(lambda hint: " " * len(hint[0]), text))
                              for path in sorted((root / "lib").rglob("*.[ch]"))
                              for text in [path.read_text()] if HINT.search(text)]

    def read(self, source, arguments):
        flags = ["-std=c11", "-I", str(self.root / "include"),
                 *[word.replace("-I", f"-I{self.root}/") for word in arguments]]
        unit = self.index.parse(str(source), flags, options=1,  # 1: with macro definitions
                                unsaved_files=self.without_hints)
        problems = [str(item) for item in unit.diagnostics if item.severity >= 3]
        if problems:
            raise RuntimeError("\n".join(problems))
        uses = self.uses.setdefault(str(source.relative_to(self.root)), {})
        for cursor in unit.cursor.get_children():
            if not self.file_of(cursor):
                continue
            if cursor.kind == Kind.MACRO_DEFINITION:
                self.visit_macro(unit, cursor)
                continue
            self.visit(cursor, None, cursor.spelling)
            if cursor.kind == Kind.FUNCTION_DECL and cursor.is_definition():
                named = {inner.referenced.spelling for inner in cursor.walk_preorder()
                         if inner.kind == Kind.DECL_REF_EXPR and inner.referenced is not None}
                uses.setdefault(self.written_name(cursor), set()).update(named)

    def written_name(self, cursor):
        """A function's or enumerator's name in the text: macros rename the public functions."""
        text = self.text_of(self.file_of(cursor))
        return re.match(r"\w+", text[cursor.location.offset:])[0]

    def users(self):
        """For each function of a header, the sources whose code it can be part of."""
        users = {}
        for source, uses in self.uses.items():
            own = re.findall(r"\w+", self.text_of(source))
            reached, waiting = set(), [name for name in uses if name in own]
            while waiting:
                name = waiting.pop()
                if name in uses and name not in reached:
                    reached.add(name)
                    users.setdefault(name, set()).add(source)
                    waiting += uses[name]
            for name in uses:
                users.setdefault(name, set())
        return users

    def file_of(self, cursor):
        """The path in the project, when the file is one to mutate; else None."""
        if cursor.location.file is None:
            return None
        path = Path(cursor.location.file.name).resolve()
        name = str(path.relative_to(self.root)) if path.is_relative_to(self.root) else ""
        return name if name.startswith(self.folders) else None

    def text_of(self, file):
        if file not in self.texts:
            self.texts[file] = (self.root / file).read_text()
        return self.texts[file]

    def add(self, file, function, begin, end, text, what):
        if self.text_of(file).endswith(HINTS, 0, begin):
            text = f"({text})"  # it takes the place of the hint's argument, parentheses included
        if text != self.text_of(file)[begin:end]:
            key = file, begin, end, text
            self.mutants.setdefault(key, Mutant(*key, function, what))

    # ---- macros --------------------------------------------------------------------------

    def visit_macro(self, unit, cursor):
        file = self.file_of(cursor)
        tokens = list(unit.get_tokens(extent=cursor.extent))
        body = tokens[1:]
        if body and body[0].spelling == "(" and \
                body[0].extent.start.offset == tokens[0].extent.end.offset:
            body = body[1 + next(i for i, token in enumerate(body) if token.spelling == ")"):]
        for before, token in zip([None, *body], body):
            is_operand = before is not None and before.spelling not in ("(", ",", "~", "-")
            others = OPERATORS.get(token.spelling, []) if is_operand else []
            others = others + [NAMES[token.spelling]] if token.spelling in NAMES else others
            edits = [(other, f"{token.spelling} made {other}") for other in others]
            for edit in edits + numbers_beside(token.spelling):
                self.add(file, cursor.spelling, token.extent.start.offset,
                         token.extent.end.offset, *edit)

    # ---- expressions and statements ------------------------------------------------------

    def visit(self, cursor, parent, function, place=None):
        """`place` is where in the function the cursor lies; None between statements."""
        if cursor.kind in UNTOUCHED:
            return
        file = self.file_of(cursor)
        if file and cursor.kind in (Kind.FUNCTION_DECL, Kind.ENUM_CONSTANT_DECL):
            function = self.written_name(cursor)
            self.places = Counter()
        role = ROLES.get(cursor.kind) or ("statement" if cursor.kind.is_expression() else None)
        if file and function and role and not place and parent is not None and \
                parent.kind in AROUND_STATEMENTS:
            place = Place(role, self.places)
        if file:
            begin, end = cursor.extent.start.offset, cursor.extent.end.offset
            for *edit, what in self.edits(cursor, parent, self.text_of(file), begin, end):
                self.add(file, function, *edit, f"{what} in {place.name}" if place else what)
        for child in cursor.get_children():
            is_inside = child.kind.is_expression() or cursor.kind == Kind.DECL_STMT
            self.visit(child, cursor, function, place if is_inside or not place else None)

    def edits(self, cursor, parent, text, begin, end):
        """Yields (begin, end, replacement, what) for one cursor."""
        children = list(cursor.get_children())
        rule = {Kind.BINARY_OPERATOR: binary, Kind.COMPOUND_ASSIGNMENT_OPERATOR: binary,
                Kind.UNARY_OPERATOR: unary, Kind.CONDITIONAL_OPERATOR: question,
                Kind.IF_STMT: condition, Kind.WHILE_STMT: loop, Kind.FOR_STMT: loop,
                Kind.INTEGER_LITERAL: number, Kind.STRING_LITERAL: string,
                Kind.MEMBER_REF_EXPR: member, Kind.CALL_EXPR: call,
                Kind.RETURN_STMT: returned}.get(cursor.kind)
        if rule:
            yield from rule(cursor, children, text, begin, end)
        if parent is not None and parent.kind == Kind.COMPOUND_STMT:
            yield from dropped(cursor, parent, text, begin, end)
        if parent is not None and cursor.kind.is_expression():
            yield from constant(cursor, parent, text, begin, end)


def span(cursor):
    return cursor.extent.start.offset, cursor.extent.end.offset


def switching(text):
    """What leaving out a condition means when it is a switch of the build: `if (!X) return;` is
    always passed without it. None: it is no switch."""
    if not SWITCH.match(text):
        return None
    return f"{re.search('[A-Z_]+', text)[0]} switched {'on' if '!' in text else 'off'}"


def binary(_, children, text, begin, end):
    (left_begin, left_end), (right_begin, right_end) = map(span, children)
    between = text[left_end:right_begin]
    operator = between.strip()
    if not begin == left_begin < left_end < right_begin < right_end == end:
        return  # inside a macro
    if SWITCH.match(text[begin:end]):
        return
    at = left_end + between.find(operator)
    is_switched = operator == "&&" and SWITCH.match(text[left_begin:left_end])
    for other in OPERATORS.get(operator, []) if not is_switched else []:
        yield at, at + len(operator), other, f"{operator} made {other}"
    if operator in DROPPING:
        yield begin, end, text[left_begin:left_end], f"right of {operator} dropped"
    if operator in DROPPING and not is_switched:
        yield begin, end, text[right_begin:right_end], \
            switching(text[left_begin:left_end]) or f"left of {operator} dropped"


def unary(_, children, text, begin, end):
    (inner_begin, inner_end), whole = span(children[0]), text[begin:end]
    if whole[:2] in ("++", "--"):
        yield begin, begin + 2, *step(whole[:2])
    elif whole[-2:] in ("++", "--"):
        yield end - 2, end, *step(whole[-2:])
    elif whole[:1] in ("!", "~", "-") and inner_end == end:
        yield begin, end, text[inner_begin:inner_end], f"{whole[:1]} dropped"


def step(operator):
    other = OPERATORS[operator][0]
    return other, f"{operator} made {other}"


def condition(_, children, text, begin, end):
    inner_begin, inner_end = span(children[0])
    if begin <= inner_begin < inner_end < end:
        is_switched = switching(text[inner_begin:inner_end])
        yield inner_begin, inner_end, "0", is_switched or "made 0"
        if is_switched:
            return
        yield inner_begin, inner_end, "1", "made 1"
        if not re.search(r"[<>=]", text[inner_begin:inner_end]):  # these have opposites
            yield inner_begin, inner_end, f"!({text[inner_begin:inner_end]})", "negated"


def question(*arguments):
    """The condition of a ?:."""
    for *edit, what in condition(*arguments):
        yield *edit, f"question {what}"


def loop(cursor, children, text, begin, end):
    """The condition of a loop; the loop is left out where that is 0."""
    for child in children[:-1]:
        inner_begin, inner_end = span(child)
        if child.type.kind in (TypeKind.BOOL, TypeKind.INT) and text[inner_begin - 2:inner_begin] \
                in ("; ", "e ", " (") and begin < inner_begin < inner_end < end:
            yield inner_begin, inner_end, "0", "made 0"
            yield inner_begin, inner_end, f"!({text[inner_begin:inner_end]})", "negated"


def number(_, __, text, begin, end):
    for near, what in numbers_beside(text[begin:end]):
        yield begin, end, near, what


def string(_, __, text, begin, end):
    if text[begin:end].startswith('"') and '"' not in text[begin + 1:end - 1]:
        yield begin, end, '""', "text made empty"


def member(cursor, _, text, begin, end):
    """The next member of the same type."""
    field = cursor.referenced
    if field is None or not text[begin:end].endswith(cursor.spelling):
        return
    same = [other.spelling for other in field.semantic_parent.get_children()
            if other.kind == Kind.FIELD_DECL and
            other.type.get_canonical().spelling == field.type.get_canonical().spelling]
    if len(same) > 1:
        other = same[(same.index(cursor.spelling) + 1) % len(same)]
        yield end - len(cursor.spelling), end, other, "member made the next"


def call(cursor, _, text, begin, end):
    """Neighbouring arguments of one type change places; an argument stands for the call."""
    arguments = [(span(argument), canonical(argument)) for argument in cursor.get_arguments()]
    spans = [begin, *[offset for argument, _ in arguments for offset in argument], end]
    if spans != sorted(set(spans)):
        return  # inside a macro
    for at, ((first, kind), (second, other)) in enumerate(zip(arguments, arguments[1:]), 1):
        if kind == other:
            yield first[0], second[1], (text[second[0]:second[1]] + text[first[1]:second[0]] +
                                        text[first[0]:first[1]]), \
                f"arguments {at} and {at + 1} of {cursor.spelling} swapped"
    for at, ((first, last), kind) in enumerate(arguments, 1):
        if kind == canonical(cursor):
            yield begin, end, text[first:last], f"{cursor.spelling} made its argument {at}"


def returned(_, children, text, begin, end):
    if not children:
        return
    inner_begin, inner_end = span(children[0])
    kind = children[0].type.get_canonical().kind
    if inner_end != end:
        return
    if kind == TypeKind.POINTER:
        yield inner_begin, inner_end, "NULL", "made NULL"
    elif kind == TypeKind.BOOL:
        yield inner_begin, inner_end, "1", "made 1"
        yield inner_begin, inner_end, "0", "made 0"
    elif kind != TypeKind.RECORD:
        yield inner_begin, inner_end, "0", "made 0"
        yield inner_begin, inner_end, f"({text[inner_begin:inner_end]}) + 1", "one more"


def dropped(cursor, parent, text, begin, end):
    """A statement, but not the one that gives a function its result."""
    is_whole = begin < end and text[end:end + 1] == ";"
    is_result = cursor.kind == Kind.RETURN_STMT and cursor == list(parent.get_children())[-1]
    if cursor.kind in STATEMENTS and is_whole and not is_result:
        name = f"call of {cursor.spelling}" if cursor.kind == Kind.CALL_EXPR else \
            STATEMENTS[cursor.kind]
        yield begin, end, "", f"{name} dropped"


def constant(cursor, parent, text, begin, end):
    """A named constant: the next of its enumeration, and its neighbours where it is a bound."""
    name = text[begin:end]
    if not re.fullmatch(r"(?!NULL)[A-Z][A-Z0-9_]+", name) or SWITCH.match(name):
        return
    referenced = cursor.referenced
    if referenced is not None and referenced.kind == Kind.ENUM_CONSTANT_DECL and \
            referenced.spelling == name:
        same = [other.spelling for other in referenced.semantic_parent.get_children()]
        yield begin, end, same[(same.index(name) + 1) % len(same)], f"{name} made the next"
    if parent.kind in (Kind.BINARY_OPERATOR, Kind.COMPOUND_ASSIGNMENT_OPERATOR):
        step = STEPS.get(name, "1")
        yield begin, end, f"({name} + {step})", f"{name} one more"
        yield begin, end, f"({name} - {step})", f"{name} one less"


def all_mutants(root):
    """Every mutant of lib/ and arch/, in the order of the text; and for each function the sources
    of lib/ whose code it can be part of. Nothing is compiled yet."""
    library = Reader(root, ("lib/",))
    for arguments in LIBRARY_READINGS:
        for source in sorted((root / "lib").glob("*/*.c")):
            library.read(source, arguments)
    arch = Reader(root, ("arch/",))
    for arguments in ARCH_READINGS:
        for header in sorted((root / "arch").glob("*/bits_arch.h")):
            arch.read(header, ["-xc", *arguments])
    return numbered(sorted([*library.mutants.values(), *arch.mutants.values()])), library.users()


def numbered(mutants):
    """The second of a kind in one place of a function, and those after it, get a number."""
    counts, unique = Counter(), []
    for mutant in mutants:
        counts[key := (mutant.file, mutant.function, mutant.what)] += 1
        number = f" #{counts[key]}" if counts[key] > 1 else ""
        what = re.sub(r"[A-Za-z_]\w+", lambda name: word_of_tests(name[0]), mutant.what)
        unique.append(mutant._replace(function=word_of_tests(mutant.function), what=what + number))
    return unique


def is_of_kind(mutant, function, kind):
    """Whether a mutant changes a function in such a way. Both may have * for any text. A kind means
    every place, if it names none, and every number, if it has none; "#1" is the first."""
    what = mutant.what if " #" in mutant.what else mutant.what + " #1"
    return fnmatchcase(mutant.function, function) and any(
        fnmatchcase(what, kind + rest) for rest in ("", " #*", " in *"))


def change_of(mutant, text):
    """The lines of the text that a mutant changes, without their indentation and line ends:
    (before, after)."""
    begin = text.rfind("\n", 0, mutant.begin) + 1
    end = text.find("\n", mutant.end)
    before = text[begin:end]
    after = text[begin:mutant.begin] + mutant.text + text[mutant.end:end]
    return " ".join(before.split()), " ".join(after.split())
