"""The scene that screenshots and looks are taken of, and the list of pages."""
