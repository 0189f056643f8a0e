"""Is the data complete, timely and clean enough to decide on?"""

from salesnb.findings.intake.accounting import accounting
from salesnb.findings.intake.names import names
from salesnb.findings.intake.notes import notes
from salesnb.findings.intake.quarantine import quarantine
from salesnb.findings.intake.remarks import remarks
from salesnb.findings.intake.statuses import statuses
from salesnb.findings.intake.tables import tables
from salesnb.findings.intake.unknown import unknown

__all__ = ["accounting", "names", "notes", "quarantine", "remarks", "statuses", "tables", "unknown"]
