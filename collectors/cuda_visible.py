"""Which GPUs a job may use, by ``CUDA_VISIBLE_DEVICES``."""

from __future__ import annotations

from collections.abc import Mapping

from footprint.collectors.channel import Channel

_NVIDIA = "nvml:"
"""The things of NVIDIA's GPUs begin so, whichever collector reads them."""


def visible(
    channels: tuple[Channel, ...], environ: Mapping[str, str], uuids: Mapping[str, str] | None = None
) -> tuple[str, ...] | None:
    """Names of the GPU channels that ``CUDA_VISIBLE_DEVICES`` leaves to a job; None where nothing can be told.

    ``uuids`` gives each channel's UUID by its name; without it they are taken from the channels' things.
    The variable holds indices or beginnings of UUIDs (``GPU-8932f9``, ``MIG-GPU-8932f9…/1/0``), and CUDA stops
    at the first entry that names no GPU (so ``""``, ``-1`` and ``NoDevFiles`` leave none). An unset variable,
    and a ``MIG-…`` that does not say on which GPU it is, give None.

    It speaks of NVIDIA's GPUs only: those of others are all left to the job.

    Caveat: CUDA counts from its fastest GPU unless ``CUDA_DEVICE_ORDER=PCI_BUS_ID``, the driver's library by
    place on the bus. On a host with unlike GPUs, indices without that order therefore give None.
    Rules: https://docs.nvidia.com/cuda/cuda-c-programming-guide/#cuda-environment-variables
    """
    given = environ.get("CUDA_VISIBLE_DEVICES")
    if given is None:
        return None
    gpus = tuple(channel for channel in channels if channel.kind == "gpu" and channel.thing.startswith(_NVIDIA))
    others = tuple(channel.name for channel in channels if channel.kind == "gpu" and channel not in gpus)
    by_uuid = {name: uuid for name, uuid in (uuids or _uuids(gpus)).items() if uuid}
    by_index = {index_of(channel.name): channel.name for channel in gpus}
    same_order = environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" or len({channel.device for channel in gpus}) <= 1
    chosen: list[str] = []
    by_number = False
    for entry in (part.strip() for part in given.split(",")):
        if entry.isdigit():
            by_number = True
            name = by_index.get(int(entry))
        else:
            name = _of_slice(entry, gpus) or _by_beginning(entry, by_uuid)
        if name is None and entry.startswith("MIG-") and not entry.startswith("MIG-GPU-"):
            return None if len(gpus) != 1 else (gpus[0].name, *others)  # a slice that the driver does not show
        if name is None:
            break
        chosen.append(name)
    if by_number and not same_order and len(set(chosen)) < len(gpus):
        return None
    return (*dict.fromkeys(chosen), *others)


def held_parts(channels: tuple[Channel, ...], environ: Mapping[str, str]) -> dict[str, float]:
    """Of divided GPUs (MIG), by channel: the part that the job's slices hold.

    Those that ``CUDA_VISIBLE_DEVICES`` names; of a GPU that it names whole, the first, since CUDA takes no other;
    without it, all that the driver shows here.
    """
    entries = [entry.strip().lower() for entry in environ.get("CUDA_VISIBLE_DEVICES", "").split(",")]
    parts = {}
    for channel in channels:
        if not channel.slices:
            continue
        named = [part for uuid, part in channel.slices if any(_begins(uuid, entry) for entry in entries)]
        every = [part for _, part in channel.slices]
        chosen = named or (every[:1] if "CUDA_VISIBLE_DEVICES" in environ else every)
        parts[channel.name] = min(1.0, sum(chosen))
    return parts


def _begins(uuid: str, entry: str) -> bool:
    return entry.startswith("mig-") and uuid.lower().startswith(entry)


def _of_slice(entry: str, gpus: tuple[Channel, ...]) -> str | None:
    """The GPU on which the one slice is whose UUID begins like an entry."""
    names = [gpu.name for gpu in gpus for uuid, _ in gpu.slices if _begins(uuid, entry.lower())]
    return names[0] if len(names) == 1 else None


def _by_beginning(entry: str, uuids: Mapping[str, str]) -> str | None:
    """The one GPU whose UUID begins like an entry; None where none or several do."""
    wanted = entry.removeprefix("MIG-").partition("/")[0].lower()
    if not wanted.startswith("gpu-"):
        return None
    names = [name for name, uuid in uuids.items() if uuid.lower().startswith(wanted)]
    return names[0] if len(names) == 1 else None


def _uuids(gpus: tuple[Channel, ...]) -> dict[str, str]:
    return {channel.name: channel.thing.partition(":")[2] for channel in gpus}


def index_of(name: str) -> int:
    """The driver's index in a channel's name; -1 for a name without one."""
    number = name.rpartition("-")[2]
    return int(number) if number.isdigit() else -1
