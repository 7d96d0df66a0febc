"""PyTorch Lightning (``lightning`` or ``pytorch_lightning``): measures each ``Trainer.fit``.

    from footprint.integrations.lightning import FootprintCallback

    callback = FootprintCallback("fit", project="vision", region="FR")
    Trainer(..., callbacks=[callback]).fit(model, data)
    print(callback.result)

A run lasts from the fit's start to its end; each epoch is a span, with validation as a span inside it. Counted are
``steps`` (of the optimizers) and ``samples`` where all tensors of a batch have the same first dimension.

Tested with lightning 2.6 by `make trainers`; `make test` has a stand-in with the documented interface.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from footprint.integrations.framework import framework
from footprint.integrations.training import Training
from footprint.ranks import rank_of

if TYPE_CHECKING:
    from footprint.account import Result
    from footprint.live_run import LiveRun

    Callback = object
else:
    Callback = framework("lightning.pytorch", "pytorch_lightning").Callback


class FootprintCallback(Callback):
    """Give it to ``Trainer(callbacks=[...])``. Options are those of ``footprint.start``.

    In a distributed fit each process measures itself, as a rank of one group, and counts its equal share of the
    steps. Where Lightning starts the processes itself, those of a node are children of the first, which measures
    them all; the others have no result.
    """

    def __init__(self, name: str | None = None, **options: Any) -> None:
        """Raises UsageError for wrong options, at once."""
        super().__init__()
        self._training = Training(name, options)
        self._first_step = 0
        self._samples: int | None = 0

    @property
    def run(self) -> LiveRun | None:
        """The newest fit's run: ``callback.run.count("tokens", 512)``, ``with callback.run.span("export")``."""
        return self._training.run

    @property
    def result(self) -> Result | None:
        """The newest fit's result; None before the first has begun."""
        return self._training.result

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - Lightning's signature
        """Start the run."""
        self._samples = 0
        if _measured_here(trainer):
            self._training.begin()

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - Lightning's signature
        """What a checkpoint has brought along was not done in this run."""
        self._first_step = trainer.global_step

    def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - Lightning's signature
        """Open the epoch's span."""
        self._training.enter(f"epoch {trainer.current_epoch + 1}")

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:  # noqa: ARG002 - Lightning's signature
        """Count the batch's samples."""
        seen = samples_in(batch)
        self._samples = None if seen is None or self._samples is None else self._samples + seen

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - Lightning's signature
        """Close it."""
        self._training.leave()
        self._training.reached(self._done(trainer))

    def on_validation_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - Lightning's signature
        """Open a span, also for the check before the training."""
        self._training.enter("validation")

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - Lightning's signature
        """Close it."""
        self._training.leave()

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002 - Lightning's signature
        """Stop the run."""
        self._training.reached(self._done(trainer))
        self._training.end()

    def on_exception(self, trainer: Any, pl_module: Any, exception: BaseException) -> None:  # noqa: ARG002 - Lightning's
        """Stop the run of a fit that broke off."""
        self._training.reached(self._done(trainer))
        self._training.end(exit_code=1, error=type(exception).__name__)

    def _done(self, trainer: Any) -> dict[str, float]:
        """What the processes that this run measures did since its beginning."""
        mine = _ranks_measured(trainer)
        steps = (trainer.global_step - self._first_step) * mine / max(1, trainer.world_size)
        done = {"steps": steps, "samples": (self._samples or 0) * mine}
        return {unit: amount for unit, amount in done.items() if amount > 0}


def _measured_here(trainer: Any) -> bool:
    return trainer.world_size == 1 or rank_of(os.environ) is not None or trainer.local_rank == 0


def _ranks_measured(trainer: Any) -> int:
    """Ranks that are siblings measure one each; the parent of a node's ranks measures all of them."""
    return 1 if trainer.world_size == 1 or rank_of(os.environ) is not None else int(trainer.num_devices)


def samples_in(batch: Any) -> int | None:
    """How many samples a batch has: the first dimension of its tensors, where they agree; else None."""
    sizes = set(_first_dimensions(batch))
    return sizes.pop() if len(sizes) == 1 else None


def _first_dimensions(batch: Any) -> Iterator[int]:
    if isinstance(batch, Mapping):
        batch = list(batch.values())
    if isinstance(batch, list | tuple):
        for part in batch:
            yield from _first_dimensions(part)
        return
    shape: Any = getattr(batch, "shape", None)
    if shape:
        yield int(shape[0])
