"""Power by channel over a run: one line a channel, named where it ends or in a panel of its own; gaps stay gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from footprint.dashboard.figures.theme import Figure, Palette, faded, label, layout, plain_axis, value_axis

TOGETHER = 2
"""So many channels share a panel: two colours stay apart for all kinds of colour blindness, more do not."""
PANEL = 96
"""Height of one channel's panel, px."""
ALONE = 240
FRAME = 52
"""Height of the time axis and the space above the first panel, px."""
MOST_POINTS = 2_000
"""More points than this are thinned; no screen has more columns."""

MOST_WORDS = 8
"""So many gaps are named; a chart of more would hold nothing but words."""

Gaps = Sequence[Mapping[str, object]]
Timeline = Sequence[tuple[float, Mapping[str, float | None]]]


def channels_of(timeline: Timeline) -> list[str]:
    """The channels in the order in which they first appear."""
    return list(dict.fromkeys(name for _, powers in timeline for name in powers))


def power(timeline: Timeline, gaps: Gaps, colours: Palette) -> Figure:
    """``timeline``: (seconds since the start, power in W by channel, None where nothing was read)."""
    points = _thinned(timeline)
    names = channels_of(points)
    apart = len(names) > TOGETHER
    panels = len(names) if apart else 1
    height = FRAME + (PANEL * panels if apart else ALONE - FRAME)
    figure: Figure = {
        "data": [_line(points, name, number, colours, apart=apart) for number, name in enumerate(names)],
        "layout": layout(
            colours, height, margin={"l": 56, "r": 16 if apart else 96, "t": 16, "b": 36}, hovermode="x unified"
        ),
    }
    figure["layout"]["xaxis"] = plain_axis(
        colours,
        title={"text": "seconds since the start", "font": {"color": colours.muted}},
        anchor=_axis("y", panels - 1),
        range=[0, points[-1][0] if points else 1],
    )
    for number in range(panels):
        figure["layout"][_key("yaxis", number)] = value_axis(
            colours, domain=_domain(number, panels), nticks=3 + 2 * (panels == 1)
        )
    figure["layout"]["annotations"] = _names(points, names, colours, apart=apart) + _silences(
        gaps, names, colours, apart=apart
    )
    figure["layout"]["shapes"] = [
        _shade(gap, names, colours, apart=apart) for gap in gaps if gap.get("channel") in names
    ]
    return figure


def _line(points: Timeline, name: str, number: int, colours: Palette, *, apart: bool) -> dict[str, object]:
    """A line of steps: each point's power is the mean over the time since the point before."""
    colour = colours.series_1 if apart or number % 2 == 0 else colours.series_2
    times, powers = _steps(points, name)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": times,
        "y": powers,
        "yaxis": _axis("y", number if apart else 0),
        "connectgaps": False,
        "line": {"color": colour, "width": 2, "shape": "vh"},
        "hovertemplate": "%{y:.3~s} W",
    }


def _steps(points: Timeline, name: str) -> tuple[list[float], list[float | None]]:
    """The corners of a line; where it begins, and begins again after a gap, it has one more."""
    times: list[float] = []
    values: list[float | None] = []
    since, before = 0.0, None
    for t_s, powers in points:
        power_w = powers.get(name)
        if power_w is not None and before is None:
            times.append(since)
            values.append(power_w)
        if power_w is not None or before is not None:
            times.append(t_s)
            values.append(power_w)
        since, before = t_s, power_w
    return times, values


def _names(points: Timeline, names: list[str], colours: Palette, *, apart: bool) -> list[dict[str, object]]:
    """Direct labels: over each panel, or where each line ends."""
    if apart:
        return [
            label(
                name,
                0,
                1,
                colours.text,
                xref="paper",
                yref=f"{_axis('y', number)} domain",
                xanchor="left",
                yanchor="bottom",
                xshift=4,
                yshift=-2,
            )
            for number, name in enumerate(names)
        ]
    ends = [(name, _last(points, name)) for name in names]
    shifts = _apart([end for _, end in ends])
    shades = (colours.series_1, colours.series_2)
    return [
        label(name, 1, end, shades[number % 2], xref="paper", xanchor="left", xshift=6, yshift=shift)
        for number, ((name, end), shift) in enumerate(zip(ends, shifts, strict=True))
    ]


def _apart(ends: list[float]) -> list[float]:
    """Shifts in px that keep two labels from lying on one another."""
    if len(ends) != 2 or abs(ends[0] - ends[1]) > 0.12 * max(*ends, 1e-12):
        return [0.0] * len(ends)
    return [8.0, -8.0] if ends[0] >= ends[1] else [-8.0, 8.0]


def _last(points: Timeline, name: str) -> float:
    """The last power of a channel; 0 where it never had one (the label then stands at the axis)."""
    values = [power_w for _, powers in points if (power_w := powers.get(name)) is not None]
    return values[-1] if values else 0.0


def _silences(gaps: Gaps, names: list[str], colours: Palette, *, apart: bool) -> list[dict[str, object]]:
    """Words over the shaded times."""
    return [
        label(
            "no reading" if apart else f"{gap['channel']}: no reading",
            (float(str(gap["from_s"])) + float(str(gap["to_s"]))) / 2,
            1,
            colours.muted,
            yref=f"{_axis('y', names.index(str(gap['channel'])) if apart else 0)} domain",
            yanchor="bottom",
        )
        for gap in gaps
        if gap.get("channel") in names
    ][:MOST_WORDS]


def _shade(gap: Mapping[str, object], names: list[str], colours: Palette, *, apart: bool) -> dict[str, object]:
    """A shaded span of time in which a channel gave no reading."""
    number = names.index(str(gap["channel"])) if apart else 0
    return {
        "type": "rect",
        "xref": "x",
        "yref": f"{_axis('y', number)} domain",
        "x0": gap["from_s"],
        "x1": gap["to_s"],
        "y0": 0,
        "y1": 1,
        "line": {"width": 0},
        "fillcolor": faded(colours.watch, 0.16),
        "layer": "below",
    }


def _thinned(timeline: Timeline) -> Timeline:
    """Every n-th point, and the last, where there are more than a screen shows; the edges of gaps stay."""
    step = -(-len(timeline) // MOST_POINTS)
    if step <= 1:
        return timeline
    silent = [{name for name, power_w in powers.items() if power_w is None} for _, powers in timeline]
    last = len(timeline) - 1
    return [
        point
        for number, point in enumerate(timeline)
        if number % step == 0 or number == last or silent[number] != silent[number - 1]
    ]


def _domain(number: int, panels: int) -> list[float]:
    """The part of the height that a panel has, the first on top."""
    gap = 0.0 if panels == 1 else 0.24 / panels
    top = 1 - number / panels
    return [top - 1 / panels, top - gap]


def _axis(letter: str, number: int) -> str:
    return letter if number == 0 else f"{letter}{number + 1}"


def _key(name: str, number: int) -> str:
    return name if number == 0 else f"{name}{number + 1}"
