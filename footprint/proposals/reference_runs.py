"""Twenty jobs that have never run, by which a change of factors is shown: fixed, so that proposals can be compared.

They cover kinds of work from a test on a laptop to the training of a large model, grids with much and with little
carbon, zones with figures of their own and without, and hosting that states its PUE and that does not. What they use is
made up; nothing of it is anybody's figure.
"""

from typing import NamedTuple

from footprint.records.hardware import Hardware, Held

YEAR = 2026
"""The year of all of them: a proposal's rows of later years change none."""


class ReferenceRun(NamedTuple):
    """A job with its energy, its place and what it holds."""

    name: str
    zone: str
    given: str
    """The cloud region, if it is in one."""
    job_kwh: float
    """At the wall."""
    hours: float
    held: tuple[tuple[str, float, float], ...] = ()
    """(component of ``embodied.csv``, how many or how much, the job's part)."""
    battery: bool = False
    """A machine that no building is cooled for: PUE is 1."""

    @property
    def hardware(self) -> Hardware:
        """What it holds, and for how long."""
        held = tuple(Held(component, component, amount, share) for component, amount, share in self.held)
        return Hardware(self.hours, held)


_LAPTOP = (("small-cpu", 1.0, 1.0), ("dram", 16.0, 1.0))
_SERVER = (("server-body", 1.0, 1.0), ("server-cpu", 2.0, 1.0), ("dram", 512.0, 1.0))
_HALF = tuple((component, amount, 0.5) for component, amount, _ in _SERVER)
_CORES = (("server-core", 4.0, 1.0), ("dram", 16.0, 1.0))


def _gpus(kind: str, many: float) -> tuple[tuple[str, float, float], ...]:
    return ((f"gpu-{kind}", many, 1.0), *_SERVER)


REFERENCE_RUNS = (
    ReferenceRun("tests on a laptop", "FR", "", 0.004, 0.1, _LAPTOP, battery=True),
    ReferenceRun("tests on a laptop", "PL", "", 0.004, 0.1, _LAPTOP, battery=True),
    ReferenceRun("build of a program", "US-VA", "aws:us-east-1", 0.03, 0.5, _CORES),
    ReferenceRun("build of a program", "IE", "", 0.03, 0.5, _CORES),
    ReferenceRun("figures for a paper", "DE", "", 2.0, 8.0, _HALF),
    ReferenceRun("figures for a paper", "NO", "", 2.0, 8.0, _HALF),
    ReferenceRun("climate model", "GB", "", 400.0, 720.0, _SERVER),
    ReferenceRun("climate model", "AU-NSW", "", 400.0, 720.0, _SERVER),
    ReferenceRun("fine-tuning on one GPU", "FR", "aws:eu-west-3", 4.0, 8.0, _gpus("a100", 1.0)),
    ReferenceRun("fine-tuning on one GPU", "CH", "", 4.0, 8.0, _gpus("a100", 1.0)),
    ReferenceRun("fine-tuning on one GPU", "JP", "", 4.0, 8.0, _gpus("a100", 1.0)),
    ReferenceRun("training on 8 GPUs", "US-CA", "", 800.0, 100.0, _gpus("h100", 8.0)),
    ReferenceRun("training on 8 GPUs", "CA-QC", "", 800.0, 100.0, _gpus("h100", 8.0)),
    ReferenceRun("training on 8 GPUs", "CN", "", 800.0, 100.0, _gpus("a100", 8.0)),
    ReferenceRun("training on 8 GPUs", "IN", "aws:ap-south-1", 800.0, 100.0, _gpus("a100", 8.0)),
    ReferenceRun("a month of inference", "NL", "azure:westeurope", 1_500.0, 730.0, _gpus("l4", 4.0)),
    ReferenceRun("a month of inference", "BR", "", 1_500.0, 730.0, _gpus("t4", 4.0)),
    ReferenceRun("a month of inference", "ZA", "", 1_500.0, 730.0, _gpus("t4", 4.0)),
    ReferenceRun("a job in a place without figures of its own", "AD", "", 10.0, 24.0, _SERVER),
    ReferenceRun("a job nobody knows the place of", "WORLD", "", 10.0, 24.0, _SERVER),
)
