"""A result that is worked out when somebody looks: ``stop`` costs the job nothing but its last reading."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from footprint.account import Result


class LaterResult:
    """Stands for a run's result, and is as good as it: attributes, printing and comparison go to the real one."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[], Result]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:  # the real result's own types are what a user sees
        return getattr(self._make(), name)

    def __str__(self) -> str:
        return str(self._make())

    def __repr__(self) -> str:
        return repr(self._make())

    def _repr_html_(self) -> str:
        return self._make()._repr_html_()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: FBT001 - IPython's signature
        self._make()._repr_pretty_(printer, cycle)

    def __eq__(self, other: object) -> bool:
        return self is other or self._make() == other

    def __hash__(self) -> int:
        return hash(self._make().run_id)
