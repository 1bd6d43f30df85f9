"""Open data: the lieux in the national standard, the activity with small counts protected. No figures of its own."""
