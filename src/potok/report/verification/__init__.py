"""Pages of a verification: one side for a board, everything for an auditor, tables and charts."""
