# SPDX-License-Identifier: BSD-3-Clause
"""The programs, their inputs, and the parts of their output that differ in every run."""

import shutil
from pathlib import Path

from builds import HERE
from report import ROOT, run

LOADS = HERE / "loads"

TIMES = [(r"^test_\w+ passed in .*\n", ""),  # printed for slow tests
         (r"\bin \d+\.\d+s", "in TIME"),
         (r"^\d+:\d+:\d+ load avg: \d+\.\d+ ", "TIME "),
         (r"\d+(\.\d+)? (sec|ms|min)\b( \d+ sec)?", "TIME")]
ADDRESSES = [(r"0x[0-9a-f]{6,}", "ADDRESS")]
PROCESSES = [(r"test_python_\d+", "test_python_PROCESS")]

PYTHON_QUICK = ["test_dict", "test_list", "test_struct"]
PYTHON = [*PYTHON_QUICK, "test_collections", "test_json", "test_set", "test_re", "test_bytes",
          "test_pickle", "test_array", "test_deque", "test_itertools", "test_gc", "test_ctypes",
          "test_zlib", "test_lzma", "test_bz2", "test_mmap", "test_generators", "test_ast",
          "test_xml_etree", "test_minidom", "test_decimal", "test_email", "test_functools",
          "test_codecs", "test_csv", "test_difflib", "test_memoryio", "test_memoryview",
          "test_buffer", "test_unicode", "test_long", "test_weakref"]
# With -v these tests print random text, or the order of their threads.
PYTHON_QUIET = ["test_sort", "test_thread", "test_threading", "test_threadedtempfile", "test_queue",
                  "test_fork1"]


class Load:
    """A command. `programs`: each program, and the fewest operations that it has to serve for the
    load to mean something. `variable`: patterns in the output that differ in every run.
    `unchecked`: the number of processes that end by a signal, and so without a last check."""

    def __init__(self, name, command, programs, variable=(), unchecked=0):
        self.name, self.command, self.programs = name, command, programs
        self.variable, self.unchecked = variable, unchecked


class Inputs:
    """The inputs of the loads. They are copies, so that both runs read the same."""

    def __init__(self, result, folder, quick):
        self.sources, self.repository = folder / "sources", folder / "repository.git"
        self.text = folder / "text"
        for name in ("include", "lib", "arch", "examples", "README.md"):
            done = run("cp", "-r", ROOT / name, self.sources / name)
            result.check(done.ok, f"copy of {name}", done.tail())
        run("git", "-c", "safe.directory=*", "clone", "--quiet", "--bare", "--no-local",
            ROOT, self.repository)
        if self.commits() < 20:  # an archive of the project, or a shallow clone
            self.make_history(result)
        # A checkout without a branch clones without one.
        run("git", "-C", self.repository, "branch", "-f", "newest", "HEAD")
        run("git", "-C", self.repository, "symbolic-ref", "HEAD", "refs/heads/newest")
        result.check(self.commits() >= 20, "a repository with a history")
        self.write_text(3 << 20 if quick else 24 << 20)

    def commits(self):
        count = run("git", "-C", self.repository, "rev-list", "--first-parent", "--count", "HEAD")
        return int(count.output.split()[-1]) if count.ok else 0

    def make_history(self, result):
        """Makes a history with one commit a file."""
        shutil.rmtree(self.repository, ignore_errors=True)
        git = ["git", f"--git-dir={self.repository}", f"--work-tree={self.sources}",
               "-c", "user.name=fmemp", "-c", "user.email=fmemp@example.org"]
        made = [run("git", "init", "--quiet", "--bare", self.repository)]
        for file in sorted(path for path in self.sources.rglob("*") if path.is_file()):
            made += [run(*git, "add", file), run(*git, "commit", "--quiet", "-m", file.name)]
        result.check(all(done.ok for done in made), "a commit a file", made[-1].tail())

    def write_text(self, most):
        """Writes the source of Python's library, up to about `most` bytes."""
        files = sorted(Path("/usr/lib/python3.11").rglob("*.py"))
        with open(self.text, "wb") as text:
            for file in files:
                if text.tell() < most:
                    text.write(file.read_bytes())


def loads(inputs, programs, quick, seed):
    """Yields the loads. programs: the folder of stress and its plugin."""
    levels = ["-O0"] if quick else ["-O0", "-O1 -g", "-O2", "-O3 -g"]
    yield Load("sqlite", [LOADS / "sqlite", 2000 if quick else 60000],
               {"sqlite3": 100000, "sqldiff": 1000, "sqlite3_analyzer": 1000}, variable=TIMES)
    yield Load("python", [LOADS / "python", "-v", *(PYTHON_QUICK if quick else PYTHON)],
               {"python3.11": 100000}, variable=TIMES + ADDRESSES + PROCESSES)
    if not quick:
        yield Load("python-q", [LOADS / "python", *PYTHON_QUIET], {"python3.11": 100000},
                   variable=TIMES, unchecked=1)  # test_threading aborts one process
    yield Load("gcc", [LOADS / "compiler", "gcc", inputs.sources, *levels], {"cc1": 100000})
    yield Load("clang", [LOADS / "compiler", "clang", inputs.sources, *levels], {"clang": 100000})
    yield Load("git", [LOADS / "git", inputs.repository,
                        5 if quick else min(100, inputs.commits() - 5)], {"git": 10000})
    yield Load("compressors", [LOADS / "threads", inputs.text, 1 if quick else 6],
               {"xz": 100, "zstd": 10, "pigz": 10})
    steps = 300 if quick else 20000
    yield Load("stress", [programs / "stress", steps, seed, programs / "plugin.so"],
               {"stress": 10000})
