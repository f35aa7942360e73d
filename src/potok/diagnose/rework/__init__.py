"""Going back: loops to what was done before, why cases come back, and cases passed to and fro."""
