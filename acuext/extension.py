"""Settings, events and builder: when things happen inside Sphinx."""

from __future__ import annotations

import contextlib
import datetime
import gc
import hashlib
import os
import sys
from bdb import BdbQuit
from collections.abc import Iterable, Iterator, Sequence, Set
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, NamedTuple

import msgspec
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.errors import ConfigError
from sphinx.util import logging
from sphinx.util.logging import is_suppressed_warning
from sphinx.util.typing import ExtensionMetadata

from acuext import __version__, reference
from acuext.baseline import BASELINE, EMPTY, Baseline, BaselineError, load_baseline
from acuext.display import setup_display
from acuext.domain import AcuextDomain, cited, domain_of, on_source_read, references
from acuext.evidence import Evidence, EvidenceError, load_evidence
from acuext.frontmatter import front_matter
from acuext.markup import DIRECTIVES, EvidenceRole, mention
from acuext.reports import baseline_line, json_pieces, log_line, one_line
from acuext.review import Finding, Review, Settings, review
from acuext.review_pages import setup_review_pages
from acuext.rules import SEVERITIES, PackError, Rules, did_you_mean, load_rules

logger = logging.getLogger(__name__)

#: Where reports are written below the output folder.
REPORTS: Final = "acuext"
#: Sphinx reads no more pages than that in one process, whatever `-j` says.
FORKED_FROM: Final = 5
#: Calls within calls, enough for pages nested hundreds deep.
RECURSION_LIMIT: Final = 6000
#: Rules that the profile `health-page` does not let anybody waive.
NEVER_WAIVE: Final = ("ACU101", "ACU102", "ACU103", "ACU104", "ACU112")


class SettingsError(ConfigError, BdbQuit):
    """A setting or a pack that cannot be used; the log has said why, in one line.

    For every other error Sphinx prints versions, loaded extensions and a traceback, and asks to
    report it; for the end of a debugging session it prints nothing more. The exit status is 2.
    """


class Setting(NamedTuple):
    """A setting in conf.py; this table is all that registers, checks and documents it."""

    name: str
    default: Any
    #: "env" when a change makes Sphinx read all pages again, "html" when it writes them again. What
    #: settings make of the rules is compared apart, as `acuext_rules_in_force`.
    rebuild: Literal["", "html", "env"]
    #: The values it may have, or the types.
    allowed: tuple[Any, ...]
    meaning: str


SETTINGS: Final = (
    Setting(
        "acuext_gate",
        "block",
        # Pages of a preview point at their review.
        "html",
        ("block", "report"),
        "With ``block`` a finding of severity error makes the build fail, with every builder and "
        "on every build. With ``report`` the same findings are logged as information and the "
        "build ends as it would without acuext: for previews.",
    ),
    Setting(
        "acuext_profile",
        "core",
        "",
        ("core", "health-page"),
        "``core`` has the language rules and the notice. ``health-page`` is the full standard, "
        "with the severities of a page that gives health advice.",
    ),
    Setting(
        "acuext_packs",
        [],
        "",
        (list, tuple),
        "More rule packs: TOML files, as paths from the folder of ``conf.py``.",
    ),
    Setting(
        "acuext_rules",
        {},
        "",
        (dict,),
        "Rule id, rule name or id prefix to ``error``, ``warning``, ``info`` or ``off``. An id "
        "wins over a name, a name over a prefix, a longer prefix over a shorter one.",
    ),
    Setting(
        "acuext_health_pages",
        ["**"],
        "",
        (list, tuple),
        "Globs of the docnames that are health pages and need the notice.",
    ),
    Setting(
        "acuext_evidence",
        None,
        "",
        (str, type(None)),
        "The evidence file, as a path from the folder of ``conf.py``; unset, it is "
        "``evidence.toml`` if there is one.",
    ),
    Setting(
        "acuext_never_waive",
        None,
        "",
        (list, tuple, type(None)),
        "Rules, by id or name, whose waivers are refused. Unset, it is empty in the profile "
        f"``core`` and {', '.join(NEVER_WAIVE)} in ``health-page``.",
    ),
    Setting(
        "acuext_since",
        None,
        "",
        (str, type(None)),
        "A git revision, such as the tag of the last approved version. The review pages show what "
        "has changed since then, word by word; unset, they show no differences.",
    ),
    Setting(
        "acuext_baseline",
        None,
        "",
        (str, type(None)),
        "The findings that do not gate, as a path from the folder of ``conf.py``; unset, it is "
        f"``{BASELINE}`` if there is one. With an empty text there is none, whatever stands there.",
    ),
)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register acuext with Sphinx."""
    for setting in SETTINGS:
        # Types are checked by us, so that a wrong one is an error and not a warning.
        app.add_config_value(setting.name, setting.default, setting.rebuild, Any)
    app.add_config_value("acuext_loaded_rules", None, "", ())
    # Sphinx compares it with that of the last build and reads all pages again when it differs.
    app.add_config_value("acuext_rules_in_force", None, "env", ())
    app.add_config_value("acuext_loaded_evidence", None, "", ())
    app.add_config_value("acuext_loaded_baseline", EMPTY, "", ())
    app.add_config_value("acuext_code", _code_digest(), "env", ())
    app.add_message_catalog("acuext", str(Path(__file__).parent / "locale"))
    app.add_domain(AcuextDomain)
    for name, directive in {**DIRECTIVES, **reference.DIRECTIVES}.items():
        app.add_directive(name, directive)
    app.add_role("mention", mention)
    app.add_role("evidence", EvidenceRole())
    app.add_builder(CheckBuilder)
    # After all others: a setting may still be changed by another extension.
    app.connect("config-inited", on_config_inited, priority=900)
    app.connect("env-before-read-docs", on_env_before_read_docs)
    # After language servers, which come first, and before all that rewrite a page's text.
    app.connect("source-read", on_source_read, priority=1)
    app.connect("missing-reference", reference.on_missing_reference)
    setup_display(app)
    # Sphinx pickles each page; one nested a hundred deep needs more than Python's thousand calls.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), RECURSION_LIMIT))
    gate = Gate()
    app.connect("env-updated", gate.on_env_updated, priority=900)
    app.connect("build-finished", gate.on_build_finished, priority=900)
    setup_review_pages(app, lambda: gate.outcome)
    return {"version": __version__, "parallel_read_safe": True, "parallel_write_safe": True}


def _code_digest() -> str:
    """Digest of our modules and lexicon: pages are read again by code that reads them otherwise."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted([*folder.glob("*.py"), *folder.glob("lexicon/*")]):
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


# -- settings ----------------------------------------------------------------------------------


def on_config_inited(app: Sphinx, config: Config) -> None:
    """Check the settings and load the packs, before a page is read."""
    try:
        today()
        _check_settings(config)
        rules = _load(Path(app.confdir), config)
        _check_rule_keys(config, rules)
        config.acuext_loaded_evidence = _load_evidence(Path(app.confdir), Path(app.srcdir), config)
        config.acuext_loaded_baseline = _load_baseline(Path(app.confdir), config)
    except SettingsError as error:
        logger.error("%s", one_line(str(error)))
        raise
    config.acuext_loaded_rules = rules
    config.acuext_rules_in_force = _settings(config).in_force(rules)
    if not rules.known:
        logger.info("acuext: no rules for %s: only the notice is looked for", config.language)
    # epub warns of each file in its output folder that it does not know.
    config.epub_exclude_files = [*config.epub_exclude_files, f"{REPORTS}/findings.json"]


def on_env_before_read_docs(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Make the rules ready once, and not again in each of many short-lived processes."""
    rules: Rules = app.config.acuext_rules_in_force
    if app.parallel > 1 and len(docnames) > FORKED_FROM and rules.known:
        # What reads pages is imported where one is read: it is most of the time to start.
        from acuext.reading import warm_up

        warm_up(rules)


def _load(confdir: Path, config: Config) -> Rules:
    try:
        return load_rules(config.language or "en", [confdir / name for name in config.acuext_packs])
    except PackError as error:
        raise SettingsError(f"acuext_packs: {error}") from None


def _load_evidence(confdir: Path, srcdir: Path, config: Config) -> Evidence | None:
    named: str | None = config.acuext_evidence
    path = confdir / (named or "evidence.toml")
    if named is None and not path.is_file():
        return None
    try:
        return load_evidence(path, Path(os.path.relpath(path, srcdir)).as_posix())
    except EvidenceError as error:
        raise SettingsError(f"acuext_evidence: {error}") from None


def _load_baseline(confdir: Path, config: Config) -> Baseline:
    named: str | None = config.acuext_baseline
    path = confdir / (BASELINE if named is None else named)
    if named == "" or (named is None and not path.is_file()):
        return EMPTY
    try:
        return load_baseline(path, named or BASELINE)
    except BaselineError as error:
        raise SettingsError(f"acuext_baseline: {error}") from None


def _check_settings(config: Config) -> None:
    for setting in SETTINGS:
        _check_value(setting, config[setting.name])
    known = {setting.name for setting in SETTINGS}
    # Sphinx offers no other way to see what it does not know in conf.py.
    for name in [*config._raw_config, *config.overrides]:  # noqa: SLF001
        if name.startswith("acuext_") and name.split(".")[0] not in known:
            raise SettingsError(f"conf.py: unknown setting {name!r}{did_you_mean(name, known)}")


def _check_value(setting: Setting, value: Any) -> None:
    if isinstance(setting.allowed[0], type):
        if not isinstance(value, setting.allowed):
            kinds = " or ".join(t.__name__ for t in setting.allowed if t is not type(None))
            raise SettingsError(f"conf.py: {setting.name} must be a {kinds}, not {value!r}")
        texts = [*value] if isinstance(value, (list, tuple)) else []
        for text in texts:
            if not isinstance(text, str) or not text:
                raise SettingsError(f"conf.py: {setting.name}: {text!r} is not a text")
    elif value not in setting.allowed:
        choices = " or ".join(repr(choice) for choice in setting.allowed)
        raise SettingsError(
            f"conf.py: {setting.name} must be {choices}, not {value!r}"
            f"{did_you_mean(str(value), setting.allowed)}"
        )


def _check_rule_keys(config: Config, rules: Rules) -> None:
    """Every rule that a setting names must exist."""
    known = [name for rule in rules.rules for name in (rule.id, rule.name)]
    for key, severity in config.acuext_rules.items():
        prefix = isinstance(key, str) and key and any(r.id.startswith(key) for r in rules.rules)
        if key not in known and not prefix:
            raise SettingsError(
                f"conf.py: acuext_rules: no rule {key!r}{did_you_mean(str(key), known)}"
            )
        if severity not in (*SEVERITIES, "off"):
            raise SettingsError(
                f"conf.py: acuext_rules: {key!r} must be 'error', 'warning', 'info' or 'off', "
                f"not {severity!r}{did_you_mean(str(severity), (*SEVERITIES, 'off'))}"
            )
    for key in config.acuext_never_waive or ():
        if key not in known:
            raise SettingsError(
                f"conf.py: acuext_never_waive: no rule {key!r}{did_you_mean(key, known)}"
            )


def settings_of(config: Config, env: BuildEnvironment) -> Settings:
    """What `conf.py` and the pages' front matter say, as the review takes it."""
    pages = {name: front_matter(said) for name, said in env.metadata.items()}
    return msgspec.structs.replace(_settings(config), pages=pages)


def _settings(config: Config) -> Settings:
    never_waive: Sequence[str] | None = config.acuext_never_waive
    if never_waive is None:
        never_waive = NEVER_WAIVE if config.acuext_profile == "health-page" else ()
    return Settings(
        profile=config.acuext_profile,
        severities=dict(config.acuext_rules),
        health_pages=tuple(config.acuext_health_pages),
        never_waive=tuple(never_waive),
    )


def today() -> datetime.date:
    """Today's date, or that of `SOURCE_DATE_EPOCH` (seconds since 1970, UTC).

    Raises:
        SettingsError: the variable holds no time.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return datetime.datetime.now(datetime.UTC).date()
    try:
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date()
    except (ValueError, OverflowError, OSError):
        raise SettingsError(f"SOURCE_DATE_EPOCH: {epoch!r} is no number of seconds") from None


# -- events ------------------------------------------------------------------------------------


class Gate:
    """Judges at the end of reading and closes at the end of the build; one for an application."""

    def __init__(self) -> None:
        self.outcome: Review | None = None
        self.closed = False

    def on_env_updated(self, app: Sphinx, env: BuildEnvironment) -> None:
        """Judge all pages together and log every finding, also when no page was read again."""
        records = domain_of(env).records
        with _uncollected():
            self.outcome = review(
                # One after the other: all of them at once are much to hold, and are not needed.
                (records[name] for name in sorted(records)),
                app.config.acuext_loaded_rules,
                settings_of(app.config, env),
                today(),
                app.config.acuext_loaded_evidence,
                references(env),
                cited(env),
                app.config.acuext_loaded_baseline,
            )
        domain_of(env).review = self.outcome
        _log(app, [each for each in self.outcome.findings if each.severity != "info"])

    def on_build_finished(self, app: Sphinx, exception: Exception | None) -> None:
        """Write the report and decide how the build ends."""
        if exception is not None or self.outcome is None:
            return
        report = Path(app.outdir) / REPORTS / "findings.json"
        try:
            report.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(report, json_pieces(self.outcome))
        except OSError as error:
            logger.error("acuext: %s: cannot be written: %s", report, error.strerror)
            app.statuscode = 2
        if self.closed and app.statuscode == 1:
            # Ours, from the build before: language servers build again and again.
            app.statuscode = 0
        if self.outcome.baseline or self.outcome.outdated:
            # No warning: mending a finding must not fail a build.
            logger.info("acuext: %s", baseline_line(self.outcome))
        errors = self.outcome.count("error")
        self.closed = bool(errors) and app.config.acuext_gate == "block"
        if not self.closed:
            return
        app.statuscode = app.statuscode or 1
        logger.info(
            "acuext: %s must be mended before this build succeeds; all are in %s%s",
            "1 finding" if errors == 1 else f"{errors} findings",
            os.path.relpath(report),
            " (suppress_warnings hides some here, not from the gate)" if self._hidden(app) else "",
        )

    def _hidden(self, app: Sphinx) -> bool:
        """Whether findings that close the gate are kept out of the log."""
        return any(
            is_suppressed_warning("acuext", finding.rule, app.config.suppress_warnings)
            for finding in (self.outcome.findings if self.outcome else ())
            if finding.severity == "error"
        )


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Keep Python from looking for cycles meanwhile.

    The review makes thousands of values and no cycles, and a look goes through all that Sphinx
    holds: on a site of a thousand pages it takes longer than the review.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _write_whole(file: Path, pieces: Iterable[str]) -> None:
    """Write a file piece by piece; when that fails neither half of it is left nor the one before.

    Raises:
        OSError: it cannot be written.
    """
    # Of this process alone: another build may write into the same folder.
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as open_file:
            open_file.writelines(pieces)
        part.replace(file)
    except BaseException:
        for left in (part, file):
            with contextlib.suppress(OSError):
                left.unlink()
        raise


def _log(app: Sphinx, findings: Sequence[Finding]) -> None:
    srcdir = str(app.srcdir)
    # Thousands of paths: to join them as Path objects takes ten times as long.
    placed = [
        (f"{os.path.normpath(os.path.join(srcdir, each.path))}:{each.line}", each)  # noqa: PTH118
        for each in findings
    ]
    if app.config.acuext_gate == "report":
        # No warnings: not even -W may fail a preview. In one go, which takes a tenth of the time.
        lines = [
            f"{location}: {each.severity.upper()}: {log_line(each)} [acuext.{each.rule}]"
            for location, each in placed
        ]
        if lines:
            logger.info("%s", "\n".join(lines))
        return
    for location, each in placed:
        log = logger.error if each.severity == "error" else logger.warning
        # Without arguments Sphinx leaves a "%" in the words alone.
        log(log_line(each), location=location, type="acuext", subtype=each.rule)


class CheckBuilder(Builder):
    """Reads every page, judges it and writes no page: `sphinx-build -b acuext`."""

    name = "acuext"
    format = ""
    epilog = ""
    allow_parallel: ClassVar[bool] = True

    def init(self) -> None:
        """Have no page kept in memory longer than it is needed."""
        self.events.connect("env-purge-doc", self.forget_trees, 500)

    def forget_trees(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Let go of the page before this one: Sphinx keeps all in memory, for writing them."""
        getattr(env, "_write_doc_doctree_cache", {}).clear()

    def get_outdated_docs(self) -> Set[str] | Iterable[str]:
        """No page is ever out of date: none is written."""
        return set()

    def get_target_uri(self, docname: str, typ: str | None = None) -> str:
        """Pages that are not written have no address."""
        return ""

    def write_documents(self, docnames: Set[str]) -> None:
        """Nothing to write: the findings are in the report."""

    def write_doc(self, docname: str, doctree: nodes.document) -> None:
        """Nothing to write."""
