"""How large a file may be before it is read by parts, or refused: memory stays bounded whatever arrives."""

HELD_BYTES = 256 * 1024**2
"""Bytes of a file, of a table once decompressed, of the lines judged together, that are held in memory; above, they are
on the disk (content, spooled). The programme's largest file is a twentieth of it."""
PART_BYTES = 64 * 1024**2
"""Bytes of text of each part in which a table that is not held is finished: typed, its lines take more."""
TOGETHER_BYTES = 24 * 1024**2
"""Bytes of text of the tables that are judged together; a greater one is read alone, a slice at a time."""
MAX_FILE_BYTES = 64 * 1024**3
"""Bytes of one table once decompressed: four hundred million uses."""
MAX_WORKBOOK_BYTES = 2 * 1024**3
"""Bytes of a workbook as it is delivered, which is held in memory whole."""
MAX_REWRITTEN_BYTES = 2 * 1024**3
"""Bytes of an original whose cells may be emptied, which takes several times as much memory; above, it is erased."""
MAX_ARCHIVE_BYTES = 256 * 1024**3
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
