"""Why work did not begin: each microsecond of a wait belongs to the first cause that is true."""
