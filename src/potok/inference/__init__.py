"""Pure statistics on arrays: no engine, no files, no clock."""
