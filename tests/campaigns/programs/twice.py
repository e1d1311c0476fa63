# SPDX-License-Identifier: BSD-3-Clause
"""Runs a command twice, with the C library's malloc and with the preload, and compares what it
leaves behind. Each run has an empty folder of the same name."""

import difflib
import hashlib
import os
import re
import shutil
import signal
import subprocess

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
MAX_SECONDS = 3600


class Outcome:
    """What a run leaves behind: exit status, output, and a digest of each file."""

    def __init__(self, status, output, errors, files):
        self.status, self.output, self.errors, self.files = status, output, errors, files


def run_once(command, folder, environment):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    streams = [folder.with_suffix(".out"), folder.with_suffix(".err")]
    with open(streams[0], "wb") as output, open(streams[1], "wb") as errors:
        process = subprocess.Popen([str(word) for word in command], cwd=folder,
                                   env={**ENVIRONMENT, "HOME": str(folder), **environment},
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                   start_new_session=True)
        try:
            status = process.wait(MAX_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
    return Outcome(status, *[path.read_text(errors="replace") for path in streams],
                   digests_of(folder))


def digests_of(folder):
    """Returns a digest of each file in a folder, and the target of each symbolic link."""
    files = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            files[name] = "link to " + os.readlink(path)
        elif path.is_file():
            files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return files


def normalise(text, variable):
    """Replaces text that differs in every run: `variable` has pairs of pattern and replacement."""
    for pattern, replacement in variable:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text


def text_difference(name, plain, other, variable):
    plain, other = normalise(plain, variable), normalise(other, variable)
    if plain == other:
        return []
    lines = difflib.unified_diff(plain.splitlines(), other.splitlines(), "library", "preload",
                                 n=1, lineterm="")
    return [f"{name} differs:", *[line[:200] for line in list(lines)[:30]]]


def differences(plain, other, variable=()):
    """Returns lines that say how two outcomes differ. No lines: they are equal."""
    found = []
    if plain.status != other.status:
        found += [f"exit status {other.status}, not {plain.status}"]
    found += text_difference("standard error", plain.errors, other.errors, variable)
    found += text_difference("standard output", plain.output, other.output, variable)
    for name in sorted(plain.files.keys() | other.files.keys()):
        before, after = plain.files.get(name, "missing"), other.files.get(name, "missing")
        found += [f"file {name}: {after}, not {before}"] if before != after else []
    return found


def run_with_preload(command, folder, preload, journal):
    journal.unlink(missing_ok=True)
    return run_once(command, folder, {"LD_PRELOAD": str(preload), "FMEMP_JOURNAL": str(journal)})
