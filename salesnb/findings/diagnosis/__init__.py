"""Where is the gap, and what caused it?"""

from salesnb.findings.diagnosis.attainment import attainment
from salesnb.findings.diagnosis.drivers import drivers

__all__ = ["attainment", "drivers"]
