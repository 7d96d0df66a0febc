"""``tracked``: the same function, with each call measured. Four kinds of function, each kept what it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import CodeType
from typing import Any

from footprint.live_run import LiveRun

_GENERATOR, _COROUTINE, _ASYNC_GENERATOR = 0x20, 0x80, 0x200  # flags of code objects; `inspect` costs 10 ms


def wrapped(function: Callable[..., Any], begin: Callable[[], LiveRun]) -> Callable[..., Any]:
    """The function with a run around each call; a generator's run lasts from its first step to its end."""
    code = getattr(function, "__code__", None)
    flags = code.co_flags if isinstance(code, CodeType) else 0
    if flags & _ASYNC_GENERATOR:
        return _async_generator(function, begin)
    if flags & _COROUTINE:
        return _coroutine(function, begin)
    if flags & _GENERATOR:
        return _generator(function, begin)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with begin():
            return function(*args, **kwargs)

    return call


def _coroutine(function: Callable[..., Any], begin: Callable[[], LiveRun]) -> Callable[..., Any]:
    @wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        with begin():
            return await function(*args, **kwargs)

    return call


def _generator(function: Callable[..., Any], begin: Callable[[], LiveRun]) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        run = begin()  # not entered: between two steps the caller's own runs are not inside this one
        try:
            result = yield from function(*args, **kwargs)
        except BaseException as fault:
            _close(run, fault)
            raise
        run.close()
        return result

    return call


def _async_generator(function: Callable[..., Any], begin: Callable[[], LiveRun]) -> Callable[..., Any]:
    @wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        run = begin()
        steps = function(*args, **kwargs)
        try:
            value = await anext(steps)
            while True:
                try:
                    sent = yield value
                except GeneratorExit:
                    await steps.aclose()
                    raise
                except BaseException as thrown:  # noqa: BLE001 - handed on to the generator, as `yield from` would
                    value = await steps.athrow(thrown)
                else:
                    value = await steps.asend(sent)
        except StopAsyncIteration:
            run.close()
        except BaseException as fault:
            _close(run, fault)
            raise

    return call


def _close(run: LiveRun, fault: BaseException) -> None:
    """A generator that its caller closes early has done its work."""
    if isinstance(fault, GeneratorExit):
        run.close()
    else:
        run.close(exit_code=1, error=type(fault).__name__)
