"""Segments of people who share needs: found, tested against chance, described and kept."""
