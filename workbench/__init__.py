"""The retail CRM workbench: receipts in, one notebook, three lives out."""

import sys

# jsonschema compiles an IRI grammar at import, which nothing here uses, in over a second.
# Declaring its optional dependency absent makes every kernel, report and app start sooner.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

__version__ = "0.1.0"
