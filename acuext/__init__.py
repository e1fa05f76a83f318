"""acuext keeps health writing honest: a Sphinx extension that checks claims language."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

    from acuext.grammar import judge
    from acuext.judgement import Hedge, Judgement, Strength
    from acuext.plain import check
    from acuext.review import Finding

__all__ = ["Finding", "Hedge", "Judgement", "Strength", "check", "judge", "setup"]
__version__ = "0.1.0"

#: Where each name is defined. What reads words takes long to import, and a build that reads no
#: page imports this package too.
_HOMES: Final = {
    "Finding": "review",
    "Hedge": "judgement",
    "Judgement": "judgement",
    "Strength": "judgement",
    "check": "plain",
    "judge": "grammar",
}


if not TYPE_CHECKING:
    # To a type checker it would promise that there is any name.
    def __getattr__(name: str) -> object:
        """Import what is asked for."""
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """What there is, also what nobody has asked for yet."""
    return sorted({*globals(), *_HOMES})


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register acuext with Sphinx."""
    from acuext import extension

    return extension.setup(app)
