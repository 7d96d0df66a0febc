"""The functions of ``import footprint``: ``track``, ``tracked``, ``start``, ``runs`` and ``estimate``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from footprint.collectors.host import RealHost
from footprint.errors import UsageError
from footprint.live_run import LiveRun
from footprint.measuring import Request, region_for, server_counts_for, settings_for

if TYPE_CHECKING:
    from typing import Unpack

    from footprint.estimation import Estimate
    from footprint.options import Options
    from footprint.queries import RunList

P = ParamSpec("P")
R = TypeVar("R")


def _request(name: str | None, options: Options) -> Request:
    tags = _tags(options.get("tags"))
    rest: dict[str, Any] = {key: value for key, value in options.items() if key != "tags"}
    unknown = set(rest) - set(Request._fields)
    if unknown:
        message = f"unknown argument {min(unknown)!r}; known are {', '.join(Request._fields)}"
        raise TypeError(message)
    return Request(name=None if name is None else str(name), tags=tags, **rest)


def _tags(tags: Mapping[str, str] | None) -> dict[str, str]:
    """Tags as text. Raises UsageError where they are no mapping."""
    if tags is None:
        return {}
    if not isinstance(tags, Mapping):
        raise UsageError(f"tags {tags!r}", "they are no mapping", 'give tags={"key": "value"}')
    return {str(key): str(value) for key, value in tags.items()}


def check(name: str | None = None, **options: Unpack[Options]) -> None:
    """Raise what ``start`` would for these arguments, and start nothing: for those who start later."""
    request = _request(name, options)
    settings = settings_for(request, "argument")
    server_counts_for(request, settings)
    if settings.region.value is not None:
        region_for(settings, RealHost())


def start(name: str | None = None, **options: Unpack[Options]) -> LiveRun:
    """Begin to measure this process and its children; ``run.stop()`` ends it and gives the result.

    Raises UsageError for wrong arguments, before anything is started. A fault in measuring raises nothing:
    it is logged, and ``run.result.status`` says why there are no figures.
    """
    return LiveRun(_request(name, options)).as_started()


def track(name: str | None = None, **options: Unpack[Options]) -> LiveRun:
    """Measure a block: ``with footprint.track("train", project="vision") as run: …``; then ``run.result``.

    Arguments and errors are those of ``start``. Prints nothing.
    """
    return LiveRun(_request(name, options), inside_started=True)


@overload
def tracked(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def tracked(name: str | None = None, /, **options: Unpack[Options]) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def tracked(name: Any = None, /, **options: Unpack[Options]) -> Any:
    """Measure each call of a function: plain, async, generator or async generator.

    ``@footprint.tracked`` or ``@footprint.tracked(project="vision")``; the run has the function's name.
    """
    from footprint.tracking import wrapped

    if callable(name):
        function, title = name, None
        return wrapped(function, lambda: track(title or function.__name__, **options))

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        return wrapped(function, lambda: track(name or function.__name__, **options))

    return decorate


def runs(**filters: Any) -> RunList:
    """Stored runs, newest first: ``footprint.runs(project="vision")``; ``.to_pandas()`` gives a table.

    Filters: ``project``, ``team``, ``tag`` (mapping), ``status``, ``since``, ``until``, ``limit``.
    """
    from footprint.queries import runs as stored

    return stored(**filters)


def estimate(**options: Any) -> Estimate:
    """What a job would take that has not run: ``footprint.estimate(gpu="NVIDIA H100 SXM", count=8, hours=100)``.

    Arguments are the options of ``footprint estimate`` with ``_`` for ``-``; numbers in the units of their names, a
    range as ``"LOW:CENTRAL:HIGH"`` or three numbers; ``units`` and ``tags`` are mappings. What is not given comes from
    the catalogue and stands in ``assumed``. ``save=True`` keeps it, with an ``estimate_id``; no sum of runs has it.
    Raises UsageError for what is wrong, contradictory or impossible, NotPossible where it cannot be saved.
    """
    from footprint.estimation import estimate as estimated

    return estimated(options)
