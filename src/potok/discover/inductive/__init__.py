"""The steps of the inductive miner: graphs of what follows what, cuts, splits, fall-throughs."""
