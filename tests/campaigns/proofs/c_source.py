# SPDX-License-Identifier: BSD-3-Clause
"""The C source of one build, as the compiler reads it: its syntax tree, and the values of its
constants. Everything here comes from clang: nothing of lib/ is written down a second time."""

import json
import re
import subprocess

from inside import NAMES, RENAMES

FLAGS = ["-std=c11", "-ffreestanding", "-w", "-DBITS_UNCHECKED"]
VALUE = re.compile(r"^@fmemp_value_(\d+) = .*(?:constant|global) i64 (-?\d+)", re.MULTILINE)


class Build:
    """What decides what the preprocessor leaves: a machine (clang's target), a folder of arch/,
    further flags of the compiler, and the options of tlsf_config.h."""

    def __init__(self, target, bits, flags=(), **options):
        self.target, self.bits, self.flags, self.options = target, bits, tuple(flags), options

    @property
    def name(self):
        options = [str(value).removeprefix("TLSF_").lower() for value in self.options.values()]
        return " ".join([self.target.split("-")[0], self.bits, *self.flags, *options])

    def compile(self, *arguments, text):
        command = ["clang", "-target", self.target, *FLAGS, *self.flags, *arguments, "-xc", "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"clang for {self.name}:\n{done.stderr}")
        return done.stdout


class Source:
    """The functions of some C files of the tree `root`, as one unit. An expression given in
    `macros` becomes a function without parameters, named by macro_name. An expression that only
    the compiler can tell the value of (sizeof, offsetof, an enumerator) has its value in
    `values`, by its text."""

    def __init__(self, root, files, build, macros=()):
        self.build = build
        text = "".join(f'#include "{file}"\n' for file in files) + RENAMES + "".join(
            f"static inline unsigned long long {macro_name(text)}(void) {{ return {text}; }}\n"
            for text in macros)
        includes = [f"-I{root / folder}"
                    for folder in ("include", f"arch/{build.bits}", "lib/core")]
        options = [f"-D{name}={value}" for name, value in build.options.items()]
        self.text = build.compile(*includes, *options, "-E", "-P", text=text)
        tree = json.loads(build.compile("-Xclang", "-ast-dump=json", "-fsyntax-only",
                                        text=self.text))
        self.functions = {node["name"]: node for node in tree["inner"] if is_definition(node)}
        self.functions |= {word: self.functions[name] for word, name in NAMES.items()
                           if name in self.functions}
        self.values = self._evaluate(sorted(
            text for node in self.functions.values() for text in self.constants_in(node)))

    def text_of(self, node):
        """The source text of an expression."""
        begin, end = node["range"]["begin"], node["range"]["end"]
        return self.text[begin["offset"]:end["offset"] + end["tokLen"]]

    def constants_in(self, node):
        """The texts of all expressions in a function that only the compiler can evaluate."""
        kind = node.get("kind")
        if kind == "UnaryExprOrTypeTraitExpr":
            yield sizeof_text(node)
        elif kind == "OffsetOfExpr":
            yield self.text_of(node)
        elif is_enumerator(node):
            yield node["referencedDecl"]["name"]
        elif kind == "MemberExpr":
            yield offset_text(node)
        elif kind == "ArraySubscriptExpr":
            yield f"sizeof({type_text(node)})"
        elif kind in ("BinaryOperator", "CompoundAssignOperator") and is_pointer(node):
            yield f"sizeof({pointee_text(node)})"
        for child in node.get("inner", []):
            yield from self.constants_in(child)

    def _evaluate(self, texts):
        lines = [f"const unsigned long long fmemp_value_{number} = (unsigned long long)({text});"
                 for number, text in enumerate(texts)]
        code = self.build.compile("-O0", "-S", "-emit-llvm", "-o", "-",
                                  text="\n".join([self.text, *lines]))
        return {texts[int(number)]: int(value) for number, value in VALUE.findall(code)}


def macro_name(text):
    return "macro_" + "".join(c if c.isalnum() else "_" for c in text)


def is_definition(node):
    return node["kind"] == "FunctionDecl" and any(
        child["kind"] == "CompoundStmt" for child in node.get("inner", []))


def is_enumerator(node):
    return node.get("referencedDecl", {}).get("kind") == "EnumConstantDecl"


# ---- types ---------------------------------------------------------------------------------

def plain(text):
    """A type's text without qualifiers."""
    return re.sub(r"\b(const|volatile|restrict)\b", "", text).strip()


def type_text(node):
    """A node's type, typedefs resolved."""
    names = node["type"]
    return plain(names.get("desugaredQualType", names["qualType"]))


def is_pointer(node):
    return type_text(node).endswith("*")


def pointee_text(node):
    return plain(type_text(node)[:-1])


def sizeof_text(node):
    """sizeof of a type; an operand may name variables, so its type stands in for it."""
    operand = {"type": node["argType"]} if "argType" in node else node["inner"][0]
    keyword = {"sizeof": "sizeof", "alignof": "_Alignof"}[node["name"]]
    return f"{keyword}({type_text(operand)})"


def offset_text(member):
    """An expression for the place of a member in its structure."""
    base = member["inner"][0]
    structure = pointee_text(base) if member["isArrow"] else type_text(base)
    return f"__builtin_offsetof({structure}, {member['name']})"
