"""``Callback``, and a ``Trainer`` that calls it."""

HOOKS = (
    "setup", "teardown", "on_fit_start", "on_fit_end", "on_sanity_check_start", "on_sanity_check_end",
    "on_train_batch_start", "on_train_batch_end", "on_train_epoch_start", "on_train_epoch_end",
    "on_validation_epoch_start", "on_validation_epoch_end", "on_validation_batch_start", "on_validation_batch_end",
    "on_train_start", "on_train_end", "on_validation_start", "on_validation_end", "on_exception",
)  # fmt: skip


class Callback:
    """Each hook takes (trainer, module, ...) and does nothing."""


for _hook in HOOKS:
    setattr(Callback, _hook, lambda self, *args: None)


class Tensor:
    """Has a shape."""

    def __init__(self, *shape):
        self.shape = shape


class Trainer:
    """Fits nothing: goes through epochs and batches, and keeps its state as the real one does."""

    def __init__(self, callback, epochs=3, world_size=1, local_rank=0, num_devices=1, at=0, fail_at=None):
        self.callback, self.epochs, self.at, self.fail_at = callback, epochs, at, fail_at
        self.world_size, self.local_rank, self.num_devices = world_size, local_rank, num_devices
        self.global_step = 0
        self.current_epoch = at

    def _call(self, hook, *args):
        getattr(self.callback, hook)(self, None, *args)

    def fit(self, batches):
        """The hooks of a fit, in order."""
        try:
            self._call("on_fit_start")
            self._validate()
            self.global_step = self.at * len(batches)  # a checkpoint is restored here
            self._call("on_train_start")
            for epoch in range(self.at, self.epochs):
                self.current_epoch = epoch
                self._call("on_train_epoch_start")
                for number, batch in enumerate(batches):
                    self._step()
                    self._call("on_train_batch_end", None, batch, number)
                self._validate()
                self._call("on_train_epoch_end")
            self._call("on_train_end")
            self._call("on_fit_end")
        except BaseException as fault:
            self._call("on_exception", fault)
            raise

    def _step(self):
        if self.fail_at == self.global_step:
            raise ArithmeticError("loss is not finite")
        sum(range(100_000))
        self.global_step += 1

    def _validate(self):
        self._call("on_validation_start")
        self._call("on_validation_end")
