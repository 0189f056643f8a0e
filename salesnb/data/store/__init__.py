"""The store of clean tables: brought up to date from the files, pinned, mirrored and read in slices."""
