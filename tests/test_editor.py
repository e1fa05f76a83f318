"""In the editor: the real language server esbonio, spoken to as an editor does."""

from __future__ import annotations

import asyncio
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import conftest
import pytest
from conftest import Project
from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

ROOT = Path(__file__).resolve().parents[1]
#: Longer than a build takes on a busy machine.
PATIENCE = 60
CLEAN, CLAIM = conftest.CLEAN.lstrip(), conftest.CLAIM.lstrip()
#: What the editor shows of the claim.
FOUND = (3, lsp.DiagnosticSeverity.Error, 'ACU101 "is proven to cure" claims proof.')
#: An extension that does to a page's text what a language server does with one not yet saved.
UNSAVED = """
def setup(app):
    app.connect("source-read", lambda app, docname, text: text.__setitem__(0, TEXT), priority=0)
    return {"parallel_read_safe": True}
"""


class Editor:
    """An editor with one page open."""

    def __init__(self, client: LanguageClient, page: Path) -> None:
        self.client = client
        self.page = page
        self.version = 1
        self.shown: list[tuple[int, lsp.DiagnosticSeverity | None, str]] | None = None
        self.news = asyncio.Event()

        # A function, since the client writes its name on it, and a method cannot be written on.
        @client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def on_diagnostics(params: lsp.PublishDiagnosticsParams) -> None:
            self.on_diagnostics(params)

    def on_diagnostics(self, params: lsp.PublishDiagnosticsParams) -> None:
        # The path that a server names may have its links resolved.
        if params.uri.endswith(self.page.name):
            self.shown = sorted(
                (item.range.start.line + 1, item.severity, item.message.partition(" Try ")[0])
                for item in params.diagnostics
            )
            self.news.set()

    def open(self) -> None:
        text = self.page.read_text(encoding="utf-8")
        item = lsp.TextDocumentItem(self.page.as_uri(), "markdown", self.version, text)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def type(self, text: str) -> None:
        """Change the page without saving it."""
        self.version += 1
        page = lsp.VersionedTextDocumentIdentifier(self.version, self.page.as_uri())
        change = lsp.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(page, [change]))

    def save(self, text: str | None = None) -> None:
        if text is not None:
            self.type(text)
            self.page.write_text(text, encoding="utf-8")
        page = lsp.TextDocumentIdentifier(self.page.as_uri())
        self.client.text_document_did_save(lsp.DidSaveTextDocumentParams(page))

    async def sees(self, *expected: tuple[int, lsp.DiagnosticSeverity, str]) -> bool:
        """Whether exactly this is shown, now or before long."""
        try:
            async with asyncio.timeout(PATIENCE):
                while self.shown != list(expected):
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            return False
        return True


@asynccontextmanager
async def editing(folder: Path) -> AsyncIterator[Editor]:
    """An editor, with the server that it starts for a folder."""
    client = LanguageClient("test", "1")
    editor = Editor(client, folder / "docs" / "index.md")
    created = asyncio.Event()
    client.feature("sphinx/appCreated")(lambda _params: created.set())
    await client.start_io(sys.executable, "-m", "esbonio", "server")
    try:
        here = lsp.WorkspaceFolder(folder.as_uri(), "project")
        await client.initialize_async(
            lsp.InitializeParams(lsp.ClientCapabilities(), workspace_folders=[here])
        )
        client.initialized(lsp.InitializedParams())
        editor.open()
        async with asyncio.timeout(PATIENCE):
            await created.wait()
        yield editor
    finally:
        async with asyncio.timeout(PATIENCE):
            await client.shutdown_async(None)
            client.exit(None)
            await client.stop()


@pytest.fixture
def site(project: Project) -> Path:
    """A project that is set up as docs/howto/editor.md says, with a claim in its page."""
    page = (ROOT / "docs" / "howto" / "editor.md").read_text(encoding="utf-8")
    shown = textwrap.dedent(page.partition(":caption: pyproject.toml\n")[2].partition("```")[0])
    environment = '["${venv:.venv}"]'
    assert environment in shown
    # The server does not pass its own PYTHONPATH on to the Python that builds.
    ours = f"{{ command = ['{sys.executable}'], env = {{ PYTHONPATH = '{ROOT}' }} }}"
    project.write(
        {
            "docs/index.md": CLAIM,
            "docs/conf.py": 'extensions = ["myst_parser", "acuext"]\n'
            'myst_enable_extensions = ["colon_fence"]\n',
            "pyproject.toml": shown.replace(environment, ours),
        }
    )
    return project.path


@pytest.mark.slow
def test_findings_come_and_go_as_a_page_is_edited(site: Path) -> None:
    async def edits() -> None:
        async with editing(site) as editor:
            editor.save()
            assert await editor.sees(FOUND)
            editor.type(CLEAN)
            assert await editor.sees()
            # What is not saved is judged as well, and found where it stands in the editor.
            editor.type(CLAIM.replace("# Needles\n", "# Needles\n\nA line more.\n"))
            assert await editor.sees((5, *FOUND[1:]))
            editor.save(CLEAN)
            assert await editor.sees()
            editor.save(CLAIM)
            assert await editor.sees(FOUND)
        async with editing(site) as editor:
            # Opened once more, what was last found is there at once.
            assert await editor.sees(FOUND)

    asyncio.run(edits())


def test_words_not_yet_saved_are_found_where_the_editor_shows_them(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = CLAIM.replace("# Needles\n", "# Needles\n\nA line more.\n")
    project.write({"index.md": CLAIM, "not_saved_yet.py": f"TEXT = {shown!r}\n{UNSAVED}"})
    project.configure(extensions=["myst_parser", "acuext", "not_saved_yet"])
    monkeypatch.syspath_prepend(project.path)
    (found,) = project.build().findings
    assert (found["line"], found["column"]) == (5, 13)
