# SPDX-License-Identifier: BSD-3-Clause
"""Whether the documents of a tree say what the sources of their figures say."""

from . import documents, recorded
from .sources import Sources


def look(root):
    """Returns how many markers are right, and a text for each thing that is not."""
    sources, pages = Sources(root), documents.read_all(root)
    markers = [marker for page in pages for marker in page.markers]
    wrong = [text for page in pages for text in documents.differences(page, sources)]
    right = len(markers) - len(wrong)
    for page in pages:
        wrong += documents.malformed(page)
    wrong += recorded.unquoted(sources.records, markers)
    wrong += recorded.undated(sources.records, pages)
    return right, wrong
