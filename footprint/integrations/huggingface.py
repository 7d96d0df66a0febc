"""Hugging Face transformers: measures each training of a ``Trainer``.

    from footprint.integrations.huggingface import FootprintCallback

    callback = FootprintCallback("finetune", project="vision", region="FR")
    Trainer(..., callbacks=[callback]).train()
    print(callback.result)

A run begins with the training and ends with it; each epoch is a span. Counted are ``steps`` (of the optimizer),
``samples`` where the data set has a length, and ``tokens`` where the training arguments have
``include_num_input_tokens_seen``. Samples are exact at the end of an epoch, else to less than a batch.

Tested with transformers 5.24 by `make trainers`; `make test` has a stand-in with the documented interface.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from footprint.integrations.framework import framework
from footprint.integrations.training import Training

if TYPE_CHECKING:
    from footprint.account import Result
    from footprint.live_run import LiveRun

    TrainerCallback = object
else:
    TrainerCallback = framework("transformers").TrainerCallback


class FootprintCallback(TrainerCallback):
    """Give it to ``Trainer(callbacks=[...])``. Options are those of ``footprint.start``.

    In a distributed training each process measures itself, as a rank of one group, and counts its equal share
    of the steps, samples and tokens: the sums over the group are right.
    """

    def __init__(self, name: str | None = None, **options: Any) -> None:
        """Raises UsageError for wrong options, at once."""
        super().__init__()
        self._training = Training(name, options)
        self._from = (0, 0.0, 0)

    @property
    def run(self) -> LiveRun | None:
        """The newest training's run: ``callback.run.count("images", 8)``, ``with callback.run.span("check")``."""
        return self._training.run

    @property
    def result(self) -> Result | None:
        """The newest training's result; None before the first has begun."""
        return self._training.result

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002 - Trainer's
        """Start the run. What a checkpoint brings along was not done in it."""
        self._from = _progress(state)
        self._training.begin()

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002 - Trainer's
        """Open the epoch's span."""
        self._training.enter(f"epoch {int((state.epoch or 0) + 1e-6) + 1}")

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002 - Trainer's
        """Close it."""
        self._training.leave()
        self._training.reached(self._done(args, state, kwargs.get("train_dataloader")))

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:  # noqa: ARG002 - Trainer's
        """Stop the run."""
        self._training.reached(self._done(args, state, kwargs.get("train_dataloader")))
        self._training.end()

    def _done(self, args: Any, state: Any, data: Any) -> dict[str, float]:
        """What this process did since the beginning: its share of what all of them did."""
        steps, epochs, tokens = (now - then for now, then in zip(_progress(state), self._from, strict=True))
        ranks = max(1, int(getattr(args, "world_size", 1)))
        most = steps * ranks * _samples_in_a_step(args, state)
        done = {"steps": steps, "samples": min(round(epochs * _samples_in_an_epoch(data)), most), "tokens": tokens}
        return {unit: amount / ranks for unit, amount in done.items() if amount > 0}


def _progress(state: Any) -> tuple[int, float, int]:
    """(steps, epochs, tokens) so far, of all processes."""
    return state.global_step, float(state.epoch or 0), int(getattr(state, "num_input_tokens_seen", 0) or 0)


def _samples_in_an_epoch(data: Any) -> int:
    """Of all processes, at most: the last batch may be left out. 0 where the data set has no length."""
    try:
        return len(data.dataset)
    except (AttributeError, TypeError):  # an iterable data set, or data that are no loader
        return 0


def _samples_in_a_step(args: Any, state: Any) -> int:
    """Of one process, at most: the last batch of an epoch may be smaller."""
    batch = getattr(state, "train_batch_size", None) or getattr(args, "train_batch_size", None) or 0
    return int(batch) * int(getattr(args, "gradient_accumulation_steps", 1))
