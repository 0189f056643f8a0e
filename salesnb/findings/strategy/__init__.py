"""Which actions, by whom, by when, worth how much?"""

from salesnb.findings.strategy.actions import actions
from salesnb.findings.strategy.candidates import candidates
from salesnb.findings.strategy.register import register

__all__ = ["actions", "candidates", "register"]
