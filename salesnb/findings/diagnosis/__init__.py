"""Where is the gap, and what caused it?"""

from salesnb.findings.diagnosis.attainment import attainment
from salesnb.findings.diagnosis.collection import collection
from salesnb.findings.diagnosis.competitors import competitors
from salesnb.findings.diagnosis.cycle import cycle
from salesnb.findings.diagnosis.deal_drivers import deal_drivers
from salesnb.findings.diagnosis.deals import deals
from salesnb.findings.diagnosis.drivers import drivers
from salesnb.findings.diagnosis.five_whys import five_whys
from salesnb.findings.diagnosis.funnel import funnel
from salesnb.findings.diagnosis.gap_parts import gap_parts
from salesnb.findings.diagnosis.key_figures import key_figures
from salesnb.findings.diagnosis.localisation import localisation
from salesnb.findings.diagnosis.lost_deals import lost_deals
from salesnb.findings.diagnosis.price_volume_mix import price_volume_mix
from salesnb.findings.diagnosis.problem_evidence import problem_evidence
from salesnb.findings.diagnosis.problems import problems
from salesnb.findings.diagnosis.process import process
from salesnb.findings.diagnosis.proposals import proposals
from salesnb.findings.diagnosis.ratio_slices import ratio_slices
from salesnb.findings.diagnosis.ruled_out import ruled_out
from salesnb.findings.diagnosis.situations import situations
from salesnb.findings.diagnosis.slice_drivers import slice_drivers
from salesnb.findings.diagnosis.stalled import stalled
from salesnb.findings.diagnosis.stock import stock
from salesnb.findings.diagnosis.trend import trend
from salesnb.findings.diagnosis.win_by_day import win_by_day

__all__ = [
    "attainment",
    "collection",
    "competitors",
    "cycle",
    "deal_drivers",
    "deals",
    "drivers",
    "five_whys",
    "funnel",
    "gap_parts",
    "key_figures",
    "localisation",
    "lost_deals",
    "price_volume_mix",
    "problem_evidence",
    "problems",
    "process",
    "proposals",
    "ratio_slices",
    "ruled_out",
    "situations",
    "slice_drivers",
    "stalled",
    "stock",
    "trend",
    "win_by_day",
]
