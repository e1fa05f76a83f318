"""Where a source can be edited in a browser, by the settings of the theme."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from sphinx.application import Sphinx


def edit_link(app: Sphinx) -> Callable[[str, int], str]:
    """Make addresses where a source can be edited, by the settings of the theme.

    Returns:
        A function of a path, from the source folder, and a line; it gives an empty text where the
        theme does not know, or where the file lies outside the repository.
    """
    options: Mapping[str, Any] = app.config.html_theme_options
    context: Mapping[str, Any] = app.config.html_context
    pattern = _pattern(options) or _context_pattern(context) or _book_pattern(options)

    def link(path: str, line: int) -> str:
        if not pattern:
            return ""
        folder, template = pattern
        full = posixpath.normpath(posixpath.join(folder.strip("/"), path))
        if full.startswith(("..", "/")) or not template.startswith(("https://", "http://")):
            return ""
        return f"{template.replace('{filename}', quote(full))}#L{line}"

    return link


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    return value.strip() if isinstance(value, str) and value.strip() != "None" else ""


def _pattern(options: Mapping[str, Any]) -> tuple[str, str] | None:
    """Furo and other themes made of sphinx-basic-ng: folder, and address with `{filename}`."""
    if own := _text(options, "source_edit_link"):
        return "", own
    repository = _text(options, "source_repository").rstrip("/")
    branch = quote(_text(options, "source_branch"))
    return _at(repository, branch, _text(options, "source_directory"))


def _book_pattern(options: Mapping[str, Any]) -> tuple[str, str] | None:
    """sphinx-book-theme."""
    repository = _text(options, "repository_url").rstrip("/")
    branch = quote(_text(options, "repository_branch") or "main")
    return _at(repository, branch, _text(options, "path_to_docs"))


def _context_pattern(context: Mapping[str, Any]) -> tuple[str, str] | None:
    """The theme of Read the Docs, and pydata's."""
    folder = _text(context, "conf_py_path") or _text(context, "doc_path")
    for name in ("github", "gitlab", "bitbucket"):
        user, repo = _text(context, f"{name}_user"), _text(context, f"{name}_repo")
        branch = quote(_text(context, f"{name}_version"))
        if not (user and repo and branch):
            continue
        host = _text(context, f"{name}_host") or _text(context, f"{name}_url")
        host = host or ("bitbucket.org" if name == "bitbucket" else f"{name}.com")
        host = host if "://" in host else f"https://{host}"
        return _at(f"{host.rstrip('/')}/{quote(user)}/{quote(repo)}", branch, folder, name)
    return None


def _at(repository: str, branch: str, folder: str, kind: str = "") -> tuple[str, str] | None:
    kind = kind or next((k for k in ("gitlab", "bitbucket") if k in repository), "github")
    if not repository or not branch:
        return None
    way = {
        "github": f"/edit/{branch}/{{filename}}",
        "gitlab": f"/-/edit/{branch}/{{filename}}",
        "bitbucket": f"/src/{branch}/{{filename}}?mode=edit",
    }
    return folder, repository + way[kind]
