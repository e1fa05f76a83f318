"""Renders rules and settings into pages, so that what is documented is what is in force."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, Final

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.locale import get_translation
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from acuext.rules import WORDLESS, Kind, Profile, Rule, Rules, Source, did_you_mean, severities

_ = get_translation("acuext")

_KINDS: Final[dict[Kind, str]] = {
    "forbid": _("words that should not stand there"),
    "prove": _("words that need a citation in their sentence, list item or table row"),
    "prefer": _("words for which there are plainer ones"),
    "strength": _("a plain statement that something works"),
    "support": _("how a claim and its evidence fit"),
    "disclose": _("what a page must carry"),
    "waiver": _("how a waiver is written"),
}
_STATUS: Final = {
    "seen": _("we have seen it"),
    "second-hand": _("quoted by others; we have not seen it"),
    "own": _("our own"),
}
_TYPES: Final = {
    dict: _("a dictionary"),
    list: _("a list of strings"),
}


class _Rendered(SphinxDirective):
    """A directive whose nodes are made from data; all of them stand where it stands."""

    def finished(self, made: list[nodes.Node]) -> list[nodes.Node]:
        for node in made:
            for inner in node.findall(nodes.Element):
                self.set_source_info(inner)
        return made

    @property
    def rules(self) -> Rules:
        rules: Rules = self.config.acuext_loaded_rules
        return rules


class RulePage(_Rendered):
    """A section about one rule: `acuext-rule` with an id or a name."""

    required_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Make the section; its anchor is the id in lower case."""
        key = self.arguments[0]
        rule = self.rules.get(key)
        if rule is None:
            known = [name for rule in self.rules.rules for name in (rule.id, rule.name)]
            raise self.error(f"there is no rule {key!r}{did_you_mean(key, known)}")
        anchor = rule.id.lower()
        page = nodes.section("", ids=[anchor], names=[anchor])
        page += nodes.title("", f"{rule.id}: ", *_discussed(rule.title))
        page += self._facts(rule)
        for name, title, blocks in _parts(rule):
            if blocks:
                part = nodes.section("", ids=[f"{anchor}-{name}"])
                part += nodes.title(title, title)
                part += blocks
                page += part
        self.state.document.note_explicit_target(page, page)
        return self.finished([page])

    def _facts(self, rule: Rule) -> nodes.table:
        origin = self.rules.origins[rule.id].replace("\\", "/").rpartition("/")[2]
        stances = ", ".join(rule.quiet_if) if rule.kind not in WORDLESS else ""
        message = rule.message.replace("{text}", "…")
        facts: list[tuple[str, list[nodes.Node]]] = [
            (_("Name"), [nodes.literal("", rule.name)]),
            (_("Severity in core"), [nodes.Text(_severities(rule, "core"))]),
            (_("Severity in health-page"), [nodes.Text(_severities(rule, "health-page"))]),
            (_("Message"), [nodes.literal("", message)]),
            (_("Looks at"), [nodes.Text(str(_KINDS[rule.kind]))]),
            (_("Quiet when the words are"), [nodes.Text(stances)] if stances else []),
            (_("Only on a page with"), self._links(rule.needs_page_finding)),
            (_("Pack"), [nodes.literal("", origin)]),
            (_("Since"), [nodes.Text(rule.since)] if rule.since else []),
        ]
        return _table(
            [], [[[nodes.Text(str(name))], content] for name, content in facts if content]
        )

    def _links(self, ids: Iterable[str]) -> list[nodes.Node]:
        linked: list[nodes.Node] = []
        for rule_id in ids:
            linked += [nodes.Text(", ")] if linked else []
            linked.append(_link(rule_id, self.env.docname))
        return linked


class RuleList(_Rendered):
    """A table of rules: `acuext-rules`, all of them or those whose ids begin so."""

    optional_arguments: ClassVar[int] = 1

    def run(self) -> list[nodes.Node]:
        """Make the table; each id leads to the rule's page, where there is one."""
        prefix = self.arguments[0] if self.arguments else ""
        chosen = [rule for rule in self.rules.rules if rule.id.startswith(prefix)]
        if not chosen:
            ids = [rule.id for rule in self.rules.rules]
            raise self.error(f"no rule begins with {prefix!r}{did_you_mean(prefix, ids)}")
        head: list[list[nodes.Node]] = [
            [nodes.Text(str(_("Rule")))],
            [nodes.Text(str(_("What it finds")))],
            [nodes.literal("", "core")],
            [nodes.literal("", "health-page")],
        ]
        rows: list[list[list[nodes.Node]]] = [
            [
                [_link(rule.id, self.env.docname)],
                _discussed(rule.title),
                [nodes.Text(_severities(rule, "core"))],
                [nodes.Text(_severities(rule, "health-page"))],
            ]
            for rule in chosen
        ]
        return self.finished([_table(head, rows)])


class SettingList(_Rendered):
    """All settings in `conf.py`, each to be linked to as a `confval`: `acuext-settings`."""

    def run(self) -> list[nodes.Node]:
        """Make a definition list."""
        # The table lies in the room that registers this directive.
        from acuext.extension import SETTINGS

        listed = nodes.definition_list()
        for setting in SETTINGS:
            term = nodes.term("", "", nodes.literal("", setting.name), ids=[setting.name])
            self.env.domains.standard_domain.note_object(
                "confval", setting.name, setting.name, location=term
            )
            default = (
                _("unset") if setting.default is None else nodes.literal("", repr(setting.default))
            )
            said = nodes.paragraph("", "", nodes.Text(str(_("Default: "))))
            said += default if isinstance(default, nodes.Node) else nodes.Text(str(default))
            said += [nodes.Text(str(_(". Value: "))), *_values(setting.allowed), nodes.Text(".")]
            meaning = nodes.paragraph("", "", *_marked(setting.meaning))
            listed += nodes.definition_list_item("", term, nodes.definition("", meaning, said))
        return self.finished([listed])


DIRECTIVES: dict[str, type[Directive]] = {
    "acuext-rule": RulePage,
    "acuext-rules": RuleList,
    "acuext-settings": SettingList,
}


def on_missing_reference(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: nodes.Element
) -> nodes.Element | None:
    """Link a rule's id to its page; where a project has no such page the id stays as it is."""
    if node.get("refdomain") != "acuext":
        return None
    labels = env.domains.standard_domain.anonlabels
    docname, anchor = labels.get(node["reftarget"].lower(), ("", ""))
    if not docname:
        return contnode
    return make_refnode(app.builder, node["refdoc"], docname, anchor, contnode)


def _severities(rule: Rule, profile: Profile) -> str:
    return str(_(" or ")).join(severities(rule, profile)) or str(_("off"))


def _parts(rule: Rule) -> list[tuple[str, str, list[nodes.Node]]]:
    """Name, title and content of each part of a rule's page."""
    instead = [*rule.instead, *(words for trigger in rule.trigger for words in trigger.instead)]
    swaps = [swap for trigger in rule.trigger for swap in trigger.swap.items()]
    limits: list[nodes.Node] = [_paragraph(rule.limits)] if rule.limits else []
    return [
        ("why", str(_("Why it matters")), [_paragraph(text) for text in _paragraphs(rule.why)]),
        ("instead", str(_("What to write instead")), _examples(dict.fromkeys(instead))),
        ("words", str(_("Plainer words")), _swaps(swaps)),
        ("flagged", str(_("Flagged")), _examples(rule.fires)),
        ("fine", str(_("Still fine")), _examples(rule.quiet)),
        ("limits", str(_("Known limits")), limits),
        ("sources", str(_("Sources")), _sources(rule.sources)),
    ]


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in text.strip().split("\n\n")]


def _paragraph(text: str) -> nodes.Node:
    return nodes.paragraph("", "", *_discussed(text))


def _discussed(text: str) -> list[nodes.Node]:
    """Words of a rule, which discuss what it looks for and claim nothing."""
    from acuext.passages import MENTION_CLASS

    return [nodes.inline("", text, classes=[MENTION_CLASS])]


def _marked(text: str) -> list[nodes.Node]:
    """Text in which only literals are marked, with two backticks."""
    parts = text.split("``")
    return [nodes.literal("", part) if i % 2 else nodes.Text(part) for i, part in enumerate(parts)]


def _examples(texts: Iterable[str]) -> list[nodes.Node]:
    """A list of literals, which are not read; those of one line can wrap on a narrow screen."""
    listed = nodes.bullet_list(classes=["acuext-examples"])
    for text in texts:
        block: nodes.Node = nodes.literal_block(text, text, language="text")
        if "\n" not in text:
            block = nodes.paragraph("", "", nodes.literal("", text))
        listed += nodes.list_item("", block)
    return [listed] if listed.children else []


def _swaps(swaps: list[tuple[str, str]]) -> list[nodes.Node]:
    head: list[list[nodes.Node]] = [
        [nodes.Text(str(_("Instead of")))],
        [nodes.Text(str(_("write")))],
    ]
    rows: list[list[list[nodes.Node]]] = [
        [[nodes.literal("", phrase)], [nodes.literal("", words)]] for phrase, words in swaps
    ]
    return [_table(head, rows)] if rows else []


def _sources(sources: Iterable[Source]) -> list[nodes.Node]:
    listed = nodes.bullet_list()
    for source in sources:
        said = nodes.paragraph()
        # Any other scheme, in somebody's pack, could run a script.
        if source.url.startswith(("https://", "http://")):
            said += nodes.reference("", "", *_discussed(source.text), refuri=source.url)
        else:
            said += _discussed(source.text)
        date = f"{source.date}; " if source.date else ""
        said += nodes.Text(f" ({date}{_STATUS[source.status]})")
        listed += nodes.list_item("", said)
    return [listed]


def _values(allowed: tuple[Any, ...]) -> list[nodes.Node]:
    """The values that a setting may have, in words."""
    shown: list[nodes.Node] = []
    for value in allowed:
        if isinstance(value, type) and value not in _TYPES:
            continue
        shown += [nodes.Text(str(_(" or ")))] if shown else []
        named = isinstance(value, type)
        shown.append(nodes.Text(str(_TYPES[value])) if named else nodes.literal("", repr(value)))
    return shown


def _link(rule_id: str, docname: str) -> nodes.Node:
    return pending_xref(
        "",
        nodes.literal("", rule_id),
        refdomain="acuext",
        reftype="rule",
        reftarget=rule_id,
        refdoc=docname,
        refexplicit=False,
        refwarn=False,
    )


def _table(head: list[list[nodes.Node]], rows: list[list[list[nodes.Node]]]) -> nodes.table:
    """A table; without a head its first column is one."""
    # Browsers choose the widths themselves; plain text needs them, in characters.
    texts = [
        ["".join(n.astext() for n in cell) for cell in row] for row in [head or rows[0], *rows]
    ]
    # Two more, for the quotes that stand around a literal there.
    widths = [min(max(map(len, column)) + 2, 50) for column in zip(*texts, strict=True)]
    columns = [nodes.colspec(colwidth=width) for width in widths]
    group = nodes.tgroup("", *columns, cols=len(columns))
    if head:
        group += nodes.thead("", _row(head))
    else:
        columns[0]["stub"] = 1
    group += nodes.tbody("", *[_row(row) for row in rows])
    return nodes.table("", group, classes=["colwidths-auto"])


def _row(cells: list[list[nodes.Node]]) -> nodes.row:
    return nodes.row("", *[nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells])
