"""Which GPUs a job holds, by what its environment says."""

import pytest

from footprint.collectors.channel import Channel
from footprint.collectors.held_gpus import held_gpus

GPUS = tuple(
    Channel("gpu", f"gpu-{n}", "nvidia_nvml", "nvml-energy", "counter", f"nvml:GPU-{n}aaa", device="A GPU")
    for n in range(4)
)
ALL = ("gpu-0", "gpu-1", "gpu-2", "gpu-3")
SLURM = {"SLURM_JOB_ID": "7"}


@pytest.mark.parametrize(
    ("environ", "names", "how"),
    [
        ({}, None, ""),
        ({"CUDA_VISIBLE_DEVICES": "1"}, ("gpu-1",), "cuda"),
        ({"CUDA_VISIBLE_DEVICES": ""}, (), "cuda"),
        ({"CUDA_VISIBLE_DEVICES": "1", "SLURM_JOB_GPUS": "0-3", **SLURM}, ("gpu-1",), "cuda"),
        ({"SLURM_JOB_GPUS": "0,2", **SLURM}, ("gpu-0", "gpu-2"), "slurm"),
        ({"SLURM_JOB_GPUS": "1-3", **SLURM}, ("gpu-1", "gpu-2", "gpu-3"), "slurm"),
        ({"SLURM_JOB_GPUS": "0-3", "SLURM_STEP_GPUS": "3", **SLURM}, ("gpu-3",), "slurm"),
        ({"SLURM_JOB_GPUS": "4,5,6,7", **SLURM}, ALL, "slurm"),
        ({"SLURM_JOB_GPUS": "0"}, None, ""),
        ({"SLURM_JOB_GPUS": "gpu:a100:2", **SLURM}, None, ""),
        ({"NVIDIA_VISIBLE_DEVICES": "GPU-77,GPU-78,GPU-79,GPU-80"}, ALL, "container"),
        ({"NVIDIA_VISIBLE_DEVICES": "all"}, None, ""),
        ({"NVIDIA_VISIBLE_DEVICES": "void"}, None, ""),
        ({"CUDA_VISIBLE_DEVICES": "MIG-1", "NVIDIA_VISIBLE_DEVICES": "0"}, None, ""),
    ],
)
def test_the_narrowest_word_counts(environ, names, how):
    assert held_gpus(GPUS, environ) == (names, how)


@pytest.mark.parametrize(
    ("environ", "place", "names", "how"),
    [
        ({}, (2, 4), ("gpu-2",), "rank"),
        ({"CUDA_VISIBLE_DEVICES": "3,2,1,0"}, (0, 4), ("gpu-3",), "rank"),
        ({"CUDA_VISIBLE_DEVICES": "1"}, (3, 4), ("gpu-1",), "cuda"),
        ({}, (5, 8), None, ""),
        ({"CUDA_VISIBLE_DEVICES": "0,1"}, (1, 4), None, ""),
        ({"SLURM_JOB_GPUS": "2,3", **SLURM}, (1, 2), ("gpu-3",), "rank"),
        ({}, (0, 1), None, ""),
        ({}, (None, None), None, ""),
    ],
)
def test_a_rank_has_the_gpu_of_its_own_number_or_what_its_contexts_tell(environ, place, names, how):
    """More ranks than GPUs: nobody holds one by its number, so that none is charged twice."""
    assert held_gpus(GPUS, environ, *place) == (names, how)
