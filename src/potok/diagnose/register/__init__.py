"""The process register of a ministry: what overlaps, serves nobody, is asked twice, and what share could go."""
