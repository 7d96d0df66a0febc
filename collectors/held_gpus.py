"""Which GPUs a job holds: by its list of visible ones, its rank, Slurm, or its container."""

from __future__ import annotations

from collections.abc import Mapping

from footprint.collectors.channel import Channel
from footprint.collectors.cuda_visible import index_of, visible
from footprint.collectors.inventory import numbers

_OF_ALL = ("", "all", "none", "void")
"""Words of the container toolkit that give a container no GPUs of its own."""


def held_gpus(
    gpus: tuple[Channel, ...],
    environ: Mapping[str, str],
    local_rank: int | None = None,
    local_size: int | None = None,
) -> tuple[tuple[str, ...] | None, str]:
    """(names of channels, who says so); (None, "") where nothing does: then only contexts tell.

    ``local_rank`` and ``local_size``: the place of one of several ranks on its node. The narrowest word counts: a
    rank's own GPU, then CUDA_VISIBLE_DEVICES, then what Slurm or the container gives.
    """
    listed, how = _listed(gpus, environ)
    if local_rank is None or local_size is None or local_size < 2:
        return listed, how
    mine = listed if listed is not None else tuple(gpu.name for gpu in gpus)
    if len(mine) >= local_size:
        return ((mine[local_rank],), "rank") if local_rank < len(mine) else (None, "")
    # several ranks on each GPU, or one GPU shown to each
    return (listed, how) if listed is not None and len(listed) == 1 and how == "cuda" else (None, "")


def _listed(gpus: tuple[Channel, ...], environ: Mapping[str, str]) -> tuple[tuple[str, ...] | None, str]:
    listed = visible(gpus, environ)
    if listed is not None:
        return listed, "cuda"
    if "CUDA_VISIBLE_DEVICES" in environ:
        return None, ""  # it says something that cannot be told
    slurm = _of_slurm(gpus, environ)
    if slurm is not None:
        return slurm, "slurm"
    given = environ.get("NVIDIA_VISIBLE_DEVICES", "").strip().lower()
    if given not in _OF_ALL:
        return tuple(gpu.name for gpu in gpus), "container"  # others' are not shown in it
    return None, ""


def _of_slurm(gpus: tuple[Channel, ...], environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """The GPUs of a Slurm step, else job, by their numbers on the node (https://slurm.schedmd.com/gres.html)."""
    text = environ.get("SLURM_STEP_GPUS") or environ.get("SLURM_JOB_GPUS")
    if not environ.get("SLURM_JOB_ID") or not text:
        return None
    given = numbers(text)
    if not given:
        return None
    if len(gpus) <= len(given):
        return tuple(gpu.name for gpu in gpus)  # the job is shown its own alone, counted anew
    return tuple(gpu.name for gpu in gpus if index_of(gpu.name) in given)
