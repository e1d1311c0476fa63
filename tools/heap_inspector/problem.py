# SPDX-License-Identifier: BSD-3-Clause
"""What stops a command: told in one line that says what to do."""


class Problem(Exception):
    pass
