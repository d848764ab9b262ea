"""Attacks on releases: two in a row, books that were tampered with, processes that were killed."""
