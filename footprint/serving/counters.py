"""Which counters of a server are input, output and cached tokens and requests: known servers, or the user's mapping.

Sources of the names: https://docs.vllm.ai/en/stable/usage/metrics/ (vLLM),
https://docs.sglang.ai/references/production_metrics.html (SGLang),
https://huggingface.co/docs/text-generation-inference/reference/metrics (TGI),
https://github.com/ggml-org/llama.cpp/tree/master/tools/server (llama.cpp),
https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/metrics.html (Triton).
docs/inference.md says what each of them counts.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from footprint.errors import UsageError
from footprint.serving.exposition import Labels, Series

STARTED = "process_start_time_seconds"
"""When a process started, in seconds since 1970: many client libraries of Prometheus give it."""

_SELECTOR = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{([^{}]*)\})?\s*")
_MATCH = re.compile(r"""\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*(?:"([^"\\]*)"|'([^'\\]*)')\s*""")
_UNIT = re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,39}")


class Selector(NamedTuple):
    """A counter by its name, and the labels that its series must have; the others are added up."""

    name: str
    labels: Labels = ()

    def fits(self, series: Series) -> bool:
        """Whether a series is one of these."""
        name, labels = series
        return name == self.name and set(self.labels) <= set(labels)


class Server(NamedTuple):
    """A kind of server: by unit, the counters that may hold it. ``every`` one of them, or the first that is there."""

    name: str
    counters: Mapping[str, tuple[Selector, ...]]
    every: bool = False


def _known(name: str, **counters: tuple[str, ...]) -> Server:
    """A server by the names of its documentation; where a library writes no colons in names, with ``_`` for them."""
    return Server(
        name,
        {
            unit: tuple(Selector(one) for given in names for one in dict.fromkeys((given, given.replace(":", "_"))))
            for unit, names in counters.items()
        },
    )


KNOWN = (
    _known(
        "vLLM",
        input_tokens=("vllm:prompt_tokens_total",),
        output_tokens=("vllm:generation_tokens_total",),
        cached_tokens=(
            "vllm:prompt_tokens_cached_total", "vllm:prefix_cache_hits_total", "vllm:gpu_prefix_cache_hits_total",
        ),
        requests=("vllm:request_success_total",),
    ),
    _known(
        "SGLang",
        input_tokens=("sglang:prompt_tokens_total",),
        output_tokens=("sglang:generation_tokens_total",),
        cached_tokens=("sglang:cached_tokens_total",),
        requests=("sglang:num_requests_total",),
    ),
    _known(
        "TGI",
        input_tokens=("tgi_request_input_length_sum",),
        output_tokens=("tgi_request_generated_tokens_sum",),
        requests=("tgi_request_success", "tgi_request_success_total"),
    ),
    _known(
        "llama.cpp",
        input_tokens=("llamacpp:prompt_tokens_total",),
        output_tokens=("llamacpp:tokens_predicted_total",),
    ),
    _known("Triton", requests=("nv_inference_request_success",)),
)  # fmt: skip
_MAPPED = "your mapping"


def servers_for(mapping: Mapping[str, object] | None) -> tuple[Server, ...]:
    """The servers to look for: the one of the user's mapping alone, else those that are known. Raises UsageError."""
    if not mapping:
        return KNOWN
    return (Server(_MAPPED, {unit: _selectors(unit, value) for unit, value in mapping.items()}, every=True),)


def names_in(servers: tuple[Server, ...]) -> frozenset[str]:
    """All counters that any of these servers may have, and the start of its process."""
    found = {one.name for server in servers for some in server.counters.values() for one in some}
    return frozenset(found | {STARTED})


def found_on(page: Mapping[Series, float], servers: tuple[Server, ...]) -> Server | None:
    """The server that a page is of: the first of which it has a counter."""
    return next((one for one in servers if any(chosen(one, unit, page) for unit in one.counters)), None)


def chosen(server: Server, unit: str, page: Mapping[Series, float]) -> tuple[Selector, ...]:
    """The counters of a unit that a page has: all of them, or the first of several names for one."""
    there = tuple(one for one in server.counters[unit] if any(one.fits(series) for series in page))
    return there if server.every else there[:1]


def _selectors(unit: str, value: object) -> tuple[Selector, ...]:
    what = f"[metrics] {unit}"
    if not isinstance(unit, str) or _UNIT.fullmatch(unit) is None:
        raise UsageError(f"[metrics] {unit!r}", "it is no unit's name", "use letters, digits and _, such as requests")
    given: list[object] = list(value) if isinstance(value, list | tuple) else [value]
    names = [one for one in given if isinstance(one, str)]
    if not names or names != given:
        raise UsageError(what, "it names no counter", 'write it like requests = "http_requests_total"')
    return tuple(selector(one, what) for one in names)


def selector(text: str, what: str = "metrics") -> Selector:
    """A counter as a user writes it: ``http_requests_total{path="/generate"}``. Raises UsageError."""
    found = _SELECTOR.fullmatch(text)
    labels = None if found is None else _matches(found[2] or "")
    if found is None or labels is None:
        raise UsageError(
            f"{what} {text!r}", "it is no counter with labels", 'write it like http_requests_total{path="/generate"}'
        )
    return Selector(found[1], labels)


def _matches(text: str) -> Labels | None:
    found = []
    for part in text.split(",") if text.strip() else ():
        match = _MATCH.fullmatch(part)
        if match is None:
            return None
        found.append((match[1], match[2] if match[2] is not None else match[3]))
    return tuple(sorted(found))
