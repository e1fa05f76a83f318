"""A Sphinx project's first day with acuext: one word in `conf.py`, and a workflow."""

from __future__ import annotations

import ast
import codecs
import difflib
import io
import os
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from acuext.reports import one_line

NAME: Final = "acuext"
WORKFLOW: Final = Path(".github/workflows/editorial-review.yml")
#: Where projects list what their documentation needs, from the folder of `conf.py` upwards.
_REQUIREMENTS: Final = ("requirements.txt", "requirements-docs.txt", "docs-requirements.txt")


class AdoptError(Exception):
    """What cannot be done without guessing; one line that says what to write by hand."""


# -- conf.py -----------------------------------------------------------------------------------


def add_extension(conf: Path) -> tuple[bytes, bytes]:
    """Add acuext to the extensions that a `conf.py` lists.

    Args:
        conf: the file; it is not changed.

    Returns:
        Its content before and after; the same when acuext is there already.

    Raises:
        AdoptError: it cannot be read as Python, or does not write its extensions as one list.
    """
    try:
        before = conf.read_bytes()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(before).readline)
        text = before.decode(encoding)
        tree = ast.parse(text)
    except OSError as error:
        raise AdoptError(f"{conf}: cannot be read: {error.strerror}") from None
    except (SyntaxError, ValueError, RecursionError) as error:
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
        raise AdoptError(f"{conf}: not Python{line}: {one_line(str(error))}") from None
    if any(_names_us(node) for node in ast.walk(tree)):
        return before, before
    lists = [getattr(node, "value", None) for node in tree.body if _sets_extensions(node)]
    everywhere = [node for node in ast.walk(tree) if _sets_extensions(node)]
    if not any(_is_extensions(node) for node in ast.walk(tree)):
        changed = _with_line(text)
    elif len(lists) == len(everywhere) == 1 and isinstance(lists[0], ast.List):
        changed = _with_element(text, lists[0])
    else:
        raise AdoptError(
            f"{conf}: the extensions are not written as one plain list, and {NAME} changes nothing "
            f'that it would have to guess. Add "{NAME}" to them by hand'
        )
    _hold(conf, tree, changed)
    bom = codecs.BOM_UTF8 if encoding == "utf-8-sig" else b""
    return before, bom + changed.encode(encoding.removesuffix("-sig"))


def _names_us(node: ast.AST) -> bool:
    """Whether a statement puts acuext among the extensions, in whatever way."""
    if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr):
        return False
    inside = list(ast.walk(node))
    return any(_is_extensions(part) for part in inside) and any(
        isinstance(part, ast.Constant) and part.value == NAME for part in inside
    )


def _is_extensions(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "extensions"


def _sets_extensions(node: ast.AST) -> bool:
    return (isinstance(node, ast.Assign) and any(map(_is_extensions, node.targets))) or (
        isinstance(node, ast.AnnAssign) and _is_extensions(node.target)
    )


def _with_line(text: str) -> str:
    """The file with a list of its own at the end."""
    newline = _newline(text)
    between = "" if not text or text.endswith(("\n", "\r")) else newline
    return f'{text}{between}{newline if text else ""}extensions = ["{NAME}"]{newline}'


def _with_element(text: str, listed: ast.List) -> str:
    """The file with one more element in a list, written as its neighbours are."""
    close = _offset(text, listed.end_lineno, listed.end_col_offset) - 1
    if not listed.elts:
        at = _offset(text, listed.lineno, listed.col_offset) + 1
        return f'{text[:at]}"{NAME}"{text[at:]}'
    last = listed.elts[-1]
    start = _offset(text, last.lineno, last.col_offset)
    end = _offset(text, last.end_lineno, last.end_col_offset)
    mark = "'" if text[start] == "'" else '"'
    comma = False
    # Up to the end of the list there are only blanks, brackets around the element, a comma and
    # comments; a comment stays with its element.
    for found in re.compile(r"#[^\r\n]*|[,)]").finditer(text, end, close):
        if not found[0].startswith("#"):
            end, comma = found.end(), found[0] == ","
    rest = text[end:close]
    if "\n" not in rest and "\r" not in rest:
        added = f" {mark}{NAME}{mark}," if comma else f", {mark}{NAME}{mark}"
        return text[:end] + added + text[end:]
    line_end = end + len(re.split(r"[\r\n]", rest)[0])
    indent = re.match(r"[ \t]*", text[_offset(text, last.lineno, 0) :])
    own_line = text[_offset(text, last.lineno, 0) : start].isspace()
    margin = indent[0] if indent and own_line else "    "
    return (
        text[:end]
        + ("" if comma else ",")
        + text[end:line_end]
        + f"{_newline(text)}{margin}{mark}{NAME}{mark},"
        + text[line_end:]
    )


def _newline(text: str) -> str:
    found = re.search(r"\r\n|\n|\r", text)
    return found[0] if found else "\n"


def _offset(text: str, line: int | None, column: int | None) -> int:
    """Where a line and column of Python's lie; its columns count bytes."""
    starts = [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text))]
    start = starts[(line or 1) - 1]
    return start + len(text[start:].encode()[: column or 0].decode())


def _hold(conf: Path, tree: ast.Module, changed: str) -> None:
    """Make sure that the change is the one word that it should be."""
    new = ast.parse(changed)
    for node in ast.walk(new):
        if _sets_extensions(node) and isinstance(value := getattr(node, "value", None), ast.List):
            value.elts = [
                e for e in value.elts if not (isinstance(e, ast.Constant) and e.value == NAME)
            ]
    if len(new.body) > len(tree.body):
        new.body.pop()
    if ast.dump(new) != ast.dump(tree):
        raise AdoptError(
            f'{conf}: cannot be changed safely. Add "{NAME}" to the extensions by hand'
        )


def difference(conf: Path, before: bytes, after: bytes) -> Iterator[str]:
    """What a change would do, as a unified difference.

    Args:
        conf: the file.
        before: its content.
        after: its content when it is changed.

    Yields:
        A line at a time; no character in it acts on a terminal.
    """
    for line in difflib.unified_diff(
        before.decode("utf-8", "replace").splitlines(),
        after.decode("utf-8", "replace").splitlines(),
        str(conf),
        str(conf),
        lineterm="",
    ):
        yield "".join(c if c.isprintable() or c == "\t" else " " for c in line) + "\n"


# -- the workflow ------------------------------------------------------------------------------


class Workflow(msgspec.Struct, frozen=True):
    """The workflow of a repository."""

    path: Path
    #: False when a file of this name was there, and has stayed as it was.
    written: bool


#: The actions are those of our own workflow, at the same commits.
_WORKFLOW_TEXT: Final = """\
# Judges the wording of each pull request: annotations at the lines, and a summary. Asks for no
# secret, so it works from forks.
name: Editorial review

on:
  pull_request:

permissions: {{}}

jobs:
  review:
    name: Editorial review
    runs-on: ubuntu-24.04
    timeout-minutes: 15
    permissions:
      contents: read # to check out the code
    steps:
      - uses: actions/checkout@df4cb1c069e1874edd31b4311f1884172cec0e10 # v6.0.3
        with:
          persist-credentials: false

      - uses: actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0
        with:
          python-version: "3.13"

      - run: pip install {install}
      - run: acuext check{place} --format github
"""


def write_workflow(top: Path, conf: Path, findable: bool) -> Workflow:
    """Write a workflow for GitHub, unless there is one.

    Args:
        top: the root of the repository.
        conf: the folder of `conf.py`.
        findable: whether `acuext check` finds it from the root.

    Raises:
        AdoptError: a folder's name cannot be written into the workflow without risk.
    """
    path = top / WORKFLOW
    if path.exists():
        return Workflow(path, written=False)
    folder = Path(os.path.relpath(conf, top)).as_posix()
    names = [(conf / name, top / name) for name in _REQUIREMENTS]
    lists = [file for pair in names for file in pair if file.is_file()]
    listed = Path(os.path.relpath(lists[0], top)).as_posix() if lists else ""
    if not re.fullmatch(r"[\w./-]*", folder + listed, re.ASCII):
        raise AdoptError(f"{path}: not written, since {folder!r} is no plain name for a folder")
    text = _WORKFLOW_TEXT.format(
        install=f"-r {listed} acuext" if listed else "acuext",
        place="" if findable else f" {folder}",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return Workflow(path, written=True)
