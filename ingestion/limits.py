"""How large a file may be before it is refused rather than read: memory stays bounded whatever arrives."""

MAX_FILE_BYTES = 2 * 1024**3
"""Bytes of one table once decompressed: some twelve million uses, fifty times the programme."""
MAX_ARCHIVE_BYTES = 16 * 1024**3
"""Bytes of all the members of one archive once decompressed."""
MAX_ARCHIVE_MEMBERS = 1_000
MAX_COMPRESSION_RATIO = 100
"""A simulated export compresses 11 to 17 times; a bomb a thousand times."""
RATIO_APPLIES_ABOVE_BYTES = 32 * 1024**2
MAX_COLUMNS = 2_000
MAX_RECORD_BYTES = 1024**2
MAX_SHEET_CELLS = 60_000_000
"""Rows × columns of the used range of a sheet, which is held in memory whole."""
MAX_SHEET_TEXT_BYTES = 2 * 1024**3
MAX_WORKBOOK_MEMORY_BYTES = 3 * 1024**3
"""Memory of the process that opens workbooks: its texts, and some rows at a time."""
