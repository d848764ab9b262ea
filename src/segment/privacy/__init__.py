"""The two gates out: figures about groups under release rules, and figures about one person under governance."""

from segment.privacy.events import Event, EventLog
from segment.privacy.fingerprints import shown_groups, table_digest
from segment.privacy.grant import Governance, GrantedTable, grant
from segment.privacy.ledger import ReleaseLedger
from segment.privacy.release import ReleasedTable, release
from segment.privacy.rules import ReleaseRules

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
