"""What is slow, wrong or superfluous."""
