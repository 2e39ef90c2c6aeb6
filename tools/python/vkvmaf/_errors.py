"""What goes wrong: an exception, or a warning beside a result."""
from __future__ import annotations


class VkvmafError(Exception):
    """The library or the program failed. The message is its one line: what failed, where, and what was expected."""


class VkvmafWarning(UserWarning):
    """A result that is not all it seems: one video ended before the other, say."""
