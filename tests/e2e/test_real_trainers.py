"""The callbacks in the real transformers and lightning, on tiny models made here. `make trainers` runs this:

the libraries are a gigabyte, so that `make test` has stand-ins for them (test_trainers.py), with the same figures.
"""

import importlib.util

import pytest

NEEDED = ("torch", "transformers", "accelerate", "lightning")
if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
    pytest.skip(f"not installed: {', '.join(missing)}; `make trainers` brings them", allow_module_level=True)

import lightning  # noqa: E402 - only where it is there
import torch  # noqa: E402
import transformers  # noqa: E402

from footprint.integrations.huggingface import FootprintCallback as HuggingFace  # noqa: E402
from footprint.integrations.lightning import FootprintCallback as Lightning  # noqa: E402


class Words(torch.utils.data.Dataset):
    """50 sequences of 7 tokens, each of one of two kinds."""

    def __len__(self):
        return 50

    def __getitem__(self, number):
        return {"input_ids": torch.full((7,), number % 9), "labels": torch.tensor(number % 2)}


class Classifier(torch.nn.Module):
    """An embedding and a line."""

    main_input_name = "input_ids"

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(10, 32)
        self.line = torch.nn.Linear(32, 2)

    def forward(self, input_ids, labels=None):
        logits = self.line(self.embedding(input_ids).mean(1))
        return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}


def told(result):
    return ["/".join(span.path) for span in result.spans], {name: unit.amount for name, unit in result.units.items()}


def tune(folder, callback, data=None, **options):
    arguments = transformers.TrainingArguments(
        str(folder), report_to=[], per_device_train_batch_size=8, disable_tqdm=True, use_cpu=True, **options
    )
    transformers.Trainer(Classifier(), arguments, train_dataset=data or Words(), callbacks=[callback]).train()
    return callback.result


def test_a_training_of_transformers(tmp_path):
    callback = HuggingFace("tune", project="p", region="FR")
    result = tune(tmp_path, callback, num_train_epochs=3, include_num_input_tokens_seen=True)
    assert (result.status, result.exit_code, result.name) == ("completed", 0, "tune")
    assert told(result) == (["epoch 1", "epoch 2", "epoch 3"], {"steps": 21, "samples": 150, "tokens": 1_050})
    assert result.energy.job_kwh.central > 0


def test_a_training_of_transformers_that_leaves_out_the_last_batch_of_each_epoch(tmp_path):
    result = tune(tmp_path, HuggingFace(), num_train_epochs=2, dataloader_drop_last=True)
    assert told(result) == (["epoch 1", "epoch 2"], {"steps": 12, "samples": 96})


def test_a_training_of_transformers_on_data_without_a_length(tmp_path):
    class Stream(torch.utils.data.IterableDataset):
        def __iter__(self):
            return (Words()[number] for number in range(1_000))

    assert told(tune(tmp_path, HuggingFace(), Stream(), max_steps=4)) == (["epoch 1"], {"steps": 4})


class Fitted(lightning.LightningModule):
    """A line that fails at a step, where it is told to."""

    def __init__(self, fail_at=None):
        super().__init__()
        self.line = torch.nn.Linear(8, 2)
        self.fail_at = fail_at

    def training_step(self, batch, number):
        if self.fail_at == number:
            raise ArithmeticError("loss is not finite")
        features, kinds = batch
        return torch.nn.functional.cross_entropy(self.line(features), kinds)

    def validation_step(self, batch, number):
        pass

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


def fit(callback, module):
    data = torch.utils.data.TensorDataset(torch.randn(50, 8), torch.randint(0, 2, (50,)))
    loader = torch.utils.data.DataLoader(data, batch_size=8)
    trainer = lightning.Trainer(
        max_epochs=2, callbacks=[callback], accelerator="cpu", logger=False, barebones=False,
        enable_checkpointing=False, enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(module, loader, loader)


def test_a_fit_of_lightning():
    callback = Lightning("fit", region="FR")
    fit(callback, Fitted())
    assert (callback.result.status, callback.result.exit_code) == ("completed", 0)
    spans = ["validation", "epoch 1", "epoch 1/validation", "epoch 2", "epoch 2/validation"]
    assert told(callback.result) == (spans, {"steps": 14, "samples": 100})


def test_a_fit_of_lightning_that_fails():
    callback = Lightning()
    with pytest.raises(ArithmeticError):
        fit(callback, Fitted(fail_at=2))
    assert (callback.result.exit_code, callback.result.error) == (1, "ArithmeticError")
    assert told(callback.result)[1] == {"steps": 2, "samples": 16}
