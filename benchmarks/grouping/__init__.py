"""Populations with a known answer, real answers, and inputs nobody would wish for."""
