"""The directives and roles authors write."""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from docutils.parsers.rst.states import Inliner
from docutils.statemachine import StringList
from sphinx.locale import get_translation
from sphinx.util.docutils import SphinxDirective, SphinxRole

from acuext.passages import MENTION_CLASS, NOTICE_CLASS

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

    return [nodes.inline(rawtext, unescape(text), classes=[MENTION_CLASS])], []


class evidence_badge(nodes.Inline, nodes.Element):  # noqa: N801 (docutils names nodes so)
    """Where a sentence points at its evidence; `entry` is the key, `ids` make it a target."""


class EvidenceRole(SphinxRole):
    """Evidence for the sentence that it ends."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Make a badge that is filled in when all pages are known."""
        badge = evidence_badge(self.rawtext, entry=self.text.strip())
        self.set_source_info(badge)
        badge["ids"].append(f"evidence-{self.env.new_serialno('acuext-evidence') + 1}")
        return [badge], []


DIRECTIVES: dict[str, type[Directive]] = {"consult-professional": ConsultProfessional}
