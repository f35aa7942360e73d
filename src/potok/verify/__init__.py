"""Did it work, and did quality hold? Protocols, designs, honesty checks and verdicts. Never uses `simulate`."""
