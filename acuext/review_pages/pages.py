"""Keeps the review pages of a build up to date."""

from __future__ import annotations

import hashlib
import html
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.locale import get_translation
from sphinx.util import logging

from acuext import __version__
from acuext.approved import Revision, RevisionError
from acuext.display import digest_of
from acuext.evidence import CERTAINTY_WORDS
from acuext.reports import one_line
from acuext.reports.context import ENDS_SOON
from acuext.review import Review
from acuext.review_pages import FOLDER
from acuext.review_pages.rows import COUNTED, LEVEL_WORDS, LEVELS, Level, counted, cut
from acuext.review_pages.site import Site, Summary, names_of

if TYPE_CHECKING:
    from sphinx.builders.html import StandaloneHTMLBuilder

logger = logging.getLogger(__name__)
_ = get_translation("acuext")


class ReviewPages:
    """Keeps the review pages of a build up to date; one for an application."""

    def __init__(self, outcome: Callable[[], Review | None]) -> None:
        self._outcome = outcome
        self._revision: Revision | None = None
        self._site: Site | None = None
        #: What is known of the last pages written into this folder, by docname.
        self._known: dict[str, Summary] = {}
        self._stale: list[str] = []

    def look_up_revision(self, app: Sphinx) -> None:
        """Look up what pages are compared with.

        Raises:
            SettingsError: git knows no such revision.
        """
        from acuext.extension import SettingsError

        self._revision = None
        name: str | None = app.config.acuext_since
        if not name:
            return
        try:
            self._revision = Revision.of(name, Path(app.srcdir))
        except RevisionError as error:
            said = one_line(f"acuext_since: {error}")
            if error.mistaken:
                logger.error("%s", said)
                raise SettingsError(said) from None
            logger.info("acuext: %s; no differences are shown", said)

    def on_env_updated(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Find out which review pages are stale, also when no page was read again.

        Returns:
            A page to write: with nothing to write Sphinx would end the build here.
        """
        self._site, self._stale, self._known = None, [], {}
        outcome = self._outcome()
        if outcome is None:
            return []
        if taken := _taken(app):
            logger.warning(
                "acuext: %s is in the way of the review pages, which are not written; "
                "rename that page or folder",
                taken,
                type="acuext",
                subtype="review-pages",
            )
            return []
        site = self._site = Site(app, outcome, self._revision)
        self._known = _load(app)
        self._stale = [
            docname
            for docname, name in site.names.items()
            if docname not in self._known
            or self._known[docname].digest != site.digest(docname)
            or not _file(app, name).is_file()
        ]
        gone = [docname for docname in self._known if docname and docname not in site.names]
        overview = self._overview_is_stale(app, _overview_digest(site, self._known))
        if self._stale or gone or overview:
            return [app.config.root_doc]
        return []

    def on_collect_pages(self, app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Render the stale ones, one after the other, and the overview last."""
        site = self._site
        if site is None:
            return
        templates = _templates(site)
        for docname in self._stale:
            context, self._known[docname] = site.page(docname)
            links = [
                (context["overview"], _("All pages")),
                (context["published"], site.title(docname)),
            ]
            title = f"{_('Review')}: {context['title']}"
            yield _themed(templates, "review_page.html", context, title, links)
        for docname in [name for name in self._known if name and name not in site.names]:
            del self._known[docname]
            _file(app, names_of([docname])[docname]).unlink(missing_ok=True)
        digest = _overview_digest(site, self._known)
        if not self._overview_is_stale(app, digest):
            return
        context = site.overview(self._known)
        home = site.builder.get_relative_uri(context["name"], app.config.root_doc)
        links = [(home, site.title(app.config.root_doc))]
        title = str(_("Review of all pages"))
        yield _themed(templates, "review_index.html", context, title, links)
        self._known[""] = Summary(digest, 0, None, None)

    def _overview_is_stale(self, app: Sphinx, digest: str) -> bool:
        before = self._known.get("")
        there = _file(app, f"{FOLDER}/index").is_file()
        return before is None or before.digest != digest or not there

    def on_page_context(
        self,
        app: Sphinx,
        pagename: str,
        templatename: str,
        context: dict[str, Any],
        doctree: nodes.document | None,
    ) -> None:
        """Point from a page of a preview to its review."""
        site = self._site
        if site is None or doctree is None or app.config.acuext_gate != "report":
            return
        if pagename in site.names:
            address = html.escape(site.builder.get_relative_uri(pagename, site.names[pagename]))
            banner = (
                f'<p class="acuext-preview"><strong>{html.escape(str(_("Preview.")))}</strong> '
                f'<a href="{address}">{html.escape(str(_("See the review of this page")))}</a></p>'
            )
            context["body"] = banner + context.get("body", "")

    def on_build_finished(self, app: Sphinx, exception: Exception | None) -> None:
        """Say where the review pages are, and remember what they were made from."""
        if exception is not None or self._site is None:
            return
        _save(app, self._known)
        outcome = self._site.outcome
        counts: dict[Level, int] = {
            level: outcome.count(severity) for severity, level in LEVELS.items()
        }
        counts["waived"] = len(outcome.waived)
        said = ", ".join(COUNTED[level].format(number=n) for level, n in counts.items() if n)
        logger.info(
            "acuext: %s. Read them in context: %s" if said else "acuext: %s. The review pages: %s",
            said or "nothing to fix",
            os.path.relpath(_file(app, f"{FOLDER}/index")),
        )


def _taken(app: Sphinx) -> str:
    """A page of the project that stands where ours would; empty when there is none."""
    names: list[str] = sorted([*app.env.all_docs, *app.config.html_additional_pages])
    for name in names:
        if name == FOLDER or name.startswith(f"{FOLDER}/"):
            return name
    return ""


def _templates(site: Site) -> jinja2.Environment:
    """Templates of our own, which escape whatever is put into them."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.globals.update(
        _=lambda text: str(_(text)),
        level_words={level: str(word) for level, word in LEVEL_WORDS.items()},
        counted=counted,
        certainty_words={level: str(_(word)) for level, word in CERTAINTY_WORDS.items()},
        entries=site.entries,
        day=site.day,
        days_left=site.days_left,
        ends_soon=ENDS_SOON,
        edit=site.edit,
        cut=cut,
        version=__version__,
        settings=site.settings,
        language=site.rules.language,
        known_language=site.rules.known,
    )
    return made


def _themed(
    templates: jinja2.Environment,
    template: str,
    context: Mapping[str, Any],
    title: str,
    links: Sequence[tuple[str, object]],
) -> tuple[str, dict[str, Any], str]:
    """A page in the theme of the site, but without its contents beside it.

    They would be most of the work, and stale as soon as another page has a new title.
    """
    items = "".join(
        f'<li class="toctree-l1"><a class="reference internal" href="{html.escape(address)}">'
        f"{html.escape(str(text))}</a></li>"
        for address, text in links
    )
    menu = f"<ul>{items}</ul>"
    body = templates.get_template(template).render(context)
    shown: dict[str, Any] = {
        "title": html.escape(title),
        "body": body,
        "metatags": '<meta name="robots" content="noindex, nofollow">',
        "pageurl": None,
        "toc": "",
        "display_toc": False,
        "toctree": lambda **_kwargs: menu,
        "parents": [],
    }
    return str(context["name"]), shown, "page.html"


def _overview_digest(site: Site, known: Mapping[str, Summary]) -> str:
    pages = sorted((name, summary) for name, summary in known.items() if name)
    return digest_of([site.common, site.today, site.of(""), pages])


def _file(app: Sphinx, name: str) -> Path:
    builder: StandaloneHTMLBuilder = app.builder  # type: ignore[assignment]
    return Path(builder.get_outfilename(name))


def _memory(app: Sphinx) -> Path:
    """A file beside what Sphinx remembers of the pages; each output folder has its own."""
    folder = hashlib.sha256(str(app.outdir).encode()).hexdigest()[:16]
    return Path(app.doctreedir) / f"acuext-review-{folder}.json"


def _load(app: Sphinx) -> dict[str, Summary]:
    try:
        said = json.loads(_memory(app).read_text(encoding="utf-8"))
        return {docname: Summary(*values) for docname, values in said.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _save(app: Sphinx, known: Mapping[str, Summary]) -> None:
    said = {
        docname: [summary.digest, summary.words, summary.grade, summary.age]
        for docname, summary in sorted(known.items())
    }
    try:
        _memory(app).write_text(json.dumps(said, indent=0) + "\n", encoding="utf-8")
    except OSError as error:
        logger.info("acuext: %s: cannot be written: %s", _memory(app), error.strerror)
