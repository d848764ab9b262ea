"""The named tables that rooms meet through: what each holds, one row per what."""

from __future__ import annotations

from segment.tables.registry import all_tables, register, spec_of
from segment.tables.spec import Column, TableSpec

__all__ = ["Column", "TableSpec", "all_tables", "register", "spec_of"]
