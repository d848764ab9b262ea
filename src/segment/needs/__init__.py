"""Need scores: what each person finds important, freed from how that person uses the scale."""
