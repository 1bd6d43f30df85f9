"""How anything is written to the disk: whole or not at all. Knows nothing of the programme, and imports no room."""
