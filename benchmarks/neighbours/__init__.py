"""Points of convention as probes that run, and what they are asked of: this library and its peers."""
