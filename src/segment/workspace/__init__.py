"""The folder of a study as a whole: who may write in it now."""
