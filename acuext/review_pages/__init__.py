"""Pages for editors: each page with its findings beside the words, and an overview of all pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sphinx.application import Sphinx

from acuext.review import Review

#: Builders that have them: those that write a file for each page and show it in a browser.
BUILDERS: Final = frozenset({"html", "dirhtml"})
#: The folder of the review pages below the output folder.
FOLDER: Final = "_review"


def setup_review_pages(app: Sphinx, outcome: Callable[[], Review | None]) -> None:
    """Register the review pages.

    Args:
        app: the application.
        outcome: gives what the build has found, once all pages are judged.
    """

    def on_builder_inited(app: Sphinx) -> None:
        """Make them ready, where the builder has them."""
        if app.builder.name not in BUILDERS:
            return
        # The other builders need nothing of all that makes them.
        from acuext.review_pages.pages import ReviewPages

        pages = ReviewPages(outcome)
        pages.look_up_revision(app)
        # After the judgement, whose priority is 900; it says how the build ends before we say
        # where.
        app.connect("env-updated", pages.on_env_updated, priority=950)
        app.connect("html-collect-pages", pages.on_collect_pages)
        app.connect("html-page-context", pages.on_page_context)
        app.connect("build-finished", pages.on_build_finished, priority=950)

    app.connect("config-inited", on_config_inited)
    app.connect("builder-inited", on_builder_inited)
    app.add_css_file("acuext-review.css")


def on_config_inited(app: Sphinx, config: Any) -> None:
    """Keep the review pages out of the sitemap, where sphinx-sitemap makes one."""
    if "sitemap_excludes" in config:
        config.sitemap_excludes = [*config.sitemap_excludes, f"{FOLDER}/*"]
