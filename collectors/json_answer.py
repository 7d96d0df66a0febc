"""Numbers in what a meter says: a path of keys into JSON, and what is wrong where it leads to none."""

import json
import math
from collections.abc import Sequence

_SHOWN = 40


class NoNumber(Exception):  # noqa: N818 - a state of the answer, not a fault of ours
    """There is no number; ``str()`` says what there is instead."""


def parsed(data: bytes) -> object:
    """The JSON of an answer. Raises NoNumber for HTML, half an answer, and what else is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        text = data[:200].decode("utf-8", "replace").strip()
        if text[:1] == "<":
            raise NoNumber("it answers with a page of HTML, no JSON") from None
        raise NoNumber(
            f"what it answers is no JSON: {text[:_SHOWN]!r}" if text else "it answers with nothing"
        ) from None


def number_at(document: object, path: Sequence[str]) -> float:
    """The number where a path of keys leads. Raises NoNumber."""
    value = document
    for depth, key in enumerate(path):
        value = _inside(value, key)
        if value is None:
            raise NoNumber(f"its answer has no {'.'.join(path[: depth + 1])}")
    return number(value, ".".join(path))


def number(value: object, name: str) -> float:
    """A finite number, also one that is written as text. Raises NoNumber."""
    try:
        found = math.nan if isinstance(value, bool) or not isinstance(value, int | float | str) else float(value)
    except (ValueError, OverflowError):
        found = math.nan
    if not math.isfinite(found):
        raise NoNumber(f"its {name} is {str(value)[:_SHOWN]!r}, no number")
    return found


def member(document: object, key: str) -> object:
    """What an object holds under a key; None where it is no object, or holds nothing there."""
    return document.get(key) if isinstance(document, dict) else None


def _inside(value: object, key: str) -> object:
    if isinstance(value, list) and key.isascii() and key.isdigit() and int(key) < len(value):
        return value[int(key)]
    return member(value, key)
