"""How well a process tree describes a log: fitness by exact alignments, precision by escaping edges."""
