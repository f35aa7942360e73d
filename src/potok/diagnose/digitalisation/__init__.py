"""How digital a process is, what a machine could do, and what is entered or asked for twice."""
