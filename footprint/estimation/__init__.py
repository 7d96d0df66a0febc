"""What a job would take that has not run: one route a file gives its energy, the rest is common.

``estimate`` is the door. Every figure says that it is an estimate; nothing is assumed without standing in
``assumed``.
"""

from footprint.estimation.document import as_document, from_document
from footprint.estimation.estimating import estimate
from footprint.estimation.record import Estimate

__all__ = ["Estimate", "as_document", "estimate", "from_document"]
