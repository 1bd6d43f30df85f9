"""The committee's bilan: a PDF of a few pages made to be printed. Does not live here: figures and masks."""
