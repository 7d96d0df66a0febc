"""Language models that the catalogue knows by name: energy of a request that somebody published, or parameters."""

from __future__ import annotations

import functools
import os
from typing import NamedTuple

from footprint import catalogue
from footprint.errors import UsageError
from footprint.interval import Interval

FILE = "language_models.csv"


class LanguageModel(NamedTuple):
    """One row."""

    name: str
    request_wh: Interval | None
    """Energy of the facility for one request, where it is published."""
    active_b: float | None
    """Parameters that work on a token, in billions."""
    total_b: float | None
    note: str

    @property
    def factor(self) -> str:
        """Its id among the factors."""
        return f"language_model/{self.name}"


def find(name: str, called: str, data: str | None = None) -> LanguageModel:
    """The model of a name. Raises UsageError that names the three nearest."""
    known = _read(data or catalogue.DATA)
    found = known.get(_plain(name))
    if found is not None:
        return found
    import difflib  # only when something is wrong

    close = difflib.get_close_matches(_plain(name), list(known), n=9, cutoff=0.0)
    near = list(dict.fromkeys(known[one].name for one in close))[:3]
    why = f"no such language model is in the catalogue; nearest: {', '.join(near)}"
    raise UsageError(f"{called} {name!r}", why, "name one of them, or give its billions of parameters with --params-b")


def _plain(name: str) -> str:
    """Without vendor, and with dashes: ``meta-llama/Llama-3.1-8B Instruct``."""
    words = name.casefold().rpartition("/")[2].replace("_", "-").replace(" ", "-")
    return words.removeprefix("meta-").removesuffix("-instruct")


@functools.cache
def _read(folder: str) -> dict[str, LanguageModel]:
    known: dict[str, LanguageModel] = {}
    with open(os.path.join(folder, FILE), encoding="utf-8") as file:
        for line in file.read().splitlines()[1:]:
            name, aliases, low, central, high, active, total, _, note = line.split(",")
            request = Interval(float(low), float(central), float(high), "envelope") if central else None
            model = LanguageModel(
                name, request, float(active) if active else None, float(total) if total else None, note
            )  # fmt: skip
            known |= {_plain(called): model for called in (name, *filter(None, aliases.split(";")))}
    return known
