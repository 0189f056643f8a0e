"""What must each person deliver, and how far are they?"""

from salesnb.findings.targets.levels import levels
from salesnb.findings.targets.score import score

__all__ = ["levels", "score"]
