"""What kind of sensor RAPL is on a processor, by its generation: a model of what happens on the chip, or a measurement.

Intel's registers are worked out from the chip's activity before Haswell, and measured since; those of memory are
measured on servers since Haswell-EP (Hackenberg et al. 2015, Desrochers et al. 2016; ``sensors.csv`` has the sources).
"""

from footprint.collectors.channel import Channel
from footprint.collectors.host import Host
from footprint.collectors.rapl_refusals import processor

_MODELLED = (42, 45, 58, 62)
"""Models of family 6: Sandy Bridge and Ivy Bridge, of clients and of servers."""
_SERVERS = (63, 79, 85, 86, 106, 108, 143, 173, 207)
"""Models of family 6: servers from Haswell-EP to Granite Rapids."""
_OLDER = {"rapl-package": "rapl-package-before-haswell", "rapl-core": "rapl-core-before-haswell"}
_OF_SERVERS = {"rapl-dram": "rapl-dram-server"}


def by_generation(host: Host, channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
    """Channels with the class of their sensor, where this processor's generation has one of its own."""
    maker, family, model = processor(host)
    if maker != "GenuineIntel" or family != 6 or model is None:
        return channels
    classes = _OLDER if model in _MODELLED else _OF_SERVERS if model in _SERVERS else {}
    return tuple(one._replace(sensor=classes.get(one.sensor, one.sensor)) for one in channels)
