"""Chooses one way to each physical thing, and knows what contains what."""

import itertools
from typing import NamedTuple

from footprint.collectors.channel import Channel, Refusal, is_at_wall
from footprint.collectors.offer import Offer


class Plan(NamedTuple):
    """What is read on this host, and what is not."""

    channels: tuple[Channel, ...] = ()
    """Chosen: one channel a thing."""
    passed_over: tuple[Channel, ...] = ()
    """Other ways to things that are read already."""
    refusals: tuple[Refusal, ...] = ()


def choose(offers: tuple[Offer, ...]) -> Plan:
    """One way to each thing: the first that is offered, a counter before a power."""
    chosen: dict[str, Channel] = {}
    passed_over: list[Channel] = []
    for offer in offers:
        for channel in offer.channels:
            other = chosen.get(channel.thing)
            if other is None:
                chosen[channel.thing] = channel
            elif other.reading == "power" and channel.reading == "counter":
                chosen[channel.thing] = channel
                passed_over.append(other)
            else:
                passed_over.append(channel)
    refusals = tuple(refusal for offer in offers for refusal in offer.refusals)
    return Plan(inside_the_whole(tuple(chosen.values())), tuple(passed_over), refusals)


def inside_the_whole(chosen: tuple[Channel, ...]) -> tuple[Channel, ...]:
    """Channels that nothing else contains are inside the one that counts the whole machine, if there is one.

    No collector can know that of another's channels. A meter at the wall contains one on the board.
    """
    wholes = sorted((one for one in chosen if one.whole), key=lambda one: is_at_wall(one.method))
    if not wholes:
        return chosen
    things = {channel.thing for channel in chosen}
    around = {inner.thing: outer.thing for inner, outer in itertools.pairwise(wholes)}
    return tuple(
        channel
        if channel is wholes[-1] or channel.inside in things
        else channel._replace(inside=around.get(channel.thing, wholes[0].thing))
        for channel in chosen
    )


def counted(channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
    """Those whose energy is part of the account: cores and other parts inside a package that is read are not,

    since the package has counted them. A board channel is part of it: the account takes what it contains off.
    """
    things = {channel.thing: channel for channel in channels}

    def is_inside_a_package(channel: Channel) -> bool:
        container = things.get(channel.inside or "")
        while container is not None:
            if container.kind != "board":
                return True
            container = things.get(container.inside or "")
        return False

    return tuple(channel for channel in channels if not is_inside_a_package(channel))
