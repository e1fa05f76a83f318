"""The directives and roles authors write."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from docutils import nodes
from docutils.parsers.rst import Directive, directives
from docutils.parsers.rst.states import Inliner
from docutils.statemachine import StringList
from sphinx.locale import get_translation
from sphinx.util.docutils import SphinxDirective, SphinxRole

_ = get_translation("acuext")


class ConsultProfessional(SphinxDirective):
    """The notice that sends readers to a health professional; with own text or without."""

    has_content: ClassVar[bool] = True
    option_spec: ClassVar[dict[str, Any]] = {
        "class": directives.class_option,
        "name": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """Make an admonition that every builder knows how to show."""
        # Where a directive runs a page is read, and not otherwise.
        from acuext.passages import NOTICE_CLASS

        notice = nodes.admonition("\n".join(self.content))
        notice["classes"] += [NOTICE_CLASS, "important", *self.options.get("class", [])]
        self.set_source_info(notice)
        self.add_name(notice)
        title = str(_("See a health professional"))
        text = str(
            _(
                "This page is general information. It does not replace the advice of a health "
                "professional. Talk to a doctor before you act on it, and do not stop or change "
                "a prescribed medicine without talking to the person who prescribed it."
            )
        )
        notice += nodes.title(title, title)
        if any(line.strip() for line in self.content):
            notice += self.parse_content_to_nodes(allow_section_headings=False)
        else:
            notice += nodes.paragraph(text, text)
        for node in notice.findall(nodes.Element):
            if node.line is None:
                self.set_source_info(node)
        return [notice]


def mention(
    name: str,
    rawtext: str,
    text: str,
    lineno: int,
    inliner: Inliner,
    options: dict[str, Any] | None = None,
    content: StringList | None = None,
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Words that are discussed, not claimed."""
    from docutils.utils import unescape

    from acuext.passages import MENTION_CLASS

    return [nodes.inline(rawtext, unescape(text), classes=[MENTION_CLASS])], []


class evidence_badge(nodes.Inline, nodes.Element):  # noqa: N801 (docutils names nodes so)
    """Where a sentence points at its evidence.

    `entry` is the key, `ids` make it a target, `docname` tells pages apart that some builders
    put into one document.
    """


class EvidenceRole(SphinxRole):
    """Evidence for the sentence that it ends."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Make a badge that is filled in when all pages are known."""
        badge = evidence_badge(self.rawtext, entry=self.text.strip(), docname=self.env.docname)
        self.set_source_info(badge)
        badge["ids"].append(f"evidence-{self.env.new_serialno('acuext-evidence') + 1}")
        return [badge], []


class Selection(msgspec.Struct, frozen=True):
    """Which entries a table or a figure shows."""

    #: All entries of the file when there are neither keys nor a topic.
    keys: tuple[str, ...] = ()
    topic: str = ""
    #: Whether it is a figure; if so, whether its axis is logarithmic.
    plot: bool = False
    log: bool = False


class evidence_list(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes so)
    """A table or a figure of entries; `selection` says which, children are the caption."""


class EvidenceTable(SphinxDirective):
    """All entries of the evidence file, or some: where each is used, and its sources."""

    option_spec: ClassVar[dict[str, Any]] = {
        "keys": directives.unchanged_required,
        "topic": directives.unchanged_required,
    }
    plot: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        """Make a list that is filled in when all pages are known."""
        named = " ".join([*self.arguments, self.options.get("keys", "")])
        keys = tuple(dict.fromkeys(named.replace(",", " ").split()))
        if self.plot:
            self.assert_has_content()
            if not keys:
                raise self.error(f'"{self.name}" needs the keys of the entries to draw')
        selection = Selection(keys, self.options.get("topic", ""), self.plot, "log" in self.options)
        made = evidence_list(
            self.block_text,
            selection=selection,
            docname=self.env.docname,
            location=self.get_location(),
        )
        made["ids"].append(f"evidence-list-{self.env.new_serialno('acuext-evidence-list') + 1}")
        self.set_source_info(made)
        made += self.parse_content_to_nodes()
        return [made]


class EvidencePlot(EvidenceTable):
    """A forest plot of the effects of some entries; the content is its caption."""

    has_content: ClassVar[bool] = True
    optional_arguments: ClassVar[int] = 1
    final_argument_whitespace: ClassVar[bool] = True
    option_spec: ClassVar[dict[str, Any]] = {
        "keys": directives.unchanged_required,
        "log": directives.flag,
    }
    plot: ClassVar[bool] = True


DIRECTIVES: dict[str, type[Directive]] = {
    "consult-professional": ConsultProfessional,
    "evidence-plot": EvidencePlot,
    "evidence-table": EvidenceTable,
}
