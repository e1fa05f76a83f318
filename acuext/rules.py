"""What a rule may say: loads packs, refuses bad ones with file, rule and reason."""

from __future__ import annotations

import difflib
import functools
import hashlib
import itertools
import operator
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import tomli

from acuext.text import fold

#: What a rule asks of the words it finds: not to stand there, to be proven by a citation, to give
#: way to plainer ones, to claim no more than the evidence; of a claim, to be supported; of the
#: page, to carry the notice; of a waiver, to be in order.
Kind = Literal["forbid", "prove", "prefer", "strength", "support", "disclose", "waiver"]
#: Kinds that are about no words, and so have no triggers.
WORDLESS: Final = ("support", "disclose", "waiver")
Profile = Literal["core", "health-page"]
Severity = Literal["error", "warning", "info"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")
StanceName = Literal[
    "negated", "questioned", "hypothetical", "quoted", "mentioned", "attributed", "hedged"
]
Place = Literal[
    "paragraph", "heading", "list-item", "cell", "quote", "alt", "description", "caption"
]

RuleId = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2,10}[0-9]{3,4}$")]
RuleName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]*$")]
Prose = Annotated[str, msgspec.Meta(min_length=1)]

#: Stances in which words claim nothing, so that most rules stay quiet.
UNCLAIMED: Final[tuple[StanceName, ...]] = (
    "negated",
    "questioned",
    "hypothetical",
    "quoted",
    "mentioned",
)


class PackError(ValueError):
    """A pack that cannot be used; the message is one line that names file, rule and reason."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a rule comes from."""

    text: Prose
    #: When the source was published, as precisely as it is known ("2022", "2017-03").
    date: str = ""
    url: str = ""
    #: "seen" when the document itself was seen, "second-hand" when it was seen quoted elsewhere.
    status: Literal["seen", "second-hand", "own"] = "own"


class Trigger(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Words that make a rule fire, and the company in which they do not.

    Phrases are written in the syntax that `phrase_pattern` documents.
    """

    #: Phrases that fire.
    terms: tuple[str, ...] = ()
    #: RE2 expressions that fire, for what a phrase cannot say.
    patterns: tuple[str, ...] = ()
    #: Phrase to the words to use in its place (kind `prefer`).
    swap: dict[str, str] = {}
    #: Fires on a sentence of more words than this (kind `prefer`).
    longer_than: int = 0
    #: Quiet when one of these phrases overlaps the words.
    unless: tuple[str, ...] = ()
    #: Quiet when one of these phrases stands in the same sentence.
    unless_sentence: tuple[str, ...] = ()
    #: Quiet when one of these phrases stands in the same sentence or the next.
    unless_next: tuple[str, ...] = ()
    #: Quiet when one of these phrases stands in the same paragraph, list item or table row.
    unless_block: tuple[str, ...] = ()
    #: Fires only when one of these phrases stands in the same sentence.
    only_with: tuple[str, ...] = ()
    #: Quiet in a sentence about software: one with words of the list `software` and none of the
    #: list `health-subject`.
    about_health: bool = False
    #: Fires only in these places; everywhere when empty.
    only_in: tuple[Place, ...] = ()
    #: Fires only on the first words of a sentence, as in the fragments of adverts.
    at_start: bool = False
    #: Quiet when the sentence, list item or table row carries a citation.
    unless_cited: bool = False
    #: Override the rule's own.
    severity: Severity | None = None
    strict: Severity | None = None
    message: str = ""
    instead: tuple[str, ...] = ()


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One rule of claims language, as a pack states it."""

    id: RuleId
    name: RuleName
    title: Prose
    kind: Kind
    #: Severity in the profile `core`.
    severity: Severity
    #: Severity in the profile `health-page`; the same when empty.
    strict: Severity | None = None
    #: One sentence about the words found; `{text}` stands for them.
    message: Prose
    #: Why it matters to a reader.
    why: Prose
    #: Wordings to put in place, good enough to paste.
    instead: tuple[str, ...]
    sources: Annotated[tuple[Source, ...], msgspec.Meta(min_length=1)]
    #: Sentences on which the rule must fire: its tests.
    fires: Annotated[tuple[Prose, ...], msgspec.Meta(min_length=1)]
    #: Sentences on which the rule must stay quiet: its tests.
    quiet: Annotated[tuple[Prose, ...], msgspec.Meta(min_length=1)]
    #: What fires; kinds that are about no words have none.
    trigger: tuple[Trigger, ...] = ()
    #: The smallest profile that switches the rule on.
    profile: Profile = "core"
    #: Stances of the words in which the rule stays quiet.
    quiet_if: tuple[StanceName, ...] = UNCLAIMED
    #: Fires only on a page with a finding of one of these rules.
    needs_page_finding: tuple[str, ...] = ()
    since: str = ""
    #: What the rule is known to miss or to flag wrongly.
    limits: str = ""


class Pack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of rules in one language."""

    #: A language code; "any" for rules that are about no words.
    language: Annotated[str, msgspec.Meta(pattern=r"^([a-z]{2,3}|any)$")]
    rule: tuple[Rule, ...] = ()
    #: Named lists of phrases that terms refer to as `{name}`, shared by all packs of a language.
    lists: dict[str, tuple[str, ...]] = {}
    title: str = ""


class Rules(msgspec.Struct, frozen=True, eq=False):
    """All rules of a build: those of every pack in its language.

    Two are equal when they were loaded from the same texts: plain values only, so that Sphinx can
    keep them in its environment and compare them.
    """

    language: str
    rules: tuple[Rule, ...]
    lists: dict[str, tuple[str, ...]]
    #: Digest of the packs' texts.
    fingerprint: str
    #: Rule id to the name of the file it stands in.
    origins: dict[str, str]
    #: Whether there are rules about the words of this language.
    known: bool

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rules) and self.fingerprint == other.fingerprint

    def __ne__(self, other: object) -> bool:
        # The base has one of its own, and Sphinx asks whether a setting is another than before.
        return not self == other

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def only(self, ids: Iterable[str]) -> Rules:
        """These rules alone, with the lists of all."""
        wanted = frozenset(ids)
        kept = tuple(rule for rule in self.rules if rule.id in wanted)
        told = hashlib.sha256("\n".join([self.fingerprint, *(rule.id for rule in kept)]).encode())
        return msgspec.structs.replace(self, rules=kept, fingerprint=told.hexdigest())

    def get(self, key: str) -> Rule | None:
        """The rule of this id or name."""
        return next((rule for rule in self.rules if key in (rule.id, rule.name)), None)

    def matching(self, key: str) -> list[Rule]:
        """The rules that a setting's key names: by id, by name, or by a prefix of ids."""
        exact = [rule for rule in self.rules if key in (rule.id, rule.name)]
        return exact or [rule for rule in self.rules if key and rule.id.startswith(key)]


def load_rules(language: str, house_packs: Sequence[Path] = ()) -> Rules:
    """Load our packs and the house packs that match a language.

    Args:
        language: a language code such as "en" or "en_GB"; only its first part counts.
        house_packs: TOML files beside ours.

    Raises:
        PackError: a pack cannot be read or says something that it may not.
    """
    code = re.split(r"[_-]", language.lower())[0]
    files = sorted(
        (entry for entry in resources.files("acuext").joinpath("packs").iterdir()),
        key=lambda entry: entry.name,
    )
    named = [(f.name, f.read_bytes()) for f in files if f.name.endswith(".toml")]
    named += [(str(path), _read(path)) for path in house_packs]
    packs = [(name, _pack(name, content), content) for name, content in named]
    known = any(pack.language == code for _, pack, _ in packs)
    packs = [entry for entry in packs if entry[1].language in (code, "any")]

    digest = hashlib.sha256()
    lists: dict[str, tuple[str, ...]] = {}
    list_origins: dict[str, str] = {}
    origins: dict[str, str] = {}
    rules: list[Rule] = []
    for name, pack, content in packs:
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
        for key, words in pack.lists.items():
            if key in lists:
                raise PackError(f"{name}: list {key!r} is also in {list_origins[key]}; rename one")
            lists[key], list_origins[key] = words, name
        for rule in pack.rule:
            for other in rules:
                if rule.id == other.id or rule.name == other.name:
                    raise PackError(
                        f"{name}: rule {rule.id} ({rule.name}) is also in {origins[other.id]} "
                        f"as {other.id} ({other.name}); ids and names are used once"
                    )
            rules.append(rule)
            origins[rule.id] = name
    ids = {rule.id for rule in rules}
    ours = {name for name, _ in named[: len(named) - len(house_packs)]}
    for rule in rules:
        own = origins[rule.id] in ours
        _check_rule(rule, origins[rule.id], ids, own)
        # Ours are compiled by our tests; here that would cost every build half a second.
        if not own:
            check_phrases(rule, origins[rule.id], lists)
    rules.sort(key=lambda rule: rule.id)
    return Rules(code, tuple(rules), lists, digest.hexdigest(), origins, known)


def load_pack(path: Path) -> Pack:
    """Load a pack alone.

    Raises:
        PackError: it cannot be read or says something that it may not.
    """
    return _pack(str(path), _read(path))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PackError(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise PackError(f"{str(path)!r} cannot be the name of a file") from None


@functools.lru_cache(maxsize=64)
def _pack(name: str, content: bytes) -> Pack:
    try:
        data = tomli.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise PackError(
            f"{name}: not UTF-8 at byte {error.start}; save the file as UTF-8"
        ) from None
    except ValueError as error:
        raise PackError(f"{name}: not TOML: {error}") from None
    except RecursionError:
        raise PackError(f"{name}: nested too deep") from None
    try:
        return msgspec.convert(data, Pack)
    except msgspec.ValidationError as error:
        raise PackError(f"{name}: {_explain(str(error), data)}") from None


def _explain(problem: str, data: dict[str, Any]) -> str:
    """A validation error in the words of somebody who writes packs."""
    text, _, where = problem.partition(" - at ")
    rule = re.search(r"\$\.rule\[(\d+)\](.*?)`?$", where)
    place = f"key {where.strip('`$.')}: " if where and not rule else ""
    struct: Any = Pack
    if rule:
        entry = data["rule"][int(rule[1])]
        known = entry.get("id") if isinstance(entry, dict) else None
        place = f"rule {known or int(rule[1]) + 1}: "
        inner = rule[2].lstrip(".")
        struct = {"trigger": Trigger, "sources": Source}.get(inner.split("[")[0], Rule)
        if inner:
            place += f"{inner}: "
    unknown = re.search(r"unknown field `(.*)`", text)
    if unknown:
        return (
            f"{place}unknown key {unknown[1]!r}{did_you_mean(unknown[1], struct.__struct_fields__)}"
        )
    missing = re.search(r"missing required field `(.*)`", text)
    if missing:
        return f"{place}key {missing[1]!r} is missing"
    return place + text[0].lower() + text[1:]


def severities(rule: Rule, profile: Profile) -> tuple[Severity, ...]:
    """The severities that findings of a rule may have in a profile, the gravest first.

    None when the profile does not switch the rule on.
    """
    if rule.profile != "core" and profile == "core":
        return ()
    strict = profile == "health-page"
    own = (strict and rule.strict) or rule.severity
    met = {own} if not rule.trigger else set()
    for trigger in rule.trigger:
        met.add((strict and trigger.strict) or trigger.severity or own)
    return tuple(severity for severity in SEVERITIES if severity in met)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The hint that ends an error message: the nearest known word, or nothing."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, cutoff=0.5) or difflib.get_close_matches(
        word.lower(), names, cutoff=0.5
    )
    if not near:
        return ""
    # Of equally near ones that with the most letters in their places: "ACU1O1" is "ACU101".
    nearest = max(
        near,
        key=lambda name: (
            difflib.SequenceMatcher(None, name, word).ratio(),
            sum(map(operator.eq, name, word)),
        ),
    )
    return f"; did you mean {nearest!r}?"


def _check_rule(rule: Rule, origin: str, known: set[str], ours: bool) -> None:
    where = f"{origin}: rule {rule.id}"
    if not ours and rule.kind in WORDLESS:
        raise PackError(f"{where}: kind {rule.kind!r} is for acuext's own rules alone")
    for needed in rule.needs_page_finding:
        if needed not in known:
            raise PackError(
                f"{where}: needs_page_finding: no rule {needed!r}{did_you_mean(needed, known)}"
            )
    if bool(rule.trigger) == (rule.kind in WORDLESS):
        says = "has no triggers" if rule.trigger else "needs a trigger"
        raise PackError(f"{where}: a rule of kind {rule.kind!r} {says}")
    try:
        rule.message.format(text="")
    except (KeyError, IndexError, ValueError):
        raise PackError(
            f"{where}: message: only {{text}} may stand in braces: {rule.message!r}"
        ) from None
    for trigger in rule.trigger:
        if not (trigger.terms or trigger.patterns or trigger.swap or trigger.longer_than):
            raise PackError(f"{where}: a trigger needs terms, patterns, swap or longer_than")


def check_phrases(rule: Rule, origin: str, lists: dict[str, tuple[str, ...]]) -> None:
    """Compile every phrase and pattern of a rule.

    Raises:
        PackError: one of them is not written as it must be, or matches nothing at all.
    """
    for trigger in rule.trigger:
        phrases = [
            *trigger.terms,
            *trigger.swap,
            *trigger.unless,
            *trigger.unless_sentence,
            *trigger.unless_next,
            *trigger.unless_block,
            *trigger.only_with,
        ]
        named = [("phrase", phrase) for phrase in phrases]
        named += [("pattern", pattern) for pattern in trigger.patterns]
        for kind, text in named:
            try:
                pattern = phrase_pattern(text, lists) if kind == "phrase" else text
                compiled = compile_pattern(pattern)
                # In no words, and in a word that nobody uses, only what needs none is met.
                found = compiled.search("") or compiled.search("qzqz")
                empty = found is not None and found.start() == found.end()
            except PackError as error:
                raise PackError(f"{origin}: rule {rule.id}: {kind} {text!r}: {error}") from None
            except RecursionError:
                reason = "nested too deep"
                raise PackError(f"{origin}: rule {rule.id}: {kind}: {reason}") from None
            if empty:
                raise PackError(
                    f"{origin}: rule {rule.id}: {kind} {text!r} would match nothing at all"
                )


# -- phrases -----------------------------------------------------------------------------------


@functools.cache
def re2_options() -> Any:
    """How every expression is compiled; an automaton takes 64 MB at most."""
    # Here and below: a build in which no page is read needs no engine.
    import re2

    options = re2.Options()
    options.case_sensitive = False
    options.longest_match = True
    options.log_errors = False
    options.max_mem = 64 << 20
    return options


#: Parts two passages in a text; no phrase can match across it.
PARTING: Final = "\x1e"
_BLANK: Final = r"[\s-]+"
# Told by what a word has not: classes of letters would make the automata many times larger.
_ANY_WORD: Final = r"[^\s.,;:!?()\"\x{1e}\x{fffc}-]+(?:[.,]\d+)*"
_PIECES: Final = re.compile(
    r"(?P<gap>\.\.\.)|(?P<list>\{[^{}]*\})|(?P<any>_)|(?P<number>#)|(?P<group>[()|?])"
    r"|(?P<star>\*)|(?P<blank>\s+)|(?P<hyphen>-)|(?P<word>[^\s(){}|?*_#.-]+|\.)"
)


def compile_pattern(pattern: str) -> Any:
    """Compile an expression with RE2, whose time grows linearly with the text whatever it says.

    Raises:
        PackError: RE2 does not know the syntax (back-references, look-around), or the automaton
            would be too large.
    """
    import re2

    try:
        return re2.compile(pattern, options=re2_options())
    except re2.error as error:
        reason = error.args[0] if error.args else "not understood"
        reason = reason.decode() if isinstance(reason, bytes) else str(reason)
        raise PackError(f"not an RE2 expression: {reason}") from None


def searchable(text: str) -> str | bytes:
    """Text in the form in which it is searched fastest; spans in it are those in the text."""
    return text.encode() if text.isascii() else text


class Phrase(msgspec.Struct, frozen=True, gc=False):
    """A phrase, or a part of one, made ready to be looked for."""

    #: The RE2 expression.
    pattern: str
    #: All that it can stand for, in small letters; None when that is not known, too much, or more
    #: than a word.
    forms: frozenset[str] | None = None
    #: Of each of these sets, one word stands wherever the phrase is met: in the same clause, or
    #: in different ones of the passage when there is punctuation in the phrase.
    needs: tuple[frozenset[str], ...] = ()
    apart: bool = False


_GAP: Final = Phrase("...")
_MAYBE: Final = Phrase("?")
_REPEATED: Final = Phrase("{0,3}")
_OPTIONAL: Final = (_MAYBE, _REPEATED)
_SPECIAL: Final = {
    "...": _GAP,
    "?": _MAYBE,
    "_": Phrase(_ANY_WORD),
    "#": Phrase(r"\d+(?:[.,]\d+)*"),
    "*": Phrase(r"[\w']*"),
    "-": Phrase(r"[\s-]*", frozenset(["", " "])),
}
#: Shorter words are met on every page.
_TELLING: Final = 4
#: More forms than that are not kept one by one.
_MANY: Final = 256
_NONE: Final = frozenset([""])


def read_phrase(phrase: str, lists: dict[str, tuple[str, ...]] | None = None) -> Phrase:
    """The RE2 expression for a phrase, and the words without which it is not met.

    A phrase is words as a writer types them, matched without regard to case, on whole words:

    - a blank also stands for a hyphen or a line break, and a hyphen for a blank or nothing;
    - `(a|b)` is one of these, `(a)?` may be missing, also inside a word: `cure(s|d)?`, and
      `(a|b)*` is up to three of these;
    - `word*` is a word that begins so, `_` is any one word, `#` is a number;
    - `...` is up to five words, none of them ending a sentence or a clause;
    - `{name}` is any phrase of the pack's list of that name.

    Args:
        phrase: the phrase.
        lists: the lists that it may name.

    Raises:
        PackError: the phrase is not written so.
    """
    # As the text of pages is: "ärztin" meets "Ärztin" only when both have lost their marks.
    phrase = phrase.strip() if phrase.isascii() else fold(phrase).text.strip()
    body = _translate(phrase, lists or {}, ())
    starts = r"\b" if re.match(r"[\w({_#]", phrase) else ""
    ends = r"\b" if re.search(r"[\w)}_?]$", phrase) else ""
    needs = body.needs
    if phrase.endswith(")*"):
        # No boundary is asked for: the last word may be the beginning of a longer one.
        needs = ()
    apart = bool(_PUNCTUATED.search(body.pattern.replace(_ANY_WORD, "")))
    return Phrase(f"{starts}(?:{body.pattern}){ends}", body.forms, needs, apart)


def phrase_pattern(phrase: str, lists: dict[str, tuple[str, ...]] | None = None) -> str:
    """The RE2 expression of :func:`read_phrase`."""
    return read_phrase(phrase, lists).pattern


def _translate(phrase: str, lists: dict[str, tuple[str, ...]], inside: tuple[str, ...]) -> Phrase:
    if "{" not in phrase:
        return _translate_plain(phrase)
    made, position = _alternatives(phrase, 0, lists, inside)
    if position < len(phrase):
        raise PackError("a ')' without its '('")
    return made


@functools.lru_cache(maxsize=8192)
def _translate_plain(phrase: str) -> Phrase:
    """A phrase without lists: most stand in lists that many phrases name."""
    if not phrase:
        raise PackError("empty")
    made, position = _alternatives(phrase, 0, {}, ())
    if position < len(phrase):
        raise PackError("a ')' without its '('")
    return made


def _alternatives(
    phrase: str, position: int, lists: dict[str, tuple[str, ...]], inside: tuple[str, ...]
) -> tuple[Phrase, int]:
    """What stands up to the end, or up to the ")" that closes a group, and where that is."""
    branches: list[Phrase] = []
    words: list[list[Phrase]] = [[]]
    while position < len(phrase) and phrase[position] != ")":
        piece = _PIECES.match(phrase, position)
        if piece is None:
            raise PackError(f"{phrase[position]!r} has no meaning here")
        position = piece.end()
        text, kind = piece[0], piece.lastgroup
        if kind == "blank":
            words.append([])
        elif text == "|":
            branches.append(_join(words))
            words = [[]]
        elif text == "(":
            body, position = _alternatives(phrase, position, lists, inside)
            if position == len(phrase):
                raise PackError("a '(' without its ')'")
            position += 1
            words[-1].append(msgspec.structs.replace(body, pattern=f"(?:{body.pattern})"))
        elif kind == "list":
            words[-1].append(_list(text[1:-1], lists, inside))
        elif kind == "word":
            words[-1].append(_literal(text))
        elif kind == "star" and words[-1] and words[-1][-1].pattern.endswith(")"):
            words[-1].append(_REPEATED)
        else:
            words[-1].append(_SPECIAL[text])
    branches.append(_join(words))
    return _either(branches), position


def _list(name: str, lists: dict[str, tuple[str, ...]], inside: tuple[str, ...]) -> Phrase:
    if name not in lists:
        raise PackError(f"no list {name!r}{did_you_mean(name, lists)}")
    if name in inside:
        raise PackError(f"list {name!r} contains itself")
    words = lists[name]
    if not any("{" in word for word in words):
        return _plain_list(words)
    body = _either([_translate(word, lists, (*inside, name)) for word in words])
    return msgspec.structs.replace(body, pattern=f"(?:{body.pattern})")


@functools.lru_cache(maxsize=256)
def _plain_list(words: tuple[str, ...]) -> Phrase:
    """A list that names no other; many phrases name it."""
    body = _either([_translate_plain(word) for word in words])
    return msgspec.structs.replace(body, pattern=f"(?:{body.pattern})")


@functools.lru_cache(maxsize=8192)
def _literal(text: str) -> Phrase:
    import re2

    return _whole(Phrase(re2.escape(text), frozenset([text.casefold()])))


def _whole(word: Phrase) -> Phrase:
    """A word, or several in its place, between blanks: where its forms are known, one is there."""
    if not word.forms:
        return word
    told = [max(sorted(words_of(form)), key=len, default="") for form in word.forms]
    return msgspec.structs.replace(word, needs=(frozenset(told),) if all(told) else ())


def _either(branches: list[Phrase]) -> Phrase:
    """One of these."""
    if len(branches) == 1:
        return branches[0]
    forms = [branch.forms for branch in branches]
    needs = [most_telling(branch.needs) for branch in branches]
    return Phrase(
        "|".join(branch.pattern for branch in branches),
        _few(frozenset().union(*(f for f in forms if f))) if all(forms) else None,
        (frozenset().union(*needs),) if all(needs) else (),
    )


def most_telling(needs: Iterable[frozenset[str]]) -> frozenset[str]:
    """Of sets of words, that of which the fewest texts have one, as far as their words tell."""
    return min(
        needs,
        key=lambda words: (min(map(len, words)) < _TELLING, len(words)),
        default=frozenset(),
    )


def words_by_clause(passages: Sequence[str]) -> Iterator[list[list[str]]]:
    """Cut passages where no phrase goes on, and give the words of each piece.

    Args:
        passages: folded texts.

    Yields:
        For each passage its pieces, each the words between two marks of punctuation, in small
        letters, as phrases need them.
    """
    if not passages:
        return
    for plain in PARTING.join(passages).casefold().translate(_PLAIN).split(PARTING):
        parted = plain.replace(". ", "|").replace(" .", "|").replace(".", " ")
        yield [clause.split() for clause in parted.split("|")]


def words_of(text: str) -> set[str]:
    """The words of folded text, in small letters, as phrases need them."""
    return set(text.casefold().translate(_PLAIN).replace(".", " ").split())


class _Plain(dict[int, str]):
    """What is no part of words becomes a blank; marks that no phrase reaches across, a stop."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        word = character.isalpha() or character in "0123456789"
        kept = word or character == PARTING
        self[code] = character if kept else "." if character in _STOPS else " "
        return self[code]


_STOPS: Final = '.,;:!?()"'
_PLAIN: Final = _Plain()
_PUNCTUATED: Final = re.compile(rf"\\[{re.escape(_STOPS)}]")


def _few(forms: frozenset[str]) -> frozenset[str] | None:
    return forms if len(forms) <= _MANY else None


def _product(one: frozenset[str] | None, two: frozenset[str] | None) -> frozenset[str] | None:
    """Each form of the one with each of the other behind it."""
    if one is None or two is None or len(one) * len(two) > _MANY:
        return None
    return frozenset(a + b for a in one for b in two)


def _word(pieces: list[Phrase]) -> Phrase:
    """Pieces with no blank between them."""
    if len(pieces) == 1:
        return pieces[0]
    forms: frozenset[str] | None = _NONE
    for piece, following in itertools.zip_longest(pieces, pieces[1:]):
        if following is _MAYBE:
            # Behind a plain word it is said of the last letter alone.
            known = piece.forms if piece.pattern.endswith(")") else None
            forms = _product(forms, known | _NONE if known is not None else None)
        elif piece is not _MAYBE:
            forms = _product(forms, piece.forms)
    return _whole(Phrase("".join(piece.pattern for piece in pieces), forms))


def _join(words: list[list[Phrase]]) -> Phrase:
    """Words with the blanks between them; a word that may be missing takes its blank with it."""
    pattern = ""
    forms: list[frozenset[str] | None] = []
    needs: list[frozenset[str]] = []
    pending = False
    for word in words:
        if not word:
            continue
        if word[0] is _GAP and len(word) == 1:
            pattern += f"{_BLANK}(?:{_ANY_WORD}{_BLANK}){{0,5}}" if pending else ""
            pending = False
            forms.append(None)
        elif len(word) == 2 and word[1] in _OPTIONAL and word[0].pattern.endswith(")"):
            body = word[0].pattern
            pattern += f"(?:{_BLANK}{body})" if pending else f"(?:{body}{_BLANK})"
            pattern += word[1].pattern
            forms.append(None)
        else:
            made = _word(word)
            pattern += (_BLANK if pending else "") + made.pattern
            forms.append(made.forms)
            needs += made.needs
            pending = True
    # What several words stand for is seldom asked, and takes long to work out.
    return Phrase(pattern, forms[0] if len(forms) == 1 else None, tuple(needs))
