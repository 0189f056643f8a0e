"""Leave out of this process what costs seconds to import and serves nothing here; imported for that alone.

Reading a notebook imports ``jsonschema``, and that, wherever JupyterLab has brought ``rfc3987_syntax``, builds the
grammar of international web addresses: 3.5 s of CPU in each process. No notebook's schema asks for one.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # as if it were not installed
