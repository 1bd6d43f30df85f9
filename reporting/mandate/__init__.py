"""The yearly account of the mandate (CGCT D. 1611-25): operations by nature, nothing netted, each with its pieces.

It goes to the public accountant: passes and euros, no count of people, hence nothing withheld. Does not live here:
the ledger itself (marts.mandate_ledger).
"""
