"""What is: counts, times, variants, the directly-follows graph, rework and hand-overs."""
