"""``footprint estimate-power`` through the real command: rows in, the same rows with three columns out, or one line."""

import csv
import json
import os
import subprocess
import sys

import pytest

HEADER = "cpu,sockets,cores,threads,tdp_w,memory_gb,year,load"
EPYC = "AMD EPYC 7742,2,128,256,225,512,2020,0.4"


def footprint(*words, code=0):
    command = [sys.executable, "-m", "footprint", "estimate-power", *map(str, words)]
    result = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    assert result.returncode == code, result.stderr
    return result


@pytest.fixture
def convert(tmp_path):
    """The rows that come of some text, and what was said."""

    def converted(text, *more, code=0):
        source, target = tmp_path / "hosts.csv", tmp_path / "power.csv"
        source.write_bytes(text if isinstance(text, bytes) else text.encode())
        said = footprint("--csv", source, "--out", target, *more, code=code)
        if code:
            assert not target.exists()
            assert [path.name for path in tmp_path.iterdir()] == ["hosts.csv"], "something half-written stayed"
            assert said.stderr.count("\n") == 1
            assert said.stderr.startswith("footprint: ")
            return said.stderr
        with target.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return converted


def test_the_same_rows_come_back_with_low_central_and_high(convert):
    rows = convert(f"{HEADER},rack\n{EPYC},A 1\n,,,,,,,0,\n")
    assert list(rows[0]) == [*HEADER.split(","), "rack", "low_w", "central_w", "high_w"]
    assert (rows[0]["cpu"], rows[0]["rack"]) == ("AMD EPYC 7742", "A 1")
    assert [row["load"] for row in rows] == ["0.4", "0"]
    for row in rows:
        assert 0 < float(row["low_w"]) < float(row["central_w"]) < float(row["high_w"])


def test_the_example_of_the_help_is_about_what_such_servers_draw(convert):
    (row,) = convert(f"{HEADER}\n{EPYC}\n")
    assert 150 < float(row["low_w"]) < 235 < float(row["high_w"]) < 400


def test_processors_alone_are_less_than_the_wall_and_both_can_be_asked_for(convert):
    (both,) = convert(f"{HEADER}\n{EPYC}\n", "--scope", "wall,package")
    (package,) = convert(f"{HEADER}\n{EPYC}\n", "--scope", "package")
    for end in ("low_w", "central_w", "high_w"):
        assert float(both[f"package_{end}"]) <= float(both[end])
        assert package[end] == both[f"package_{end}"]


def test_columns_may_lack_and_stand_in_any_order(convert):
    (short,) = convert("load,cpu\n1,AMD EPYC 7742\n")
    (long,) = convert(f"{HEADER}\nAMD EPYC 7742,,,,,,,1\n")
    assert short["central_w"] == long["central_w"]


def test_what_spreadsheets_write_is_read(convert):
    (row,) = convert(b"\xef\xbb\xbf" + f"{HEADER}\r\n{EPYC}\r\n\r\n".encode())
    assert float(row["central_w"]) > 0


def test_a_table_without_rows_gives_one_without_rows(convert):
    assert convert(f"{HEADER}\n") == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("AMD EPYC 7742,2,128,256,225,512,2020,", "line 3: load: it is empty"),
        ("AMD EPYC 7742,2,128,256,225,512,2020,40", "line 3: load 40: it must be 0 to 1"),
        ("AMD EPYC 7742,2,128,256,225,512,2020,-0.1", "line 3: load -0.1"),
        ("AMD EPYC 7742,2,128,256,225,512,2020,nan", "line 3: load nan"),
        ("AMD EPYC 7742,two,128,256,225,512,2020,1", "line 3: sockets 'two': it is not a number"),
        ("AMD EPYC 7742,2.5,128,256,225,512,2020,1", "line 3: sockets 2.5"),
        ("AMD EPYC 7742,0,128,256,225,512,2020,1", "line 3: sockets 0"),
        ("AMD EPYC 7742,2,128,64,225,512,2020,1", "line 3: threads 64: it is less than cores, 128"),
        ("AMD EPYC 7742,2,128,256,-5,512,2020,1", "line 3: tdp_w -5"),
        ("AMD EPYC 7742,2,128,256,225,inf,2020,1", "line 3: memory_gb inf"),
        ("AMD EPYC 7742,2,128,256,225,512,1066,1", "line 3: year 1066"),
        ("AMD EPYC 7742,2,128", "line 3: it has 3 cells, and there are 8 columns"),
        ("AMD EPYC 7742,2,128,256,225,512,2020,1,9,9", "line 3: it has 10 cells"),
    ],
)
def test_a_wrong_row_is_one_line_with_its_number_and_nothing_is_written(convert, line, said):
    assert said in convert(f"{HEADER}\n{EPYC}\n{line}\n{EPYC}\n", code=2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("cpu;load\nx;1\n", "no column `load`"),
        ("cpu,load,load\nx,1,1\n", "two columns `load`"),
        ("cpu,load,low_w\nx,1,1\n", "`low_w` already"),
        (b"cpu,load\n\xff\xfe,1\n", "not UTF-8"),
        ('cpu,load\n"x,1\n', "no CSV"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_line(convert, text, said):
    assert said in convert(text, code=2)


def test_files_that_cannot_be_used_are_one_line_with_their_option(tmp_path):
    good = tmp_path / "hosts.csv"
    good.write_text(f"{HEADER}\n{EPYC}\n")
    assert "--csv" in footprint("--csv", tmp_path / "none.csv", "--out", tmp_path / "o.csv", code=2).stderr
    assert "--csv" in footprint("--csv", tmp_path, "--out", tmp_path / "o.csv", code=2).stderr
    assert "--out" in footprint("--csv", good, "--out", tmp_path / "none" / "o.csv", code=2).stderr
    assert "--out" in footprint("--csv", good, "--out", tmp_path, code=2).stderr
    assert "--out" in footprint("--csv", good, "--out", "/dev/null", code=2).stderr
    assert "--scope" in footprint("--csv", good, "--out", tmp_path / "o.csv", "--scope", "rack", code=2).stderr
    assert "Example" in footprint("--help").stdout


def test_an_output_that_was_there_is_kept_where_a_row_is_wrong_and_replaced_where_none_is(tmp_path):
    source, target = tmp_path / "hosts.csv", tmp_path / "power.csv"
    target.write_text("old")
    source.write_text(f"{HEADER}\n{EPYC}\n,,,,,,,9\n")
    footprint("--csv", source, "--out", target, code=2)
    assert target.read_text() == "old"
    source.write_text(f"{HEADER}\n{EPYC}\n")
    document = json.loads(footprint("--csv", source, "--out", target, "--json").stdout)
    assert document == {"schema": "footprint.estimate-power/1", "rows": 1, "scope": ["wall"], "out": str(target)}
    assert target.read_text().startswith(HEADER)


def test_a_link_stays_and_what_it_names_is_written(tmp_path):
    source, link = tmp_path / "hosts.csv", tmp_path / "link.csv"
    source.write_text(f"{HEADER}\n{EPYC}\n")
    link.symlink_to(tmp_path / "real.csv")
    footprint("--csv", source, "--out", link)
    assert link.is_symlink()
    assert "low_w" in (tmp_path / "real.csv").read_text()


def test_a_table_may_be_written_over_itself(tmp_path):
    source = tmp_path / "hosts.csv"
    source.write_text(f"{HEADER}\n{EPYC}\n")
    footprint("--csv", source, "--out", source)
    assert "low_w" in source.read_text()
