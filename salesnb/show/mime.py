"""The forms beside text and HTML that an output carries: JupyterLab keeps them and hides them."""

FACTS = "application/vnd.salesnb.facts+json"
"""The figures of the finding."""

PAGE = "application/vnd.salesnb.page+json"
"""The output in every language asked for."""

ROWS = "application/vnd.salesnb.rows+json"
"""The finding's rows as plain values, for spreadsheets and checks."""

SCOPE = "application/vnd.salesnb.scope+json"
"""Team, period and as-of day of the notebook."""
