"""The folder of a study as a whole: who may write in it now, and how a change of it happens whole or not at all."""
