"""Where is the gap, and what caused it?"""

from salesnb.findings.diagnosis.attainment import attainment
from salesnb.findings.diagnosis.deal_drivers import deal_drivers
from salesnb.findings.diagnosis.deals import deals
from salesnb.findings.diagnosis.drivers import drivers
from salesnb.findings.diagnosis.price_volume_mix import price_volume_mix
from salesnb.findings.diagnosis.problems import problems
from salesnb.findings.diagnosis.proposals import proposals
from salesnb.findings.diagnosis.trend import trend

__all__ = [
    "attainment",
    "deal_drivers",
    "deals",
    "drivers",
    "price_volume_mix",
    "problems",
    "proposals",
    "trend",
]
