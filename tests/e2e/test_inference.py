"""Servers under ``run``, ``attach`` and ``track`` that show their own counters: what one token and one request took."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from fake_server import CACHED_A_REQUEST, INPUT_A_REQUEST, OUTPUT_A_REQUEST, FakeServer, RawServer, free_port, vllm

import footprint
from footprint.errors import UsageError

FOOTPRINT = [sys.executable, "-m", "footprint"]
FAKE = str(Path(__file__).parents[1] / "fake_server.py")
EXAMPLE = Path(__file__).parents[2] / "examples" / "serve_digits.py"
MAPPING = '[metrics]\nrequests = "digits_requests_total"\n'


def run(*args, cwd=None, **environ):
    return subprocess.run(
        [*FOOTPRINT, *args], capture_output=True, text=True, timeout=60, check=False, cwd=cwd, env=os.environ | environ
    )


def shown(*args):
    done = run("show", "last", *args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def until(holds, kind):
    """Ask again and again for a run whose name begins so, while it is measured, until it is as it should be."""
    end_s = time.monotonic() + 60
    found = []
    while time.monotonic() < end_s:
        listed = json.loads(run("list", "--json").stdout)["runs"]
        found = [one["run_id"] for one in listed if one["name"].startswith(kind)]
        if any(holds(json.loads(run("show", run_id, "--json").stdout)) for run_id in found):
            return
        time.sleep(0.1)
    raise AssertionError(found)


def counted(document, name):
    """How many units of a name a run has so far."""
    return document["units"][name]["count"] if name in document["units"] else 0


def check_totals(document, served):
    """One unit of the server's is its window's energy, and of each impact the same part, over the count."""
    energy = document["energy"]["job_kwh"]["central"]
    part = served["job_kwh"]["central"] / energy
    for name in served["units"]:
        unit = document["units"][name]
        assert unit["count"] > 0
        assert unit["per_unit"]["job_kwh"]["central"] * unit["count"] == pytest.approx(served["job_kwh"]["central"])
        assert unit["per_unit"]["idle_kwh"]["central"] * unit["count"] == pytest.approx(served["idle_kwh"]["central"])
        for key in ("carbon_location", "water"):
            total = document["impacts"][key]["total"]["central"]
            assert unit["per_unit"][key]["central"] * unit["count"] == pytest.approx(part * total)


def wait_for(file):
    line = file.readline()
    assert line.strip(), "the server said that it is ready"
    return line


@pytest.fixture
def vllm_server():
    """A server that works and counts ten requests a second, with its own process."""
    process = subprocess.Popen([sys.executable, FAKE, "vLLM", "0", "60"], stdout=subprocess.PIPE, text=True)
    port = int(wait_for(process.stdout))
    yield process.pid, f"http://127.0.0.1:{port}/metrics"
    process.kill()
    process.wait()
    process.stdout.close()


def test_attach_counts_what_is_served_while_it_looks(vllm_server, tmp_path):
    pid, url = vllm_server
    path = tmp_path / "r.json"
    done = run("attach", str(pid), "--for", "2s", "--region", "FR", "--metrics", url, "--json", str(path))
    assert done.returncode == 0, done.stderr
    document = json.loads(path.read_text())
    served, units = document["serving"], document["units"]
    requests = units["requests"]["count"]
    assert requests > 5
    assert {name: unit["count"] for name, unit in units.items()} == {
        "output_tokens": OUTPUT_A_REQUEST * requests,
        "requests": requests,
        "input_tokens": INPUT_A_REQUEST * requests,
        "cached_tokens": CACHED_A_REQUEST * requests,
    }
    assert served["server"] == "vLLM"
    assert 0 < served["from_s"] < served["to_s"] <= document["duration_s"]
    check_totals(document, served)
    assert f"{OUTPUT_A_REQUEST * requests:,.0f} output_tokens" in done.stderr
    assert "while they were counted" in done.stderr
    text = shown()
    assert "Counted by vLLM, from " in text
    assert "must not be added" in text
    assert json.loads(shown("--json"))["serving"] == served


def test_run_counts_a_server_from_its_zero_and_by_hour(tmp_path):
    port, path = free_port(), tmp_path / "r.json"
    url = f"http://127.0.0.1:{port}/metrics"
    command = [sys.executable, FAKE, "SGLang", str(port), "3"]
    done = run("run", "--region", "FR", "--metrics", url, "--json", str(path), "--", *command)
    assert done.returncode == 0, done.stderr
    document = json.loads(path.read_text())
    assert document["serving"]["from_s"] == 0.0
    assert document["serving"]["server"] == "SGLang"
    assert document["units"]["requests"]["count"] > 5
    check_totals(document, document["serving"])
    hours = json.loads(shown("--by", "hour", "--json"))
    assert hours["schema"] == "footprint.hours/1"
    assert sum(hour["job_kwh"]["central"] for hour in hours["hours"]) == pytest.approx(
        document["energy"]["job_kwh"]["central"]
    )
    for name, unit in document["units"].items():
        assert sum(hour["units"][name]["count"] for hour in hours["hours"]) == pytest.approx(unit["count"])
    text = shown("--by", "hour")
    assert "output_tokens" in text
    assert "idle in it" in text
    plain = run("show", "last", "--by", "hour", FOOTPRINT_PLAIN="1").stdout
    assert "unit output_tokens, energy of one: " in plain
    assert "joules" in plain


def ask(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/", json.dumps([1.0] * 64))
    assert connection.getresponse().status == 200
    connection.close()


def digits(folder, *before):
    """The example server, started by a command, in a folder whose settings name its counter; and its port."""
    pytest.importorskip("sklearn", reason="scikit-learn is not installed: make demo brings it")
    (folder / "footprint.toml").write_text(MAPPING)
    port = free_port()
    options = [part.format(port=port) for part in before]
    process = subprocess.Popen(
        [*options, sys.executable, str(EXAMPLE), "--port", str(port)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
    )  # fmt: skip
    wait_for(process.stdout)
    return process, port


def test_a_real_small_server_is_counted_under_run_by_a_mapping_in_the_settings(tmp_path):
    path = tmp_path / "r.json"
    options = ["--region", "FR", "--json", str(path), "--metrics", "http://127.0.0.1:{port}"]
    process, port = digits(tmp_path, *FOOTPRINT, "run", *options, "--")
    for _ in range(30):
        ask(port)
        time.sleep(0.05)
    until(lambda document: counted(document, "requests") == 30, "python")
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    document = json.loads(path.read_text())
    assert document["units"]["requests"]["count"] == 30, "from the server's zero, which lies inside the run"
    assert document["serving"]["server"] == "your mapping"
    assert document["serving"]["from_s"] == 0.0
    check_totals(document, document["serving"])


def test_a_real_small_server_is_counted_under_attach_for_as_long_as_that_lasts(tmp_path):
    process, port = digits(tmp_path)
    for _ in range(5):
        ask(port)
    path = tmp_path / "r.json"
    options = ["--region", "FR", "--quiet", "--json", str(path), "--metrics", f"http://localhost:{port}/metrics"]
    attached = subprocess.Popen([*FOOTPRINT, "attach", str(process.pid), *options], cwd=tmp_path)
    until(lambda document: document["serving"] is not None, "attach")
    for _ in range(20):
        ask(port)
    attached.send_signal(signal.SIGINT)
    assert attached.wait(30) == 0
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    document = json.loads(path.read_text())
    assert document["units"]["requests"]["count"] == 20, "those before are not the run's"
    assert document["serving"]["idle_kwh"]["central"] > 0
    check_totals(document, document["serving"])


def test_what_was_counted_before_kill_9_is_kept(vllm_server):
    pid, url = vllm_server
    process = subprocess.Popen([*FOOTPRINT, "attach", str(pid), "--metrics", url])
    until(lambda document: counted(document, "requests") > 5, "attach")
    (hour, *_) = json.loads(shown("--by", "hour", "--json"))["hours"]
    assert "requests" in hour["units"], "also of a run that is being measured"
    process.kill()
    process.wait()
    document = json.loads(shown("--json"))
    assert document["status"] == "crashed"
    assert document["units"]["requests"]["count"] > 5
    assert document["serving"]["to_s"] <= document["duration_s"] + 1.0
    check_totals(document, document["serving"])


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>hello</html>\n", "HTML"),
        (b"HTTP/1.0 200 OK\r\n\r\n" + vllm(3).encode()[:-40], "cut off"),
        (b"HTTP/1.0 200 OK\r\n\r\nrenamed_tokens_total 3\n", "no counter of vLLM, SGLang"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 100000000\r\n\r\n" + b"a_total 1\n" * 1_000, "longer than 8 MB"),
        (b"HTTP/1.0 200 OK\r\n\r\n" + b"a_total 1\n" * 1_000_000, "longer than 8 MB"),
        (b"HTTP/1.0 404 Not Found\r\n\r\n", "404"),
        (b"nonsense\r\n", "no HTTP"),
    ],
)
def test_a_bad_page_is_one_line_and_the_job_and_its_figures_are_as_without_it(answer, said):
    with RawServer(answer) as server:
        done = run("run", "--quiet", "--metrics", server.url, "--", "sh", "-c", "echo out; exit 7")
    assert (done.returncode, done.stdout) == (7, "out\n")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"footprint: --metrics {server.url}: nothing could be counted: ")
    assert said in line
    document = json.loads(shown("--json"))
    assert document["units"] == {}
    assert document["serving"] is None
    assert document["energy"]["job_kwh"]["central"] > 0


def test_a_server_that_never_answers_does_not_hold_up_the_job():
    """The job runs while the first reading waits: it ends, and only then is the last one given up."""
    hangs = threading.Event()
    with FakeServer(lambda: hangs.wait(60) and "") as server:
        done = run("run", "--quiet", "--metrics", server.url, "--", "echo", "out")
        hangs.set()
    assert done.stdout == "out\n"
    assert "did not answer within 0.5 s" in done.stderr


@pytest.mark.parametrize(
    ("url", "said"),
    [("https://127.0.0.1:1/metrics", "no address"), ("8000", "no address"), ("http://a:b@127.0.0.1/", "password")],
)
def test_an_address_that_cannot_be_is_refused_before_anything_is_started(url, said, tmp_path):
    done = run("run", "--metrics", url, "--", "touch", str(tmp_path / "started"))
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "started").exists()
    with pytest.raises(UsageError, match=said):
        footprint.track("x", metrics=url)


def test_a_broken_mapping_is_refused_before_anything_is_started(tmp_path):
    (tmp_path / "footprint.toml").write_text('[metrics]\nrequests = "rate(x[5m])"\n')
    done = run("run", "--metrics", "http://127.0.0.1:1", "--", "touch", "started", cwd=tmp_path)
    assert done.returncode == 2
    assert "[metrics] requests" in done.stderr
    assert not (tmp_path / "started").exists()


def test_another_address_than_loopback_is_asked_because_it_was_named_and_that_is_said_once():
    done = run("run", "--quiet", "--metrics", "http://192.0.2.1:9/metrics", "--", "true")
    assert done.returncode == 0
    assert done.stderr.count("it is no loopback address") == 1


def test_a_program_that_serves_measures_itself():
    requests = 3
    with (
        FakeServer(lambda: vllm(requests)) as server,
        footprint.track("serve", region="FR", metrics=server.url) as measured,
    ):
        while not server.asked:
            time.sleep(0.01)
        time.sleep(0.1)
        requests = 11
        sum(range(1_000_000))
        measured.close()
    assert measured.result.units["requests"].amount == 8
    assert measured.result.serving.server == "vLLM"
    assert measured.why_not_counted is None
    assert "requests" in str(measured.result)
    assert "Idle energy in it of one" in measured.result._repr_html_()


def test_without_metrics_nothing_of_it_is_loaded():
    code = (
        "import footprint, sys\nwith footprint.track('x'): pass\n"
        "print([name for name in sys.modules if name in ('http.client', 'footprint.scrape', 'footprint.server_counts')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
