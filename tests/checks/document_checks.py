# SPDX-License-Identifier: BSD-3-Clause
"""The documents: short, linked, the same in both languages, and every command and example of
README.md and docs/ does what it shows. The language of a fenced block says what it is: sh is run,
c is compiled, and run if it has a main; text is neither."""

import re
import shutil
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

from markdown import Page
from report import ROOT, run
from sampling import half

WORDS_MAX, COLUMNS_MAX = 900, 100
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").rglob("*.md"))
GETTING_STARTED = [ROOT / "docs" / f"getting-started{language}.md" for language in ("", ".zh-CN")]
CHINESE = {ROOT / "README.zh-CN.md": README, GETTING_STARTED[1]: GETTING_STARTED[0]}
OTHERS = [ROOT / "CHANGELOG.md", ROOT / "SECURITY.md",
          *sorted(ROOT.glob("examples/*/README.md")),
          *sorted(ROOT.glob("integrations/*/README.md"))]
ALL = [README, ROOT / "README.zh-CN.md", *DOCS, *OTHERS]
RUN_BY_CI = re.compile(r"\s*(tests|bench)/run\b")
TOP_LEVEL = "arch|bench|cross|docs|examples|include|integrations|lib|ports|tests|tools"
PATH = re.compile(rf"(?:{TOP_LEVEL})(?:/[\w.*-]+)+/?")
PLACEHOLDER = re.compile(r"(?<![A-Za-z])[A-Z]{4,}(?![A-Za-z])")  # tests/core/test_SUBJECT.c
LANGUAGES = {"sh", "c", "text"}
COMPILE = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/include"]


# ---- words, lines and links -----------------------------------------------------------------

def readme_is_short(result):
    """Words and columns of README.md, columns of the other English documents."""
    text = README.read_text(encoding="utf-8")
    words = len(text.split())
    result.check(words <= WORDS_MAX, f"README.md has {words} words, {WORDS_MAX} at most")
    for number, line in enumerate(text.splitlines(), 1):
        result.check(len(line) <= COLUMNS_MAX, f"README.md:{number} has {len(line)} characters")
    for path in [*DOCS, *OTHERS]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.startswith("|"):
                result.check(len(line) <= COLUMNS_MAX,
                             f"{path.relative_to(ROOT)}:{number} has {len(line)} characters")


def link_leads_somewhere(page, link):
    if re.match(r"[a-z]+:", link):
        return link.startswith("https://")
    target, _, anchor = link.partition("#")
    path = page.path.parent / target if target else page.path
    if not path.exists():
        return False
    return not anchor or path.suffix == ".md" and anchor in Page(path.resolve()).anchors


def path_exists(path):
    return (ROOT / path).exists() or any(ROOT.glob(PLACEHOLDER.sub("*", path.rstrip("/"))))


def links_lead_somewhere(result):
    """Links, anchors, and the paths of this tree that stand in code. Every page is one click from
    README.md."""
    for page in map(Page, ALL):
        for link in page.links:
            result.check(link_leads_somewhere(page, link), f"{page.name}: link to {link}")
        for code in page.codes:
            for path in PATH.findall(code) if PATH.match(code) else []:
                result.check(path_exists(path), f"{page.name}: no {path}")
        for block in page.blocks:
            result.check(block.language in LANGUAGES,
                         f"{page.name}:{block.line}: block of language '{block.language}'")
    linked = {(ROOT / link.partition("#")[0]).resolve() for link in Page(README).links}
    for path in DOCS:
        result.check(path in linked, f"README.md has no link to {path.relative_to(ROOT)}")


# ---- both languages ---------------------------------------------------------------------------

def without_comments(block):
    comment = {"c": r"/\*.*?\*/", "sh": r"(?:^|(?<=\s))#[^\n]*"}.get(block.language, "$^")
    text = re.sub(comment, "", block.text, flags=re.MULTILINE | re.DOTALL)
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def chinese_pages_agree(result):
    """The same figures, the same names in code, and the same blocks but for their comments."""
    for translated, original in CHINESE.items():
        chinese, english = Page(translated), Page(original)
        for what, here, there in (("numbers", chinese.numbers, english.numbers),
                                  ("names in code", set(chinese.codes), set(english.codes))):
            here, there = Counter(here), Counter(there)
            result.check(here == there, f"{chinese.name}: {what} differ",
                         f"only there: {sorted((here - there).elements())}\n"
                         f"only in {english.name}: {sorted((there - here).elements())}")
        result.check(len(chinese.blocks) == len(english.blocks), f"{chinese.name}: blocks")
        for here, there in zip(chinese.blocks, english.blocks):
            result.check((here.language, here.options, without_comments(here)) ==
                         (there.language, there.options, without_comments(there)),
                         f"{chinese.name}:{here.line} is not {english.name}:{there.line}")


def processors_are_listed(result):
    """Both pages of getting started have a row for each folder of arch/."""
    folders = sorted(path.name for path in (ROOT / "arch").iterdir() if path.is_dir())
    for path in GETTING_STARTED:
        rows = re.findall(r"^\| `(\w+)` \| ", path.read_text(encoding="utf-8"), re.MULTILINE)
        result.check(sorted(rows) == folders, f"{path.name} lists the folders of arch/",
                     f"{sorted(rows)}\n{folders}")


def documents_hold_together(result):
    readme_is_short(result)
    links_lead_somewhere(result)
    chinese_pages_agree(result)
    processors_are_listed(result)


# ---- commands ----------------------------------------------------------------------------------

@contextmanager
def fresh_copy():
    """A copy of the tree as a user gets it."""
    def ignored(folder, names):
        made = (".git", "build") if Path(folder) == ROOT else ("__pycache__",)
        return [name for name in names if name.startswith(made)]

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "fmemp"
        shutil.copytree(ROOT, copy, ignore=ignored)
        yield copy


def scripts_of(page):
    """The commands of each block by its line. CI runs tests/run and bench/run."""
    scripts = {block.line: "\n".join(line for line in block.text.splitlines()
                                     if not RUN_BY_CI.match(line)).strip()
               for block in page.blocks if block.language == "sh"}
    return {line: script for line, script in scripts.items() if script}


def commands_run_as_printed(result, seed=None):
    """The commands of a page run in order on one copy, each block from its root. seed: of half of
    the pages."""
    pages = [page for page in map(Page, [README, *DOCS])
             if page.path not in CHINESE and scripts_of(page)]
    for page in half(result, pages, seed):
        with fresh_copy() as copy:
            for line, script in scripts_of(page).items():
                done = run("bash", "-euo", "pipefail", "-c", script, cwd=copy)
                result.check(done.ok, f"{page.name}:{line}", done.tail())


# ---- examples ----------------------------------------------------------------------------------

def example_builds_and_runs(block, folder):
    """Gives the Run that failed, or the last one. Words behind the language go to the compiler;
    one that ends in gcc is the compiler."""
    compiler = next((word for word in block.options if word.endswith("gcc")), "gcc")
    options = [word for word in block.options if word != compiler]
    (folder / "example.c").write_text(block.text)
    has_main = re.search(r"\bint main\(", block.text)
    sources = [*sorted(ROOT.glob("lib/*/*.c"))] if has_main else ["-c"]
    done = run(compiler, *COMPILE, f"-I{ROOT}/arch/generic", folder / "example.c", *options,
               *sources, "-o", folder / "example", cwd=ROOT)
    return run(folder / "example", cwd=folder) if done.ok and has_main else done


def examples_compile_and_run(result):
    for page in map(Page, [README, *DOCS]):
        for block in page.blocks:
            if block.language == "c" and page.path not in CHINESE:
                with tempfile.TemporaryDirectory() as folder:
                    done = example_builds_and_runs(block, Path(folder))
                result.check(done.ok, f"{page.name}:{block.line}", done.tail())
