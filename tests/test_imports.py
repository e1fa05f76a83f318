"""The pure part runs anywhere: it loads neither docutils nor Sphinx, and each module loads alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

PURE = [
    f"acuext.{name}"
    for name in (
        "approved baseline changes engine evidence explain frontmatter grammar judgement matches"
        " plain reading_age reports review rules structure text"
    ).split()
]
SPHINX = [
    f"acuext.{name}"
    for name in (
        "display domain extension markup passages reading review_pages.pages source".split()
    )
]


@pytest.mark.parametrize("module", PURE)
def test_pure_modules_load_no_docutils(module: str) -> None:
    program = f"import {module}, sys; print(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"docutils", "sphinx", "markdown_it", "myst_parser"} & set(loaded)


@pytest.mark.parametrize("module", SPHINX)
def test_each_module_loads_alone(module: str) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", f"import {module}"], check=True)


def test_a_sentence_is_judged_and_checked_without_sphinx() -> None:
    program = (
        "import acuext, sys; print(acuext.judge('It cures migraine.').strength.value,"
        " [f.rule for f in acuext.check('It is proven to work.')], 'sphinx' in sys.modules)"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    assert said.startswith("causal ['ACU101'")
    assert said.endswith("False\n")
