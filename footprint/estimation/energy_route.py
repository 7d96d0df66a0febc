"""The energy is known: of the machines, of the whole facility, or of what CPU, GPU and RAM sensors add up to."""

from __future__ import annotations

from footprint.estimation.record import Assumed, Component
from footprint.estimation.routed import Question, Routed
from footprint.factors import Factor
from footprint.interval import Interval, exact, product, quotient


def routed(question: Question) -> Routed:
    """IT energy by ``--energy-at``: E; E ÷ PUE; or E and the modelled overhead up to the wall."""
    given = question.given
    energy = given.numbers["energy_kwh"]
    at = given.words.get("energy_at")
    if at == "facility":
        job = quotient(energy, question.place.pue)
        return Routed("energy", job, energy, (_component("other", job),))
    if at == "components":
        return _up_to_the_wall(energy, question)
    assumed: tuple[Assumed, ...] = ()
    if at is None:
        why = "no --energy-at: taken for the energy of the machines at their plugs (it)"
        assumed = (Assumed("energy_at", None, None, why),)
    return Routed("energy", energy, None, (_component("other", energy),), assumed)


def _up_to_the_wall(energy: Interval, question: Question) -> Routed:
    row = _overhead(question)
    beyond = product(energy, row.value)
    ratio = row.value._replace(low=1 + row.low, central=1 + row.central, high=1 + row.high)
    assumed = Assumed(
        "overhead", row.value, row.id,
        "energy is of components: power supply, fans and board of a busy machine are added, of a kind not known",
    )  # fmt: skip
    parts = (_component("other", energy), _component("overhead", beyond)._replace(method="catalogue"))
    return Routed("energy", product(energy, ratio), None, parts, (assumed,), (row.id,))


def _overhead(question: Question) -> Factor:
    rows = question.place.catalogue.factors
    return next(row for row in rows if (row.indicator, row.zone, row.part) == ("power_model", "server", "overhead"))


def _component(kind: str, energy: Interval) -> Component:
    return Component(kind, None, exact(1.0), None, "given", energy)
