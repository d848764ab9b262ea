"""How segments are found in a study: what they are made of, what is asked of them, and what stands beside them."""
