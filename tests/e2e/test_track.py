"""``footprint.track`` and its kin inside a Python process, in processes of their own."""

import json
import os
import subprocess
import sys

import pytest


def python(code, env=None, cwd=None):
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60,
        env=os.environ | (env or {}), cwd=cwd, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout


def stored():
    command = [sys.executable, "-m", "footprint", "list", "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return {run["name"]: run for run in json.loads(result.stdout)["runs"]}


def show(run_id):
    command = [sys.executable, "-m", "footprint", "show", run_id, "--json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


WORK = "def work(n=3_000_000): return sum(range(n))\n"


def test_importing_brings_in_no_third_party_module():
    code = (
        "import sys; before=set(sys.modules); import footprint; "
        "print(sorted({m.split('.')[0] for m in set(sys.modules)-before} - set(sys.stdlib_module_names)))"
    )
    assert python(code).strip() == "['footprint']"


def test_a_measured_job_loads_none_of_the_heavy_libraries():
    code = WORK + (
        "import footprint,sys\nwith footprint.track('x') as r: work()\nr.result.energy.job_kwh\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & "
        "{'sqlalchemy','alembic','pandas','numpy','dash','plotly','codecarbon','click','psutil','pynvml','dataclasses'}))"
    )
    assert python(code).strip() == "[]"


def test_a_block_gives_a_result_prints_nothing_and_is_stored():
    out = python(
        WORK + "import footprint\nwith footprint.track('job', project='p', region='FR', tags={'k': 1}) as run: work()\n"
        "print(run.result.energy.job_kwh.central > 0, run.result.impacts['carbon_location'].total.central > 0, run.result.region.zone)"
    )
    assert out.split() == ["True", "True", "FR"]
    assert stored()["job"]["tags"] == {"k": "1"}


def test_stopping_twice_is_harmless_and_gives_the_same_result():
    out = python(
        WORK + "import footprint\nrun=footprint.start('s'); work(); a=run.stop(); b=run.stop(); print(a is b, a.status)"
    )
    assert out.split() == ["True", "completed"]


def test_a_block_that_raises_is_completed_with_the_type_of_what_it_raised():
    python("import footprint\ntry:\n  with footprint.track('bad'): raise KeyError('x')\nexcept KeyError: pass")
    document = show(stored()["bad"]["run_id"])
    assert (document["status"], document["exit_code"], document["error"]) == ("completed", 1, "KeyError")


def test_no_stop_before_the_process_ends_is_a_crash():
    python("import footprint,time\nrun=footprint.start('left'); time.sleep(.2)")
    assert stored()["left"]["status"] == "crashed"


@pytest.mark.parametrize(
    "argument", ["region='Atlantis'", "pue=0.5", "pue=float('nan')", "interval=-1", "idle='free'", "tags=3"]
)
def test_wrong_arguments_raise_before_the_job_starts(argument):
    code = f"import footprint\ntry:\n  footprint.start('x', {argument})\nexcept footprint.UsageError as e: print('refused')"
    assert python(code).strip() == "refused"


def test_an_unknown_argument_is_a_type_error():
    code = "import footprint\ntry:\n  footprint.start('x', colour='red')\nexcept TypeError: print('refused')"
    assert python(code).strip() == "refused"


def test_spans_nest_and_add_up_to_the_run():
    code = WORK + (
        "import footprint,json\n"
        "with footprint.track('spans') as run:\n"
        "  with run.span('a'):\n"
        "    work(6_000_000)\n"
        "    with run.span('b'): work(6_000_000)\n"
        "  with run.span('c'): work(6_000_000)\n"
        "r=run.result\n"
        "d={'/'.join(s.path): s.job_kwh.central for s in r.spans}\n"
        "print(json.dumps([d, r.energy.job_kwh.central]))"
    )
    spans, whole = json.loads(python(code))
    assert set(spans) == {"a", "a/b", "c"}
    assert spans["a/b"] < spans["a"]
    assert spans["a"] + spans["c"] == pytest.approx(whole, rel=0.05)
    assert spans["a"] + spans["c"] <= whole * (1 + 1e-9)


def test_counted_units_give_the_impacts_of_one_and_nonsense_is_refused():
    code = WORK + (
        "import footprint\nwith footprint.track('u') as run:\n  work(); run.count('images', 30); run.count('images', 20)\n"
        "  try: run.count('images', -1)\n  except footprint.UsageError: print('refused')\n"
        "u=run.result.units['images']; print(u.amount, abs(u.per_unit['job_kwh'].central*50/run.result.energy.job_kwh.central-1)<1e-9)"
    )
    assert python(code).split() == ["refused", "50", "True"]


def test_tracked_keeps_all_four_kinds_of_function_what_they_are():
    code = """
import asyncio, inspect, footprint
@footprint.tracked
def plain(x): "doc"; return x + 1
@footprint.tracked(project='p')
async def coroutine(x): await asyncio.sleep(0); return x + 2
@footprint.tracked('named')
def generator(n):
    got = yield 1
    yield got
    return n
@footprint.tracked()
async def agen():
    got = yield 1
    try:
        yield got
    except ValueError:
        yield 'caught'
def outer():
    return (yield from generator(5))
async def main():
    assert await coroutine(1) == 3
    g = agen()
    assert await g.asend(None) == 1
    assert await g.asend(7) == 7
    assert await g.athrow(ValueError()) == 'caught'
    assert [x async for x in g] == []
assert plain(1) == 2 and plain.__name__ == 'plain' and plain.__doc__ == 'doc'
g = generator(3)
assert next(g) == 1 and g.send(9) == 9
try: next(g)
except StopIteration as e: assert e.value == 3
asyncio.run(main())
assert inspect.iscoroutinefunction(coroutine) and inspect.isgeneratorfunction(generator)
assert inspect.isasyncgenfunction(agen)
print('fine')
"""
    assert python(code).strip() == "fine"
    assert set(stored()) == {"plain", "coroutine", "named", "agen"}


def test_nested_blocks_know_their_parent_and_are_no_larger():
    code = WORK + (
        "import footprint\nwith footprint.track('outer') as o:\n  work()\n  with footprint.track('inner') as i: work()\n"
        "print(i.head.parent == o.run_id, 0 < i.result.energy.job_kwh.central <= o.result.energy.job_kwh.central)"
    )
    assert python(code).split() == ["True", "True"]


def test_overlapping_runs_never_exceed_the_host():
    code = WORK + (
        "import footprint,json\na=footprint.start('a'); work(); b=footprint.start('b'); work(); a.stop(); work(); b.stop()\n"
        "print(json.dumps([[c.job_j.central for c in r.result.energy.components] + [r.result.activity.cpu_s] for r in (a,b)]))\n"
        "import time; print(time.process_time(), b.head.parent)"
    )
    lines = python(code).splitlines()
    a, b = json.loads(lines[0])
    process_s, parent = lines[1].split()
    assert parent == "None"
    assert a[-1] + b[-1] <= float(process_s) * 1.02


def test_a_forked_child_measures_for_itself_and_does_not_harm_the_parents_run():
    code = WORK + (
        "import footprint,os\nwith footprint.track('parent') as run:\n"
        "  pid=os.fork()\n"
        "  if pid==0:\n"
        "    run.stop()\n"
        "    with footprint.track('child') as c: work()\n"
        "    assert c.head.parent == run.run_id\n"
        "    os._exit(0)\n"
        "  assert os.waitpid(pid,0)[1]==0\n"
        "  work()\n"
        "print(run.result.status)"
    )
    assert python(code).strip() == "completed"
    runs = stored()
    assert {name: run["status"] for name, run in runs.items()} == {"parent": "completed", "child": "completed"}


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_workers_of_multiprocessing_are_counted(tmp_path, method):
    (tmp_path / "job.py").write_text(
        "import footprint, multiprocessing as m, time\n"
        "def burn(_):\n  t=time.process_time()\n  while time.process_time()-t<0.4: pass\n"
        "if __name__=='__main__':\n"
        f"  c=m.get_context({method!r})\n"
        "  with footprint.track('pool') as run:\n"
        "    with c.Pool(2) as p: p.map(burn, range(2))\n"
        "  print(run.result.activity.cpu_s)\n"
    )
    result = subprocess.run(
        [sys.executable, "job.py"], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    assert float(result.stdout) > 0.75


def test_disabled_keeps_the_shape_and_writes_nothing(tmp_path):
    home = tmp_path / "home"
    code = (
        "import footprint, math\nwith footprint.track('x') as run:\n  with run.span('a'): pass\n  run.count('n', 2)\n"
        "r=run.result; print(math.isnan(r.energy.job_kwh.central), r.status)"
    )
    out = python(code, env={"FOOTPRINT_DISABLED": "1", "FOOTPRINT_HOME": str(home)})
    assert out.split() == ["True", "disabled"]
    assert not home.exists()


def test_a_home_that_cannot_be_written_does_not_harm_the_job():
    code = (
        WORK
        + "import footprint\nwith footprint.track('x') as run: work()\nprint(run.result.energy.job_kwh.central > 0)"
    )
    assert python(code, env={"FOOTPRINT_HOME": "/dev/null/x"}).strip() == "True"


def test_users_own_modules_of_our_names_do_no_harm(tmp_path):
    for name in ("collectors", "dashboard"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("mine = True\n")
    for name in ("units", "config", "records", "energy", "store", "journal", "region"):
        (tmp_path / f"{name}.py").write_text("mine = True\n")
    (tmp_path / "train.py").write_text(
        "import collectors, dashboard, units, config, energy\nimport footprint\n"
        "with footprint.track('job') as run: sum(range(1_000_000))\n"
        "assert all(m.mine for m in (collectors, dashboard, units, config, energy))\n"
        "print(run.result.energy.job_kwh.central > 0)\n"
    )
    result = subprocess.run([sys.executable, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.stdout.strip() == "True", result.stderr


def test_printing_the_result_is_the_summary():
    out = python(
        "import footprint\nwith footprint.track('x', region='FR') as run: sum(range(1_000_000))\nprint(run.result)"
    )
    assert "Wh" in out
    assert len(out.splitlines()) <= 12
