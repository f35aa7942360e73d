"""The A3: one sheet of paper on which a process, its problems and what is to be done about them stand together."""
