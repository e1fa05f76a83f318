"""Forest plots: one axis for all effects, and a small picture for each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from sphinx.locale import get_translation

from acuext.evidence import Effect, Entry

_ = get_translation("acuext")


def problem(entries: Mapping[str, Entry], *, log: bool) -> str:
    """What keeps entries from being drawn on one axis, in one line; empty when nothing does.

    Args:
        entries: key to entry.
        log: whether the axis is logarithmic.
    """
    first: tuple[str, Effect] | None = None
    for key, entry in entries.items():
        if not entry.effect:
            return f"evidence {key!r} has no effect to draw"
        for effect in entry.effect:
            if log and effect.estimate <= 0:
                return f"evidence {key!r}: {_number(effect.estimate)} has no place on a log axis"
            start, other = first = first or (key, effect)
            if effect.unit != other.unit:
                return (
                    f"one axis cannot show two units: {start!r} is in {other.unit!r}, "
                    f"{key!r} in {effect.unit!r}; make a figure of each"
                )
            if effect.favours != other.favours:
                return (
                    f"one axis cannot show two directions: for {start!r} {other.favours!r} "
                    f"favours the treatment, for {key!r} {effect.favours!r}; make a figure of each"
                )
    return ""


class Axis:
    """The scale that all rows of a figure share; places are percent of its width."""

    def __init__(self, effects: Sequence[Effect], *, log: bool) -> None:
        self.effects = effects
        self.log = log
        numbers = [
            number
            for effect in effects
            for number in (effect.estimate, effect.control, *(effect.interval or ()))
            if number is not None and (number > 0 or not log)
        ]
        if log:
            first = math.floor(math.log10(min(numbers)))
            last = max(math.ceil(math.log10(max(numbers))), first + 1)
            self.ticks = [10.0**power for power in range(first, last + 1)]
            self.low, self.high = float(first), float(last)
        else:
            low, high = min(0.0, *numbers), max(0.0, *numbers)
            step_size = _nice((high - low) / 4 or 1.0)
            first = math.floor(low / step_size)
            last = max(math.ceil(high / step_size), first + 1)
            self.ticks = [step_size * count for count in range(first, last + 1)]
            self.low, self.high = self.ticks[0], self.ticks[-1]

    def at(self, number: float) -> float:
        """Where a number lies."""
        place = (math.log10(number) if number > 0 else self.low) if self.log else number
        # Room at both ends for half a mark, and for half a label.
        return 8 + 84 * (place - self.low) / (self.high - self.low)

    def row(self, effect: Effect) -> str:
        """The picture of an effect; what it shows stands beside it in words."""
        marks = [] if self.log else [_line(self.at(0), self.at(0), "acuext-zero", "0", "100%")]
        middle = self.at(effect.estimate)
        if effect.interval:
            low, high = effect.interval
            marks.append(_line(self.at(low), self.at(high), "acuext-interval"))
        if effect.control is not None:
            other = self.at(effect.control)
            marks.append(_line(other, middle, "acuext-difference"))
            marks.append(f'<circle class="acuext-control" cx="{other:.2f}%" cy="50%" r="4"/>')
        marks.append(_mark(middle, sham=_is_sham(effect)))
        return _svg(28, marks)

    def scale(self) -> str:
        """The picture of the scale."""
        marks = [_line(8, 92, "acuext-axis", "1", "1")]
        # Labels that have room beside each other on a telephone.
        every = math.ceil(len(self.ticks) / 5)
        for index, tick in enumerate(self.ticks):
            at = self.at(tick)
            marks.append(_line(at, at, "acuext-axis", "1", "6"))
            if index % every == 0:
                marks.append(
                    f'<text x="{at:.2f}%" y="20" text-anchor="middle">{_number(tick)}</text>'
                )
        return _svg(24, marks)

    def key(self) -> str:
        """What the marks mean, in words."""
        said = [f"{_('Scale')}: {self.effects[0].unit}."]
        compared = [effect for effect in self.effects if effect.comparator]
        if any(_is_sham(effect) for effect in compared):
            said.append(_("Circle: compared with sham."))
        if any(not _is_sham(effect) for effect in compared):
            said.append(_("Square: compared with no treatment or other care."))
        if any(effect.control is not None for effect in self.effects):
            said.append(_("Hollow: the other group."))
        if any(effect.interval for effect in self.effects):
            said.append(_("Line: 95 % interval."))
        if self.effects[0].favours == "negative":
            said.append(_("Left of 0 is better than the comparison."))
        if self.effects[0].favours == "positive":
            said.append(_("Right of 0 is better than the comparison."))
        if self.log:
            said.append(_("Each mark on the scale is ten times the one before."))
        return " ".join(map(str, said))


def _is_sham(effect: Effect) -> bool:
    return "sham" in effect.comparator.lower()


def _mark(at: float, *, sham: bool) -> str:
    if sham:
        return f'<circle class="acuext-mark" cx="{at:.2f}%" cy="50%" r="6"/>'
    box = 'width="11" height="11" transform="translate(-5.5 -5.5)"'
    return f'<rect class="acuext-mark" x="{at:.2f}%" y="50%" {box}/>'


def _line(start: float, end: float, name: str, top: str = "50%", bottom: str = "50%") -> str:
    ends = f'x1="{start:.2f}%" x2="{end:.2f}%" y1="{top}" y2="{bottom}"'
    return f'<line class="{name}" {ends}/>'


def _svg(height: int, marks: Iterable[str]) -> str:
    size = f'width="100%" height="{height}"'
    return f'<svg aria-hidden="true" focusable="false" {size}>{"".join(marks)}</svg>'


def _nice(size: float) -> float:
    """The next larger of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= size * 0.999)


def _number(number: float, decimals: int | None = None) -> str:
    if decimals is None:
        decimals = _decimals(number)
    return f"{number:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def _decimals(number: float) -> int:
    return len(f"{number:.6f}".rstrip("0").partition(".")[2])


def words(effect: Effect) -> str:
    """The numbers of an effect in words."""
    numbers = [effect.estimate, *(effect.interval or ())]
    decimals = max(map(_decimals, numbers))
    middle, *ends = [_number(number, decimals if number else 0) for number in numbers]
    if effect.of is not None:
        middle = f"{middle} {_('of')} {effect.of:,}"
        if effect.control is not None:
            other = f"{_number(effect.control)} {_('of')} {effect.of:,}"
            middle = f"{middle}, {_('compared with')} {other}"
    return f"{middle} ({ends[0]} {_('to')} {ends[1]})" if ends else middle
