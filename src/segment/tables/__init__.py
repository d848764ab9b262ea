"""The named tables that rooms meet through: what each holds, one row per what."""

from __future__ import annotations

from segment.tables.registry import all_tables, register, spec_of
from segment.tables.shown import Entry, Shown, ShownColumn, View
from segment.tables.spec import Column, Maker, TableSpec

__all__ = ["Column", "Entry", "Maker", "Shown", "ShownColumn", "TableSpec", "View", "all_tables", "register", "spec_of"]
