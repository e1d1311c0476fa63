# SPDX-License-Identifier: BSD-3-Clause
"""The recorded outcomes of mistakes, put together by kind: for each level the least share that is
reported, by whatever call, and the largest that does harm."""

TABLE = "mistakes.levels"
KINDS = ("double free", "free of an interior pointer", "overrun", "underrun", "write after free")
AGAIN = "memory handed out again"


def kind_of(mistake):
    """None: no mistake."""
    kind = next((kind for kind in KINDS if mistake.startswith(kind)), None)
    return f"{kind}, {AGAIN}" if kind and mistake.endswith(AGAIN) else kind


def shares(cell):
    """Per cent reported and per cent harm of "by the call / later / harmless / harm"."""
    call, later, _, harm = (float(share.replace("-", "0")) for share in cell.split("/"))
    return call + later, harm


def levels(outcomes):
    """{kind: [(least share reported, largest share that does harm), for each level]}"""
    kinds = {}
    for mistake, _, *cells in outcomes["rows"]:
        if kind := kind_of(mistake):
            kinds.setdefault(kind, []).append([shares(cell) for cell in cells])
    return {kind: [(min(reported for reported, _ in level), max(harm for _, harm in level))
                   for level in zip(*mistakes)]
            for kind, mistakes in kinds.items()}


def by_level(outcomes):
    """Columns and rows."""
    rows = [[kind, *(f"{reported:.1f} / {harm:.1f}" for reported, harm in found)]
            for kind, found in levels(outcomes).items()]
    return [outcomes["columns"][0], *outcomes["columns"][2:]], rows
