"""Tokens of a language model: not known to this version, and said so."""

from __future__ import annotations

from footprint.errors import UsageError
from footprint.estimation.routed import Question, Routed


def routed(question: Question) -> Routed:
    """Raises UsageError: published figures for tokens are not in the catalogue yet."""
    given = question.given
    named = given.has("llm", "params_b")[0]
    why = "this version does not estimate from tokens yet: its catalogue has no published figures for models"
    raise UsageError(given.called(named), why, "give the energy with --energy-kwh, or the hardware and its hours")
