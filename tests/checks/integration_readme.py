# SPDX-License-Identifier: BSD-3-Clause
"""The README of an integration: its commands run as printed, on a fresh copy of the tree."""

from document_checks import fresh_copy
from markdown import Page
from report import ROOT, run


def blocks_of(name, language):
    page = Page(ROOT / "integrations" / name / "README.md")
    return [block for block in page.blocks if block.language == language]


def commands_run(result, name):
    """The first block of commands alone: what a reader tries first."""
    blocks = blocks_of(name, "sh")
    if result.check(blocks, f"the README of {name} has a command"):
        with fresh_copy() as copy:
            done = run("bash", "-euo", "pipefail", "-c", blocks[0].text, cwd=copy)
        result.check(done.ok, f"the command of {name}", done.tail())
