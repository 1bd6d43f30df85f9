"""The passes to save, told to those who can: one file a prescriber and one a territory, and their mails.

Lives here: what is whose (content.py), its workbook (workbook.py), its letter (letters.py), preparing and sending, with
the state that the pages show (sending.py). Does not live here: how a mail leaves (reporting/quality/outbox.py), who is
written to (programme/correspondants.csv), the figures (marts.expiry_schedule, the protected cube).
"""
