"""The data-quality report: what the people who send the files should mend, and what they mended."""
