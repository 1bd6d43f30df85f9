"""The failures of a run that a person can mend: their French message is shown as it is, by name of class.

By name, for who shows them imports none of what raises them. Does not live here: which may pass (assets/retried.py).
"""

EXPECTED = {
    "IngestionError", "HomeIsBusy", "NoRoom", "SecretError", "LakeCorruption", "ProgrammeError", "ContractError",
    "TransformError", "ProcessLost", "PublicationError", "UnfinishedPublication", "UnsentMail", "MailError",
    "MailSettingsError", "DamagedRecord", "NewerHome", "HalfRestored", "HeldUnreadable", "LandingUnreadable",
    "NotShared", "SparkMissing",
}  # fmt: skip
