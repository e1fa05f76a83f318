"""acuext keeps health writing honest: a Sphinx extension that checks claims language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acuext.grammar import Hedge, Judgement, Strength, judge
from acuext.review import Finding, check

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

__all__ = ["Finding", "Hedge", "Judgement", "Strength", "check", "judge", "setup"]
__version__ = "0.1.0"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register acuext with Sphinx."""
    from acuext import extension

    return extension.setup(app)
