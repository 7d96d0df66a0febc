"""Colours and type of the charts, light and dark. ``assets/footprint.css`` has the same; a test holds them equal."""

from __future__ import annotations

from typing import Any, NamedTuple

Figure = dict[str, Any]
"""A Plotly figure: ``data`` and ``layout``."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"


class Palette(NamedTuple):
    """Roles of colour. Text has a contrast of 4.5 or more on its surface, graphics of 3 or more."""

    page: str
    surface: str
    text: str
    muted: str
    accent: str
    watch: str
    over: str
    border: str
    series_1: str
    series_2: str
    line: str
    """Grid lines and rules: they carry no meaning."""
    track: str
    """The empty part of a bar."""


LIGHT = Palette(
    page="#F6F8F6",
    surface="#FFFFFF",
    text="#17211C",
    muted="#55635B",
    accent="#0F6B57",
    watch="#8A5A00",
    over="#8F1D1D",
    border="#7C8A82",
    series_1="#0072B2",
    series_2="#D55E00",
    line="#DCE2DE",
    track="#E6EAE7",
)
DARK = Palette(
    page="#101513",
    surface="#171E1B",
    text="#E6ECE8",
    muted="#A3B0A9",
    accent="#5CC4A8",
    watch="#E5B04E",
    over="#FF8A7A",
    border="#6F7D76",
    series_1="#56B4E9",
    series_2="#F08A4B",
    line="#2C3531",
    track="#26302B",
)


def palette(theme: str | None) -> Palette:
    """The palette of a theme's name; light for whatever is not ``dark``."""
    return DARK if theme == "dark" else LIGHT


def layout(colours: Palette, height: int, **more: Any) -> dict[str, Any]:
    """The layout that all charts share: no legend, no frame, labels of 12 px in the page's own type."""
    return {
        "height": height,
        "margin": {"l": 56, "r": 16, "t": 16, "b": 36},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": colours.text},
        "showlegend": False,
        "hoverlabel": {
            "bgcolor": colours.surface,
            "bordercolor": colours.border,
            "font": {"family": FONT, "size": 12, "color": colours.text},
            "align": "left",
        },
        "uirevision": "kept",
        **more,
    }


def value_axis(colours: Palette, **more: Any) -> dict[str, Any]:
    """An axis of amounts: from zero, thin grid lines, no frame."""
    return {
        "rangemode": "tozero",
        "gridcolor": colours.line,
        "zerolinecolor": colours.line,
        "tickfont": {"color": colours.muted},
        "fixedrange": True,
        "nticks": 5,
        "automargin": True,
        **more,
    }


def plain_axis(colours: Palette, **more: Any) -> dict[str, Any]:
    """An axis of times or names: no grid."""
    return {
        "showgrid": False,
        "zeroline": False,
        "linecolor": colours.line,
        "tickfont": {"color": colours.muted},
        "fixedrange": True,
        **more,
    }


def label(text: str, x: object, y: object, colour: str, **more: Any) -> dict[str, Any]:
    """A direct label: text beside what it names."""
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": {"color": colour, "size": 12}, **more}


def faded(colour: str, opacity: float) -> str:
    """A colour of a palette with an opacity, as Plotly takes it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
