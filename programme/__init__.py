"""What a user edits without code: targets, budget, dates, rates, territories, and the typed reader of them.

Lives here: the configuration of the programme and its validation. Lives elsewhere: everything that uses it
(this is the bottom room: anybody may import it, it imports nobody).
"""
