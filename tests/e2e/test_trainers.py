"""The trainers' callbacks, on stand-ins for the frameworks (see tests/fake_trainers); one process a test."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FAKES = Path(__file__).parents[1] / "fake_trainers"
TELL = """
def tell(callback):
    r = callback.result
    print(json.dumps({
        "status": r.status, "exit_code": r.exit_code, "error": r.error, "name": r.name, "project": r.project,
        "spans": ["/".join(s.path) for s in r.spans], "units": {k: u.amount for k, u in r.units.items()},
        "per": {k: u.per_unit["job_kwh"].central * u.amount / r.energy.job_kwh.central for k, u in r.units.items()},
    }))
"""
FRAMEWORKS = {
    "huggingface": "import transformers as f\nfrom footprint.integrations.huggingface import FootprintCallback\n",
    "lightning": "import lightning.pytorch as f\nfrom footprint.integrations.lightning import FootprintCallback\n",
}


def python(code, env=None, folder=FAKES):
    environ = os.environ | {"PYTHONPATH": str(folder)} | (env or {})
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env=environ, check=False
    )


def told(framework, code, env=None):
    """What the script told of its results, one mapping for each ``tell``."""
    done = python("import json\n" + FRAMEWORKS[framework] + TELL + code, env)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_hugging_face_training_is_a_run_with_epochs_and_counts():
    (told_of,) = told(
        "huggingface",
        "c = FootprintCallback('tune', project='p', region='FR')\nassert c.result is None\n"
        "f.Trainer(c, samples=50, batch=8, epochs=3, tokens=350).train()\ntell(c)",
    )
    assert (told_of["status"], told_of["exit_code"], told_of["name"], told_of["project"]) == (
        "completed",
        0,
        "tune",
        "p",
    )
    assert told_of["spans"] == ["epoch 1", "epoch 2", "epoch 3"]
    assert told_of["units"] == {"steps": 21, "samples": 150, "tokens": 1_050}
    assert all(share == pytest.approx(1) for share in told_of["per"].values())


def test_what_a_checkpoint_brings_along_was_not_done_in_the_run():
    (told_of,) = told(
        "huggingface", "c = FootprintCallback()\nf.Trainer(c, tokens=350, epochs=3, at=2).train()\ntell(c)"
    )
    assert told_of["spans"] == ["epoch 3"]
    assert told_of["units"] == {"steps": 7, "samples": 50, "tokens": 350}
    (told_of,) = told(
        "lightning", "c = FootprintCallback()\nf.Trainer(c, epochs=3, at=2).fit([f.Tensor(8, 3)] * 4)\ntell(c)"
    )
    assert told_of["spans"] == ["validation", "epoch 3", "epoch 3/validation"]
    assert told_of["units"] == {"steps": 4, "samples": 32}


def test_data_without_a_length_give_no_samples_and_no_tokens_where_none_are_told():
    (told_of,) = told("huggingface", "c = FootprintCallback()\nf.Trainer(c, samples=0, epochs=1).train()\ntell(c)")
    assert told_of["units"] == {"steps": 5}


def test_the_processes_of_a_distributed_training_share_what_was_done():
    rank = {"RANK": "1", "WORLD_SIZE": "2", "MASTER_ADDR": "h", "MASTER_PORT": "1"}
    (told_of,) = told("huggingface", "c = FootprintCallback()\nf.Trainer(c, ranks=2, epochs=2).train()\ntell(c)", rank)
    assert told_of["units"] == {"steps": 4, "samples": 50}
    (told_of,) = told(
        "lightning",
        "c = FootprintCallback()\nf.Trainer(c, world_size=2, local_rank=1, epochs=2).fit([f.Tensor(8)] * 4)\ntell(c)",
        rank,
    )
    assert told_of["units"] == {"steps": 4, "samples": 64}


def test_where_lightning_starts_the_ranks_the_first_of_a_node_measures_for_all():
    (told_of,) = told(
        "lightning",
        "c = FootprintCallback()\nf.Trainer(c, world_size=4, num_devices=2, epochs=1).fit([f.Tensor(8)] * 4)\ntell(c)\n"
        "c = FootprintCallback()\nf.Trainer(c, world_size=4, num_devices=2, local_rank=1).fit([f.Tensor(8)])\n"
        "assert c.result is None and c.run is None",
    )
    assert told_of["units"] == {"steps": 2, "samples": 64}


def test_a_lightning_fit_is_a_run_with_epochs_validation_and_counts():
    (told_of,) = told(
        "lightning",
        "c = FootprintCallback('fit', region='FR')\n"
        "batches = [{'x': f.Tensor(8, 3), 'y': [f.Tensor(8), f.Tensor()]}] * 6 + [{'x': f.Tensor(2, 3)}]\n"
        "f.Trainer(c, epochs=2).fit(batches)\ntell(c)",
    )
    assert (told_of["status"], told_of["exit_code"]) == ("completed", 0)
    assert told_of["spans"] == ["validation", "epoch 1", "epoch 1/validation", "epoch 2", "epoch 2/validation"]
    assert told_of["units"] == {"steps": 14, "samples": 100}


def test_a_batch_whose_tensors_disagree_gives_no_samples():
    (told_of,) = told(
        "lightning",
        "c = FootprintCallback()\nf.Trainer(c, epochs=1).fit([f.Tensor(8), (f.Tensor(8), f.Tensor(9))])\ntell(c)",
    )
    assert told_of["units"] == {"steps": 2}


def test_a_training_that_breaks_off_is_closed_and_its_error_passes():
    failed, after = told(
        "huggingface",
        "c = FootprintCallback()\n"
        "try: f.Trainer(c, fail_at=9).train()\nexcept ArithmeticError: pass\n"
        "first = c.run\nf.Trainer(c, epochs=1).train()\n"
        "class Old: result = first.result\ntell(Old); tell(c)",
    )
    assert (failed["status"], failed["exit_code"], failed["spans"]) == ("completed", 1, ["epoch 1", "epoch 2"])
    assert failed["units"] == {"steps": 7, "samples": 50}
    assert (after["exit_code"], after["spans"]) == (0, ["epoch 1"])
    (failed,) = told(
        "lightning",
        "c = FootprintCallback()\ntry: f.Trainer(c, fail_at=5).fit([f.Tensor(8)] * 4)\nexcept ArithmeticError: tell(c)",
    )
    assert (failed["exit_code"], failed["error"]) == (1, "ArithmeticError")
    assert failed["units"] == {"steps": 5, "samples": 40}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_own_units_can_be_counted_and_each_training_has_a_run_of_its_own(framework):
    fit = {"huggingface": "f.Trainer(c, epochs=1).train()", "lightning": "f.Trainer(c, epochs=1).fit([f.Tensor(8)])"}
    first, second = told(
        framework,
        "class Mine(FootprintCallback):\n"
        "    def on_train_end(self, *args, **kwargs):\n"
        "        self.run.count('words', 7)\n        super().on_train_end(*args, **kwargs)\n"
        f"c = Mine()\n{fit[framework]}\ntell(c)\nid = c.run.run_id\n{fit[framework]}\ntell(c)\nassert id != c.run.run_id",
    )
    assert first["units"]["words"] == second["units"]["words"] == 7


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_wrong_options_are_refused_when_the_callback_is_made(framework):
    code = FRAMEWORKS[framework] + (
        "import footprint\n"
        "for wrong in ({'region': 'Atlantis'}, {'pue': .5}, {'idle': 'free'}):\n"
        "    try: FootprintCallback(**wrong)\n    except footprint.UsageError as fault: print(fault.what)\n"
        "try: FootprintCallback(colour='red')\nexcept TypeError: print('colour')"
    )
    done = python(code)
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["region", "pue", "idle", "colour"], done.stderr


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_disabled_the_training_goes_on_and_nothing_is_kept(framework, tmp_path):
    fit = {"huggingface": "f.Trainer(c, epochs=1).train()", "lightning": "f.Trainer(c, epochs=1).fit([f.Tensor(8)])"}
    environ = {"FOOTPRINT_DISABLED": "1", "FOOTPRINT_HOME": str(tmp_path / "home")}
    done = python(f"{FRAMEWORKS[framework]}c = FootprintCallback()\n{fit[framework]}\nprint(c.result.status)", environ)
    assert done.stdout == "disabled\n", done.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(("framework", "package"), [("huggingface", "transformers"), ("lightning", "lightning")])
def test_without_the_framework_the_import_says_so_in_one_line(framework, package, tmp_path):
    """An ImportError and a FootprintError, whose text says what to install."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nclass Absent:\n    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'transformers', 'lightning', 'pytorch_lightning'}:\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name.split('.')[0])\n"
        "sys.meta_path.insert(0, Absent())\n"
    )
    code = (
        "import footprint\ntry:\n"
        f"    import footprint.integrations.{framework}\n"
        "except ImportError as fault:\n    print(isinstance(fault, footprint.FootprintError), fault)"
    )
    done = python(code, folder=tmp_path)
    assert done.stdout == (
        f"True footprint.integrations for {package}: {package} is not installed; pip install {package}\n"
    ), done.stderr


def test_a_framework_that_is_broken_is_not_called_absent(tmp_path):
    (tmp_path / "transformers.py").write_text("import a_part_that_is_missing\n")
    done = python("import footprint.integrations.huggingface", folder=tmp_path)
    assert "transformers cannot be imported (No module named 'a_part_that_is_missing')" in done.stderr


def test_of_two_lightnings_the_one_that_the_program_uses_is_taken(tmp_path):
    (tmp_path / "pytorch_lightning.py").write_text("class Callback: mine = True\n")
    code = (
        "import pytorch_lightning\nfrom footprint.integrations.lightning import FootprintCallback as C\nprint(C.mine)"
    )
    done = python(code, folder=f"{FAKES}{os.pathsep}{tmp_path}")
    assert done.stdout == "True\n", done.stderr


def test_no_framework_is_loaded_unless_its_integration_is():
    code = (
        "import sys, footprint\nwith footprint.track('x'): pass\n"
        "print(sorted({'transformers', 'lightning', 'IPython', 'footprint.integrations'} & set(sys.modules)))"
    )
    assert python(code).stdout == "[]\n"
