"""Findings stand on the exact line and column of the file to edit.

In the cases below the words to be found stand between « and »; these marks are taken out before
the page is built, and where they stood is where the findings must be.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from conftest import Project

from acuext.text import fold

CASES = {
    "heading.md": "# It is «proven»\n\nText.\n\nSetext «proven»\n-------------\n",
    "paragraph.md": "One is «proven» and\nthe next «proven»,\nand «proven».\n",
    "emphasis.md": "Is **«proven»**, *pro«»x*, **«pro**ven», _«proven»_.\n",
    "across.md": "It is «guaranteed\nto» **work**. It is **«clinically**\n_proven»_ x.\n",
    "link.md": "A [«proven»](https://example.org/proven 'proven') and [x](proven.md).\n",
    "entities.md": "A «pro&shy;ven» and «&#112;roven» and «pr&#x6F;ven», &amp; «proven».\n",
    "characters.md": "A «pro\u00adven», «pro\u200bven», «clinically\u00a0proven», «prоven», «ﬁ» x.\n",
    "quotes.md": "\"It's «proven»\" -- it isn't \"x\" ... and 'is «proven»'.\n",
    "code.md": "The `proven` {code}`proven` $proven$ is «proven» `proven`.\n\n```\nproven\n```\n",
    "mention.md": "Avoid {mention}`proven`. It is «proven».\n",
    "escape.md": "It is \\*«proven»\\* and \\_«proven».\n",
    "html.md": "It is <b>«proven»</b>, «pro<i>ven»</i>.\n\n<p>proven</p>\n\n<!-- proven -->\n",
    "lists.md": (
        "- is «proven»\n- two\n  is «proven»\n\n  deep is «proven»\n\n"
        "1. is «proven»\n   - sub is «proven»\n     and «proven»\n"
    ),
    "table.md": (
        "| is «proven» | b |\n|---|---|\n| x | x |\n| x | «proven» |\n"
        "| «proven» | «proven» |\n| x | it is **«proven»** |\n"
    ),
    "listtable.md": (
        "```{list-table} Is «proven»\n:header-rows: 1\n\n* - is «proven»\n  - b\n"
        "* - c\n  - is «proven»\n```\n"
    ),
    "csvtable.md": (
        "```{csv-table} Is «proven»\n:header: is «proven», b\n\nis «proven», x\nx, is «proven»\n```\n"
    ),
    "image.md": "![Is «proven»](proven.png)\n\nSee ![is «proven»](proven.png) there.\n",
    "figure.md": (
        "```{figure} proven.png\n:alt: Is «proven»\n\nIs «proven» here.\n\nLegend is «proven».\n```\n"
    ),
    "footnote.md": "See[^1] it.\n\n[^1]: It is «proven».\n",
    "glossary.md": "```{glossary}\nis «proven»\n  It is «proven».\n```\n",
    "definitions.md": "It is «proven»\n: It is «proven» so\n  and «proven».\n",
    "fields.md": "Text.\n\n:it is «proven»: it is «proven»\n",
    "admonition.md": ":::{note}\nIs «proven».\n:::\n\n:::{admonition} Is «proven»\n:class: proven\nIs «proven».\n:::\n",
    "design.md": (
        "::::{tab-set}\n:::{tab-item} Is «proven»\nIs «proven».\n:::\n::::\n\n"
        ":::{card} Is «proven»\n:link: proven\nIs «proven».\n:::\n\n"
        ":::{dropdown} Is «proven»\nIs «proven».\n:::\n"
    ),
    "quote.md": "> It is «proven»\n> and «proven»\n>\n> > is «proven»\n",
    "toctree.md": "```{toctree}\n:caption: Is «proven»\n\nIs «proven» <heading>\n```\n",
    "meta.md": (
        "---\nmyst:\n  html_meta:\n    description: It is «proven»\n"
        '    "property=og:title": "It is «proven»"\n---\nText.\n'
    ),
    "rst_in_md.md": "```{eval-rst}\n.. note:: is «proven»\n\nIs *«proven»*, **«pro**\\ ven».\n```\n",
    "repeat.md": "It is «proven».\n\nIt is «proven».\n\n- It is «proven».\n- It is «proven».\n",
    "comment.md": "% proven\n\n(proven)=\nIt is «proven».\n",
    "deep.md": "".join("  " * n + "- a\n" for n in range(6)) + "  " * 6 + "- is «proven»\n",
    "crlf.md": "One.\r\n\r\nIt is «proven»\r\nand «proven».\r\n",
    "bom.md": "It is «proven».\n",
    "abbr.md": "An {abbr}`abbreviation (is «proven»)`.\n",
    "titled_links.md": (
        "{download}`is «proven» <proven.txt>` {any}`is «proven» <heading>` {doc}`is «proven» <list>`\n"
    ),
    "bare_links.md": "See https://proven.example/proven, <https://proven.org>, «proven».\n",
    "link_text.md": "[«proven»](proven) and [«proven»](https://example.org/proven).\n",
    "cell_after_code.md": (
        "`It is proven.` is bad.\n\n![x](proven.png)\n\n```\nIt is proven.\n```\n\n"
        "| a | b |\n|---|---|\n| x | It is «proven». |\n"
    ),
    "cell_escapes.md": (
        "| a | b |\n|---|---|\n| 5 \\| 6 is «proven» | x |\n| 5 \\| 6 is «proven» | x |\n"
    ),
    "alt_beside.md": "It is «proven». ![It is «proven».](x.png)\n\n```\nIt is proven.\n```\n",
    "abbr_beside.md": "TCM is «proven». {abbr}`TCM (is «proven»)`, {abbr}`P (x)` «proven».\n",
    "attributes.md": "[text](x){.proven} ![a](x.png) is «proven». (c)«proven» x.\n",
    "html_attributes.md": 'It <b title="a > b proven">is</b> «proven».\n',
    "versions.md": "```{versionadded} 1\nso «proven»\n```\n\nso «proven»\n\nso «proven»\n",
    "contents.md": (
        "```{contents} Is «proven»\n```\n\n## Is «proven»\n\n"
        "```{topic} T\n:class: contents\n\nIs «proven».\n```\n"
    ),
    "equal_titles.rst": "proven\n======\n\nproven\n------\n\nIs proven\n".replace(
        "proven", "«proven»"
    ),
    "title_directive.rst": ".. title:: Is «proven»\n\nT\n=\n\nText.\n",
    "fields_repeated.rst": (
        ".. py:function:: f(a)\n\n   Text.\n\n   :param a: is «proven» to cure\n"
        "   :returns: is «proven» to cure\n   :raises ValueError: is «proven» to cure\n"
    ),
    "titles.rst": "=============\nIs «proven» ok\n=============\n\nIs «proven»\n-----------\n\nText.\n",
    "inline.rst": (
        "Is *«proven»*, **«proven»**, `«proven» <https://example.org/proven>`_,\n"
        "**«pro**\\ ven», :sub:`x` is «proven», ``proven``, :mention:`proven`,\n"
        '"it\'s «proven»" --- is «proven» [#]_.\n\n.. [#] is «proven»\n'
    ),
    "tables.rst": (
        "========= ===========\nis «proven» x\n========= ===========\nx         is «proven»\n"
        "«proven»    x\n========= ===========\n\n"
        "+-----------+-----------+\n| «proven»    | x         |\n+===========+===========+\n"
        "| x         | x         |\n+-----------+-----------+\n| «proven»    | is        |\n"
        "|           | «proven»    |\n+-----------+-----------+\n\n"
        ".. csv-table:: is «proven»\n   :header: is «proven», b\n\n   x, is «proven»\n   «proven», x\n\n"
        ".. list-table:: is «proven»\n\n   * - x\n     - is «proven»\n"
    ),
    "blocks.rst": (
        "* is «proven»\n\n  * is «proven»\n\n:field is «proven»: is «proven»\n\n"
        "it is «proven» : is «proven»\n   is «proven»\n\n| line is «proven»\n| «proven»\n\n"
        "    Quote is «proven».\n\n.. rubric:: Is «proven»\n\n.. note:: is «proven»\n   and «proven»\n"
    ),
    "media.rst": (
        ".. figure:: proven.png\n   :alt: is «proven»\n\n   Is «proven».\n\n   Legend is «proven».\n\n"
        ".. image:: proven.png\n   :alt: is «proven»\n\n.. meta::\n   :description: is «proven»\n\n"
        ".. glossary::\n\n   is «proven»\n      Is «proven».\n"
    ),
    "only.rst": ".. only:: latex\n\n   Is «proven».\n\n.. only:: html\n\n   Is «proven».\n",
    "remarks.rst": ".. proven\n\n.. _proven:\n\nIs «proven».\n\n::\n\n   proven\n",
}


def unmarked(text: str) -> tuple[str, list[tuple[int, int, int, int]]]:
    """The text without its marks, and the places between them."""
    plain, places, start = "", [], (0, 0)
    for piece in re.split("([«»])", text):
        line, column = plain.count("\n") + 1, len(plain) - (plain.rfind("\n") + 1) + 1
        if piece == "«":
            start = (line, column)
        elif piece == "»":
            if (line, column) != start:
                places.append((*start, line, column))
        else:
            plain += piece
    return plain, places


EXTENSIONS = [
    "attrs_inline", "colon_fence", "deflist", "dollarmath", "fieldlist", "smartquotes",
    "substitution",
]  # fmt: skip


def configure(project: Project) -> None:
    project.configure(
        extensions=["myst_parser", "sphinx_design", "acuext"],
        myst_enable_extensions=EXTENSIONS,
        acuext_health_pages=[],
        acuext_rules={"ACU": "off", "PLC101": "error"},
        acuext_packs=["places.toml"],
        suppress_warnings=["image", "toc", "myst", "misc", "docutils", "ref", "acuext"],
    )
    project.write({"places.toml": PACK, "proven.png": b"not really"})


PACK = """
language = "en"

[[rule]]
id = "PLC101"
name = "planted-words"
title = "Words planted by the tests"
kind = "forbid"
severity = "error"
message = '"{text}" is planted.'
why = "So that it can be found."
instead = []
sources = [{ text = "the tests" }]
quiet_if = ["mentioned"]
fires = ["It is proven."]
quiet = ["It is not."]

[[rule.trigger]]
terms = ["proven", "clinically proven", "guaranteed to", "fi"]
"""


def test_every_construct_has_its_findings_where_the_marks_were(project: Project) -> None:
    configure(project)
    expected: dict[str, list[tuple[int, int, int, int]]] = {}
    for name, text in CASES.items():
        plain, expected[name] = unmarked(text)
        encoding = "utf-8-sig" if name == "bom.md" else "utf-8"
        project.write({name: plain.encode(encoding)})
    project.write({"index.md": "# Index\n"})
    built = project.build()
    found: dict[str, list[tuple[int, int, int, int]]] = {name: [] for name in CASES}
    for f in built.findings:
        place = (f["line"], f["column"], f["end_line"], f["end_column"])
        found.setdefault(f["path"], []).append(place)
    assert {name: sorted(places) for name, places in found.items() if places} == {
        name: sorted(places) for name, places in expected.items() if places
    }


def test_words_from_elsewhere_are_placed_on_the_line_that_brings_them_in(project: Project) -> None:
    configure(project)
    project.configure(
        myst_substitutions={"word": "proven", "block": "It is proven."},
        rst_prolog=".. |pro| replace:: proven\n",
    )
    project.write(
        {
            "index.md": "# Index\n\nOne\nis {{ word }} so.\n\n{{ block }}\n",
            "page.rst": (
                "Page\n====\n\nOne\nis |pro| so.\n\n.. |own| replace:: proven\n\nAn |own|.\n\n"
                "== =====\nx  |own|\n== =====\n"
            ),
        }
    )
    findings = project.build().findings
    assert [(f["path"], f["line"], f["column"], f["end_column"], f["text"]) for f in findings] == [
        ("index.md", 4, 1, 18, "proven"),
        ("index.md", 6, 1, 12, "proven"),
        ("page.rst", 5, 1, 13, "proven"),
        ("page.rst", 9, 1, 10, "proven"),
        ("page.rst", 12, 1, 9, "proven"),
    ]


def test_included_files_are_named_by_their_own_path_and_lines(project: Project) -> None:
    configure(project)
    project.write(
        {
            "index.md": (
                "# Index\n\n```{include} parts/a.md\n```\n\n"
                "```{include} parts/b.rst\n:parser: rst\n```\n\n"
                "```{include} parts/c.md\n:start-after: START\n```\n\n"
                "```{include} parts/table.md\n```\n"
            ),
            "two.md": "# Two\n\n```{include} parts/table.md\n```\n",
            "parts/table.md": "| a | b |\n|---|---|\n| x | is proven |\n",
            "page.rst": "Page\n====\n\n.. include:: parts/d.rst\n   :start-line: 2\n",
            "parts/a.md": "A.\n\nIt is proven.\n",
            "parts/b.rst": "B.\n\nIt is *proven*.\n",
            "parts/c.md": "proven\n\nSTART\n\nC is proven.\n",
            "parts/d.rst": "proven\n\n\nD is proven.\n",
        }
    )
    built = project.build()
    found = [(f["path"], f["line"], f["column"]) for f in built.findings]
    assert found == [
        ("parts/a.md", 3, 7),
        ("parts/b.rst", 3, 8),
        ("parts/c.md", 5, 6),
        ("parts/d.rst", 4, 6),
        ("parts/table.md", 3, 10),
    ]
    assert built.findings[-1]["pages"] == ["index", "two"]


def test_docstrings_are_placed_in_the_module(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(project)
    # Python and Sphinx remember a module by its name, whichever project it was in.
    module = project.path.parent.name
    monkeypatch.syspath_prepend(str(project.path))
    project.configure(extensions=["sphinx.ext.autodoc", "myst_parser", "acuext"])
    project.write(
        {
            "index.rst": (
                f"Index\n=====\n\n.. automodule:: {module}\n\n"
                f".. autofunction:: {module}.heal\n\n"
                f".. autoclass:: {module}.Needle\n   :members:\n"
            ),
            f"{module}.py": (
                '"""The module is proven."""\n\n\ndef heal(a):\n    """Heal.\n\n    It is proven.\n\n'
                '    :param a: it is proven too\n    """\n\n\nclass Needle:\n    """A needle."""\n\n'
                '    def put(self):\n        """It is proven."""\n'
            ),
        }
    )
    findings = [(f["path"], f["line"], f["column"]) for f in project.build().findings]
    assert findings == [
        (f"{module}.py", 1, 18),
        (f"{module}.py", 7, 11),
        (f"{module}.py", 9, 21),
        (f"{module}.py", 17, 18),
    ]


# -- the property ------------------------------------------------------------------------------

WORDS = "needle point skin nurse week trial may café naïve “so” isn't 10 pain".split()
PLANTED = [
    "proven",
    "**pro**ven",
    "*proven*",
    "pro\u00adven",
    "pro&shy;ven",
    "[proven](https://x.org)",
]


def generated(seed: int) -> tuple[str, int]:
    """A page of random blocks, and how many words were planted in it."""
    dice = random.Random(seed)
    planted = 0

    def text(wrap: str = "") -> str:
        nonlocal planted
        out = []
        for _ in range(dice.randint(2, 14)):
            if dice.random() < 0.15:
                out.append(dice.choice(PLANTED))
                planted += 1
            else:
                word = dice.choice(WORDS)
                markup = dice.choice(
                    ["{}"] * 6 + ["*{}*", "`{}`", "**{}**", "[{}](https://pro.ven)"]
                )
                out.append(markup.format(word))
            out.append(dice.choice([" "] * 5 + [wrap or " "]))
        return "x " + "".join(out).strip() + " x"

    def block() -> str:
        kind = dice.randrange(9)
        if kind == 0:
            return f"## {text()}"
        if kind == 1:
            return "\n".join(f"- {text(chr(10) + '  ')}" for _ in range(dice.randint(1, 3)))
        if kind == 2:
            rows = [f"| {text()} | {text()} |" for _ in range(dice.randint(1, 4))]
            return "\n".join(["| a | b |", "|---|---|", *rows])
        if kind == 3:
            return f":::{{note}}\n{text(chr(10))}\n:::"
        if kind == 4:
            return "> " + text("\n> ")
        if kind == 5:
            return f"```\n{dice.choice(WORDS)} proven\n```"
        if kind == 6:
            return f"Term {text()}\n: {text(chr(10) + '  ')}"
        if kind == 7:
            return f"![{dice.choice(WORDS)} x](x.png)\n\n% proven\n\n{text()}"
        return text("\n")

    return "\n\n".join(["# Page", *(block() for _ in range(12))]) + "\n", planted


def test_the_text_at_a_findings_span_is_its_text(project: Project) -> None:
    configure(project)
    pages = {f"page{seed}.md": generated(seed) for seed in range(30)}
    project.write({name: text for name, (text, _) in pages.items()})
    project.write({"index.md": "# Index\n"})
    built = project.build()
    counts = dict.fromkeys(pages, 0)
    for f in built.findings:
        counts[f["path"]] += 1
        lines = (
            (Path(project.path) / f["path"]).read_text().split("\n")[f["line"] - 1 : f["end_line"]]
        )
        lines[-1] = lines[-1][: f["end_column"] - 1]
        lines[0] = lines[0][f["column"] - 1 :]
        source = "\n".join(lines)
        assert source == f["text"]
        plain = fold(re.sub(r"[*]|&shy;", "", source)).text
        assert plain == "proven"
    assert counts == {name: planted for name, (_, planted) in pages.items()}


def test_translated_text_is_placed_on_the_block_it_translates(project: Project) -> None:
    configure(project)
    project.configure(language="en", locale_dirs=["locale"], gettext_auto_build=True)
    project.write(
        {
            "index.md": "# Index\n\nFirst.\n\nOne old\nstory here.\n",
            "locale/en/LC_MESSAGES/index.po": (
                'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
                'msgid "One old story here."\nmsgstr "It is proven."\n'
            ),
        }
    )
    [finding] = project.build().findings
    place = (finding["line"], finding["column"], finding["end_column"], finding["text"])
    assert place == (5, 1, 8, "proven")
