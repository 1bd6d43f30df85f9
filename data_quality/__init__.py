"""Great Expectations: what may be published, and what the people who send files should mend."""
