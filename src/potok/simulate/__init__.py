"""What would happen if a process changed: models, their discovery, a kernel that runs them, and forecasts."""
