"""Steps that might be left out, judged by five gates."""
