"""Ranks of one distributed job, as torchrun, Slurm and MPI tell them by the environment."""

from collections.abc import Mapping
from typing import NamedTuple


class Rank(NamedTuple):
    """A process's place in a distributed job."""

    group: str
    """The same for all ranks of the job."""
    rank: int
    size: int
    local_rank: int | None = None
    local_size: int | None = None


def rank_of(environ: Mapping[str, str]) -> Rank | None:
    """The rank of this process; None where it is not one of several."""
    for find in (_torchrun, _open_mpi, _pmi, _slurm):
        rank = find(environ)
        if rank is not None and rank.size > 1:
            return rank
    return None


def _number(environ: Mapping[str, str], *names: str) -> int | None:
    for name in names:
        value = environ.get(name, "")
        if value.isdigit():
            return int(value)
    return None


def _torchrun(environ: Mapping[str, str]) -> Rank | None:
    rank, size = _number(environ, "RANK"), _number(environ, "WORLD_SIZE")
    if rank is None or size is None:
        return None
    run = environ.get("TORCHELASTIC_RUN_ID", "")
    restart = environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    meeting = f"{environ.get('MASTER_ADDR', '')}:{environ.get('MASTER_PORT', '')}"
    job = environ.get("SLURM_JOB_ID", "")
    name = "-".join(part for part in (job, run if run != "none" else "", meeting, restart) if part)
    return Rank(f"torchrun-{name}", rank, size, _number(environ, "LOCAL_RANK"), _number(environ, "LOCAL_WORLD_SIZE"))


def _open_mpi(environ: Mapping[str, str]) -> Rank | None:
    rank, size = _number(environ, "OMPI_COMM_WORLD_RANK"), _number(environ, "OMPI_COMM_WORLD_SIZE")
    if rank is None or size is None:
        return None
    name = environ.get("PMIX_NAMESPACE") or environ.get("OMPI_MCA_ess_base_jobid") or environ.get("SLURM_JOB_ID", "job")
    local = _number(environ, "OMPI_COMM_WORLD_LOCAL_RANK")
    return Rank(f"mpi-{name}", rank, size, local, _number(environ, "OMPI_COMM_WORLD_LOCAL_SIZE"))


def _pmi(environ: Mapping[str, str]) -> Rank | None:
    rank, size = _number(environ, "PMI_RANK"), _number(environ, "PMI_SIZE")
    if rank is None or size is None:
        return None
    name = environ.get("PMI_JOBID") or environ.get("PMI_ID_JOB") or environ.get("SLURM_JOB_ID") or "job"
    return Rank(f"mpi-{name}", rank, size, _number(environ, "MPI_LOCALRANKID"), _number(environ, "MPI_LOCALNRANKS"))


def _slurm(environ: Mapping[str, str]) -> Rank | None:
    rank = _number(environ, "SLURM_PROCID")
    size = _number(environ, "SLURM_STEP_NUM_TASKS")
    job, step = environ.get("SLURM_JOB_ID"), environ.get("SLURM_STEP_ID")
    if rank is None or size is None or not job or step is None:
        return None
    return Rank(f"slurm-{job}.{step}", rank, size, _number(environ, "SLURM_LOCALID"))
