"""A run's phases: each slice's energy is divided over the innermost spans that were open in it, by their time."""

import math

from footprint.account.job import Share
from footprint.interval import Interval, ordered, scaled
from footprint.records.raw import RawRun, SpanName
from footprint.records.result import Energy, SpanResult


def spans_of(raw: RawRun, shares: tuple[Share, ...], energy: Energy) -> tuple[SpanResult, ...]:
    """Energy (kWh at the wall) and time of each span, those inside it included. They add up to no more than the run."""
    names = raw.end.spans if raw.end else ()
    if not names or len(raw.frames) < 2:
        return ()
    seconds, energies_j = _innermost(raw, shares)
    by_number = {span.number: span for span in names}
    for span in sorted(names, key=lambda one: -_depth(one, by_number)):
        if span.inside is not None:
            seconds[span.inside] = seconds.get(span.inside, 0.0) + seconds.get(span.number, 0.0)
            energies_j[span.inside] = energies_j.get(span.inside, 0.0) + energies_j.get(span.number, 0.0)
    return tuple(
        SpanResult(
            span.name,
            _path(span, by_number),
            span.entered,
            seconds.get(span.number, 0.0),
            like(energy.job_kwh, energies_j.get(span.number, 0.0), _sum_j(shares)),
        )
        for span in names
    )


def _sum_j(shares: tuple[Share, ...]) -> float:
    return math.fsum(math.fsum(share.slices_j) for share in shares)


def _innermost(raw: RawRun, shares: tuple[Share, ...]) -> tuple[dict[int, float], dict[int, float]]:
    """Seconds and component joules by span, each second and joule in the innermost span alone."""
    seconds: dict[int, float] = {}
    energies_j: dict[int, float] = {}
    for number, (before, after) in enumerate(zip(raw.frames, raw.frames[1:], strict=False)):
        slice_j = math.fsum(share.slices_j[number] for share in shares)
        open_s = math.fsum(s for _, s in after.spans)
        # spans of several threads run beside each other: they divide the slice between them
        slice_s = max(after.t_s - before.t_s, open_s)
        for span, span_s in after.spans:
            seconds[span] = seconds.get(span, 0.0) + span_s
            if slice_s > 0:
                energies_j[span] = energies_j.get(span, 0.0) + slice_j * span_s / slice_s
    return seconds, energies_j


def like(whole_kwh: Interval, part_j: float, sum_j: float) -> Interval:
    """A part of the run's energy at the wall, with the run's relative error."""
    if sum_j <= 0:
        return scaled(whole_kwh, 0.0)
    part = part_j / sum_j
    kind = "envelope" if whole_kwh.kind == "p90" else whole_kwh.kind
    return ordered(whole_kwh.low * part, whole_kwh.central * part, whole_kwh.high * part, kind)


def _path(span: SpanName, by_number: dict[int, SpanName]) -> tuple[str, ...]:
    outer = by_number.get(span.inside) if span.inside is not None else None
    return (*(_path(outer, by_number) if outer else ()), span.name)


def _depth(span: SpanName, by_number: dict[int, SpanName]) -> int:
    return len(_path(span, by_number))
