"""What no model may hold, part by part; each check yields its problems, so that all are reported together."""
