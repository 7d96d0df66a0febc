"""What stands where there is nothing to show: what to do, in words and as a command to copy."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from footprint.dashboard.components.aria import aria


def no_runs_yet() -> Component:
    """An empty store: how to make the first run."""
    return html.Section(
        [
            html.H1("No runs yet", tabIndex=-1),
            html.P("Measure a job, and it appears here by itself:"),
            html.Pre(html.Code("footprint run -- python train.py"), tabIndex=0, **aria(label="Command")),
            html.P(["Or inside a program, with ", html.Code("footprint.track"), ":"]),
            html.Pre(
                html.Code('import footprint\n\nwith footprint.track("train", project="vision"):\n    train()'),
                tabIndex=0,
                **aria(label="Python code"),
            ),
            html.P(["What can be measured on this machine: ", html.Code("footprint doctor")], className="muted"),
        ],
        className="card empty",
    )


def no_targets_yet() -> Component:
    """No target is set. Which one to set is for people to choose: none is offered as the right one."""
    return html.Section(
        [
            html.H1("No targets yet", tabIndex=-1),
            html.P("A target is a choice of people: how much, of what, until when, who answers for it and why."),
            html.Pre(
                html.Code(
                    'footprint targets set vision-carbon --limit "50 kgCO2e" --project vision \\\n'
                    '    --owner "who answers for it" --reason "why it is this much"'
                ),
                tabIndex=0,
                **aria(label="Command"),
            ),
            html.P(
                [
                    "Names and amounts above are an example. A file ",
                    html.Code("ecology.toml"),
                    " can hold targets too.",
                ],
                className="muted",
            ),
        ],
        className="card empty",
    )


def no_match() -> Component:
    """A selection without runs, and the way out of it."""
    return html.Div(
        [
            html.P("No runs match."),
            html.A("Clear: show all runs of all time", href="/?days=0", className="control go"),
        ],
        className="none",
    )


def no_such_page(path: str) -> Component:
    """An address that is no page's."""
    return html.Section(
        [
            html.H1("There is no such page", tabIndex=-1),
            html.P(["Nothing lives at ", html.Code(path), "."]),
            html.P(html.A("Go to the runs", href="/", className="go")),
        ],
        className="card empty",
    )


def no_such_run(problem: str) -> Component:
    """A run that cannot be shown, and why."""
    return html.Section(
        [
            html.H1("This run cannot be shown", tabIndex=-1),
            html.P(problem),
            html.P(html.A("Go to the runs", href="/", className="go")),
        ],
        className="card empty",
    )
