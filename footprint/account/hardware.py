"""What a run held of its machine: the hardware whose making falls to it in part."""

from footprint.account.job import Share
from footprint.collectors.machine import HostInfo
from footprint.processor import class_of, generation_of
from footprint.records.hardware import Hardware, Held
from footprint.records.raw import RawRun
from footprint.units import S_PER_H

_GPUS = (
    "h100", "h200", "b200", "a100", "v100", "l40", "a10", "p100", "l4", "t4", "p4", "mi300", "mi250",
)  # fmt: skip
"""As parts of names, the longer first where one holds another."""


def hardware_of(raw: RawRun, shares: tuple[Share, ...]) -> Hardware | None:
    """What the run held, and for how long; None where nothing was measured."""
    if not shares or len(raw.frames) < 2:
        return None
    host = raw.head.host
    by_kind = {share.part.kind: share.held for share in shares}
    cpu = by_kind.get("cpu", by_kind.get("board", 0.0))
    held, unknown = _body(host, cpu)
    if host.memory_gb:
        held.append(Held("dram", f"{host.memory_gb:g} GB of memory", host.memory_gb, by_kind.get("dram", cpu)))
    else:
        unknown.append("memory of unknown size")
    read = {share.part.channel: share.held for share in shares if share.part.kind == "gpu"}
    for number, name in enumerate(host.gpus):
        if f"gpu-{number}" in read:
            held.append(Held(gpu_rows(name), name, 1.0, read[f"gpu-{number}"]))
        else:
            unknown.append(f"{name}, which was not read")
    return Hardware((raw.frames[-1].t_s - raw.frames[0].t_s) / S_PER_H, tuple(held), tuple(unknown))


def _body(host: HostInfo, share: float) -> tuple[list[Held], list[str]]:
    """Processors and what is around them: a server's; of a virtual machine its cores' part of one."""
    kind = class_of(host.cpu, battery=host.battery)
    sockets = float(host.sockets or 1)
    if kind != "server":
        processor = Held("small-cpu", "the processor", sockets, share)
        return [processor], [f"board, case, screen and drives of this {kind}"]
    if host.virtual:
        generation = generation_of(host.cpu)
        cores = host.logical_cpus / (generation.threads if generation else 2)
        return [Held("server-core", f"{cores:g} core{'' if cores == 1 else 's'} of a server", cores, share)], []
    processors = Held("server-cpu", "the processor" if sockets == 1 else f"{sockets:g} processors", sockets, share)
    return [Held("server-body", "the server around them", 1.0, share), processors], []


def gpu_rows(name: str) -> str:
    """The rows of a GPU, by its name: ``NVIDIA A100-SXM4-80GB`` is ``gpu-a100``."""
    words = name.lower().replace("-", " ").replace("_", " ").split()
    found = next((model for model in _GPUS if any(_is(word, model) for word in words)), None)
    return f"gpu-{found}" if found else "gpu-other"


def _is(word: str, model: str) -> bool:
    """Whether a word of a name is a model, with a letter behind it at most: ``l40s``, not ``a1000``."""
    return word == model or (word.startswith(model) and word[len(model) :].isalpha())
