"""Drawing, documents and display objects."""
