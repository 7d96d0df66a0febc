"""Which kind of processor a name stands for: its class, its generation, how many threads a core has.

Names come from the machine (``/proc/cpuinfo``, hypervisors, vendors) and vary: marks, words and frequencies
are left out before a name is compared. Where nothing fits, there is no generation, never a guess.
"""

import functools
import re
from typing import NamedTuple


class Generation(NamedTuple):
    """Processors of one design: they are alike in watts per core."""

    name: str
    year: int
    """When its first server came to market."""
    threads: int
    """Hardware threads of a core, as servers ship."""
    pattern: str
    """Matches a bare name, see ``bare``."""


_SCALABLE = r"xeon ((platinum|gold|silver|bronze) [3-9]|8)"
GENERATIONS = (
    # the first that matches counts
    Generation("amd-zen5c", 2024, 2, r"epyc 9([89][2468]5|745)|family 26 model 17\b"),
    Generation("amd-zen5", 2024, 2, r"epyc 9\w\w5|epyc-turin|family 26 model 2\b"),
    Generation("amd-zen4c", 2023, 2, r"epyc 97\d4|epyc 8\w\w4|family 25 model 160\b"),
    Generation("amd-zen4", 2022, 2, r"epyc 9\w\w4|epyc-genoa|family 25 model 17\b"),
    Generation("amd-small", 2024, 2, r"epyc 4\d\d[45]"),
    Generation("amd-zen3", 2021, 2, r"epyc 7\w\w3|epyc-milan|family 25 model 1\b"),
    Generation("amd-zen2", 2019, 2, r"epyc 7\w\w2|epyc-rome|family 23 model 49\b"),
    Generation("amd-zen1", 2017, 2, r"epyc [37]\w\w1|family 23 model 1\b"),
    Generation("amd-opteron-k15", 2011, 1, r"opteron .*\b(3[23]|4[23]|6[23])\d\d"),
    Generation("amd-opteron", 2008, 1, r"opteron"),
    Generation("intel-xeon6e", 2024, 1, r"xeon (gold )?6\d\d\de|sierraforest|family 6 model 175\b"),
    Generation("intel-xeon6p", 2024, 2, r"xeon 6[5-9]\d\dp|graniterapids|family 6 model 17[34]\b"),
    Generation("intel-small", 2019, 2, r"xeon (e )?e-2\d\d\d|xeon 6[34]\d\dp|xeon d-\d"),
    Generation("intel-emerald", 2023, 2, _SCALABLE + r"5\d\d|emeraldrapids|family 6 model 207\b"),
    Generation("intel-sapphire", 2023, 2, _SCALABLE + r"4\d\d|sapphirerapids|family 6 model 143\b"),
    Generation("intel-icelake", 2021, 2, _SCALABLE + r"3\d\d|icelake|cooperlake|family 6 model 106\b"),
    Generation("intel-cascade", 2019, 2, _SCALABLE + r"2\d\d|cascadelake"),
    Generation("intel-skylake", 2017, 2, _SCALABLE + r"1\d\d|skylake|family 6 model 85\b"),
    Generation("intel-small-v3", 2013, 2, r"(xeon|intel) e3-\d+\w*? ?v[3-6]"),
    Generation("intel-small-v2", 2011, 2, r"xeon e3-|core i3-540"),
    Generation("intel-broadwell", 2016, 2, r"xeon e[57]-\w+? ?v4|broadwell|family 6 model 79\b"),
    Generation("intel-haswell", 2014, 2, r"xeon e[57]-\w+? ?v3|haswell|family 6 model 63\b"),
    Generation("intel-ivybridge", 2013, 2, r"xeon e[57]-\w+? ?v2|ivybridge|family 6 model 62\b"),
    Generation("intel-sandybridge", 2012, 2, r"xeon e5-\d{4}|sandybridge|family 6 model 45\b"),
    Generation("intel-nehalem", 2009, 2, r"xeon ([elwx](55|56|34|65|75)\d\d|e7-)|nehalem|westmere"),
    Generation("intel-core2", 2007, 1, r"xeon [elx]?[357]\d\d\d|pentium d"),
    Generation("arm-server", 2021, 1, r"ampere|altra|neoverse|graviton|axion|cobalt|kunpeng|thunderx|a64fx"),
)
_LAPTOP = re.compile(r"apple m\d|snapdragon|core m|\b\d{4,5}(u|h|hs|hx|hq|g\d|y)\b|ultra \d+ \d+(u|h|hx|v)\b")
_DESKTOP = re.compile(r"ryzen|core i\d|core\(tm\)|core ultra|threadripper|pentium|celeron|athlon|\bfx-|xeon w-")
_BOARD = re.compile(r"cortex-a|raspberry|rockchip|jetson|sifive|armv7|armv6")
_MARKS = re.compile(r"\((r|tm|c)\)|[®™©]|\b(cpu|processor|multi-core|64-bit|[0-9]+-core|quad-core)\b")
_FAMILY = re.compile(r"family \d+ model \d+")
_MAKERS = {"amd", "intel", "xeon", "family"}
_TIER = re.compile(r"^(platinum|gold|silver|bronze)-")
_VERSION = re.compile(r"(\d[a-z]*)-?v(\d)\b")
_TAIL = re.compile(r"(@|,|\b(with|w/)\b).*$|\(intel turbo.*$|\(amd turbo.*$|\b\d+(\.\d+)? ?ghz.*$")


def bare(cpu: str) -> str:
    """A processor's name in lower case without marks, filling words and frequency; family and model stay."""
    name = cpu.lower()
    family = _FAMILY.search(name)
    words = _TAIL.sub("", _MARKS.sub(" ", name)).replace("(", " ").replace(")", " ").split()
    if family and family.group() not in " ".join(words):
        words += family.group().split()
    return " ".join(words)


@functools.lru_cache(maxsize=64)
def key_of(cpu: str) -> str:
    """What tables of processors call a model: its number, ``epyc-7742``, ``8280``, ``e5-2680-v3``; ``""`` for none.

    The makers' words around a number vary from table to table and machine to machine, the number does not.
    """
    words = "-".join(word for word in bare(cpu).split() if word not in _MAKERS)
    return _VERSION.sub(r"\1-v\2", _TIER.sub("", words))


@functools.lru_cache(maxsize=64)
def generation_of(cpu: str) -> Generation | None:
    """The generation that a name stands for; None where the name does not say it."""
    name = bare(cpu)
    return next((one for one in GENERATIONS if re.search(one.pattern, name)), None)


@functools.lru_cache(maxsize=64)
def class_of(cpu: str, *, battery: bool) -> str:
    """``server``, ``desktop``, ``laptop`` or ``board``: whatever is not known to be small is taken for a server."""
    if battery:
        return "laptop"
    if generation_of(cpu) is not None:
        return "server"
    name = bare(cpu)
    for kind, pattern in (("board", _BOARD), ("laptop", _LAPTOP), ("desktop", _DESKTOP)):
        if pattern.search(name):
            return kind
    return "server"
