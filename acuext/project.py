"""Finds a project's settings and pages, and has Sphinx read them here, as a build would."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import logging
import os
import platform
import shutil
import stat
import sys
import tempfile
import time
import tokenize
import traceback
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from acuext import __version__
from acuext.reports import one_line
from acuext.rules import WORDLESS

if TYPE_CHECKING:
    import datetime

    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.environment import BuildEnvironment

    from acuext.changes import Changes
    from acuext.review import Finding, Review
    from acuext.rules import Rules

CONF: Final = "conf.py"
#: Where projects keep `conf.py` or their pages, seen from the folder that holds the whole.
USUAL: Final = ("docs", "doc", "source", "docs/source", "doc/source")
#: What the built-in settings read, by the end of a file's name.
SUFFIXES: Final = {".md": "markdown", ".markdown": "markdown", ".rst": "restructuredtext"}
#: Files that can be a root document, by the end of their name.
_ROOT_SUFFIXES: Final = (*SUFFIXES, ".txt", ".ipynb", ".myst")
#: Where nobody keeps pages.
_SKIPPED: Final = (
    ".*", "_build", "build", "dist", "env", "node_modules", "site-packages", "venv",
)  # fmt: skip
#: The built-in settings. No dollar mathematics and no substitutions: "$5 to $10" is money, "{{ }}"
#: belongs to some other tool, and the words between them are words.
_BUILT_IN: Final[Mapping[str, Any]] = {
    "extensions": ["myst_parser", "acuext"],
    "source_suffix": SUFFIXES,
    "myst_enable_extensions": [
        "attrs_block", "attrs_inline", "colon_fence", "deflist", "fieldlist", "html_admonition",
        "html_image", "tasklist",
    ],
    # Other tools print a page's title from its front matter.
    "myst_title_to_header": True,
    # Without a project nobody can tell where a link or a picture leads.
    "suppress_warnings": [
        "download", "image", "misc", "myst.header", "myst.iref_missing", "myst.xref_ambiguous",
        "myst.xref_missing", "ref", "toc",
    ],
}  # fmt: skip
#: What nobody used for so long is removed from the cache; in seconds.
_KEPT: Final = 30 * 24 * 3600
#: How long one run waits for another of the same project, in seconds.
_LONGEST_WAIT: Final = 600


class ProjectError(Exception):
    """Wrong use or configuration; the message is one line.

    Attributes:
        more: what somebody who programs may want to see: several lines, or nothing.
    """

    def __init__(self, message: str, more: str = "") -> None:
        super().__init__(one_line(message))
        self.more = more


class Project(msgspec.Struct, frozen=True):
    """Where pages and settings are."""

    #: The folder of the pages.
    source: Path
    #: The folder of `conf.py`; None where the built-in settings are used.
    conf: Path | None
    #: With the built-in settings, the files and folders to read; all of `source` when empty.
    only: tuple[Path, ...] = ()


class Options(msgspec.Struct, frozen=True):
    """How to read a project."""

    #: How many processes read.
    jobs: int = 1
    #: Settings that win over those of `conf.py`, as text.
    settings: Mapping[str, str] = {}
    #: Sphinx's tags.
    tags: tuple[str, ...] = ()
    #: Where to keep what was read; None keeps nothing.
    cache: Path | None = None
    #: Read every page again.
    fresh: bool = False
    #: Review as if there were no baseline.
    without_baseline: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """What reading a project gave."""

    review: Review
    rules: Rules
    today: datetime.date
    #: The folder that the paths of findings start from.
    source: Path
    #: Whether the project's settings let findings fail its build.
    gates: bool
    #: Ids and names of rules whose waivers are refused.
    never_waive: tuple[str, ...]
    #: Each page's own file, then all that it includes, by docname.
    files: Mapping[str, tuple[Path, ...]]
    #: The evidence file.
    evidence: Path | None
    #: Where the baseline is or would be; None where the settings want none.
    baseline: Path | None
    #: What Sphinx warned of, a line each.
    warnings: tuple[str, ...]


# -- narrowing ---------------------------------------------------------------------------------


def about(outcome: Outcome, paths: Sequence[Path]) -> Review:
    """What was found in files and folders, and on the pages in them.

    Args:
        outcome: what was found everywhere.
        paths: files and folders.
    """
    asked = _everywhere(paths)

    def keep(path: str, pages: Sequence[str]) -> bool:
        shown = (outcome.files[page][0] for page in pages if page in outcome.files)
        return any(_within(file, asked) for file in (_below(outcome.source, path), *shown))

    return _only(outcome.review, lambda found: keep(found.path, found.pages), lambda p: keep(p, ()))


def unread(outcome: Outcome, paths: Iterable[Path]) -> list[Path]:
    """The paths of which nothing was read.

    Args:
        outcome: what was read.
        paths: files and folders.
    """
    read = [file for files in outcome.files.values() for file in files]
    read += [outcome.evidence] if outcome.evidence else []
    return [path for path in paths if not any(_within(file, _everywhere([path])) for file in read)]


def since(outcome: Outcome, changes: Changes) -> Review:
    """What was found on lines that changed.

    A finding about a whole page counts when anything of the page changed, or of what it includes.

    Args:
        outcome: what was found everywhere.
        changes: the lines.
    """
    wordless = {rule.id for rule in outcome.rules.rules if rule.kind in WORDLESS}

    def keep(found: Finding) -> bool:
        file = _below(outcome.source, found.path)
        if found.rule not in wordless:
            # The end is exclusive: one in the first column is that of the line before.
            last = found.end_line - (found.end_column == 1 and found.end_line > found.line)
            return changes.touches(file, found.line, last)
        pages = (path for page in found.pages for path in outcome.files.get(page, ()))
        return any(changes.has(path) for path in (file, *pages))

    return _only(outcome.review, keep, lambda path: changes.has(_below(outcome.source, path)))


def _only(
    review: Review, keep: Callable[[Finding], bool], keep_path: Callable[[str], bool]
) -> Review:
    return msgspec.structs.replace(
        review,
        findings=tuple(filter(keep, review.findings)),
        waived=tuple(filter(keep, review.waived)),
        baseline=tuple(filter(keep, review.baseline)),
        outdated=tuple(entry for entry in review.outdated if keep_path(entry.path)),
    )


def _everywhere(paths: Iterable[Path]) -> set[Path]:
    """Paths as they are written and as they are without links: Sphinx follows only some."""
    return {form for path in paths for form in (_below(Path.cwd(), path), path.resolve())}


def _within(file: Path, asked: Set[Path]) -> bool:
    return file in asked or not asked.isdisjoint(file.parents)


def _below(source: Path, path: str | Path) -> Path:
    return Path(os.path.normpath(source / path))


# -- finding -----------------------------------------------------------------------------------


def find_project(
    paths: Sequence[Path] = (),
    conf: Path | None = None,
    source: Path | None = None,
    isolated: bool = False,
) -> Project:
    """Find the project that files or folders belong to.

    `conf.py` is looked for in the folder itself, in the usual places below it, and in the folders
    above it, up to the top of a repository or the home folder. The pages are in the nearest
    folder, at or below that of `conf.py`, which holds the root document.

    Args:
        paths: what was asked for; the working folder when empty.
        conf: the folder of `conf.py`, or the file, where it is known.
        source: the folder of the pages, where it is known.
        isolated: whether to use the built-in settings whatever there is.

    Raises:
        ProjectError: there is no such folder, the paths belong to several projects, or nobody can
            tell where the pages are.
    """
    asked = [path.resolve() for path in paths] or [Path.cwd()]
    source = source.resolve() if source else None
    if conf is not None:
        conf = (conf.parent if conf.name == CONF else conf).resolve()
        if not (conf / CONF).is_file():
            raise ProjectError(f"{conf}: there is no {CONF} in this folder")
    elif not isolated:
        found = {conf_of(path) for path in ([source] if source else asked)} - {None}
        if len(found) > 1:
            names = ", ".join(sorted(str(folder) for folder in found))
            raise ProjectError(f"these belong to several projects: check one at a time ({names})")
        conf = found.pop() if found else None
    if conf is not None:
        return Project(source or _source_below(conf, asked), conf)
    if source is not None:
        return Project(source, None)
    try:
        common = os.path.commonpath([path if path.is_dir() else path.parent for path in asked])
    except ValueError:  # several drives
        raise ProjectError("these have no folder in common: check one at a time") from None
    return Project(Path(common), None, () if Path(common) in asked else tuple(asked))


def conf_of(path: Path) -> Path | None:
    """The folder of the `conf.py` that a file or folder belongs to, if there is one.

    Args:
        path: an absolute path.
    """
    start = path if path.is_dir() else path.parent
    for folder in (start, *(start / name for name in USUAL)):
        if (folder / CONF).is_file():
            return folder
    for folder in (start, *start.parents):
        # Settings are a program: none is taken from a folder where anybody may put one.
        if (folder / CONF).is_file() and (folder == start or not _anybodys(folder)):
            return folder
        if (folder / ".git").exists() or folder == Path.home():
            break
    return None


def _anybodys(folder: Path) -> bool:
    return os.name == "posix" and bool(folder.stat().st_mode & stat.S_IWOTH)


def _source_below(conf: Path, asked: Sequence[Path]) -> Path:
    """The nearest folder at or below that of `conf.py` which holds the root document."""
    root = root_document(conf / CONF)
    level = [conf]
    while level:
        holding = [folder for folder in level if _holds(folder, root)]
        within = [f for f in holding if all(path.is_relative_to(f) for path in asked)]
        usual = [f for f in holding if f.name in USUAL]
        for chosen in (holding, within, usual):
            if len(chosen) == 1:
                return chosen[0]
        if holding:
            names = ", ".join(sorted(folder.name for folder in holding))
            raise ProjectError(
                f"{conf}: several folders hold {root!r} ({names}): name one with --source"
            )
        level = [inner for folder in level for inner in _folders_in(folder)]
    return conf


def _folders_in(folder: Path) -> list[Path]:
    try:
        inner = sorted(entry for entry in folder.iterdir() if entry.is_dir())
    except OSError:
        return []
    return [
        entry
        for entry in inner
        if not entry.is_symlink() and not any(entry.match(skipped) for skipped in _SKIPPED)
    ]


def _holds(folder: Path, root: str) -> bool:
    return any((folder / f"{root}{suffix}").is_file() for suffix in _ROOT_SUFFIXES)


def root_document(conf: Path) -> str:
    """The root document's name, where `conf.py` says it in plain words; else Sphinx's own."""
    for node in _tree(conf).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names = {target.id for target in node.targets if isinstance(target, ast.Name)}
            if names & {"root_doc", "master_doc"} and isinstance(node.value.value, str):
                return node.value.value
    return "index"


def _tree(conf: Path) -> ast.Module:
    # What is wrong with the file, Sphinx will say when it reads it.
    try:
        with tokenize.open(conf) as file:
            return ast.parse(file.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


# -- reading -----------------------------------------------------------------------------------


def cache_folder() -> Path:
    """Where reading is remembered between runs: `ACUEXT_CACHE_DIR`, or the user's own cache."""
    from platformdirs import user_cache_path

    said = os.environ.get("ACUEXT_CACHE_DIR")
    return Path(said) if said else user_cache_path("acuext", appauthor=False)


def read(
    project: Project,
    options: Options,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Outcome:
    """Have Sphinx read a project, and review it as the builder `acuext` does.

    Nothing is written into the project. Only one run at a time uses what was kept of it.

    Args:
        project: where it is.
        options: how to read it.
        on_progress: called with how many pages are read and how many there are to read.

    Raises:
        ProjectError: Sphinx cannot read the project; whose fault it is not ours to mend.
    """
    settings: dict[str, Any] = dict(options.settings)
    if project.conf is None:
        settings = {**_built_in(project), **settings}
    # Single files are read in no time; each set of them would fill a folder of its own.
    cache = None if project.only else options.cache
    with _folder(cache, _key(project, options)) as folder, _stdout_kept_clean():
        return _read(project, options, settings, folder, on_progress)


def _built_in(project: Project) -> dict[str, Any]:
    """The built-in settings, with what must be known of the pages."""
    from sphinx.project import Project as Pages
    from sphinx.util.logging import suppress_logging

    include, exclude = _patterns(project)
    # What is wrong with a file, Sphinx will say when it looks again.
    with suppress_logging():
        found = Pages(project.source, SUFFIXES).discover(exclude, include)
    if not found:
        where = project.only[0] if len(project.only) == 1 else project.source
        kinds = ", ".join(SUFFIXES)
        raise ProjectError(f"{where}: there is no page to read ({kinds})")
    return {
        **_BUILT_IN,
        "include_patterns": include,
        "exclude_patterns": exclude,
        # Sphinx insists on one; another would make it read all pages again.
        "root_doc": next((name for name in ("index", "README") if name in found), min(found)),
    }


def _patterns(project: Project) -> tuple[list[str], list[str]]:
    """Sphinx's patterns for what to read and what not to look into."""
    skipped = [*_SKIPPED, *(f"**/{name}" for name in _SKIPPED)]
    if not project.only:
        return ["**"], skipped
    include = []
    for path in project.only:
        name = _escaped(path.relative_to(project.source).as_posix())
        include.append(f"{name}/**" if path.is_dir() else name)
        if not path.is_dir() and path.suffix not in SUFFIXES:
            raise ProjectError(f"{path}: only {', '.join(SUFFIXES)} can be read without a project")
    parts = [path.relative_to(project.source).parts for path in project.only]
    # Nobody wants their home folder searched for the one page in it that they have named.
    heads = {own[0] for own in parts}
    beside = [
        _escaped(entry.name)
        for entry in project.source.iterdir()
        if entry.name not in heads and entry.is_dir()
    ]
    named = {part for own in parts for part in own}
    hidden = any(Path(part).match(pattern) for part in named for pattern in _SKIPPED)
    return include, beside if hidden else [*beside, *skipped]


def _escaped(name: str) -> str:
    """A name as one of Sphinx's patterns; a star is written in brackets there, as a set of one."""
    # A bracket alone in brackets would be taken for the start of a set within a set.
    sets = {"*": "[*]", "?": "[?]", "[": "[\\[]"}
    return "".join(sets.get(c, c) for c in unicodedata.normalize("NFC", name))


def _key(project: Project, options: Options) -> str:
    """A name for what is kept of a project: another way of reading it gets another."""
    import docutils
    import sphinx

    said = [
        [__version__, sphinx.__version__, docutils.__version__, platform.python_version()],
        [str(project.source), str(project.conf), sys.prefix],
        [sorted(options.settings.items()), sorted(options.tags)],
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


@contextlib.contextmanager
def _folder(cache: Path | None, key: str) -> Iterator[Path]:
    """A folder for what Sphinx keeps, used by one run at a time; a passing one without cache."""
    with contextlib.ExitStack() as stack:
        kept = cache and _kept_folder(cache, key, stack)
        yield kept or Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="acuext-", ignore_cleanup_errors=True)
            )
        )


def _kept_folder(cache: Path, key: str, stack: contextlib.ExitStack) -> Path | None:
    """A folder in the cache; None where the cache cannot be used.

    So it is on a full disk, in a folder of somebody else, and on a network without locks.
    """
    from click import echo
    from filelock import FileLock, Timeout

    folder = cache / key
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(f"{folder}.lock")
        try:
            lock.acquire(timeout=1)
        except Timeout:
            echo("acuext: waiting for another run of this project", err=True)
            lock.acquire(timeout=_LONGEST_WAIT)
        stack.callback(lock.release)
        os.utime(folder)
        for other in cache.iterdir():
            if other.is_dir() and other.stat().st_mtime < time.time() - _KEPT:
                shutil.rmtree(other, ignore_errors=True)
        if not os.access(folder, os.W_OK):
            return None
    except (OSError, NotImplementedError, Timeout):
        return None
    return folder


@contextlib.contextmanager
def _stdout_kept_clean() -> Iterator[None]:
    """What a `conf.py`, or a program that it starts, prints goes to the other stream.

    Reports go to the standard output, and must be whole.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        with contextlib.suppress(OSError):
            saved = os.dup(1)
            stack.callback(os.close, saved)
            os.dup2(2, 1)
            stack.callback(os.dup2, saved, 1)
        yield


class _Said:
    """What Sphinx says while it reads; a stream, to which it writes each warning at once."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.texts: list[str] = []
        #: The page that is read.
        self.page = ""

    def write(self, text: str) -> int:
        from click import unstyle

        if line := one_line(unstyle(text)):
            self.texts.append(line)
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""


def _read(
    project: Project,
    options: Options,
    settings: dict[str, Any],
    folder: Path,
    on_progress: Callable[[int, int], None],
) -> Outcome:
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    from acuext.baseline import BASELINE
    from acuext.domain import domain_of
    from acuext.extension import settings_of, today

    class Reader(Sphinx):
        """Reads with acuext, also a project that has not loaded it yet."""

        baseline: Path | None = None

        def preload_builder(self, name: str) -> None:
            self.setup_extension("acuext")
            self.connect("config-inited", self.note_baseline)
            super().preload_builder(name)

        def note_baseline(self, app: Sphinx, config: Config) -> None:
            """Remember where the baseline is, before it is read."""
            named = config.acuext_baseline
            if named != "":
                self.baseline = Path(app.confdir) / (named or BASELINE)
            if options.without_baseline:
                config.acuext_baseline = ""

    said = _Said()
    confdir = project.conf
    with _faults(project, said), patch_docutils(confdir), docutils_namespace():
        app = Reader(
            str(project.source),
            None if confdir is None else str(confdir),
            str(folder / "out"),
            str(folder / "doctrees"),
            "acuext",
            confoverrides=settings,
            status=None,
            warning=said,  # type: ignore[arg-type]
            freshenv=options.fresh,
            tags=options.tags,
            parallel=options.jobs,
        )
        for handler in logging.getLogger("sphinx").handlers:
            # Our findings are given in another way.
            handler.addFilter(lambda record: getattr(record, "type", None) != "acuext")
        _watch(app, said, on_progress)
        app.build()
        said.page = ""
        review = domain_of(app.env).review
        if review is None:
            raise ProjectError("Sphinx ended without reading the pages")
        config = app.config
        evidence = config.acuext_loaded_evidence
        return Outcome(
            review=review,
            rules=config.acuext_loaded_rules,
            today=today(),
            source=Path(app.srcdir),
            gates=config.acuext_gate == "block",
            never_waive=tuple(settings_of(config, app.env).never_waive),
            files=_files(app.env),
            evidence=_below(Path(app.srcdir), evidence.name) if evidence else None,
            baseline=app.baseline,
            # Sphinx looks for the pages twice.
            warnings=tuple(dict.fromkeys(said.texts)),
        )


def _files(env: BuildEnvironment) -> dict[str, tuple[Path, ...]]:
    """Each page's file, and what is included in it."""
    return {
        name: tuple(
            _below(Path(env.srcdir), str(file))
            for file in (env.doc2path(name), *sorted(map(str, env.dependencies.get(name, ()))))
        )
        for name in env.found_docs
    }


def _watch(app: Sphinx, said: _Said, on_progress: Callable[[int, int], None]) -> None:
    """Tell which pages are read, as they are: one by one here, or many by another process."""
    main = os.getpid()
    done = total = 0

    def begin(app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
        nonlocal total
        for name in sorted(env.found_docs):
            _check_name(env.doc2path(name))
        total = len(names)
        on_progress(0, total)

    def read(number: int) -> None:
        nonlocal done
        if os.getpid() == main:
            done += number
            on_progress(done, total)

    def purge(app: Sphinx, env: BuildEnvironment, name: str) -> None:
        # Sphinx forgets a page just before it reads it.
        said.page = str(env.doc2path(name))

    app.connect("env-purge-doc", purge)
    app.connect("env-before-read-docs", begin, priority=900)
    app.connect("doctree-read", lambda app, doctree: read(1))
    app.connect("env-merge-info", lambda app, env, names, other: read(len(names)))


def _check_name(path: str | os.PathLike[str]) -> None:
    """Refuse a file whose name no report could hold."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = str(path).encode(errors="replace").decode()
        raise ProjectError(f"{shown}: the name of the file is not UTF-8; rename it") from None


@contextlib.contextmanager
def _faults(project: Project, said: _Said) -> Iterator[None]:
    """Say in one line why Sphinx could not read a project."""
    from sphinx.errors import ConfigError, ExtensionError, SphinxError, SphinxParallelError

    from acuext.extension import SettingsError

    try:
        yield
    except SettingsError as error:
        raise ProjectError(str(error)) from None
    except ExtensionError as error:
        if isinstance(error.orig_exc, ProjectError):
            raise error.orig_exc from None
        if (error.modname or "").startswith("acuext"):
            raise
        raise ProjectError(_with_hint(str(error)), _traceback(error.orig_exc or error)) from None
    except ConfigError as error:
        text = _about_conf(project, error) or str(error)
        raise ProjectError(text, _traceback(error.__cause__ or error)) from None
    except SphinxParallelError as error:
        if "/acuext/" in error.traceback.replace("\\", "/"):
            raise
        raise ProjectError(f"Sphinx: {error}", error.traceback) from None
    except SphinxError as error:
        raise ProjectError(f"Sphinx: {error}", _traceback(error)) from None
    except UnicodeDecodeError as error:
        text = f"{said.page or project.source}: not UTF-8 at byte {error.start}; save it as UTF-8"
        raise ProjectError(text, _traceback(error)) from None
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        if any(_is_ours(frame.filename) for frame in frames):
            raise
        # Of an extension, or of conf.py, or of Sphinx: whose, the place tells.
        place = f"{frames[-1].filename}:{frames[-1].lineno}"
        page = f"{said.page}: " if said.page else ""
        text = f"{page}{place}: {type(error).__name__}: {error}"
        raise ProjectError(text, _traceback(error)) from None


def _is_ours(file: str) -> bool:
    """Whether code of acuext's is at work, other than this module, through which all goes."""
    path = Path(file)
    return path.parent == Path(__file__).parent and path != Path(__file__)


def _with_hint(text: str) -> str:
    if "Could not import extension" in text:
        return f"{text}. Install it in the environment that acuext is in"
    return text


def _about_conf(project: Project, error: Exception) -> str:
    """What went wrong inside `conf.py`, and on which of its lines."""
    cause = error.__cause__
    if cause is None or project.conf is None:
        return ""
    conf = project.conf / CONF
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(cause.__traceback__)
        if Path(frame.filename) == conf
    ]
    line = cause.lineno if isinstance(cause, SyntaxError) else next(reversed(lines), None)
    where = f"{conf}:{line}" if line else str(conf)
    what = cause.msg if isinstance(cause, SyntaxError) else str(cause)
    return f"{where}: {type(cause).__name__}: {what}"


def _traceback(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))
