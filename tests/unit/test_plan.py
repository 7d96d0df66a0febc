"""One way to each thing, and what contains what is counted once."""

from footprint.collectors.channel import Channel, Refusal
from footprint.collectors.offer import Offer
from footprint.collectors.plan import choose, counted


def channel(name, thing=None, inside=None, *, kind="cpu", reading="counter", collector="one"):
    return Channel(kind, name, collector, "method", reading, thing or f"thing:{name}", inside)


def names(channels):
    return [one.name for one in channels]


def test_the_first_way_to_a_thing_is_taken_and_the_others_are_kept_in_sight():
    plan = choose(
        (
            Offer("one", (channel("a", "t"), channel("b", "u"))),
            Offer("two", (channel("c", "t", collector="two"),)),
        )
    )
    assert names(plan.channels) == ["a", "b"]
    assert names(plan.passed_over) == ["c"]


def test_a_counter_is_taken_before_a_power_wherever_it_stands():
    power, counter = channel("power", "t", reading="power"), channel("counter", "t", collector="two")
    for offers in (
        (Offer("one", (power,)), Offer("two", (counter,))),
        (Offer("two", (counter,)), Offer("one", (power,))),
    ):
        plan = choose(offers)
        assert names(plan.channels) == ["counter"]
        assert names(plan.passed_over) == ["power"]


def test_all_refusals_are_kept_in_their_order():
    first, second = (Refusal("cpu", name, "one", "why", "fix") for name in ("a", "b"))
    assert choose((Offer("one", refusals=(first,)), Offer("two", refusals=(second,)))).refusals == (first, second)


def test_nothing_offered_is_an_empty_plan():
    assert choose(()) == choose((Offer("one"),))


def test_parts_of_a_package_are_not_counted_but_packages_inside_a_board_are():
    channels = (
        channel("psys", kind="board"),
        channel("package-0", inside="thing:psys"),
        channel("core-0", inside="thing:package-0"),
        channel("dram-0", inside="thing:psys", kind="dram"),
    )
    assert names(counted(channels)) == ["psys", "package-0", "dram-0"]


def test_a_part_is_counted_where_its_container_is_not_read():
    assert names(counted((channel("core-0", inside="thing:package-0"),))) == ["core-0"]


def test_parts_of_parts_are_not_counted():
    channels = (
        channel("package-0"),
        channel("core-0", inside="thing:package-0"),
        channel("core-0-1", inside="thing:core-0"),
    )
    assert names(counted(channels)) == ["package-0"]


def test_what_counts_the_whole_machine_contains_what_other_collectors_read():
    packages = (
        channel("package-0"),
        channel("core-0", inside="thing:package-0"),
        channel("dram-0", inside="thing:gone"),
    )
    meter = channel("board", kind="board", reading="power", collector="two")._replace(whole=True)
    gpu = channel("gpu-0", kind="gpu", collector="three")
    plan = choose((Offer("one", packages), Offer("two", (meter,)), Offer("three", (gpu,))))
    assert {one.name: one.inside for one in plan.channels} == {
        "package-0": "thing:board",
        "core-0": "thing:package-0",
        "dram-0": "thing:board",
        "board": None,
        "gpu-0": "thing:board",
    }
    assert names(counted(plan.channels)) == ["package-0", "dram-0", "board", "gpu-0"]
