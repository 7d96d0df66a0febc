"""The binding of NVIDIA's library, noted call by call and replayed: what a recording keeps of GPUs.

A call is a file ``/library/pynvml/FUNCTION/ARGUMENTS`` with a line for each time it was made: its answer as JSON.
A handle is ``@1``, ``@2`` …, a structure ``{"of": {...}}``, a refusal ``{"refused": CODE, "word": …}``. Who runs on
a GPU is not noted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import ModuleType, SimpleNamespace
from typing import Any

FOLDER = "/library/pynvml"
_ERROR = "NVMLError"
_CODES = (*range(1, 32), 999)
_PRIVATE = ("Processes", "ProcessUtilization")
"""Functions that tell of processes: noted as if there were none."""


class RecordingLibrary:
    """Stands for the binding, and notes what its functions answer."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._handles: list[Any] = []
        self._calls: dict[str, list[str]] = {}

    def __getattr__(self, name: str) -> Any:
        """The binding's own attribute; functions of the library are noted."""
        found = getattr(self._module, name)
        if not name.startswith("nvml") or not callable(found):
            return found

        def noted(*arguments: Any) -> Any:
            return self._call(name, found, arguments)

        return noted

    def _call(self, name: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        path = f"{FOLDER}/{name}/{','.join(self._word(one) for one in arguments)}".rstrip("/")
        try:
            answer = function(*arguments)
        except self._module.NVMLError as fault:
            self._note(path, {"refused": getattr(fault, "value", None), "word": str(fault)})
            raise
        if "Handle" in name:
            self._handles.append(answer)
            self._note(path, f"@{len(self._handles)}")
        else:
            self._note(path, [] if name.partition("_v")[0].endswith(_PRIVATE) else _plain(answer))
        return answer

    def _word(self, argument: Any) -> str:
        for number, handle in enumerate(self._handles, 1):
            if handle is argument:
                return f"@{number}"
        return str(argument).replace(" ", "").replace("/", "|")

    def _note(self, path: str, answer: Any) -> None:
        self._calls.setdefault(path, []).append(json.dumps(answer, ensure_ascii=False))

    def files(self) -> Mapping[str, list[str]]:
        """Lines by path, the library's words for its refusals among them."""
        words = {code: str(self._module.NVMLError(code)) for code in _CODES}
        return {**self._calls, f"{FOLDER}/{_ERROR}": [json.dumps(words)]}


def _plain(value: Any) -> Any:
    """An answer as JSON holds it."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str | int | float) or value is None:
        return value
    if isinstance(value, list | tuple) or hasattr(type(value), "_length_"):  # the latter: an array of the library's
        return [_plain(one) for one in value]
    fields = getattr(type(value), "_fields_", None)
    names = [field[0] for field in fields] if fields is not None else [key for key in vars(value) if key[0] != "_"]
    return {"of": {name: _plain(getattr(value, name)) for name in names if hasattr(value, name)}}


class RecordedLibrary:
    """Replays what was noted. ``read`` gives a path's next line; OSError where there is none."""

    def __init__(self, paths: Iterator[str], read: Callable[[str], str]) -> None:
        self._read = read
        self._functions = {path[len(FOLDER) + 1 :].partition("/")[0] for path in paths if path.startswith(FOLDER + "/")}
        try:
            words = json.loads(read(f"{FOLDER}/{_ERROR}"))
        except (OSError, ValueError):
            words = {}

        class NVMLError(Exception):
            """A refusal of the library."""

            def __init__(self, value: int | None, word: str = "") -> None:
                super().__init__(word or words.get(str(value), f"error {value}"))
                self.value = value

        self.NVMLError = NVMLError

    def __getattr__(self, name: str) -> Any:
        """A function that was called when this was recorded. AttributeError for others."""
        if name not in self._functions:
            raise AttributeError(name)

        def replayed(*arguments: Any) -> Any:
            words = ",".join(str(one).replace(" ", "").replace("/", "|") for one in arguments)
            try:
                answer = json.loads(self._read(f"{FOLDER}/{name}/{words}".rstrip("/")))
            except (OSError, ValueError):
                raise self.NVMLError(None, "this call was not recorded") from None
            if isinstance(answer, dict) and "refused" in answer:
                raise self.NVMLError(answer["refused"], answer["word"])
            return _structured(answer)

        return replayed


def _structured(value: Any) -> Any:
    if isinstance(value, list):
        return [_structured(one) for one in value]
    if isinstance(value, dict):
        return SimpleNamespace(**{name: _structured(one) for name, one in value.get("of", {}).items()})
    return value
