"""What worked, what did not, what changes next? The memo."""

from salesnb.findings.review.actions_list import actions_list
from salesnb.findings.review.changes import changes
from salesnb.findings.review.highlights import highlights
from salesnb.findings.review.kpis import kpis
from salesnb.findings.review.main_customers import main_customers
from salesnb.findings.review.previous_actions import previous_actions
from salesnb.findings.review.previous_problems import previous_problems
from salesnb.findings.review.problems_list import problems_list
from salesnb.findings.review.record import record
from salesnb.findings.review.stands_on import stands_on
from salesnb.findings.review.tracking import tracking
from salesnb.findings.review.verdict import verdict

__all__ = [
    "actions_list", "changes", "highlights", "kpis", "main_customers", "previous_actions", "previous_problems",
    "problems_list", "record", "stands_on", "tracking", "verdict",
]  # fmt: skip
