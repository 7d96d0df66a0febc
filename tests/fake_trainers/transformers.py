"""The part of transformers that a callback sees: ``TrainerCallback``, and a ``Trainer`` that calls it."""

from types import SimpleNamespace

EVENTS = (
    "on_init_end", "on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end", "on_step_begin", "on_step_end",
    "on_pre_optimizer_step", "on_optimizer_step", "on_substep_end", "on_evaluate", "on_predict", "on_save", "on_log",
    "on_prediction_step",
)  # fmt: skip


class TrainerCallback:
    """Each event takes (args, state, control, **kwargs) and does nothing."""


for _event in EVENTS:
    setattr(TrainerCallback, _event, lambda self, args, state, control, **kwargs: None)


class Trainer:
    """Trains nothing: goes through epochs and steps, and keeps the state as the real one does."""

    def __init__(self, callback, samples=50, batch=8, epochs=3, accumulate=1, tokens=0, ranks=1, at=0, fail_at=None):
        self.callback, self.fail_at = callback, fail_at
        self.samples, self.batch, self.epochs, self.tokens = samples, batch, epochs, tokens
        self.args = SimpleNamespace(
            world_size=ranks, train_batch_size=batch, gradient_accumulation_steps=accumulate, num_train_epochs=epochs
        )
        self.steps = -(-samples // (batch * accumulate * ranks)) if samples else 5
        self.state = SimpleNamespace(
            epoch=float(at), global_step=at * self.steps, train_batch_size=batch, num_input_tokens_seen=at * tokens
        )
        self.at = at

    def _call(self, event):
        dataset = range(self.samples) if self.samples else iter(())
        loader = SimpleNamespace(dataset=dataset)
        getattr(self.callback, event)(self.args, self.state, SimpleNamespace(), model=None, train_dataloader=loader)

    def train(self):
        """The events of a training, in order."""
        self._call("on_train_begin")
        for epoch in range(self.at, self.epochs):
            self._call("on_epoch_begin")
            for step in range(self.steps):
                self._call("on_step_begin")
                if self.fail_at == self.state.global_step:
                    raise ArithmeticError("loss is not finite")
                sum(range(100_000))
                self.state.global_step += 1
                self.state.epoch = epoch + (step + 1) / self.steps
                self.state.num_input_tokens_seen = round(self.state.epoch * self.tokens)
                self._call("on_step_end")
            self._call("on_epoch_end")
            self._call("on_evaluate")
        self._call("on_train_end")
