"""The routes, one module each subject."""
