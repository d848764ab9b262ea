"""The two gates out: figures about groups under release rules, and figures about one person under governance."""

from segment.disclosure.ledger.fingerprints import shown_groups, table_digest
from segment.disclosure.ledger.release_ledger import ReleaseLedger
from segment.disclosure.release import ReleasedTable, release
from segment.disclosure.rules import ReleaseRules
from segment.governance.events import Event, EventLog
from segment.governance.grant import Governance, GrantedTable, grant

__all__ = [
    "Event",
    "EventLog",
    "Governance",
    "GrantedTable",
    "ReleaseLedger",
    "ReleaseRules",
    "ReleasedTable",
    "grant",
    "release",
    "shown_groups",
    "table_digest",
]
