"""The command `acuext`: what it is asked, what it prints, and how it ends."""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import os
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click
import msgspec

from acuext import __version__
from acuext.reports import (
    DOCUMENTATION,
    FORMATS,
    Context,
    baseline_line,
    counted,
    github_summary,
    one_line,
    rule_address,
)
from acuext.rules import (
    SEVERITIES,
    PackError,
    Rules,
    Severity,
    did_you_mean,
    load_pack,
    load_rules,
)

if TYPE_CHECKING:
    from acuext.baseline import Baseline
    from acuext.project import Outcome, Project
    from acuext.review import Review

Level = Literal[Severity, "never"]

#: How a run ends.
CLEAN, GATED, WRONG, FAULT, INTERRUPTED, UNHEARD = 0, 1, 2, 3, 130, 141
SHELLS: Final = ("bash", "zsh", "fish")
#: So many of Sphinx's warnings are shown unless all are asked for.
_WARNINGS: Final = 5
#: How many objects may be made before Python looks for cycles among them; its own number suits
#: programs that make few.
_MADE_BETWEEN_LOOKS: Final = 20_000
#: Below so many pages to read a progress bar would only flicker.
_LONG: Final = 20


class Wrong(click.ClickException):
    """Wrong use or configuration: one line, exit 2."""

    exit_code = WRONG

    def show(self, file: Any = None) -> None:
        """Print the line."""
        click.echo(f"acuext: {one_line(self.message)}", err=True, color=False)


class Guarded(click.Group):
    """A group of commands that ends as promised, whatever happens in it."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        from acuext.adopt import AdoptError
        from acuext.baseline import BaselineError
        from acuext.changes import ChangesError
        from acuext.project import ProjectError

        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException):
            raise
        except (KeyboardInterrupt, click.Abort):
            click.echo("acuext: stopped", err=True)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            # Whoever read our output has heard enough; Python must not write the rest at its end.
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            ctx.exit(UNHEARD)
        except ProjectError as error:
            if error.more and _verbose(ctx):
                click.echo(error.more, err=True)
            hint = "; --verbose shows more" if error.more and not _verbose(ctx) else ""
            raise Wrong(f"{error}{hint}") from None
        except (AdoptError, BaselineError, ChangesError, PackError) as error:
            raise Wrong(str(error)) from None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise Wrong(f"{where}{error.strerror or error}") from None
        except Exception as error:  # noqa: BLE001 (whatever it is, it is ours)
            _own_fault(error)
            ctx.exit(FAULT)


def _verbose(ctx: click.Context) -> bool:
    return bool(ctx.find_root().meta.get("acuext.verbose"))


def _own_fault(error: Exception) -> None:
    """Say that the fault is ours, and what to send to whom."""
    text = "".join(traceback.format_exception(error))
    kept = ""
    with (
        contextlib.suppress(OSError),
        tempfile.NamedTemporaryFile(
            "w", prefix="acuext-fault-", suffix=".txt", encoding="utf-8", delete=False
        ) as file,
    ):
        file.write(f"acuext {__version__}, Python {sys.version}\n\n{text}")
        kept = file.name
    what = one_line(f"{type(error).__name__}: {error}")
    click.echo(
        f"acuext: this is a fault of acuext, not yours ({what}). Please send "
        f"{kept or 'the lines above'} to its authors, with the page if you may: {DOCUMENTATION}",
        err=True,
    )
    if not kept:
        click.echo(text, err=True)


# -- options that several commands have --------------------------------------------------------


def _remember_verbose(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    ctx.find_root().meta["acuext.verbose"] = value
    return value


def _jobs(ctx: click.Context, param: click.Parameter, value: str) -> int:
    if value == "auto":
        return os.cpu_count() or 1
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise click.BadParameter(f"{value!r} is neither a number of processes nor auto")
    return int(value)


def _settings(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    for value in values:
        if "=" not in value or value.startswith("="):
            raise click.BadParameter(f"{value!r} is not written as NAME=VALUE")
    return dict(value.split("=", 1) for value in values)


def _options(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Several options at once, in their order."""

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_FOLDER: Final = click.Path(exists=True, path_type=Path)
_color = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Whether to colour text. Auto does on a terminal, unless NO_COLOR is set.",
)
_reading = _options(
    click.option(
        "--conf",
        metavar="FOLDER",
        type=_FOLDER,
        help="The folder of conf.py, where it is not the one that is found.",
    ),
    click.option(
        "--source",
        metavar="FOLDER",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="The folder of the pages, where it is not the one that is found.",
    ),
    click.option(
        "-D",
        "settings",
        metavar="NAME=VALUE",
        multiple=True,
        callback=_settings,
        help="A setting that wins over conf.py, as for sphinx-build. Can be repeated.",
    ),
    click.option(
        "-t",
        "--tag",
        "tags",
        metavar="TAG",
        multiple=True,
        help="A tag, as for sphinx-build. Can be repeated.",
    ),
    click.option(
        "-j",
        "--jobs",
        default="1",
        show_default=True,
        metavar="N",
        callback=_jobs,
        help="How many processes read the pages; auto for one for each processor.",
    ),
    click.option("--fresh", is_flag=True, help="Read every page again."),
    click.option(
        "--no-cache", is_flag=True, help="Keep nothing for the next run, and use nothing."
    ),
    click.option(
        "-v",
        "--verbose",
        is_flag=True,
        callback=_remember_verbose,
        help="Show all that Sphinx says, and where an error comes from.",
    ),
)


@click.group(
    cls=Guarded,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Keep health writing honest: judge the wording of pages.

    acuext looks at wording and sources. A page without findings is not thereby true.
    """
    # What Sphinx makes lives to the end, and each look for what does not goes through much of it:
    # look less often, and not once more at the end. Memory stays as it is.
    gc.set_threshold(_MADE_BETWEEN_LOOKS)
    atexit.register(gc.freeze)


# -- check -------------------------------------------------------------------------------------


@cli.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=_FOLDER)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="How the findings are written.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write into this file, and a summary to the terminal.",
)
@click.option(
    "--fail-level",
    type=click.Choice([*SEVERITIES, "never"]),
    help="Exit 1 when there is a finding so grave or graver. Unless said, error; or never, where "
    "conf.py sets acuext_gate to report.",
)
@click.option("--exit-zero", is_flag=True, help="Exit 0 whatever is found.")
@click.option(
    "--since",
    "rev",
    metavar="REV",
    help="Only findings on lines that changed since this git revision, such as main or HEAD~1.",
)
@click.option("--notes", is_flag=True, help="Show findings of severity info in the text as well.")
@click.option(
    "--isolated", is_flag=True, help="Use the built-in settings, and look for no conf.py."
)
@_reading
@_color
def check(
    paths: tuple[Path, ...],
    form: str,
    output: Path | None,
    fail_level: Level | None,
    exit_zero: bool,
    rev: str | None,
    notes: bool,
    isolated: bool,
    conf: Path | None,
    source: Path | None,
    color: str,
    **reading: Any,
) -> None:
    """Judge pages, and print what is found.

    Reads the project as its build would, with its own conf.py where there is one, and finds what
    its build finds. PATH is a file or folder to report on; the whole project is read, and
    without a PATH all of it is reported. Pages without a project are read with built-in
    settings.

    Exits 0 when nothing gates, 1 when a finding does, 2 when it is used or set up wrongly, and 3
    when the fault is its own.
    """
    from acuext.changes import changes_since
    from acuext.project import about, find_project, since, unread

    if isolated and conf:
        raise click.UsageError("--isolated and --conf exclude each other")
    project = find_project(paths, conf, source, isolated)
    # Before the pages are read, which takes longer.
    changes = None if rev is None else changes_since(rev, project.source)
    outcome = _read(project, **reading)
    for path in unread(outcome, paths):
        click.echo(
            f"acuext: {one_line(str(path))}: not read: no page of {project.source} shows it; "
            "--isolated reads it by itself",
            err=True,
        )
    if paths:
        outcome = msgspec.structs.replace(outcome, review=about(outcome, paths))
    if changes is not None:
        outcome = msgspec.structs.replace(outcome, review=since(outcome, changes))
    context = _context(outcome, _colored(color) and output is None, notes)
    _write(FORMATS[form](outcome.review, context), form, output)
    if form == "github" and (summary := os.environ.get("GITHUB_STEP_SUMMARY")):
        with Path(summary).open("a", encoding="utf-8", newline="\n") as file:
            file.writelines(github_summary(outcome.review, context))
    if output is not None:
        click.echo(f"{_counts(outcome.review)}; all are in {output}", err=True)
    level: Level = fail_level or ("error" if outcome.gates else "never")
    if not exit_zero and _gated(outcome.review, level):
        click.get_current_context().exit(GATED)


def _read(
    project: Project,
    *,
    settings: dict[str, str],
    tags: tuple[str, ...],
    jobs: int,
    fresh: bool,
    no_cache: bool,
    verbose: bool,
    without_baseline: bool = False,
) -> Outcome:
    """Read a project, and say what Sphinx had to say."""
    from acuext.project import Options, cache_folder, read

    options = Options(
        jobs, settings, tags, None if no_cache else cache_folder(), fresh, without_baseline
    )
    with _progress() as on_progress:
        outcome = read(project, options, on_progress)
    shown = len(outcome.warnings) if verbose else _WARNINGS
    for warning in outcome.warnings[:shown]:
        click.echo(f"Sphinx: {warning}", err=True)
    if more := len(outcome.warnings[shown:]):
        click.echo(f"Sphinx: and {more} more warnings; --verbose --fresh shows all", err=True)
    if not outcome.rules.known:
        click.echo(
            f"acuext: no rules for {outcome.rules.language}: only the notice is looked for",
            err=True,
        )
    return outcome


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, while many pages are read."""
    with contextlib.ExitStack() as stack:
        bar: Any = None

        def show(done: int, total: int) -> None:
            nonlocal bar
            if bar is None and total >= _LONG and sys.stderr is not None and sys.stderr.isatty():
                bar = click.progressbar(length=total, label="Reading pages", file=sys.stderr)
                stack.enter_context(bar)
            if bar is not None:
                bar.update(done - bar.pos)

        yield show


def _context(outcome: Outcome, color: bool, notes: bool) -> Context:
    cwd = Path.cwd()
    return Context(
        srcdir=outcome.source,
        root=_repository(outcome.source) or cwd,
        cwd=cwd,
        rules=outcome.rules,
        today=outcome.today,
        color=color,
        notes=notes,
        never_waive=outcome.never_waive,
    )


def _repository(folder: Path) -> Path | None:
    """The root of the repository that a folder is in."""
    return next((top for top in (folder, *folder.parents) if (top / ".git").exists()), None)


def _colored(color: str) -> bool:
    if color != "auto":
        return color == "always"
    return (
        sys.stdout is not None
        and sys.stdout.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )


def _write(pieces: Iterable[str], form: str, output: Path | None) -> None:
    if output is not None:
        with output.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            file.writelines(pieces)
    elif form == "text":
        _print(pieces)
    elif sys.stdout is not None:
        # For programs: UTF-8, whatever the terminal shows.
        for piece in pieces:
            sys.stdout.buffer.write(piece.encode("utf-8", "surrogateescape"))
        sys.stdout.flush()


def _print(pieces: Iterable[str]) -> None:
    """Print text; what the terminal's encoding lacks is shown as a question mark."""
    if sys.stdout is None:
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    for piece in pieces:
        sys.stdout.write(piece)
    sys.stdout.flush()


def _say(text: str) -> None:
    _print([text])


def _counts(review: Review) -> str:
    errors, warnings, notes = map(review.count, SEVERITIES)
    return f"{errors:,} must fix, {warnings:,} to consider, {counted(notes, 'note')}"


def _gated(review: Review, level: Level) -> bool:
    """Whether there is a finding so grave or graver."""
    return level != "never" and any(
        review.count(severity) for severity in SEVERITIES[: SEVERITIES.index(level) + 1]
    )


# -- rules -------------------------------------------------------------------------------------

_pack = click.option(
    "--pack",
    "packs",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    help="A rule pack of your own, as in acuext_packs. Can be repeated.",
)


@cli.command()
@click.argument("rule")
@_pack
@_color
def explain(rule: str, packs: tuple[Path, ...], color: str) -> None:
    """Explain a rule, by its id or name.

    What it finds, why it matters to a reader, what to write instead, what is still fine, what
    the rule is known to miss, and where it comes from.
    """
    from acuext.explain import rule_text

    rules = _rules(packs)
    found = rules.get(rule) or rules.get(rule.upper()) or rules.get(rule.lower())
    if found is None:
        known = [name for one in rules.rules for name in (one.id, one.name)]
        raise Wrong(f"there is no rule {rule!r}{did_you_mean(rule, known)}")
    bold = _colored(color)
    for heading, text in rule_text(found):
        if text:
            _say(f"{click.style(heading, bold=True) if bold else heading}\n{text}\n\n")
    if address := rule_address(rules, found.id):
        _say(f"{address}\n")


@cli.command("rules")
@click.argument("prefix", default="")
@_pack
@click.option(
    "--test",
    "tested",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="PACK",
    help="Hold the rules of this pack against their own examples.",
)
def rules_(prefix: str, packs: tuple[Path, ...], tested: Path | None) -> None:
    """List the rules, or test a pack.

    With PREFIX only rules whose ids begin so. Severities are those of the profiles core and
    health-page. Testing a pack exits 1 when an example does not hold.
    """
    from acuext.explain import broken_examples, rules_table

    if tested is not None:
        packs = tuple(pack for pack in packs if pack.resolve() != tested.resolve())
        rules = _rules((*packs, tested), load_pack(tested).language)
        chosen = [rule for rule in rules.rules if rules.origins[rule.id] == str(tested)]
        broken = list(broken_examples(rules, chosen))
        for example in broken:
            must = (
                "must be found, and is not" if example.fires else "must be left alone, and is not"
            )
            _say(f"{example.rule} {must}: {one_line(example.sentence)}\n")
        said = sum(len(rule.fires) + len(rule.quiet) for rule in chosen)
        _say(f"{said - len(broken)} of {said} examples of {len(chosen)} rules hold\n")
        if broken:
            click.get_current_context().exit(GATED)
        return
    rules = _rules(packs)
    chosen = [rule for rule in rules.rules if rule.id.startswith(prefix.upper())]
    if not chosen:
        ids = [rule.id for rule in rules.rules]
        raise Wrong(f"no rule begins with {prefix!r}{did_you_mean(prefix, ids)}")
    _print(f"{line}\n" for line in rules_table(chosen))


def _rules(packs: Sequence[Path], language: str = "") -> Rules:
    """Our rules, with those of packs in the same language: that of the first pack."""
    language = language or (load_pack(packs[0]).language if packs else "en")
    return load_rules("en" if language == "any" else language, packs)


# -- baseline ----------------------------------------------------------------------------------


@cli.group()
def baseline() -> None:
    """Let an old site begin: findings that are recorded do not gate.

    The file is acuext-baseline.json beside conf.py, or what acuext_baseline names.
    """


_place = click.argument("path", required=False, type=_FOLDER)


@baseline.command()
@_place
@_reading
def update(path: Path | None, conf: Path | None, source: Path | None, **reading: Any) -> None:
    """Record all that is found now.

    Findings of severity info and those about waivers are left out. PATH says which project.
    """
    from acuext.baseline import update as recorded

    outcome, file = _for_baseline(path, conf, source, without_baseline=True, **reading)
    _record(file, recorded(outcome.review.findings))


@baseline.command()
@_place
@_reading
def prune(path: Path | None, conf: Path | None, source: Path | None, **reading: Any) -> None:
    """Take out what no page has any more. PATH says which project."""
    from acuext.baseline import load_baseline
    from acuext.baseline import prune as pruned

    outcome, file = _for_baseline(path, conf, source, **reading)
    if not file.is_file():
        raise Wrong(f"{file}: there is no baseline to prune")
    _record(file, pruned(load_baseline(file), outcome.review.outdated))


@baseline.command()
@_place
@_reading
def status(path: Path | None, conf: Path | None, source: Path | None, **reading: Any) -> None:
    """Say how far the baseline is worked off. PATH says which project."""
    outcome, file = _for_baseline(path, conf, source, **reading)
    if not file.is_file():
        _say(f"There is no baseline: {file}\n")
        return
    left = Counter(finding.path for finding in outcome.review.baseline)
    for name, number in sorted(left.items(), key=lambda entry: (-entry[1], entry[0])):
        _say(f"{number:6}  {one_line(name)}\n")
    _say(f"{baseline_line(outcome.review)}\n")


def _for_baseline(
    path: Path | None, conf: Path | None, source: Path | None, **reading: Any
) -> tuple[Outcome, Path]:
    from acuext.project import find_project

    outcome = _read(find_project([path] if path else [], conf, source), **reading)
    if outcome.baseline is None:
        raise Wrong("conf.py: acuext_baseline is an empty text: there shall be no baseline")
    return outcome, outcome.baseline


def _record(file: Path, entries: Baseline) -> None:
    from acuext.baseline import written

    text = written(entries)
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        _say(f"{file}: nothing to change\n")
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
    number = sum(entry.count for entry in entries.findings)
    _say(f"{file}: {counted(number, 'finding')} recorded\n")


# -- a project's first day ---------------------------------------------------------------------


@cli.command()
@click.argument("path", required=False, type=_FOLDER)
@click.option(
    "--conf",
    metavar="FOLDER",
    type=_FOLDER,
    help="The folder of conf.py, where it is not the one that is found.",
)
@click.option("-y", "--yes", is_flag=True, help="Change conf.py without asking.")
@click.option(
    "--workflow/--no-workflow",
    default=None,
    help="Whether to write a workflow for GitHub; asked unless said, and not written with --yes.",
)
def init(path: Path | None, conf: Path | None, yes: bool, workflow: bool | None) -> None:
    """Add acuext to a Sphinx project.

    Shows what it would change in conf.py, and asks. Writes a workflow for GitHub, if wanted.
    Nothing is overwritten, and a second run changes nothing. PATH says which project.
    """
    from acuext.adopt import add_extension, difference, write_workflow
    from acuext.project import CONF, conf_of

    start = (path or Path()).resolve()
    folder = conf and (conf if conf.is_dir() else conf.parent).resolve()
    folder = folder or conf_of(start)
    if folder is None:
        raise Wrong(
            f"{start}: no {CONF} here, in the usual folders below, or above. Make a project with "
            'sphinx-quickstart, or write a conf.py with the line: extensions = ["acuext"]'
        )
    file = folder / CONF
    before, after = add_extension(file)
    if before == after:
        _say(f"{file}: acuext is among the extensions already\n")
    else:
        _print(difference(file, before, after))
        if yes or click.confirm("Change it so?", default=True, err=True):
            file.write_bytes(after)
            _say(
                f"{file}: changed\n\nFindings of severity error fail the build from now on. To see "
                f'them first,\nwrite into {CONF}: acuext_gate = "report"\nNext: acuext check\n\n'
            )
        else:
            _say(f"{file}: left as it is\n")
    top = _repository(folder)
    if top is not None and workflow is None and not yes:
        workflow = click.confirm(
            "Write a workflow that checks each pull request on GitHub?", default=False, err=True
        )
    if workflow:
        root = top or Path.cwd()
        made = write_workflow(root, folder, findable=conf_of(root) == folder)
        _say(f"{made.path}: {'written' if made.written else 'is there already, and stays'}\n")


@cli.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what a shell needs to complete our commands.

    \b
    bash:  eval "$(acuext completion bash)"                  in ~/.bashrc
    zsh:   eval "$(acuext completion zsh)"                   in ~/.zshrc
    fish:  acuext completion fish > ~/.config/fish/completions/acuext.fish
    """  # noqa: D301 (click's own mark for lines to be left as they are)
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    if found is not None:
        _say(found(cli, {}, "acuext", "_ACUEXT_COMPLETE").source() + "\n")
