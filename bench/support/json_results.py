# SPDX-License-Identifier: BSD-3-Clause
"""Writes the JSON form of results that bench/page reads."""

import json
import platform
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def commit():
    """As results.h has it: "unknown" without git, or outside of a repository."""
    if not shutil.which("git"):
        return "unknown"
    described = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"],
                               capture_output=True, text=True)
    return described.stdout.strip() or "unknown"


def processor():
    return next((line.split(":", 1)[1].strip()
                 for line in Path("/proc/cpuinfo").read_text().splitlines()
                 if line.startswith("model name")), platform.machine())


def write(path, compilers, records):
    """compilers: names with versions, in any order."""
    result = {"schema": 1, "machine": {"cpu": processor(), "kernel": platform.release()},
              "compiler": "; ".join(sorted(set(compilers))), "commit": commit(),
              "records": records}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1) + "\n")
