"""Tokens of a language model: published figures, with their range.

    Wh of a request = GPUs × (slope × active parameters + base) × (tokens written + read × tokens read)

or what somebody published for one request of a service, whatever its length.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from footprint.errors import UsageError
from footprint.estimation import language_models, parts_made
from footprint.estimation.given import Given
from footprint.estimation.language_models import LanguageModel
from footprint.estimation.record import Assumed, Component
from footprint.estimation.routed import Question, Routed
from footprint.factors import Factor
from footprint.interval import Interval, exact, ordered, product, quotient, scaled, total
from footprint.units import S_PER_H

_NO_EMBODIED = "nobody publishes the hardware that a request of this service takes: give --embodied-kg"


def routed(question: Question) -> Routed:
    """IT energy of ``--requests`` requests. Raises UsageError for an unknown model or no tokens."""
    given = question.given
    if len(given.has("llm", "params_b")) > 1:
        what = f"{given.called('llm')} and {given.called('params_b')}"
        raise UsageError(what, "both say which model it is", "give one of them")
    model = _model(given)
    requests, assumed = _requests(given)
    if model.request_wh is not None:
        return _by_request(question, model, model.request_wh, requests, assumed)
    return _by_tokens(question, model, requests, assumed)


def _by_request(
    question: Question, model: LanguageModel, request_wh: Interval, requests: Interval, assumed: tuple[Assumed, ...]
) -> Routed:  # fmt: skip
    """What was published is of the facility: the machines' is without its PUE."""
    facility = scaled(product(request_wh, requests), 1 / 1000)
    job = quotient(facility, question.place.pue)
    why = f"published for one request, PUE included ({model.note}); its tokens do not count"
    told = Assumed("request_wh", request_wh, model.factor, why)
    component = Component("other", model.name, requests, None, "tokens", job)
    return Routed(
        "tokens", job, facility, (component,), (*assumed, told), (model.factor,),
        no_embodied=_NO_EMBODIED,
    )  # fmt: skip


def _by_tokens(question: Question, model: LanguageModel, requests: Interval, assumed: tuple[Assumed, ...]) -> Routed:
    given = question.given
    if "tokens_out" not in given.numbers:
        what = given.called(given.has("llm", "params_b")[0])
        raise UsageError(what, "without tokens there is no energy", f"add {given.called('tokens_out')} N")
    rows = {row.part: row for row in question.place.catalogue.factors if row.zone == "tokens"}
    tokens = _tokens(given, rows)
    each_wh = _of_a_token(model, rows)
    job = scaled(product(product(each_wh, tokens), requests), 1 / 1000)
    used = [rows[part] for part in ("slope", "base", "gpus", *(["read"] if "tokens_in" in given.numbers else []))]
    told = tuple(
        Assumed(f"token_{row.part}", row.value, row.id, f"{row.unit} per {row.per}: {row.note}") for row in used
    )
    ids = tuple(row.id for row in (*used, rows["seconds_slope"], rows["seconds_base"]))
    if "llm" in given.words:
        amount = exact(model.active_b or 0.0)
        told = (
            Assumed("params_b", amount, model.factor, f"active parameters of {model.name}, of {model.total_b:g}"),
            *told,
        )
        ids = (model.factor, *ids)
    component = Component("gpu", model.name, requests, None, "tokens", job)
    hours = scaled(product(product(_of_a_token(model, rows, "seconds_"), tokens), requests), 1 / S_PER_H)
    hardware = _hardware(rows, hours)
    return Routed(
        "tokens", job, None, (component,), (*assumed, *told, *hardware), ids, parts_made.of_a_node(), hours
    )  # fmt: skip


def _hardware(rows: Mapping[str, Factor], hours: Interval) -> tuple[Assumed, ...]:
    """What the making of the hardware follows from, beside the options that every route has."""
    why = (
        f"hours of GPUs for these tokens, each with an eighth of a server of two processors and "
        f"{parts_made.NODE_MEMORY_GB:,} GB of memory"
    )
    seconds = (rows["seconds_slope"], rows["seconds_base"])
    told = [Assumed(f"token_{row.part}", row.value, row.id, f"{row.unit} per {row.per}: {row.note}") for row in seconds]
    return (Assumed("device_hours", hours, None, why), *told)


def _of_a_token(model: LanguageModel, rows: Mapping[str, Factor], prefix: str = "") -> Interval:
    """Wh of a token written, on all GPUs that the model needs; with ``seconds_`` their time for it."""
    active = exact(model.active_b or 0.0)
    one_gpu = total((product(rows[f"{prefix}slope"].value, active), rows[f"{prefix}base"].value))
    needed = [float(max(1, math.ceil(end * (model.total_b or 0.0)))) for end in rows["gpus"].value[:3]]
    return product(one_gpu, ordered(needed[0], needed[1], needed[2], "envelope"))


def _tokens(given: Given, rows: Mapping[str, Factor]) -> Interval:
    """Tokens written, and what reading others is worth."""
    written = given.numbers["tokens_out"]
    read = given.numbers.get("tokens_in")
    return written if read is None else total((written, product(read, rows["read"].value)))


def _requests(given: Given) -> tuple[Interval, tuple[Assumed, ...]]:
    requests = given.numbers.get("requests")
    if requests is not None:
        return requests, ()
    return exact(1.0), (Assumed("requests", exact(1.0), None, "no --requests: one"),)


def _model(given: Given) -> LanguageModel:
    """The named model, or one of so many billions of parameters. Raises UsageError."""
    if "llm" in given.words:
        return language_models.find(given.words["llm"], given.called("llm"))
    text = given.words["params_b"]
    what = f"{given.called('params_b')} {text!r}"
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?", text)
    if found is None:
        raise UsageError(what, "it is not ACTIVE or ACTIVE:TOTAL in billions", "write it like 70 or 37:671")
    active, whole = float(found[1]), float(found[2] or found[1])
    if not 0 < active <= whole <= 1e6:
        raise UsageError(what, "0 < active ≤ total does not hold", "write it like 70 or 37:671")
    return LanguageModel(f"a model of {active:g} billion parameters", None, active, whole, "")
